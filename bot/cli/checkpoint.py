"""The commands ``trace`` and ``export``, which load the model with transformers."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.formatting import Json, join_first, one_line, pad, printable
from bot.sentiment.formatting import percent
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sentiment.trace import Trace

app = typer.Typer()

# Tokenizers that normalize text to NFKC turn ㅠ into the Jamo of syllables, which have no width of their own.
_JAMO = {ord(unicodedata.normalize("NFKC", chr(i))): chr(i) for i in range(0x3131, 0x318F) if i != 0x3164}  # a blank


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
            yield f"     {name:11} {len(parts):4}  {_legible(join_first(parts, ' | '))}"
        if traced.truncated[i]:
            yield "     truncated: the text is longer than the model's input"
    yield f"  input_ids  {[len(traced.input_ids), len(traced.input_ids[0])]}"
    for tokens, ids, mask in zip(traced.subwords, traced.input_ids, traced.attention_mask, strict=True):
        yield from _columns([_beside_padding(tokens, mask), [str(i) for i in ids]])
    yield f"  attention_mask  {[len(traced.attention_mask), len(traced.attention_mask[0])]}"
    for mask in traced.attention_mask:
        yield "     " + join_first([str(i) for i in mask], " ")
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


def _legible(text: str) -> str:
    """Return ``text``, printable, with syllables of Hangul composed, and other Jamo as letters of their own."""
    return unicodedata.normalize("NFC", printable(text)).translate(_JAMO)


def _beside_padding(tokens: Sequence[str], mask: Sequence[int]) -> list[str]:
    """Return the tokens at the places where ``mask`` is 1, and nothing at those of the padding."""
    remaining = iter(tokens)
    return [next(remaining) if is_token else "" for is_token in mask]


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield ``rows`` with their columns aligned."""
    from rich.cells import cell_len

    shown = [[_legible(value) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        yield "     " + join_first(
            [pad(value, width, right=True) for value, width in zip(row, widths, strict=True)], " "
        )
