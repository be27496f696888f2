"""What Slack refuses in tables and charts.

Charts: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
"""

from collections.abc import Mapping
from typing import Any

from slack_emulator.validation.elements import as_object, rich_text_faults

MOST_ROWS, MOST_CELLS = 100, 20
LONGEST_TITLE, LONGEST_LABEL, LONGEST_AXIS_LABEL, MOST_SERIES, MOST_POINTS = 50, 20, 50, 6, 20


def table_faults(block: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with a table block."""
    rows = block.get("rows")
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_ROWS:
        return [f"rows must be an array of 1 to {MOST_ROWS} rows"]
    if not all(isinstance(row, list) and 0 < len(row) <= MOST_CELLS for row in rows):
        return [f"a row must be an array of 1 to {MOST_CELLS} cells"]
    return [fault for row in rows for cell in row for fault in _cell_faults(cell)]


def _cell_faults(cell: object) -> list[str]:
    match cell:
        case {"type": "raw_text", "text": str(text)} if text:
            return []
        case {"type": "raw_number", "value": int() | float()}:
            return []
        case {"type": "rich_text"}:
            return rich_text_faults(as_object(cell))
    return ["a cell must be raw_text that is not empty, raw_number or rich_text"]


def chart_faults(block: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with a data_visualization block."""
    faults = _label_faults("title", block.get("title"), LONGEST_TITLE)
    chart = as_object(block.get("chart"))
    kind = chart.get("type")
    if kind not in ("pie", "bar", "line", "area"):
        return [*faults, f"chart must be of the type pie, bar, line or area, not {kind}"]
    if kind == "pie":
        return faults + _points_faults("segments", chart.get("segments"), MOST_SERIES)
    return faults + _axes_faults(chart.get("axis_config")) + _series_faults(chart)


def _series_faults(chart: Mapping[str, Any]) -> list[str]:
    series = chart.get("series")
    if not isinstance(series, list) or not 0 < len(series) <= MOST_SERIES:
        return [f"series must be an array of 1 to {MOST_SERIES} series"]
    faults: list[str] = []
    categories = as_object(chart.get("axis_config")).get("categories")
    for one in series:
        if not isinstance(one, dict):
            return ["a series must be an object"]
        faults += _label_faults("name", one.get("name"), LONGEST_LABEL)
        data = one.get("data")
        if found := _points_faults("data", data, MOST_POINTS):
            faults += found
        elif [point["label"] for point in data or []] != categories:
            faults.append("the labels of data must be the categories")
    names = [str(one.get("name")) for one in series]
    return faults if len(names) == len(set(names)) else [*faults, "the names of series must be unique"]


def _axes_faults(axes: object) -> list[str]:
    if not isinstance(axes, dict) or not isinstance(axes.get("categories"), list) or not axes["categories"]:
        return ["axis_config must have categories"]
    faults = [fault for label in axes["categories"] for fault in _label_faults("category", label, LONGEST_LABEL)]
    for name in ("x_label", "y_label"):
        faults += _label_faults(name, axes[name], LONGEST_AXIS_LABEL) if name in axes else []
    return faults


def _points_faults(name: str, points: object, most: int) -> list[str]:
    if not isinstance(points, list) or not 0 < len(points) <= most:
        return [f"{name} must be an array of 1 to {most} items"]
    faults: list[str] = []
    for point in points:
        if not isinstance(point, dict) or isinstance(value := point.get("value"), bool | None | str | list | dict):
            return [f"{name} must be of objects with a label and a number as value"]
        faults += _label_faults("label", point.get("label"), LONGEST_LABEL)
        if name == "segments" and value <= 0:
            faults.append("the value of a segment must be more than 0")
    return faults


def _label_faults(name: str, label: object, most: int) -> list[str]:
    right = isinstance(label, str) and 0 < len(label) <= most
    return [] if right else [f"{name} must have 1 to {most} characters"]
