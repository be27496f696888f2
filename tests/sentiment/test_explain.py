"""The breakdown says which tokens pushed the score which way, and it is true."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sentiment.classifier import Classifier
from bot.sentiment.explain import explain
from bot.sentiment.models.checkpoint import as_classifier
from tests.support.tiny_models import ARCHITECTURES, tiny


def test_a_push_is_what_leaving_the_word_out_takes_away(classifier: Classifier) -> None:
    """The attribution of a word equals the fall of the winning label's score when the text lacks it."""
    breakdown = explain(classifier, "I really hate this wonderful day")
    whole, without = classifier.classify(["I really hate this wonderful day", "I really this wonderful day"])
    hate = next(word for word in breakdown.words if word.text == "hate")
    assert breakdown.sentiment.scores == pytest.approx(whole.scores, abs=1e-5)
    assert hate.attribution == pytest.approx(whole.score - without.scores[whole.label], abs=1e-5)


def test_pushes_point_the_right_way(classifier: Classifier) -> None:
    """In a sentence of two minds the words of each side push to their side."""
    breakdown = explain(classifier, "The app is slow and buggy, the support is wonderful")
    pushes = {word.text: word.attribution for word in breakdown.words}
    assert breakdown.sentiment.label == "POSITIVE"
    assert pushes["wonderful"] > 0 > pushes["slow"]


def test_tokens_have_ids_and_places(classifier: Classifier) -> None:
    """Each token has its id and its place in the text; special ones are marked and push nothing."""
    text = "HuggingFace rocks"
    tokens = explain(classifier, text).tokens
    assert [(token.text, token.special) for token in tokens] == [
        ("[CLS]", True),
        ("hugging", False),
        ("##face", False),
        ("rocks", False),
        ("[SEP]", True),
    ]
    assert [text[token.start : token.end] for token in tokens if not token.special] == ["Hugging", "Face", "rocks"]
    assert [token.attribution for token in tokens if token.special] == [0, 0]
    assert [token.id for token in tokens] == classifier.tokenizer.encode(text).ids


def test_words_join_their_subwords(classifier: Classifier) -> None:
    """People see whole words, in the order of the text."""
    assert [word.text for word in explain(classifier, "HuggingFace rocks!").words] == ["HuggingFace", "rocks", "!"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_explains_with_any_architecture(architecture: str) -> None:
    """Wherever special tokens stand and however words are marked, the words cover the text's characters."""
    text = "the build is broken again, nobody cares"
    breakdown = explain(as_classifier(tiny(architecture)), text)
    assert "".join("".join(word.text for word in breakdown.words).split()) == "".join(text.split())
    assert any(word.attribution for word in breakdown.words)


def test_the_longest_text_is_taken_apart_too() -> None:
    """However long a text a model takes, explaining it costs a few times judging it."""
    breakdown = explain(as_classifier(tiny("xlnet")), "good bad " * 400)
    assert 2 <= len(breakdown.words) <= 8


def test_long_texts_are_explained_in_phrases(classifier: Classifier) -> None:
    """In a text of 500 words neighbours are left out together, and every token still has its share."""
    text = " ".join(["It was a long day."] * 90 + ["I hate it."])
    breakdown = explain(classifier, text)
    assert len(breakdown.words) <= 64
    assert any(" " in word.text for word in breakdown.words)
    shares = sum(token.attribution for token in breakdown.tokens)
    assert shares == pytest.approx(sum(word.attribution for word in breakdown.words), abs=1e-4)


def test_the_strongest_phrase_is_taken_apart(classifier: Classifier) -> None:
    """In a text of 150 words the one that decides is found by itself."""
    text = " ".join(["The meeting is on Monday at ten."] * 12 + ["I hate it."] + ["The room is on the left."] * 9)
    breakdown = explain(classifier, text)
    assert breakdown.sentiment.label == "NEGATIVE"
    assert max(breakdown.words, key=lambda word: word.attribution).text == "hate"


@given(st.text(alphabet=st.characters(), max_size=60))
@settings(max_examples=60, deadline=None)
def test_explains_any_text(text: str) -> None:
    """Whatever stands in a text, its tokens lie within it and in order, and no push exceeds a whole score."""
    breakdown = explain(as_classifier(tiny("bert")), text)
    places = [(token.start, token.end) for token in breakdown.tokens if not token.special]
    assert places == sorted(places)
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert all(-1 <= word.attribution <= 1 for word in breakdown.words)
