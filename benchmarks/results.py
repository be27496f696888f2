"""Output of results as tables, JSON and plots."""

import json
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    table = Table(title=title, title_justify="left")
    for i, name in enumerate(head):
        table.add_column(name, justify="right" if i else "left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def keep(name: str, figures: Mapping[str, object]) -> None:
    """Write ``figures`` to ``results/<name>.json``, with the machine they come from."""
    RESULTS.mkdir(exist_ok=True)
    machine = {"machine": platform.machine(), "python": platform.python_version(), "at": time.strftime("%F %T")}
    (RESULTS / f"{name}.json").write_text(json.dumps(machine | dict(figures), indent=2) + "\n")


def plot_bars(name: str, title: str, unit: str, values: Mapping[str, float]) -> None:
    """Draw a bar for each of ``values`` to ``results/<name>.png``."""
    figure = Figure(figsize=(7, 0.6 + 0.45 * len(values)), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(list(values), list(values.values()), color="#0072b2")
    axes.bar_label(bars, fmt="%.0f", padding=3)
    axes.margins(x=0.1)  # room for the figures
    axes.invert_yaxis()
    axes.set(title=title, xlabel=unit)
    RESULTS.mkdir(exist_ok=True)
    figure.savefig(RESULTS / f"{name}.png", dpi=90)


def plot_lines(
    name: str,
    title: str,
    axes_names: tuple[str, str],
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    wide: bool = False,
) -> None:
    """Draw ``lines`` to ``results/<name>.png``, in powers of ten: the height, and if ``wide`` both."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for label, points in lines.items():
        axes.plot(*zip(*points, strict=True), label=label)
    axes.set(title=title, xlabel=axes_names[0], ylabel=axes_names[1], yscale="log", xscale="log" if wide else "linear")
    axes.legend()
    RESULTS.mkdir(exist_ok=True)
    figure.savefig(RESULTS / f"{name}.png", dpi=90)
