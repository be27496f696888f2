"""The command ``analyze``."""

import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from bot.cli.formatting import Json, ProgressBar, one_line
from bot.errors import BotError
from bot.sentiment.formatting import bar, format_attribution, percent, strongest
from bot.sentiment.language import unsupported_language
from bot.sentiment.text import has_no_content
from bot.sentiment.types import Breakdown, Sentiment
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sentiment.classifier import Classifier

app = typer.Typer()

Result = Sentiment | Breakdown | None
"""The result for a text; None if it has neither a word nor an emoji."""

_CHUNK = 256  # texts read and classified at a time
_WORDS = 12  # words of a breakdown


@app.command(epilog='Example: sentiment-bot analyze --tokens "I love this" "Not my day"')
def analyze(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT...", help="Texts, each quoted; - reads one per line.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="Read one text per line from this file.")] = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Show how much each word contributed.")] = False,
    as_json: Json = False,
) -> None:
    """Print the label and confidence of each text."""
    if (file is None) == (not texts) or (texts and "-" in texts and len(texts) > 1):
        raise typer.BadParameter("give either texts, or - for standard input, or --file")
    settings = Settings.read()  # before the slow import, so that errors appear at once
    from bot.sentiment.models.loading import load

    from_stdin = texts == ["-"]
    source = _lines_of(file) if file else _lines_of_stdin() if from_stdin else texts or []
    # A pipe, such as the shell's <(…), can be read only once, so its lines are not counted.
    total = _count_lines(file) if file and file.is_file() else None
    classifier = load(settings.sentiment_model, settings.sentiment_model_revision)
    with ProgressBar(total, visible=bool(file or from_stdin) and not stat.S_ISFIFO(os.fstat(1).st_mode)) as progress:
        _analyze(classifier, source, progress, tokens=tokens, as_json=as_json)


def _count_lines(file: Path) -> int | None:
    try:
        with file.open("rb") as lines:
            return sum(1 for _ in lines)
    except OSError:
        return None  # _lines_of raises the same error with a message


def _lines_of(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
            yield from _strip_line_ends(lines)
    except OSError as error:
        raise BotError(f"{file} cannot be read ({error.strerror}). Name a text file with one text per line.") from error


def _lines_of_stdin() -> Iterator[str]:
    if sys.stdin is None:
        raise BotError("There is no standard input to read from. Give texts, or --file.")
    sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace", newline="\n")  # type: ignore[union-attr]
    return _strip_line_ends(sys.stdin)


def _strip_line_ends(file: TextIO) -> Iterator[str]:
    for line in file:
        yield line.removesuffix("\n").removesuffix("\r")


def _analyze(
    classifier: "Classifier", texts: Iterable[str], progress: ProgressBar, *, tokens: bool, as_json: bool
) -> None:
    """Classify and print texts in order, a chunk at a time to limit memory."""
    remaining = iter(texts)
    while chunk := list(islice(remaining, _CHUNK)):
        for text, result in zip(chunk, _classify(classifier, chunk, tokens=tokens), strict=True):
            if as_json:
                progress.print(json.dumps(_as_json(classifier, text, result, tokens=tokens)))
            else:
                progress.print(_format(text, result))
                # Printed separately: the first detection takes half a second.
                if result and (language := unsupported_language(text, classifier.name)):
                    progress.print(f"    looks like {language}; this model reads English")
            progress.advance()


def _classify(classifier: "Classifier", texts: Sequence[str], *, tokens: bool) -> list[Result]:
    if tokens:
        from bot.sentiment.explanation import explain

        return [None if has_no_content(text) else explain(classifier, text) for text in texts]
    sentiments = iter(classifier.classify([text for text in texts if not has_no_content(text)]))
    return [None if has_no_content(text) else next(sentiments) for text in texts]


def _as_json(classifier: "Classifier", text: str, result: Result, *, tokens: bool) -> dict[str, Any]:
    sentiment = result.sentiment if isinstance(result, Breakdown) else result
    fields: dict[str, Any] = {
        "text": text,
        "label": sentiment and sentiment.label,
        "score": sentiment and sentiment.score,
        "scores": sentiment.scores if sentiment else {},
        "model": classifier.name,
        "truncated": bool(sentiment and sentiment.truncated),
        "looks_like": sentiment and unsupported_language(text, classifier.name),
    }
    if tokens:
        fields["tokens"] = [asdict(token) for token in result.tokens] if isinstance(result, Breakdown) else []
    return fields


def _format(text: str, result: Result) -> str:
    beginning = one_line(text)
    if result is None:
        return f"{'nothing to classify':31}  {beginning}".rstrip()
    sentiment = result.sentiment if isinstance(result, Breakdown) else result
    note = "  (truncated: the text is too long)" if sentiment.truncated else ""
    lines = [f"{sentiment.label:8}  {bar(sentiment.score)}  {percent(sentiment.score):>7}  {beginning}{note}"]
    if isinstance(result, Breakdown):
        lines += [
            f"    {format_attribution(word.attribution)}  {one_line(word.text)}"
            for word in strongest(result.words, _WORDS)
        ]
        if len(result.words) > _WORDS:
            lines.append(f"    and {len(result.words) - _WORDS} with less weight")
    return "\n".join(lines)
