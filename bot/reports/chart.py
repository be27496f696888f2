"""Charts of reports as PNG. Needs the extra ``report``, which installs matplotlib."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bot.errors import BotError, install_command
from bot.reports.intervals import wilson
from bot.reports.report import Report
from bot.reports.text import heading_text
from bot.sentiment.formatting import plain_label, whole_percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind people can distinguish; the markers differ too. The background is opaque
# white, so that the chart is legible on a dark page.
_STYLES = {"NEGATIVE": ("#b34700", "v"), "NEUTRAL": ("#5f6368", "o"), "POSITIVE": ("#0072b2", "^")}
_OTHER_STYLES = (("#009e73", "s"), ("#a3447a", "D"), ("#8a6d00", "P"))
_TEXT_COLOUR = "#1d1c1d"


def require_matplotlib() -> None:
    """Raise BotError if matplotlib is not installed; call this before any work that would be lost."""
    try:
        import matplotlib  # noqa: F401 - only to see whether it is installed
    except ImportError:
        raise BotError(f"Charts need the extra report: {install_command('report')}. Or leave out --png.") from None


def draw(report: Report, name: str, file: Path | BinaryIO) -> None:
    """Write the chart of a report about ``name``, such as ``#general``, as a PNG of 1,200 × 1,000 pixels.

    Raises BotError if the file cannot be written, or matplotlib is not installed.
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 5), dpi=200, layout="constrained", facecolor="white")
    # matplotlib would read $ as the start of a formula.
    title = f"Mood of {name}\n{heading_text(report)}".replace("$", r"\$")
    figure.suptitle(title, fontsize=13, color=_TEXT_COLOUR)
    if report.why_empty is None:
        _draw_axes(figure, report)
    else:
        figure.text(0.5, 0.5, report.why_empty, ha="center", fontsize=13, color=_TEXT_COLOUR, wrap=True)
    try:
        figure.savefig(file, format="png")
    except OSError as error:
        raise BotError(f"{file} cannot be written ({error.strerror}).") from error


def _draw_axes(figure: "Figure", report: Report) -> None:
    """Draw the shares with their intervals, and the number of messages below."""
    import numpy as np

    share_axes, count_axes = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    window, trend = report.window, report.trend
    middles = [slot.start + (slot.end - slot.start) / 2 for slot in trend] if window.bounded else [0]
    # A line breaks at NaN, so there is one in each gap between slots.
    gaps = [i for i in range(1, len(trend)) if trend[i].start > trend[i - 1].end]
    x = np.array(middles)
    x = np.insert(x, gaps, x[gaps])
    styles = iter(_OTHER_STYLES)
    for row in report.most_frequent():
        colour, marker = _STYLES.get(row.label) or next(styles, _OTHER_STYLES[-1])
        shares = [wilson(slot.count(row.label), slot.total) for slot in trend]
        values, low, high = 100 * np.array([(share.value, share.low, share.high) for share in shares]).T
        label = f"{plain_label(row.label)} {whole_percent(row.share.value)}"
        style = {"marker": marker, "markersize": 5, "linewidth": 1.8, "color": colour}
        share_axes.plot(x, np.insert(values, gaps, np.nan), label=label, **style)
        if len(shares) > 1:
            bounds = np.insert(low, gaps, np.nan), np.insert(high, gaps, np.nan)
            share_axes.fill_between(x, *bounds, color=colour, alpha=0.13, linewidth=0)
        else:
            errors = [[values[0] - low[0]], [high[0] - values[0]]]
            share_axes.errorbar(middles, values, errors, color=colour, capsize=4, linewidth=1.5)
    share_axes.set(ylim=(0, 100), ylabel="% of messages")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=10, labelcolor=_TEXT_COLOUR)
    if window.bounded:
        widths = [(slot.end - slot.start) * 0.8 for slot in trend]
        count_axes.bar(middles, [slot.total for slot in trend], width=widths, color="#5f6368")
        _format_dates(count_axes, report)
    else:
        count_axes.bar(middles, [report.total], width=0.3, color="#5f6368")
        count_axes.set(xlim=(-1, 1), xticks=[])
    count_axes.set(ylabel="messages")
    count_axes.yaxis.get_major_locator().set_params(integer=True, nbins=3)
    for axes in (share_axes, count_axes):
        axes.tick_params(labelsize=10, colors=_TEXT_COLOUR)
        axes.yaxis.label.set(size=11, color=_TEXT_COLOUR)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#d9d9d9", linewidth=0.6)
        axes.set_axisbelow(True)


def _format_dates(axes: "Axes", report: Report) -> None:
    from matplotlib.dates import AutoDateLocator, DateFormatter, date2num

    window = report.window
    axes.set_xlim(float(date2num(window.edges[0])), float(date2num(window.edges[-1])))  # type: ignore[no-untyped-call] # matplotlib has no annotations here
    axes.xaxis.set_major_locator(AutoDateLocator(tz=window.timezone, minticks=3, maxticks=6))  # type: ignore[no-untyped-call] # nor here
    formatter = DateFormatter("%H:%M" if window.hourly else "%d %b", tz=window.timezone)  # type: ignore[no-untyped-call] # nor here
    axes.xaxis.set_major_formatter(formatter)
