"""JSON lists that are read in parts."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.sources import json_list
from bot.cli.sources.json_list import read_json_list

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(VALUES), st.sampled_from([None, 0, 2]), st.booleans(), st.integers(0, 10))
def test_elements(values: list[object], indent: int | None, ascii_only: bool, padding: int) -> None:
    """Every list is read as the json module does, whatever the space between its elements."""
    space = " " * padding
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    assert list(read_json_list(io.StringIO(f"{space}{text}{space}"))) == values


@pytest.mark.parametrize("offset", range(12))
def test_parts(offset: int) -> None:
    """An element may lie on the border of two parts."""
    values = ["x" * (2**18 - 6 + offset), 12.5, [12], {"a": "b"}, "y" * 2**20, 345]
    assert list(read_json_list(io.StringIO(json.dumps(values)))) == values


@given(st.text(alphabet='[]{},:"\\\\ 1.nul\\n'))
def test_malformed(text: str) -> None:
    """Whatever the json module refuses, and whatever is no list, raises ValueError."""
    try:
        value = json.loads(text)
    except ValueError:
        value = False
    expected = value or [] if isinstance(value, list | None) else None
    try:
        found = list(read_json_list(io.StringIO(text)))
    except ValueError:
        found = None
    assert found == expected


def test_too_large() -> None:
    """An element that is too large raises ValueError; those before it are read."""
    text = json.dumps([1, "x" * (json_list.MAX_ELEMENT + 2**20), 2])
    elements = read_json_list(io.StringIO(text))
    assert next(elements) == 1
    with pytest.raises(ValueError, match="too large"):
        next(elements)
