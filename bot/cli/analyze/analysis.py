"""What the bot says about a text, and that as text, JSON or CSV."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.cli.formatting import WIDTH, one_line, pad, printable
from bot.cli.sources.table import Row
from bot.sentiment.formatting import bar, deciding_words, format_attribution, percent, shorten
from bot.sentiment.language import unsupported_language
from bot.sentiment.text import has_no_content
from bot.sentiment.types import Breakdown

if TYPE_CHECKING:
    from bot.sentiment.engine.engine import Engine

_LABEL_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the bot says about the text of a row, with words and tokens only if they were asked for."""

    row: Row
    breakdown: Breakdown | None  # None for a text with neither word nor emoji
    language: str | None  # of the text, if it is clearly one that the model does not read
    unsure: bool


async def analyse(engine: "Engine", rows: Sequence[Row], *, tokens: bool, least_confidence: float) -> list[Analysis]:
    """Analyse the texts of ``rows``; a lower score than ``least_confidence`` is called unsure, as in Slack."""
    texts = list(dict.fromkeys(row.text for row in rows if not has_no_content(row.text)))
    if tokens:
        breakdowns = [await engine.explain(text) for text in texts]
    else:
        sentiments = await engine.classify_in_background(texts)
        breakdowns = [Breakdown(text, sentiment, (), ()) for text, sentiment in zip(texts, sentiments, strict=True)]
    found = {
        text: (breakdown, unsupported_language(text, engine.model))
        for text, breakdown in zip(texts, breakdowns, strict=True)
    }
    analyses = []
    for row in rows:
        breakdown, language = found.get(row.text, (None, None))
        unsure = language is not None or bool(breakdown and breakdown.sentiment.score < least_confidence)
        analyses.append(Analysis(row, breakdown, language, unsure))
    return analyses


class Formatter(NamedTuple):
    """Turns an analysis into one or more lines, below a ``header`` if there is one."""

    format: Callable[[Analysis], str]
    header: str | None = None


def json_formatter(model: str, header: Sequence[str], *, tokens: bool) -> Formatter:
    """Write objects that docs/schemas/analyze.json describes; ``header`` names the cells of a CSV file."""

    def format_row(analysis: Analysis) -> str:
        row, result = analysis.row, _fields(analysis, model, tokens=tokens)
        own = dict(zip(header, row.cells, strict=True)) if row.cells else dict(row.fields)
        own = {name: value for name, value in own.items() if name.strip().lower() != "text" or value != row.text}
        return json.dumps({**own, **dict(zip(_free_names(result, own), result.values(), strict=True))})

    return Formatter(format_row)


def text_formatter(paint: Callable[[str, str], str]) -> Formatter:
    """Write lines for a terminal: label, confidence and beginning of the text, then notes and words."""
    return Formatter(lambda analysis: "\n".join(_lines(analysis, paint)))


def _fields(analysis: Analysis, model: str, *, tokens: bool) -> dict[str, Any]:
    sentiment = analysis.breakdown and analysis.breakdown.sentiment
    fields: dict[str, Any] = {
        "text": analysis.row.text,
        "label": sentiment and sentiment.label,
        "score": sentiment and sentiment.score,
        "scores": sentiment.scores if sentiment else {},
        "unsure": analysis.unsure,
        "model": model,
        "truncated": bool(sentiment and sentiment.truncated),
        "looks_like": analysis.language,
    }
    if tokens:
        fields["tokens"] = [asdict(token) for token in analysis.breakdown.tokens] if analysis.breakdown else []
    return fields


def _lines(analysis: Analysis, paint: Callable[[str, str], str]) -> Iterator[str]:
    if analysis.breakdown is None:
        yield f"{'nothing to classify':31}  {one_line(analysis.row.text, WIDTH - 33)}".rstrip()
        return
    from rich.cells import cell_len

    sentiment, words = analysis.breakdown.sentiment, analysis.breakdown.words
    label = shorten(printable(sentiment.label), _LABEL_LENGTH)
    result = f"{pad(label, 8)}  {bar(sentiment.score)}  {percent(sentiment.score):>7}"
    yield f"{paint(result, sentiment.label)}  {one_line(analysis.row.text, WIDTH - 2 - cell_len(result))}"
    notes = ["unsure"] if analysis.unsure else []
    if analysis.language:
        notes.append(f"looks like {analysis.language}, which the model does not read")
    if sentiment.truncated:
        notes.append("too long: only the beginning was classified")
    if notes:
        yield f"    {' · '.join(notes)}"
    for word in deciding_words(words):
        yield f"    {format_attribution(word.attribution):>9}  {one_line(word.text)}"
    if words and not deciding_words(words):
        yield "    no single word decides this"


def csv_formatter(header: Sequence[str], delimiter: str) -> Formatter:
    """Write the cells of the file with ``header``, or else the text, followed by label, score and language."""
    names = _free_names(["label", "score", "language"], header)
    writer = csv.writer(_Echo(), delimiter=delimiter, lineterminator="\r\n")

    def format_row(analysis: Analysis) -> str:
        sentiment = analysis.breakdown and analysis.breakdown.sentiment
        result = [sentiment.label, f"{sentiment.score:.4f}", analysis.language or ""] if sentiment else ["", "", ""]
        line: str = writer.writerow([*(analysis.row.cells or [analysis.row.text]), *result])
        return line

    return Formatter(format_row, header=writer.writerow([*(header or ["text"]), *names]))


def _free_names(names: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Return ``names``, all with a prefix if one of them is taken."""
    free, lower = [*names], {name.strip().lower() for name in taken}
    while not lower.isdisjoint(free):
        free = [f"sentiment_{name}" for name in free]
    return free


class _Echo:
    """A file for a CSV writer, which returns a row without its end."""

    def write(self, line: str) -> str:
        return line.removesuffix("\r\n")
