"""Files of text in an unknown encoding."""

import codecs
import io
from collections.abc import Iterator
from typing import IO, TextIO

from bot.errors import BotError

MAX_LINE_LENGTH = 1_000_000
"""In characters."""

_SAMPLE = 8192  # bytes
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The beginnings of documents and compressed files, of which a small one may have no zero byte.
_NOT_TEXT = (b"%PDF-", b"{\\rtf", b"\x1f\x8b", b"BZh91AY", b"PK\3\4", b"Rar!\x1a", b"7z\xbc\xaf", b"\xfd7zXZ")


def text_encoding(source: IO[bytes]) -> str | None:
    """Return the encoding of a buffered file, according to its byte order mark; None if it contains no text."""
    beginning: bytes = source.peek(_SAMPLE)[:_SAMPLE]  # type: ignore[attr-defined]  # files in ZIP files have it too
    marked = next((encoding for mark, encoding in _MARKS if beginning.startswith(mark)), None)
    return marked or (None if b"\0" in beginning or beginning.startswith(_NOT_TEXT) else "utf-8")


def decode(source: IO[bytes], name: object, newline: str | None) -> TextIO:
    """Return the text of a buffered file; invalid bytes become U+FFFD. Raise BotError if it contains no text."""
    encoding = text_encoding(source)
    if encoding is None:
        raise BotError(f"{name} is not text in UTF-8. Give a text file in UTF-8, or in UTF-16 with a byte order mark.")
    return io.TextIOWrapper(source, encoding=encoding, errors="replace", newline=newline)


def read_lines(text: TextIO) -> Iterator[str | None]:
    """Yield the lines with their line ends, and None for each that is longer than ``MAX_LINE_LENGTH``."""
    while line := text.readline(MAX_LINE_LENGTH):
        if len(line) < MAX_LINE_LENGTH or line.endswith("\n"):
            yield line
            continue
        yield None
        while (rest := text.readline(MAX_LINE_LENGTH)) and not rest.endswith("\n"):
            pass
