"""The commands ``trace`` and ``export``, which load the model with transformers."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.formatting import Json, join_first, one_line, printable
from bot.sentiment.formatting import percent
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sentiment.trace import Trace

app = typer.Typer()


@app.command(epilog='Example: sentiment-bot trace "I\'ve been waiting for this." "I hate this so much!"')
def trace(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="One or more texts, each in quotes.")],
    as_json: Json = False,
) -> None:
    """Show every step from text to label.

    Tokens, ids, attention mask, hidden states, logits, softmax.
    """
    settings = Settings.read()
    from bot.sentiment.models import checkpoint
    from bot.sentiment.trace import trace as trace_texts

    loaded = checkpoint.load(settings.sentiment_model, settings.sentiment_model_revision)
    traced = trace_texts(loaded, texts)
    print(json.dumps(asdict(traced)) if as_json else "\n".join(_format(traced)))


@app.command(epilog="Example: sentiment-bot export model && ls model")
def export(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Save the model as a folder for Hugging Face's pipeline()."""
    settings = Settings.read()
    from bot.sentiment.models import checkpoint

    checkpoint.save(checkpoint.load(settings.sentiment_model, settings.sentiment_model_revision), folder)
    print(f'Load it with pipeline("sentiment-analysis", model="{folder}", truncation=True).')


def _format(traced: "Trace") -> Iterator[str]:
    yield "TOKENIZER: from text to ids"
    for i, text in enumerate(traced.texts):
        yield f"  {i + 1}. {one_line(text)}"
        for name in ("words", "punctuation", "characters", "subwords"):
            parts: list[str] = getattr(traced, name)[i]
            yield f"     {name:11} {len(parts):4}  {printable(join_first(parts, ' | '))}"
        if traced.truncated[i]:
            yield "     truncated: the text is longer than the model's input"
    width = max((len(str(i)) for row in traced.input_ids for i in row), default=1)
    for name, rows in (("input_ids", traced.input_ids), ("attention_mask", traced.attention_mask)):
        yield f"  {name}  {[len(rows), len(rows[0])]}"
        for row in rows:
            yield "     " + join_first([f"{i:>{width}}" for i in row], " ")
    yield "MODEL: from ids to hidden states"
    yield f"  last hidden state  {traced.last_hidden_state_shape}"
    yield "HEAD: from hidden states to labels"
    for name, scores in (("logits", traced.logits), ("softmax", traced.probabilities)):
        yield f"  {name}  {[len(scores), len(scores[0])]}"
        for numbers in scores:
            yield "     " + " ".join(f"{number:>9.4f}" for number in numbers)
    yield f"  id2label  {traced.id2label}"
    for i, numbers in enumerate(traced.probabilities):
        best = max(range(len(numbers)), key=numbers.__getitem__)
        yield f"  {i + 1}. {traced.id2label[best]} {percent(numbers[best])}"
