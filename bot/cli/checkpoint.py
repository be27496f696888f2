"""The commands ``trace`` and ``export``, which load the model with transformers."""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.formatting import Json, one_line, pad, painter, printable, wrap
from bot.sentiment.formatting import percent
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sentiment.trace import Trace

app = typer.Typer()

_INDENT = " " * 5
_SHOWN = 60  # parts of a text
_LONGEST = 40  # cells of a part
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
    print(json.dumps(asdict(traced)) if as_json else "\n".join(_format(traced, painter(sys.stdout))))


@app.command(epilog="Example: sentiment-bot export model && ls model")
def export(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Save the model as a folder for Hugging Face's pipeline()."""
    settings = Settings.read()
    from bot.sentiment.models import checkpoint

    checkpoint.save(checkpoint.load(settings.sentiment_model, settings.sentiment_model_revision), folder)
    print(f'Load it with pipeline("sentiment-analysis", model="{folder}", truncation=True).')


def _format(traced: "Trace", paint: Callable[[str, str], str]) -> Iterator[str]:
    yield "TOKENIZER: from text to ids"
    for i, text in enumerate(traced.texts):
        yield f"  {i + 1}. {one_line(text)}"
        for name in ("words", "punctuation", "characters", "subwords"):
            parts: list[str] = getattr(traced, name)[i]
            yield from wrap(_first(_legible(parts)), " | ", heading=f"     {name:11} {len(parts):4}  ")
        if traced.truncated[i]:
            yield "     truncated: the text is longer than the model's input"
    yield f"  input_ids  {[len(traced.input_ids), len(traced.input_ids[0])]}"
    for tokens, ids, mask in zip(traced.subwords, traced.input_ids, traced.attention_mask, strict=True):
        yield from _columns(_first(_legible(_beside_padding(tokens, mask))), _first([str(i) for i in ids]))
    yield f"  attention_mask  {[len(traced.attention_mask), len(traced.attention_mask[0])]}"
    for mask in traced.attention_mask:
        yield from wrap(_first([str(i) for i in mask]), heading=_INDENT)
    yield "MODEL: from ids to hidden states"
    yield f"  last hidden state  {traced.last_hidden_state_shape}"
    yield "HEAD: from hidden states to labels"
    for name, scores in (("logits", traced.logits), ("softmax", traced.probabilities)):
        yield f"  {name}  {[len(scores), len(scores[0])]}"
        for numbers in scores:
            yield from wrap([f"{number:>9.4f}" for number in numbers], heading=_INDENT)
    labels = [f"{i}: {one_line(label, 40)!r}" for i, label in traced.id2label.items()]
    yield from wrap([*(f"{label}," for label in labels[:-1]), f"{labels[-1]}}}"], heading="  id2label  {")
    for i, numbers in enumerate(traced.probabilities):
        best = max(range(len(numbers)), key=numbers.__getitem__)
        label = traced.id2label[best]
        yield f"  {i + 1}. {paint(f'{one_line(label)} {percent(numbers[best])}', label)}"


def _first(parts: Sequence[str]) -> list[str]:
    """Return the first of ``parts``, and how many more there are."""
    more = [f"… and {len(parts) - _SHOWN} more"] if len(parts) > _SHOWN else []
    return [*parts[:_SHOWN], *more]


def _legible(parts: Sequence[str]) -> list[str]:
    """Return ``parts``, printable and short, with syllables of Hangul composed, and other Jamo as letters of their own.

    A space stays one, although it is not printable by itself.
    """
    normal = [unicodedata.normalize("NFC", printable(part)).translate(_JAMO) for part in parts]
    return [one_line(shown, _LONGEST) or (part and " ") for shown, part in zip(normal, parts, strict=True)]


def _beside_padding(tokens: Sequence[str], mask: Sequence[int]) -> list[str]:
    """Return the tokens at the places where ``mask`` is 1, and nothing at those of the padding."""
    remaining = iter(tokens)
    return [next(remaining) if is_token else "" for is_token in mask]


def _columns(above: Sequence[str], below: Sequence[str]) -> Iterator[str]:
    """Yield two rows with their columns aligned, in as many pairs of lines as they need."""
    from rich.cells import cell_len

    widths = [max(cell_len(value) for value in pair) for pair in zip(above, below, strict=True)]
    rows = [
        wrap([pad(value, width, right=True) for value, width in zip(row, widths, strict=True)], heading=_INDENT)
        for row in (above, below)
    ]
    for pair in zip(*rows, strict=True):
        yield from (line.rstrip() for line in pair)
