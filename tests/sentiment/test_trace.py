"""The trace equals the results of the model's parts."""

import unicodedata

import pytest
import torch

from bot.errors import ConfigurationError
from bot.sentiment.models.checkpoint import Checkpoint, as_classifier, load
from bot.sentiment.trace import trace
from tests.support.tiny_models import ARCHITECTURES, tiny, tiny_multilingual

COURSE_TEXTS = ["I've been waiting for a HuggingFace course my whole life.", "I hate this so much!"]


def test_steps_of_the_course() -> None:
    """The texts of the Hugging Face course are split, padded, masked and computed as in its steps."""
    checkpoint = load()
    traced = trace(checkpoint, COURSE_TEXTS)
    waiting, hate = traced.subwords
    assert waiting[6:12] == ["▁for", "▁a", "▁Hu", "gging", "Fac", "e"]
    assert hate == ["<s>", "▁I", "▁hate", "▁this", "▁so", "▁much", "!", "</s>"]
    assert traced.input_ids[1][:8] == checkpoint.tokenizer.convert_tokens_to_ids(hate)
    assert traced.input_ids[1][8:] == [1] * 10  # <pad>
    assert traced.attention_mask == [[1] * 18, [1] * 8 + [0] * 10]
    assert traced.last_hidden_state_shape == [2, 18, 384]
    assert traced.words[1] == ["I", "hate", "this", "so", "much!"]
    assert traced.punctuation[1] == ["I", "hate", "this", "so", "much", "!"]
    assert traced.characters[1] == list("I hate this so much!")


def test_steps_in_korean() -> None:
    """Characters are syllables, also if the text has them decomposed; subwords are marked where a word begins."""
    text = "나는 강의를 기다려 왔어요. ㅋㅋ 😂"
    composed, decomposed = trace(tiny_multilingual(), [text, unicodedata.normalize("NFD", text)]).characters
    assert composed == decomposed == list(text)
    traced = trace(tiny_multilingual(), [text, "이거 너무 싫어요!"])
    assert traced.words[0] == ["나는", "강의를", "기다려", "왔어요.", "ㅋㅋ", "😂"]
    assert traced.punctuation[0] == ["나는", "강의를", "기다려", "왔어요", ".", "ㅋㅋ", "😂"]
    assert traced.subwords[1] == ["<s>", "▁이거", "▁너무", "▁싫어", "요", "!", "</s>"]
    assert traced.subwords[0][-2:] == ["😂", "</s>"]
    assert traced.input_ids[1][-6:] == [1] * 6  # <pad>
    assert traced.attention_mask[1] == [1] * 7 + [0] * 6
    assert traced.last_hidden_state_shape == [2, 13, 32]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_probabilities(architecture: str) -> None:
    """The probabilities equal the classifier's scores and the softmax of the logits."""
    checkpoint = tiny(architecture)
    texts = ["a calm release", "", "good " * 300]
    traced, sentiments = trace(checkpoint, texts), as_classifier(checkpoint).classify(texts)
    for row, logits, sentiment in zip(traced.probabilities, traced.logits, sentiments, strict=True):
        assert row == pytest.approx(list(sentiment.scores.values()), abs=1e-5)
        assert row == pytest.approx(torch.tensor(logits).softmax(-1).tolist(), abs=1e-6)


@pytest.fixture
def checkpoint() -> Checkpoint:
    """Load the course's checkpoint, if the Hub or the local cache has it."""
    try:
        return load("distilbert-base-uncased-finetuned-sst-2-english")
    except ConfigurationError as error:
        pytest.skip(str(error))


@pytest.mark.hub
def test_course_checkpoint(checkpoint: Checkpoint) -> None:
    """With the course's checkpoint every number equals the course's."""
    traced = trace(checkpoint, COURSE_TEXTS)
    assert traced.logits[0] == pytest.approx([-1.5607, 1.6123], abs=1e-3)
    assert traced.logits[1] == pytest.approx([4.1692, -3.3464], abs=1e-3)
    assert traced.last_hidden_state_shape == [2, 16, 768]
    waiting, hate = as_classifier(checkpoint).classify(COURSE_TEXTS)
    assert (waiting.label, hate.label) == ("POSITIVE", "NEGATIVE")
    assert (waiting.score, hate.score) == pytest.approx((0.9598, 0.9995), abs=1e-4)
