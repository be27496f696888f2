"""A report as a picture, for where nothing else can draw. Needs the extra ``report``, which brings matplotlib."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bot.errors import BotError
from bot.reports.intervals import wilson
from bot.reports.report import TOO_FEW, Report
from bot.reports.text import NO_MESSAGES, period_text
from bot.sentiment.formatting import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by the colour-blind; lines differ in their marks too. The background is white
# and opaque, so that it reads the same on a dark page.
_LOOKS = {"NEGATIVE": ("#b34700", "v"), "NEUTRAL": ("#5f6368", "o"), "POSITIVE": ("#0072b2", "^")}
_OTHERS = (("#009e73", "s"), ("#a3447a", "D"), ("#8a6d00", "P"))
_INK = "#1d1c1d"


def require_matplotlib() -> None:
    """Check that pictures can be drawn, before there is work that would be lost.

    Raises:
        BotError: matplotlib is missing.
    """
    try:
        import matplotlib  # noqa: F401 - only whether it is there
    except ImportError:
        raise BotError(
            'Pictures need the extra "report": pip install "sentiment-bot[report]", or leave out --png.'
        ) from None


def draw(report: Report, name: str, file: Path | BinaryIO) -> None:
    """Write a PNG of 1,200 × 1,000 pixels to ``file``, to be read across a screen or a phone.

    Args:
        report: what to show.
        name: what it is about, such as ``#general``.
        file: where to.

    Raises:
        BotError: it cannot be written, or matplotlib is missing.
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 5), dpi=200, layout="constrained", facecolor="white")
    # A name with $ would be read as a formula.
    title = f"Mood of {name}\n{period_text(report.window)}".replace("$", r"\$")
    figure.suptitle(title, fontsize=13, color=_INK)
    if report.total:
        _chart(figure, report)
    else:
        figure.text(
            0.5, 0.5, TOO_FEW if report.withheld else NO_MESSAGES, ha="center", fontsize=13, color=_INK, wrap=True
        )
    try:
        figure.savefig(file, format="png")
    except OSError as error:
        raise BotError(f"{file} cannot be written ({error.strerror}).") from error


def _chart(figure: "Figure", report: Report) -> None:
    shares, counts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    window = report.window
    middles = [slot.start + (slot.end - slot.start) / 2 for slot in report.trend] if window.dated else [0]
    # Where there is no message the line is broken.
    after_gap = [i for i in range(1, len(report.trend)) if report.trend[i].start > report.trend[i - 1].end]
    looks = iter(_OTHERS)
    for row in report.rows:
        colour, mark = _LOOKS.get(row.label) or next(looks, _OTHERS[-1])
        each = [wilson(slot.of(row.label), slot.total) for slot in report.trend]
        low, high = [one.low * 100 for one in each], [one.high * 100 for one in each]
        values = [one.value * 100 for one in each]
        label = f"{row.label} {percent(row.now.value)}"
        line = _broken(values, [math.nan] * len(values), after_gap)
        style = {"marker": mark, "markersize": 5, "linewidth": 1.8, "color": colour}
        shares.plot(_broken(middles, middles, after_gap), line, label=label, **style)
        if len(each) > 1:
            shares.fill_between(
                _broken(middles, middles, after_gap),
                _broken(low, [math.nan] * len(low), after_gap),
                _broken(high, [math.nan] * len(high), after_gap),
                color=colour,
                alpha=0.13,
                linewidth=0,
            )
        else:
            errors = [[values[0] - low[0]], [high[0] - values[0]]]
            shares.errorbar(middles, values, errors, color=colour, capsize=4, linewidth=1.5)
    shares.set(ylim=(0, 100), ylabel="% of messages")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=10, labelcolor=_INK)
    if window.dated:
        widths = [(slot.end - slot.start) * 0.8 for slot in report.trend]
        counts.bar(middles, [slot.total for slot in report.trend], width=widths, color="#5f6368")
        _dates(counts, report)
    else:
        counts.bar(middles, [report.total], width=0.3, color="#5f6368")
        counts.set(xlim=(-1, 1), xticks=[])
    counts.set(ylabel="messages")
    counts.yaxis.get_major_locator().set_params(integer=True, nbins=3)
    for axes in (shares, counts):
        axes.tick_params(labelsize=10, colors=_INK)
        axes.yaxis.label.set(size=11, color=_INK)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#d9d9d9", linewidth=0.6)
        axes.set_axisbelow(True)


def _broken(values: Sequence[Any], between: Sequence[Any], places: Sequence[int]) -> list[Any]:
    """Return ``values`` with that of ``between`` put before each of ``places``."""
    return [one for i, value in enumerate(values) for one in ([between[i], value] if i in places else [value])]


def _dates(axes: "Axes", report: Report) -> None:
    from matplotlib.dates import AutoDateLocator, DateFormatter, date2num

    window = report.window
    axes.set_xlim(float(date2num(window.edges[0])), float(date2num(window.edges[-1])))  # type: ignore[no-untyped-call] # nor here
    axes.xaxis.set_major_locator(AutoDateLocator(tz=window.timezone, minticks=3, maxticks=6))  # type: ignore[no-untyped-call] # matplotlib has no types here
    shown = DateFormatter("%H:%M" if window.hourly else "%d %b", tz=window.timezone)  # type: ignore[no-untyped-call] # nor here
    axes.xaxis.set_major_formatter(shown)
