"""The command ``evaluate``: measures the model on labelled texts, with the settings of the running bot."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.formatting import Json, one_line
from bot.errors import BotError
from bot.sentiment.formatting import percent
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sentiment.engine.engine import Engine

app = typer.Typer()

_EXAMPLES = 5
_TIMED = 20  # texts timed, the longest


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misclassified text: its label, the predicted label and the score of that."""

    text: str
    label: str
    judged: str
    score: float


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one text takes alone."""

    text: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All metrics; ``confusion`` counts texts by true label (rows) and predicted label (columns)."""

    texts: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    labels: Sequence[str]
    confusion: list[list[int]]
    most_wrong: list[Mistake]
    slowest: list[Timing]


@app.command(epilog="Example: sentiment-bot evaluate labelled.tsv")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Lines of a text, a tab and a label.")], as_json: Json = False
) -> None:
    """Measure accuracy and calibration on labelled texts."""
    settings = Settings.read()
    rows = _read(file)
    from bot import app

    with app.open_engine(settings) as engine:
        found = asyncio.run(_measure(engine, file, rows))
    print(json.dumps(asdict(found)) if as_json else _format(found))


def _read(file: Path) -> list[tuple[str, str]]:
    """Read lines of a text, one tab and a label, without quoting.

    Raises:
        BotError: The file cannot be read, or a line is malformed.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except OSError as error:
        raise BotError(f"{file} cannot be read ({error.strerror}). Name a file of texts and labels.") from error
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        text, tab, label = line.removesuffix("\r").rpartition("\t")
        if not tab or "\t" in text:
            raise BotError(f"{file}, line {number}: it must be a text, one tab and a label.")
        rows.append((text, label.strip()))
    return rows


async def _measure(engine: "Engine", file: Path, rows: list[tuple[str, str]]) -> Evaluation:
    """Classify ``rows`` of text and label; a first row with an unknown label is skipped as a header.

    Raises:
        BotError: A label is unknown to the model, or there are no texts.
    """
    import torch

    from bot.sentiment.evaluation import accuracy, calibration_error, confusion, macro_f1

    labels = engine.labels
    index = {label.upper(): i for i, label in enumerate(labels)}
    if rows and rows[0][1].upper() not in index:
        rows = rows[1:]
    for _, label in rows:
        if label.upper() not in index:
            raise BotError(f"{file} has the label {one_line(label)!r}; the model has {', '.join(labels)}.")
    if not rows:
        raise BotError(f"{file} has no labelled text. A line is a text, a tab and one of {', '.join(labels)}.")
    texts = [text for text, _ in rows]
    # In two calls, so that one is tokenized while the other computes.
    half = len(texts) // 2
    parts = await asyncio.gather(
        engine.classify_in_background(texts[:half]), engine.classify_in_background(texts[half:])
    )
    sentiments = [sentiment for part in parts for sentiment in part]
    scores = torch.tensor([[each.scores[label] for label in labels] for each in sentiments], dtype=torch.float64)
    gold = torch.tensor([index[label.upper()] for _, label in rows])
    mistakes = [
        Mistake(text, labels[right], each.label, each.score)
        for text, right, each in zip(texts, gold.tolist(), sentiments, strict=True)
        if each.label != labels[right]
    ]
    timings = []
    for text in sorted(set(texts), key=len)[-_TIMED:]:
        started = time.perf_counter()
        await engine.classify_in_background([text])
        timings.append(Timing(text, (time.perf_counter() - started) * 1000))
    return Evaluation(
        len(rows),
        accuracy(scores, gold),
        macro_f1(scores, gold),
        calibration_error(scores, gold),
        labels,
        confusion(scores, gold).tolist(),
        sorted(mistakes, key=lambda mistake: -mistake.score)[:_EXAMPLES],
        sorted(timings, key=lambda timing: -timing.milliseconds)[:_EXAMPLES],
    )


def _format(found: Evaluation) -> str:
    width = max(16, *(len(label) + 2 for label in found.labels))
    scores = f"macro-F1 {found.macro_f1:.3f}, calibration error {found.calibration_error:.3f}"
    lines = [
        f"{found.texts:,} texts: accuracy {percent(found.accuracy)}, {scores}\n",
        f"{'true ↓ predicted →':{width}}" + "".join(f"{label:>{width}}" for label in found.labels),
    ]
    lines += [
        f"{label:{width}}" + "".join(f"{count:>{width},}" for count in row)
        for label, row in zip(found.labels, found.confusion, strict=True)
    ]
    if found.most_wrong:
        lines.append("\nMost confident mistakes:")
    lines += [
        f"  {mistake.judged} {percent(mistake.score)}, is {mistake.label}: {one_line(mistake.text)}"
        for mistake in found.most_wrong
    ]
    lines.append(f"\nSlowest alone, of the {_TIMED} longest:")
    lines += [f"  {timing.milliseconds:6.1f} ms  {one_line(timing.text)}" for timing in found.slowest]
    return "\n".join(lines)
