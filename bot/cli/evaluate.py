"""``evaluate``: how good the model is on labelled texts, as the running bot computes."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from bot.cli.analyze import shown
from bot.errors import BotError
from bot.sentiment.engine.engine import Engine
from bot.sentiment.evaluation import accuracy, calibration_error, confusion, macro_f1
from bot.sentiment.formatting import percent

_EXAMPLES = 5
_TIMED = 20  # the longest texts, among which the slowest are looked for


@dataclass(frozen=True, slots=True)
class Wrong:
    """A text that the model is wrong about, and how sure it is."""

    text: str
    label: str
    judged: str
    score: float


@dataclass(frozen=True, slots=True)
class Slow:
    """One of the texts that take longest when judged alone."""

    text: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What ``evaluate`` finds; ``confusion`` counts texts by right label (rows) and judged label (columns)."""

    texts: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    labels: Sequence[str]
    confusion: list[list[int]]
    most_wrong: list[Wrong]
    slowest: list[Slow]


def read(file: Path) -> list[tuple[str, str]]:
    """Read ``text<TAB>label`` lines, nothing quoted, as they are.

    Raises:
        BotError: the file cannot be read, or a line is something else.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except OSError as error:
        raise BotError(f"{file} cannot be read ({error.strerror}). Name a file of texts and labels.") from error
    rows = []
    for number, row in enumerate(lines, 1):
        text, tab, label = row.removesuffix("\r").rpartition("\t")
        if row.strip() and not (tab and "\t" not in text):
            raise BotError(f"{file}, line {number}: it must be a text, one tab and a label.")
        if row.strip():
            rows.append((text, label.strip()))
    return rows


async def measure(engine: Engine, file: Path, rows: Sequence[tuple[str, str]], labels: Sequence[str]) -> Measured:
    """Let ``engine`` judge ``rows``, which are texts and labels; a first row whose label is none is a header.

    Raises:
        BotError: a label is none of the model's, or there is no text.
    """
    places = {label.upper(): i for i, label in enumerate(labels)}
    if rows and rows[0][1].upper() not in places:
        rows = rows[1:]
    for _, label in rows:
        if label.upper() not in places:
            raise BotError(f"{file} has the label {shown(label)!r}; the model's are {', '.join(labels)}.")
    if not rows:
        raise BotError(f"{file} has no labelled text. A line is a text, a tab and one of {', '.join(labels)}.")
    texts = [text for text, _ in rows]
    # Halves, so that one is tokenized while the other is computed.
    half = len(texts) // 2
    parts = await asyncio.gather(
        engine.classify_in_background(texts[:half]), engine.classify_in_background(texts[half:])
    )
    judged = [sentiment for part in parts for sentiment in part]
    scores = torch.tensor([[each.scores[label] for label in labels] for each in judged], dtype=torch.float64)
    gold = torch.tensor([places[label.upper()] for _, label in rows])
    wrong = [
        Wrong(text, labels[right], each.label, each.score)
        for text, right, each in zip(texts, gold.tolist(), judged, strict=True)
        if each.label != labels[right]
    ]
    timed = []
    for text in sorted(set(texts), key=len)[-_TIMED:]:
        started = time.perf_counter()
        await engine.classify_in_background([text])
        timed.append(Slow(text, (time.perf_counter() - started) * 1000))
    return Measured(
        len(rows),
        accuracy(scores, gold),
        macro_f1(scores, gold),
        calibration_error(scores, gold),
        labels,
        confusion(scores, gold).tolist(),
        sorted(wrong, key=lambda one: -one.score)[:_EXAMPLES],
        sorted(timed, key=lambda one: -one.milliseconds)[:_EXAMPLES],
    )


def show(found: Measured, *, as_json: bool) -> None:
    """Print what was found."""
    if as_json:
        print(json.dumps(asdict(found)))
        return
    print(f"{found.texts:,} texts: accuracy {percent(found.accuracy)}, macro-F1 {found.macro_f1:.3f}, ", end="")
    print(f"calibration error {found.calibration_error:.3f}\n")
    width = max(12, *(len(label) + 2 for label in found.labels))
    print(f"{'is ↓ judged →':{width}}" + "".join(f"{label:>{width}}" for label in found.labels))
    for label, row in zip(found.labels, found.confusion, strict=True):
        print(f"{label:{width}}" + "".join(f"{count:>{width},}" for count in row))
    if found.most_wrong:
        print("\nMost sure and wrong:")
    for wrong in found.most_wrong:
        print(f"  {wrong.judged} {percent(wrong.score)}, is {wrong.label}: {shown(wrong.text)}")
    print(f"\nSlowest alone, of the {_TIMED} longest:")
    for slow in found.slowest:
        print(f"  {slow.milliseconds:6.1f} ms  {shown(slow.text)}")
