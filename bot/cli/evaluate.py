"""The command ``evaluate``: measures the model on labelled texts, with the settings of the running bot."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from bot.cli.formatting import WIDTH, Json, one_line, pad
from bot.cli.sources.encoding import decode
from bot.errors import BotError
from bot.sentiment.formatting import percent
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sentiment.engine.engine import Engine

app = typer.Typer()

_EXAMPLES = 5
_TIMED = 20  # texts timed, the longest
_LANGUAGE_WIDTH = 24  # cells
_COLUMNS = {"text", "label", "language"}


class _LabelledText(NamedTuple):
    text: str
    label: str
    language: str | None = None  # None if the file does not say


@app.command(epilog="Example: sentiment-bot evaluate labelled.tsv")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Lines of a text, a tab and a label; or a TSV with a header.")],
    as_json: Json = False,
) -> None:
    """Measure accuracy and calibration on labelled texts.

    If the file has a header with the columns text, label and language, the figures are shown for each language too.
    """
    settings = Settings.read()
    rows = _read(file)
    from bot.cli.engine import open_engine

    with open_engine(settings) as engine:
        metrics = asyncio.run(_measure(engine, file, rows))
    print(json.dumps(metrics) if as_json else "\n".join(_format(metrics)))


def _read(file: Path) -> list[_LabelledText]:
    """Read lines of a text, one tab and a label, or of the columns that the first line names, without quoting.

    Raises:
        BotError: The file cannot be read, or a line is malformed.
    """
    try:
        with file.open("rb") as source:
            lines = decode(source, file, newline=None).read().split("\n")
    except OSError as error:
        raise BotError(f"{file} cannot be read ({error.strerror}). Name a file of texts and labels.") from error
    names = [name.strip().lower() for name in lines[0].split("\t")]
    has_header = _COLUMNS.issubset(names)
    columns = names if has_header else ["text", "label"]
    wanted = f"{len(columns)} columns separated by tabs" if has_header else "a text, one tab and a label"
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or (has_header and number == 1):
            continue
        fields = line.removesuffix("\r").split("\t")
        if len(fields) != len(columns):
            raise BotError(f"{file}, line {number}: it must be {wanted}.")
        row = {name: field if name == "text" else field.strip() for name, field in zip(columns, fields, strict=True)}
        rows.append(_LabelledText(row["text"], row["label"], row.get("language")))
    return rows


async def _measure(engine: "Engine", file: Path, rows: list[_LabelledText]) -> dict[str, Any]:
    """Return the metrics of ``rows`` of text and label; a first row with an unknown label is skipped as a header.

    The confusion matrix counts texts by true label (rows) and predicted label (columns).

    Raises:
        BotError: A label is unknown to the model, or there are no texts.
    """
    import torch

    from bot.sentiment.evaluation import accuracy, calibration_error, confusion, macro_f1

    labels = engine.labels
    index = {label.upper(): i for i, label in enumerate(labels)}
    if rows and rows[0].language is None and rows[0].label.upper() not in index:
        rows = rows[1:]
    for row in rows:
        if row.label.upper() not in index:
            raise BotError(f"{file} has the label {one_line(row.label)!r}; the model has {', '.join(labels)}.")
    if not rows:
        raise BotError(f"{file} has no labelled text. A line is a text, a tab and one of {', '.join(labels)}.")
    texts = [row.text for row in rows]
    # In two calls, so that one is tokenized while the other computes.
    halves = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    first, second = await asyncio.gather(*(engine.classify_in_background(half) for half in halves))
    sentiments = [*first, *second]
    scores = torch.tensor([[each.scores[label] for label in labels] for each in sentiments], dtype=torch.float64)
    gold = torch.tensor([index[row.label.upper()] for row in rows])
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
    languages: list[dict[str, Any]] = []
    for language in sorted({row.language for row in rows if row.language is not None}):
        chosen = torch.tensor([row.language == language for row in rows])
        figures = {
            "accuracy": accuracy(scores[chosen], gold[chosen]),
            "macro_f1": macro_f1(scores[chosen], gold[chosen]),
        }
        languages.append({"language": language, "texts": int(chosen.sum()), **figures})
    return {
        "texts": len(rows),
        "accuracy": accuracy(scores, gold),
        "macro_f1": macro_f1(scores, gold),
        "calibration_error": calibration_error(scores, gold),
        "labels": labels,
        "confusion": confusion(scores, gold).tolist(),
        "languages": languages,
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
    if metrics["languages"]:
        yield f"\n{'language':{_LANGUAGE_WIDTH}}{'texts':>10}{'accuracy':>12}{'macro-F1':>12}"
    for row in metrics["languages"]:
        name = pad(one_line(row["language"], _LANGUAGE_WIDTH - 2) or "not given", _LANGUAGE_WIDTH)
        yield f"{name}{row['texts']:>10,}{percent(row['accuracy']):>12}{row['macro_f1']:>12.3f}"
    if metrics["most_wrong"]:
        yield "\nMost confident mistakes:"
    for mistake in metrics["most_wrong"]:
        result = f"  {mistake['judged']} {percent(mistake['score'])}, is {mistake['label']}: "
        yield result + one_line(mistake["text"], max(20, WIDTH - len(result)))
    yield f"\nSlowest alone, of the {_TIMED} longest:"
    for timing in metrics["slowest"]:
        yield f"  {timing['milliseconds']:6.1f} ms  {one_line(timing['text'])}"
