"""The command `analyze` on texts that are given to it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot.sentiment.classifier import Classifier
from bot.sentiment.formatting import EMOJI
from bot.sentiment.models import checkpoint
from bot.sentiment.types import Sentiment
from bot.slack.analyzer import Assessment
from bot.slack.features.analysis.blocks import result
from tests.cli.conftest import Bot
from tests.support.tiny_models import tiny


def test_analyze(bot: Bot) -> None:
    """Each text gets a line with its label, a bar and a percentage, in order."""
    done = bot("analyze", "I love this", "I hate this so much!")
    first, second = done.out.splitlines()
    assert done.code == 0
    assert first.startswith("POSITIVE")
    assert "█" in first
    assert first.endswith("I love this")
    assert second.startswith("NEGATIVE")


def test_analyze_json(bot: Bot, classifier: Classifier) -> None:
    """`--json` prints exactly the documented fields, with the model's own numbers."""
    (result,) = bot("analyze", "--json", "I love this").lines
    (expected,) = classifier.classify(["I love this"])
    assert result == {
        "text": "I love this",
        "label": expected.label,
        "score": expected.score,
        "scores": dict(expected.scores),
        "unsure": False,
        "model": "embedded",
        "truncated": False,
        "looks_like": None,
    }


def test_another_language(bot: Bot) -> None:
    """A text in a language that the model does not read is marked, on a line of its own and in JSON."""
    done = bot("analyze", "ขอบคุณมากนะครับ", "I love this")
    first, second, third = done.out.splitlines()
    assert first.endswith("ขอบคุณมากนะครับ")
    assert second.strip() == "unsure · looks like Thai, which the model does not read"
    assert third.startswith("POSITIVE")
    (result,) = bot("analyze", "--json", "ขอบคุณมากนะครับ").lines
    assert (result["looks_like"], result["unsure"]) == ("Thai", True)


def test_unsure(bot: Bot) -> None:
    """A score below `LEAST_CONFIDENCE` is called unsure, as in Slack."""
    first, second = bot("analyze", "I love this", LEAST_CONFIDENCE="99").out.splitlines()
    assert first.startswith("POSITIVE")
    assert second.strip() == "unsure"
    (result,) = bot("analyze", "--json", "I love this").lines
    assert result["unsure"] is True


def test_settings_of_the_model(bot: Bot, tmp_path: Path) -> None:
    """The model runs with the precision and on the device of the settings."""
    checkpoint.save(tiny("distilbert"), tmp_path / "model")
    done = bot("analyze", "hi", SENTIMENT_MODEL="./model", SENTIMENT_DEVICE="nowhere")
    assert (done.code, "no device nowhere" in done.err) == (78, True)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["word " * 40, "雑談は楽しい" * 20, "no " * 2000])
def test_width(bot: Bot, text: str) -> None:
    """Every line fits 80 columns, with wide characters too."""
    done = bot("analyze", "--tokens", text)
    assert max(cell_len(line) for line in done.out.splitlines()) <= 80


def test_analyze_tokens(bot: Bot) -> None:
    """`--tokens` adds the breakdown: by words as text, by tokens as JSON."""
    shown = bot("analyze", "--tokens", "HuggingFace is awful").out
    assert "▲" in shown
    assert "HuggingFace" in shown
    assert "▁" not in shown
    (result,) = bot("analyze", "--json", "--tokens", "HuggingFace").lines
    tokens = result["tokens"]
    assert isinstance(tokens, list)
    assert [set(token) for token in tokens] == [{"text", "id", "start", "end", "special", "attribution"}] * 6
    assert [token["text"] for token in tokens] == ["<s>", "▁Hu", "gging", "Fac", "e", "</s>"]


def test_nothing_to_classify(bot: Bot) -> None:
    """A text without a word or an emoji has no label, which is no error."""
    done = bot("analyze", "...")
    assert (done.code, "nothing to classify" in done.out) == (0, True)
    (result,) = bot("analyze", "--json", "--tokens", "...").lines
    assert (result["label"], result["score"], result["scores"], result["tokens"]) == (None, None, {}, [])


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\u202eabc", "x" * 40_000, "\x1b[31mred"])
def test_odd_texts(bot: Bot, text: str) -> None:
    """Odd characters are classified, and not written to a terminal that they could confuse."""
    (result,) = bot("analyze", "--json", text).lines
    assert (result["text"], result["label"] is None) == (text, False)
    shown = bot("analyze", "--tokens", text).out
    assert not set(shown) & set("\x00\x1b\u202e\ud800")


def test_needs_no_torch() -> None:
    """The embedded model is used without torch and transformers, which take seconds to import."""
    watch = (
        "import sys; from bot.cli import main\n"
        "try: main()\nfinally: print(sorted({'torch', 'transformers', 'slack_bolt'} & set(sys.modules)))"
    )
    command = (sys.executable, "-c", watch, "analyze", "I love this")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603 - our own command
    assert done.stdout.splitlines()[-1] == "[]"


def test_one_vocabulary() -> None:
    """A label has the same emoji in Slack and in the terminal."""
    for label, emoji in EMOJI.items():
        sentiment = Sentiment(label, 1.0, {label: 1.0}, "any", truncated=False)
        assert emoji in json.dumps(result(Assessment(sentiment)).blocks, ensure_ascii=False)
