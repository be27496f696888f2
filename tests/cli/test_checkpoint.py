"""The commands `trace` and `export`."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from transformers import pipeline

from bot.sentiment.classifier import Classifier
from bot.sentiment.models.checkpoint import save
from tests.cli.conftest import Bot
from tests.support.tiny_models import tiny_multilingual


def test_trace(bot: Bot) -> None:
    """`trace` shows every step; `--json` has the documented fields."""
    shown = bot("trace", "HuggingFace", "I hate this so much!").out
    for step in ("words", "punctuation", "characters", "subwords", "▁Hu", "attention_mask", "logits", "softmax"):
        assert step in shown
    (traced,) = bot("trace", "--json", "HuggingFace", "I hate this so much!").lines
    assert traced["last_hidden_state_shape"] == [2, 8, 384]
    assert {"input_ids", "attention_mask", "logits", "probabilities", "id2label"} <= set(traced)
    assert traced["attention_mask"] == [[1] * 6 + [0] * 2, [1] * 8]


@pytest.mark.parametrize("text", ["word " * 100, "나는 평생 HuggingFace 강의를 기다려 왔어요. " * 5, "x" * 300])
def test_trace_width(bot: Bot, text: str) -> None:
    """Every line fits 80 columns; what is longer continues below."""
    lines = bot("trace", text, "I hate this so much!").out.splitlines()
    assert max(map(cell_len, lines)) <= 80


def test_trace_in_korean(bot: Bot, tmp_path: Path) -> None:
    """Korean text is shown by syllables and letters, with each id below its subword, also where a letter is wide."""
    save(tiny_multilingual(), tmp_path / "model")
    lines = bot("trace", "나는 왔어요 ㅠㅠ", "Hu", SENTIMENT_MODEL="model").out.splitlines()
    assert "characters     9  나 | 는 |   | 왔 | 어 | 요 |   | ㅠ | ㅠ" in lines[4]
    assert "subwords       8  <s> | ▁나는 | ▁ | 왔 | 어요 | ▁ | ㅠㅠ | </s>" in lines[5]
    start = next(i for i, line in enumerate(lines) if "input_ids" in line) + 1
    tokens, ids, _, padded = lines[start : start + 4]
    assert tokens.split() == ["<s>", "▁나는", "▁", "왔", "어요", "▁", "ㅠㅠ", "</s>"]
    assert cell_len(tokens) == cell_len(ids)
    assert cell_len(tokens[: tokens.index("왔") + 1]) == cell_len(ids[: ids.index(" 13") + 3])
    assert padded.split()[-5:] == ["1"] * 5


def test_trace_of_nothing(bot: Bot) -> None:
    """An empty text still has the special tokens."""
    (traced,) = bot("trace", "--json", "").lines
    assert traced["input_ids"] == [[0, 2]]  # <s> and </s>


def test_export(bot: Bot, classifier: Classifier, tmp_path: Path) -> None:
    """Hugging Face's pipeline() computes the same labels, and nearly the same scores, from the exported folder."""
    texts = ["I love this", "Deploy is at 5 pm", "not again 😡", "ship it :rocket:"]
    done = bot("export", "model")
    assert (done.code, done.err) == (0, "")
    assert "TokenizersBackend" not in (tmp_path / "model" / "tokenizer_config.json").read_text()  # new in version 5
    found = pipeline("text-classification", model="model", device="cpu")(texts)
    for theirs, ours in zip(found, classifier.classify(texts), strict=True):
        assert (theirs["label"], theirs["score"]) == (ours.label, pytest.approx(ours.score, abs=0.02))


def test_export_overwrites_nothing(bot: Bot, tmp_path: Path) -> None:
    """A file, or a folder that is not empty, is left as it is."""
    (tmp_path / "mine").write_text("mine")
    for place in (".", "mine"):
        done = bot("export", place)
        assert done.code == 1
        assert len(done.err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
