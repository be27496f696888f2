"""Reading of JSON lists that may be too large for memory."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

MAX_ELEMENT = 2**22
"""In characters. A message has some thousands; a channel with its members may have a million."""

_CHUNK = 2**18  # characters read at a time
_EMPTY = re.compile(r"\s*(?:null|\[\s*\])\s*")
_START = re.compile(r"\s*\[\s*")
_SEPARATOR = re.compile(r"\s*([,\]])\s*")
_DECODER = json.JSONDecoder()


def read_json_list(file: TextIO) -> Iterator[Any]:
    """Yield the elements of the list in ``file``, with only a few of them in memory; ``null`` is an empty list.

    Raises ValueError or RecursionError, perhaps after some elements, if the file contains anything else.
    """
    text = file.read(_CHUNK)
    if _EMPTY.fullmatch(text):
        return
    start = _START.match(text)
    if start is None:
        raise ValueError("not a list")
    position, separator = start.end(), ","
    while separator == ",":
        found = _next_element(text, position)
        if found is None:
            text = text[position:]
            more = file.read(_CHUNK)
            if not more or len(text) >= MAX_ELEMENT:
                raise ValueError("an element is malformed or too large")
            text, position = (text + more).lstrip(), 0
            continue
        element, separator, position = found
        yield element
    if (text[position:] + file.read(_CHUNK)).strip():
        raise ValueError("text after the list")


def _next_element(text: str, position: int) -> tuple[Any, str, int] | None:
    """Return the element at ``position``, the separator after it and its end; None if ``text`` ends before."""
    try:
        element, end = _DECODER.raw_decode(text, position)
    except ValueError:
        return None
    separator = _SEPARATOR.match(text, end)
    return (element, separator[1], separator.end()) if separator else None
