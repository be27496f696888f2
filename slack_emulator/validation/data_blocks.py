"""Validation of blocks with data: tables and charts.

https://docs.slack.dev/reference/block-kit/blocks/table-block, data-table-block and data-visualization-block
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slack_emulator.validation.elements import as_object, rich_text_errors

MAX_ROWS, MAX_CELLS, MAX_TABLE_CHARACTERS = 100, 20, 10_000
MAX_DATA_ROWS, MAX_PAGE_SIZE, MAX_DATA_CHARACTERS = 201, 100, 20_000
MAX_TITLE, MAX_LABEL, MAX_AXIS_LABEL, MAX_SERIES, MAX_POINTS = 50, 20, 50, 6, 20


def table_errors(block: Mapping[str, Any]) -> list[str]:
    """Check a table block."""
    rows = block.get("rows")
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_ROWS:
        return [f"rows must be an array of 1 to {MAX_ROWS} rows"]
    if not all(isinstance(row, list) and 0 < len(row) <= MAX_CELLS for row in rows):
        return [f"a row must be an array of 1 to {MAX_CELLS} cells"]
    errors = [error for row in rows for cell in row for error in _cell_errors(cell)]
    return errors + _settings_errors(block.get("column_settings", []))


def _settings_errors(settings: object) -> list[str]:
    if not isinstance(settings, list) or len(settings) > MAX_CELLS:
        return [f"column_settings must be an array of at most {MAX_CELLS} settings"]
    for one in settings:
        valid = isinstance(one, dict) and isinstance(one.get("is_wrapped", False), bool)
        if one is not None and not (valid and one.get("align", "left") in ("left", "center", "right")):
            return ["a column setting must be null, or have align (left, center or right) and is_wrapped"]
    return []


def data_table_errors(block: Mapping[str, Any]) -> list[str]:
    """Check a data_table block."""
    errors = [] if isinstance(block.get("caption"), str) and block["caption"] else ["missing required field: caption"]
    if not _is_integer(block.get("page_size", 1), 1, MAX_PAGE_SIZE):
        errors.append(f"page_size must be 1 to {MAX_PAGE_SIZE}")
    rows = block.get("rows")
    if not isinstance(rows, list) or not 2 <= len(rows) <= MAX_DATA_ROWS:
        return [*errors, f"rows must be an array of 2 to {MAX_DATA_ROWS} rows, the first of which is the header"]
    if not all(isinstance(row, list) and 0 < len(row) <= MAX_CELLS for row in rows):
        return [*errors, f"a row must be an array of 1 to {MAX_CELLS} cells"]
    if len({len(row) for row in rows}) > 1:
        errors.append("all rows must have the same number of cells")
    if not _is_integer(block.get("row_header_column_index", 0), 0, len(rows[0]) - 1):
        errors.append("row_header_column_index must be the index of a column")
    if any(as_object(cell).get("type") == "rich_text" for cell in rows[0]):
        errors.append("the header must not have rich_text cells")
    return errors + [error for row in rows for cell in row for error in _cell_errors(cell)]


def _is_integer(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _cell_errors(cell: object) -> list[str]:
    match cell:
        case {"type": "raw_text", "text": str(text)} if text:
            return []
        case {"type": "raw_number", "value": bool()}:
            pass
        case {"type": "raw_number", "value": int() | float()} if isinstance(as_object(cell).get("text", ""), str):
            return []
        case {"type": "rich_text"}:
            return rich_text_errors(as_object(cell))
    return ["a cell must be raw_text that is not empty, raw_number or rich_text"]


def data_errors(blocks: list[Any]) -> Iterator[str]:
    """Check the limits of characters that apply to all tables of a message together."""
    for kind, limit in (("table", MAX_TABLE_CHARACTERS), ("data_table", MAX_DATA_CHARACTERS)):
        if (
            sum(_count_characters(block["rows"]) for block in blocks if block.get("type") == kind and "rows" in block)
            > limit
        ):
            yield f"no more than {limit} characters allowed in all {kind} blocks"


def _count_characters(node: object) -> int:
    if isinstance(node, Mapping):
        return sum(
            len(value) if isinstance(value, str) and key == "text" else _count_characters(value)
            for key, value in node.items()
        )
    return sum(_count_characters(value) for value in node) if isinstance(node, list) else 0


def chart_errors(block: Mapping[str, Any]) -> list[str]:
    """Check a data_visualization block."""
    errors = _label_errors("title", block.get("title"), MAX_TITLE)
    chart = as_object(block.get("chart"))
    kind = chart.get("type")
    if kind not in ("pie", "bar", "line", "area"):
        return [*errors, f"chart must be of the type pie, bar, line or area, not {kind}"]
    if kind == "pie":
        return errors + _points_errors("segments", chart.get("segments"), MAX_SERIES)
    return errors + _axes_errors(chart.get("axis_config")) + _series_errors(chart)


def _series_errors(chart: Mapping[str, Any]) -> list[str]:
    series = chart.get("series")
    if not isinstance(series, list) or not 0 < len(series) <= MAX_SERIES:
        return [f"series must be an array of 1 to {MAX_SERIES} series"]
    errors: list[str] = []
    categories = as_object(chart.get("axis_config")).get("categories")
    for one in series:
        if not isinstance(one, dict):
            return ["a series must be an object"]
        errors += _label_errors("name", one.get("name"), MAX_LABEL)
        data = one.get("data")
        if found := _points_errors("data", data, MAX_POINTS):
            errors += found
        elif [point["label"] for point in data or []] != categories:
            errors.append("the labels of data must be the categories")
    names = [str(one.get("name")) for one in series]
    return errors if len(names) == len(set(names)) else [*errors, "the names of series must be unique"]


def _axes_errors(axes: object) -> list[str]:
    if not isinstance(axes, dict) or not isinstance(axes.get("categories"), list) or not axes["categories"]:
        return ["axis_config must have categories"]
    errors = [error for label in axes["categories"] for error in _label_errors("category", label, MAX_LABEL)]
    for name in ("x_label", "y_label"):
        errors += _label_errors(name, axes[name], MAX_AXIS_LABEL) if name in axes else []
    return errors


def _points_errors(name: str, points: object, limit: int) -> list[str]:
    if not isinstance(points, list) or not 0 < len(points) <= limit:
        return [f"{name} must be an array of 1 to {limit} items"]
    errors: list[str] = []
    for point in points:
        if not isinstance(point, dict) or isinstance(value := point.get("value"), bool | None | str | list | dict):
            return [f"{name} must be of objects with a label and a number as value"]
        errors += _label_errors("label", point.get("label"), MAX_LABEL)
        if name == "segments" and value <= 0:
            errors.append("the value of a segment must be more than 0")
    return errors


def _label_errors(name: str, label: object, limit: int) -> list[str]:
    valid = isinstance(label, str) and 0 < len(label) <= limit
    return [] if valid else [f"{name} must have 1 to {limit} characters"]
