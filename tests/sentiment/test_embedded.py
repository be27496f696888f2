"""The model that comes with the bot: what it promises beside the behaviour table."""

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.models.loading import EMBEDDED_FOLDER
from training.vocabulary import emoji_names


def test_is_small() -> None:
    """All that comes with the bot's own model fits in 25 MB."""
    assert sum(path.stat().st_size for path in EMBEDDED_FOLDER.iterdir()) < 25_000_000


def test_three_labels(classifier: Classifier) -> None:
    """It knows messages without a mood: the labels are NEGATIVE, NEUTRAL and POSITIVE."""
    assert list(classifier.id2label.values()) == ["NEGATIVE", "NEUTRAL", "POSITIVE"]


@pytest.mark.parametrize("emoji", ["👍", "🎉", "😡", "❤️", "🚀", "🙄", "🤦🏽‍♂️", "👀", "💔", "🥳", "🫡"])
def test_emoji_are_words(classifier: Classifier, emoji: str) -> None:
    """An emoji is one known token, however it is to be drawn."""
    ids = classifier.tokenizer.encode(f"so{emoji}", add_special_tokens=False).ids
    assert len(ids) == 2
    assert classifier.tokenizer.token_to_id("[UNK]") not in ids


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
def test_names_mean_the_same(classifier: Classifier, emoji: str, name: str) -> None:
    """An emoji's name in colons gives the scores of the emoji itself, to the last digit."""
    one, other = classifier.classify([emoji, name])
    assert one.scores == pytest.approx(other.scores, abs=1e-6)


def test_all_names_carry_the_weights_of_their_emoji(classifier: Classifier) -> None:
    """Each of the 686 names in colons is a token whose row is that of its emoji."""
    row_of = classifier.model.get_parameter("words.weight")
    id_of = classifier.tokenizer.token_to_id
    names = [(emoji, name) for emoji, known in emoji_names().items() for name in known]
    assert len(names) == 686
    for emoji, name in names:
        assert id_of(name) is not None
        assert row_of[id_of(name)].equal(row_of[id_of(emoji)]), name


def test_an_unknown_emoji_leaves_the_word_it_touches(classifier: Classifier) -> None:
    """An emoji without a token is unknown by itself; the word before it is read."""
    assert classifier.tokenizer.encode("great🦩", add_special_tokens=False).tokens == ["great", "[UNK]"]
