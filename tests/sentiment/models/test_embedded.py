"""The embedded model, beside its behaviour cases."""

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.models.embedded import EMBEDDED_FOLDER, load_embedded_weights
from training.vocabulary import emoji_names


def test_size() -> None:
    """All files of the model together are smaller than 60 MB."""
    assert sum(path.stat().st_size for path in EMBEDDED_FOLDER.iterdir()) < 60_000_000


def test_labels(classifier: Classifier) -> None:
    """The labels are NEGATIVE, NEUTRAL and POSITIVE."""
    assert list(classifier.id2label.values()) == ["NEGATIVE", "NEUTRAL", "POSITIVE"]


@pytest.mark.parametrize("emoji", ["👍", "🎉", "😡", "❤️", "🚀", "🙄", "🤦🏽‍♂️", "👀", "💔", "🥳", "🫡"])
def test_emoji_tokens(classifier: Classifier, emoji: str) -> None:
    """An emoji is one known token in every skin tone and gender."""
    ids = classifier.tokenizer.encode(f"so{emoji}", add_special_tokens=False).ids
    assert len(ids) == 2
    assert classifier.tokenizer.token_to_id("<unk>") not in ids


@pytest.mark.parametrize(
    ("emoji", "name"),
    [
        ("great 🎉", "great :tada:"),
        ("👍🏿", ":+1::skin-tone-6:"),
        ("👍", ":thumbsup:"),
        ("no ❤️ for this", "no :heart: for this"),
        ("🤷‍♀️", ":shrug:"),
    ],
)
def test_emoji_names(classifier: Classifier, emoji: str, name: str) -> None:
    """An emoji's name in colons gives the scores of the emoji itself, to the last digit."""
    one, other = classifier.classify([emoji, name])
    assert one.scores == pytest.approx(other.scores, abs=1e-6)


def test_emoji_name_embeddings(classifier: Classifier) -> None:
    """Each of the 686 names in colons is a token with the embedding of its emoji."""
    id_of = classifier.tokenizer.token_to_id
    embeddings = load_embedded_weights()["bert.embeddings.word_embeddings.weight"]
    names = [(emoji, name) for emoji, aliases in emoji_names().items() for name in aliases]
    assert len(names) == 686
    for emoji, name in names:
        assert id_of(name) is not None
        by_name, by_emoji = embeddings[[id_of(name), id_of(emoji)]]
        assert by_name.equal(by_emoji), name


def test_unknown_emoji(classifier: Classifier) -> None:
    """A character without a token does not make the word before it unknown."""
    assert classifier.tokenizer.encode("great\U0001fabf", add_special_tokens=False).ids == [
        classifier.tokenizer.token_to_id("▁great"),
        classifier.tokenizer.token_to_id("<unk>"),
    ]
