"""What ``analyze`` and ``trace`` print: for people, or JSON for programs."""

import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.errors import BotError
from bot.sentiment.classifier import Classifier
from bot.sentiment.explanation import explain
from bot.sentiment.formatting import bar, format_attribution, percent, shorten, strongest
from bot.sentiment.language import unsupported_language
from bot.sentiment.text import has_no_content, without_surrogates
from bot.sentiment.types import Breakdown, Sentiment

if TYPE_CHECKING:
    from bot.sentiment.models.checkpoint import Checkpoint
    from bot.sentiment.trace import Trace

_CHUNK = 256  # texts read and judged at a time
_SHOWN = 60  # characters of a text
_WORDS = 12  # words of a breakdown
_PIECES = 60  # tokens, words or characters of one text; JSON has them all
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Source:
    """Texts to judge.

    Attributes:
        texts: the texts, read as they are needed.
        total: how many there are, where that is known.
        lines: whether they are lines that were read, so that a progress bar makes sense.
    """

    texts: Iterable[str]
    total: int | None = None
    lines: bool = False


def read(file: Path | None, texts: Sequence[str]) -> Source:
    """Return the texts to judge: those given, or the lines of a file, or for ``-`` of standard input.

    Reading them raises BotError where the file cannot be read.
    """
    if file is not None:
        # A pipe, such as the shell's <(…), can be read only once, and so not be counted first.
        return Source(_lines_of(file), _count(file) if file.is_file() else None, lines=True)
    if list(texts) == ["-"] and sys.stdin is None:
        raise BotError("There is no standard input to read from. Give the texts, or --file.")
    if list(texts) == ["-"]:
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace", newline="\n")  # type: ignore[union-attr]
        return Source(_lines(sys.stdin), lines=True)
    return Source(texts)


def _count(file: Path) -> int | None:
    try:
        with file.open("rb") as lines:
            return sum(1 for _ in lines)
    except OSError:
        return None  # reading it says why


def _lines_of(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
            yield from _lines(lines)
    except OSError as error:
        raise BotError(f"{file} cannot be read ({error.strerror}). Name a text file with one text a line.") from error


def _lines(file: TextIO) -> Iterator[str]:
    """Yield the lines without their ends; only a line feed, with a carriage return or not, ends one."""
    for line in file:
        yield line.removesuffix("\n").removesuffix("\r")


def analyze(classifier: Classifier, source: Source, *, tokens: bool, as_json: bool) -> None:
    """Judge and print texts in order, some at a time, so that any number of them fits in memory."""
    with _progress(source) as progress:
        remaining = iter(source.texts)
        while chunk := list(islice(remaining, _CHUNK)):
            for text, judged in zip(chunk, _judge(classifier, chunk, tokens=tokens), strict=True):
                show = progress.print if progress else partial(print, flush=True)
                if as_json:
                    show(json.dumps(_as_json(classifier, text, judged, tokens=tokens)))
                else:
                    show(_for_people(text, judged))
                    # Only now, since the first time takes half a second, and the result need not wait for it.
                    language = judged and unsupported_language(text, classifier.name)
                    if language:
                        show(f"    looks like {language}; this model reads English")
                if progress:
                    progress.advance()


def _judge(classifier: Classifier, texts: Sequence[str], *, tokens: bool) -> list[Sentiment | Breakdown | None]:
    """Return a result for each text, None where there is nothing to judge."""
    if tokens:
        return [None if has_no_content(text) else explain(classifier, text) for text in texts]
    judged = iter(classifier.classify([text for text in texts if not has_no_content(text)]))
    return [None if has_no_content(text) else next(judged) for text in texts]


def _as_json(
    classifier: Classifier, text: str, judged: Sentiment | Breakdown | None, *, tokens: bool
) -> dict[str, Any]:
    sentiment = judged.sentiment if isinstance(judged, Breakdown) else judged
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
        fields["tokens"] = [asdict(token) for token in judged.tokens] if isinstance(judged, Breakdown) else []
    return fields


def _for_people(text: str, judged: Sentiment | Breakdown | None) -> str:
    beginning = shown(text)
    if judged is None:
        return f"{'nothing to judge':31}  {beginning}".rstrip()
    sentiment = judged.sentiment if isinstance(judged, Breakdown) else judged
    ending = "  (only its beginning, the text is too long)" if sentiment.truncated else ""
    lines = [f"{sentiment.label:8}  {bar(sentiment.score)}  {percent(sentiment.score):>7}  {beginning}{ending}"]
    if isinstance(judged, Breakdown):
        lines += [
            f"    {format_attribution(word.attribution)}  {shorten(_printable(word.text), _SHOWN)}"
            for word in strongest(judged.words, _WORDS)
        ]
        if len(judged.words) > _WORDS:
            lines.append(f"    and {len(judged.words) - _WORDS} that weigh less")
    return "\n".join(lines)


def trace(checkpoint: "Checkpoint", texts: Sequence[str], *, as_json: bool) -> None:
    """Print every step from ``texts`` to their labels."""
    from bot.sentiment.trace import trace as trace_texts  # brings transformers, which analyze does without

    traced = trace_texts(checkpoint, texts)
    if as_json:
        print(json.dumps(asdict(traced)))
    else:
        print("\n".join(_steps(traced)))


def _steps(traced: "Trace") -> Iterator[str]:
    yield "TOKENIZER: from text to numbers"
    for i, text in enumerate(traced.texts):
        yield f"  {i + 1}. {shown(text)}"
        for name in ("words", "punctuation", "characters", "subwords"):
            pieces: list[str] = getattr(traced, name)[i]
            yield f"     {name:11} {len(pieces):4}  {_printable(_first(pieces, ' | '))}"
        if traced.truncated[i]:
            yield "     longer than the model reads: the end was left out"
    width = max((len(str(i)) for row in traced.input_ids for i in row), default=1)
    for name, rows in (("input_ids", traced.input_ids), ("attention_mask", traced.attention_mask)):
        yield f"  {name}  {[len(rows), len(rows[0])]}"
        for row in rows:
            yield "     " + _first([f"{i:>{width}}" for i in row], " ")
    yield "MODEL: from numbers to meaning"
    yield f"  last hidden state  {traced.last_hidden_state_shape}"
    yield "HEAD: from meaning to labels"
    for name, scores in (("logits", traced.logits), ("softmax", traced.probabilities)):
        yield f"  {name}  {[len(scores), len(scores[0])]}"
        for numbers in scores:
            yield "     " + " ".join(f"{number:>9.4f}" for number in numbers)
    yield f"  id2label  {traced.id2label}"
    for i, numbers in enumerate(traced.probabilities):
        winner = max(range(len(numbers)), key=numbers.__getitem__)
        yield f"  {i + 1}. {traced.id2label[winner]} {percent(numbers[winner])}"


def _first(pieces: Sequence[str], separator: str) -> str:
    rest = len(pieces) - _PIECES
    return separator.join([*pieces[:_PIECES], *([f"… and {rest} more"] if rest > 0 else [])])


def shown(text: str) -> str:
    """Return the beginning of ``text`` as it may stand in a line of a terminal."""
    return shorten(_printable(text), _SHOWN)


def _printable(text: str) -> str:
    """Return ``text`` in one line without what could move the cursor, change colours or hide."""
    return _UNPRINTABLE.sub(" ", without_surrogates(text)).strip()


class _Bar:
    """A progress bar, above which results are printed."""

    def __init__(self, total: int | None) -> None:
        # Where results go to the terminal too, the bar must know of them so as to stay below.
        self._shared = sys.stdout.isatty()
        console = Console(stderr=not self._shared)
        columns = TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self.progress = Progress(*columns, console=console, transient=True, redirect_stdout=False)
        self._task = self.progress.add_task("judging", total=total)

    def print(self, line: str) -> None:
        """Print ``line`` as it is."""
        if self._shared:
            self.progress.console.print(line, markup=False, emoji=False, highlight=False, soft_wrap=True)
        else:
            print(line)

    def advance(self) -> None:
        """Count one more text."""
        self.progress.advance(self._task)


@contextmanager
def _progress(source: Source) -> Iterator[_Bar | None]:
    """Show a progress bar while lines are judged, on a terminal; none where the output goes into a pipe."""
    if not source.lines or not sys.stderr.isatty() or stat.S_ISFIFO(os.fstat(1).st_mode):
        yield None
        return
    bar = _Bar(source.total)
    with bar.progress:
        yield bar
