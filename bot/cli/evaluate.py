"""The command ``evaluate``: measures the model on labelled texts, with the settings of the running bot."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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


@app.command(epilog="Example: sentiment-bot evaluate labelled.tsv")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Lines of a text, a tab and a label.")], as_json: Json = False
) -> None:
    """Measure accuracy and calibration on labelled texts."""
    settings = Settings.read()
    rows = _read(file)
    from bot import app

    with app.open_engine(settings) as engine:
        metrics = asyncio.run(_measure(engine, file, rows))
    print(json.dumps(metrics) if as_json else "\n".join(_format(metrics)))


def _read(file: Path) -> list[tuple[str, str]]:
    """Read lines of a text, one tab and a label, without quoting; raise BotError if one is malformed."""
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


async def _measure(engine: "Engine", file: Path, rows: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the metrics of ``rows`` of text and label; a first row with an unknown label is skipped as a header.

    The confusion matrix counts texts by true label (rows) and predicted label (columns).

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
    halves = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    first, second = await asyncio.gather(*(engine.classify_in_background(half) for half in halves))
    sentiments = [*first, *second]
    scores = torch.tensor([[each.scores[label] for label in labels] for each in sentiments], dtype=torch.float64)
    gold = torch.tensor([index[label.upper()] for _, label in rows])
    mistakes: list[dict[str, Any]] = [
        {"text": text, "label": labels[right], "judged": each.label, "score": each.score}
        for text, right, each in zip(texts, gold.tolist(), sentiments, strict=True)
        if each.label != labels[right]
    ]
    timings: list[dict[str, Any]] = []
    for text in sorted(set(texts), key=len)[-_TIMED:]:
        started = time.perf_counter()
        await engine.classify_in_background([text])
        timings.append({"text": text, "milliseconds": (time.perf_counter() - started) * 1000})
    return {
        "texts": len(rows),
        "accuracy": accuracy(scores, gold),
        "macro_f1": macro_f1(scores, gold),
        "calibration_error": calibration_error(scores, gold),
        "labels": labels,
        "confusion": confusion(scores, gold).tolist(),
        "most_wrong": sorted(mistakes, key=lambda mistake: -mistake["score"])[:_EXAMPLES],
        "slowest": sorted(timings, key=lambda timing: -timing["milliseconds"])[:_EXAMPLES],
    }


def _format(metrics: dict[str, Any]) -> Iterator[str]:
    labels = metrics["labels"]
    scores = f"macro-F1 {metrics['macro_f1']:.3f}, calibration error {metrics['calibration_error']:.3f}"
    yield f"{metrics['texts']:,} texts: accuracy {percent(metrics['accuracy'])}, {scores}\n"
    width = max(16, *(len(label) + 2 for label in labels))
    yield f"{'true ↓ predicted →':{width}}" + "".join(f"{label:>{width}}" for label in labels)
    for label, counts in zip(labels, metrics["confusion"], strict=True):
        yield f"{label:{width}}" + "".join(f"{count:>{width},}" for count in counts)
    if metrics["most_wrong"]:
        yield "\nMost confident mistakes:"
    for mistake in metrics["most_wrong"]:
        yield f"  {mistake['judged']} {percent(mistake['score'])}, is {mistake['label']}: {one_line(mistake['text'])}"
    yield f"\nSlowest alone, of the {_TIMED} longest:"
    for timing in metrics["slowest"]:
        yield f"  {timing['milliseconds']:6.1f} ms  {one_line(timing['text'])}"
