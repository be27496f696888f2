"""Attributions of tokens and words."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sentiment.classifier import Classifier
from bot.sentiment.explanation import explain
from bot.sentiment.formatting import deciding_words
from bot.sentiment.models.checkpoint import as_classifier
from tests.support.tiny_models import ARCHITECTURES, tiny, tiny_multilingual


def log_odds(classifier: Classifier, text: str, label: str) -> float:
    """Return the log-odds of ``label``."""
    (sentiment,) = classifier.classify([text])
    return math.log(sentiment.scores[label] / (1 - sentiment.scores[label]))


def test_two_words(classifier: Classifier) -> None:
    """The attribution of one of two words is the mean of what it adds to nothing and to the other word."""
    breakdown = explain(classifier, "wonderful disaster")
    label = breakdown.sentiment.label
    nothing, first, second, both = (
        log_odds(classifier, text, label) for text in ("", "wonderful", "disaster", "wonderful disaster")
    )
    expected = [(first - nothing + both - second) / 2, (second - nothing + both - first) / 2]
    assert [word.attribution for word in breakdown.words] == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("text", ["I hate this", "The build is broken and I am tired of it, to be honest"])
def test_sum_of_attributions(classifier: Classifier, text: str) -> None:
    """The attributions add up to the difference between the text and an empty one, in log-odds."""
    breakdown = explain(classifier, text)
    label = breakdown.sentiment.label
    expected = log_odds(classifier, text, label) - log_odds(classifier, "", label)
    assert sum(word.attribution for word in breakdown.words) == pytest.approx(expected, abs=0.05)
    assert explain(classifier, text) == breakdown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The build is broken and I am tired of it", {"broken", "tired"}),
        ("The deploy failed again and nobody told us", {"failed", "nobody"}),
        ("이거 정말 마음에 들어요", {"마음에", "정말"}),
    ],
)
def test_words_that_say_the_same(classifier: Classifier, text: str, words: set[str]) -> None:
    """Each of several words that would be enough alone is among the deciding ones."""
    assert words <= {word.text for word in deciding_words(explain(classifier, text).words)}


def test_sign_of_attributions(classifier: Classifier) -> None:
    """In a mixed sentence, words for and against the label have opposite signs."""
    breakdown = explain(classifier, "The app is slow and buggy, the support is wonderful")
    attributions = {word.text: word.attribution for word in breakdown.words}
    assert breakdown.sentiment.label == "POSITIVE"
    assert attributions["wonderful"] > 0 > attributions["slow"]


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("not bad at all", "not bad"),
        ("This isn't a very good idea", "isn't a very good"),
        ("I don’t like it", "don’t like"),
        ("정말 안 좋아요", "안 좋아요"),
    ],
)
def test_negations(classifier: Classifier, text: str, joined: str) -> None:
    """A negation and what it negates are removed together."""
    assert joined in [word.text for word in explain(classifier, text).words]


def test_near_certainty(classifier: Classifier) -> None:
    """Where the score is near 1, the decisive word still stands out."""
    breakdown = explain(classifier, "Thank you all, this is a wonderful team")
    assert breakdown.sentiment.score > 0.98
    (word,) = deciding_words(breakdown.words)
    assert word.text == "wonderful"


def test_tokens(classifier: Classifier) -> None:
    """Each token has its id and its offsets; special tokens are marked and have an attribution of 0."""
    text = "HuggingFace rocks"
    tokens = explain(classifier, text).tokens
    assert [(token.text, token.special) for token in tokens] == [
        ("<s>", True),
        ("▁Hu", False),
        ("gging", False),
        ("Fac", False),
        ("e", False),
        ("▁rock", False),
        ("s", False),
        ("</s>", True),
    ]
    shown = [text[token.start : token.end].strip() for token in tokens if not token.special]
    assert shown == ["Hu", "gging", "Fac", "e", "rock", "s"]
    assert [token.attribution for token in tokens if token.special] == [0, 0]
    assert [token.id for token in tokens] == classifier.tokenizer.encode(text).ids


def test_words_join_their_subwords(classifier: Classifier) -> None:
    """Subwords are joined to whole words, in the order of the text."""
    assert [word.text for word in explain(classifier, "HuggingFace rocks!").words] == ["HuggingFace", "rocks", "!"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "나는 평생 HuggingFace 강의를 기다려 왔어요.",
            ["나는", "평생", "HuggingFace", "강의를", "기다려", "왔어요", "."],
        ),
        ("이거 너무 싫어요! ㅋㅋ", ["이거", "너무", "싫어요", "!", "ㅋㅋ"]),
        ("これは最高です！", ["これは", "最高", "です", "！"]),
        ("I've been bad...  :)", ["I've", "been", "bad", "...", ":)"]),
        ("싫어요😂👍🏽 👩\u200d👧 ", ["싫어요", "😂", "👍🏽", "👩\u200d👧"]),
        ("  ", []),
    ],
)
def test_words_of_sentencepiece(text: str, words: list[str]) -> None:
    """Subwords that are marked at the beginning of a word are joined too, and a mark alone is not shown."""
    breakdown = explain(as_classifier(tiny_multilingual()), text)
    assert [word.text for word in breakdown.words] == words


def test_tokens_of_sentencepiece() -> None:
    """Tokens have the tokenizer's spelling, and their offsets select what they stand for."""
    text = "나는 HuggingFace 😂"
    tokens = explain(as_classifier(tiny_multilingual()), text).tokens
    assert [token.text for token in tokens] == ["<s>", "▁나는", "▁Hu", "gging", "Face", "😂", "</s>"]
    assert [token.special for token in tokens] == [True, *[False] * 5, True]
    assert [text[token.start : token.end].strip() for token in tokens[1:-1]] == ["나는", "Hu", "gging", "Face", "😂"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_any_architecture(architecture: str) -> None:
    """With any tokenizer, the words cover all characters of the text."""
    text = "the build is broken again, nobody cares"
    breakdown = explain(as_classifier(tiny(architecture)), text)
    assert "".join("".join(word.text for word in breakdown.words).split()) == "".join(text.split())
    assert any(word.attribution for word in breakdown.words)


@pytest.mark.slow
def test_longest_text() -> None:
    """The number of parts of a very long text is bounded."""
    breakdown = explain(as_classifier(tiny("xlnet")), "good bad " * 400)
    assert 2 <= len(breakdown.words) <= 8


@pytest.mark.slow
def test_long_texts_have_phrases(classifier: Classifier) -> None:
    """In a text of 500 words neighbouring words form phrases, and every token has a share of the attribution."""
    text = " ".join(["It was a long day."] * 90 + ["I hate it."])
    breakdown = explain(classifier, text)
    assert len(breakdown.words) <= 64
    assert any(" " in word.text for word in breakdown.words)
    shares = sum(token.attribution for token in breakdown.tokens)
    assert shares == pytest.approx(sum(word.attribution for word in breakdown.words), abs=1e-4)


@pytest.mark.slow
def test_strongest_phrase_is_split(classifier: Classifier) -> None:
    """In a text of 150 words the decisive word is shown on its own."""
    text = " ".join(["The meeting is on Monday at ten."] * 12 + ["I hate it."] + ["The room is on the left."] * 9)
    breakdown = explain(classifier, text)
    assert breakdown.sentiment.label == "NEGATIVE"
    assert max(breakdown.words, key=lambda word: word.attribution).text == "hate"


@given(st.text(alphabet=st.characters(), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text(text: str) -> None:
    """For any text, the tokens' offsets are valid and in order, and attributions are finite."""
    for checkpoint in (tiny("bert"), tiny_multilingual()):
        breakdown = explain(as_classifier(checkpoint), text)
        offsets = [(token.start, token.end) for token in breakdown.tokens if not token.special]
        assert offsets == sorted(offsets)
        assert all(0 <= start <= end <= len(text) for start, end in offsets)
        assert all(math.isfinite(word.attribution) for word in breakdown.words)
        assert all(text[word.start : word.end] == word.text for word in breakdown.words if text.isascii())
        assert all(word.text for word in breakdown.words)
