"""The command ``analyze``."""

import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.formatting import Json, ProgressBar, one_line, pad
from bot.cli.sources.encoding import decode
from bot.cli.sources.table_file import SUFFIXES, begins_table
from bot.errors import BotError
from bot.reports.text import plural
from bot.sentiment.formatting import bar, format_attribution, percent, strongest
from bot.sentiment.language import unsupported_language
from bot.sentiment.text import has_no_content
from bot.sentiment.types import Breakdown
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.sentiment.classifier import Classifier

app = typer.Typer()

_CHUNK = 256  # texts read and classified at a time
_WORDS = 12  # words of a breakdown


@app.command(epilog='Example: sentiment-bot analyze --tokens "I love this" "Not my day"')
def analyze(
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT...", help="Texts, or - for one per line.")] = None,
    file: Annotated[Path | None, typer.Option(help="Read one text per line from this file.")] = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Show how much each word contributed.")] = False,
    as_json: Json = False,
) -> None:
    """Print the label and confidence of each text."""
    if (file is None) == (not texts) or (texts and "-" in texts and len(texts) > 1):
        raise typer.BadParameter("give either texts, or - for standard input, or --file")
    settings = Settings.read()  # before the slow import, so that errors appear at once
    from bot.sentiment.models.loading import load

    by_line = file is not None or texts == ["-"]
    source = _read_lines(file) if by_line else texts or []
    classifier = load(settings.sentiment_model, settings.sentiment_model_revision)
    with ProgressBar(_count_lines(file), visible=by_line and not stat.S_ISFIFO(os.fstat(1).st_mode)) as progress:
        _analyze(classifier, source, progress, tokens=tokens, as_json=as_json)


def _count_lines(file: Path | None) -> int | None:
    """Return the number of lines; None if unknown, as for a pipe, which can be read only once."""
    if file and file.is_file():
        with suppress(OSError), file.open("rb") as lines:
            return sum(1 for _ in lines)
    return None


def _read_lines(file: Path | None) -> Iterator[str]:
    """Yield the lines of a file, or of standard input; only line feeds end a line."""
    if file is None and sys.stdin is None:
        raise BotError("There is no standard input to read from. Give texts, or --file.")
    name, replaced = file or "Standard input", 0
    is_table = file is not None and file.suffix.lower() in (*SUFFIXES, ".json")
    try:
        with file.open("rb") if file else sys.stdin.buffer as source:
            for number, line in enumerate(decode(source, name, newline="\n")):
                if is_table or (number == 0 and begins_table(line)):
                    raise BotError(
                        f"{name} is not one text per line. Give messages in CSV, TSV or JSONL to report, labelled "
                        "texts in TSV to evaluate, or name a file of lines, such as texts.txt."
                    )
                replaced += "\ufffd" in line
                yield line.removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise BotError(f"{name} cannot be read ({error.strerror}). Name a text file with one text per line.") from error
    if replaced:
        print(
            f"Note: {plural(replaced, 'line')} with bytes that are not UTF-8. Save the file as UTF-8.", file=sys.stderr
        )


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
                progress.print("\n".join(_format(text, result)))
                # Printed separately: the first detection takes half a second.
                if result and (language := unsupported_language(text, classifier.name)):
                    progress.print(f"    looks like {language}, which this model does not read")
            progress.advance()


def _classify(classifier: "Classifier", texts: Sequence[str], *, tokens: bool) -> list[Breakdown | None]:
    """Return the results, with tokens and words only if asked for; None for a text with neither word nor emoji."""
    content = [text for text in texts if not has_no_content(text)]
    if tokens:
        from bot.sentiment.explanation import explain

        results = [explain(classifier, text) for text in content]
    else:
        results = [Breakdown(sentiment, (), ()) for sentiment in classifier.classify(content)]
    by_text = dict(zip(content, results, strict=True))
    return [by_text.get(text) for text in texts]


def _as_json(classifier: "Classifier", text: str, result: Breakdown | None, *, tokens: bool) -> dict[str, Any]:
    sentiment = result and result.sentiment
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
        fields["tokens"] = [asdict(token) for token in result.tokens] if result else []
    return fields


def _format(text: str, result: Breakdown | None) -> Iterator[str]:
    beginning = one_line(text)
    if result is None:
        yield f"{'nothing to classify':31}  {beginning}".rstrip()
        return
    label, score = result.sentiment.label, result.sentiment.score
    note = "  (truncated: the text is too long)" if result.sentiment.truncated else ""
    yield f"{pad(label, 8)}  {bar(score)}  {percent(score):>7}  {beginning}{note}"
    for word in strongest(result.words, _WORDS):
        yield f"    {format_attribution(word.attribution)}  {one_line(word.text)}"
    if len(result.words) > _WORDS:
        yield f"    and {len(result.words) - _WORDS} with less weight"
