"""Draws the pictures of the documentation that compare the speed of the bot with that of other software.

python -m benchmarks.speed_plot                            # from speed.json, to docs/pictures
cp benchmarks/results/engine.json benchmarks/speed.json    # before it, to publish what benchmarks.engine has measured
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

FIGURES = Path(__file__).parent / "speed.json"
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
BOT = "this bot"

Rates = Mapping[str, Mapping[str, float]]
"""Texts per second by contender, which is named ``model, software``, and by kind of texts."""


class Theme(NamedTuple):
    """The colours of a plot."""

    text: str
    bot: str
    other: str


THEMES = {"light": Theme("#1f2328", "#0969da", "#9ba3ad"), "dark": Theme("#e6edf3", "#4493f8", "#656e78")}
KINDS = {"messages": "20 tokens each", "chat": "lengths as in chat"}


def group_rates(rates: Rates) -> dict[str, dict[str, float]]:
    """Group the rates by model and kind of texts, with the software as keys."""
    groups: dict[str, dict[str, float]] = {}
    for kind, title in KINDS.items():
        for name, rate in rates.items():
            if kind in rate:
                model, _, software = name.partition(", ")
                label = BOT if software == "engine" else software
                groups.setdefault(f"{model[0].upper()}{model[1:]}, {title}", {})[label] = rate[kind]
    return groups


def draw(rates: Rates, cores: int, folder: Path) -> None:
    """Write ``speed-light.png`` and ``speed-dark.png`` to ``folder``."""
    folder.mkdir(exist_ok=True)
    for name, theme in THEMES.items():
        figure = _draw(group_rates(rates), f"Messages per second on {cores} cores", theme)
        figure.savefig(folder / f"speed-{name}.png", dpi=200, transparent=True)


def _draw(groups: Mapping[str, Mapping[str, float]], title: str, theme: Theme) -> Figure:
    heights = [len(group) for group in groups.values()]
    figure = Figure(
        figsize=(8, 1 + 0.5 * len(groups) + 0.36 * sum(heights)), layout=ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1)
    )
    figure.suptitle(title, x=0.01, ha="left", size=15, weight="bold", color=theme.text)
    plots = figure.subplots(len(groups), sharex=True, height_ratios=heights, squeeze=False)[:, 0]
    for axes, (group, bars) in zip(plots, groups.items(), strict=True):
        colours = [theme.bot if software == BOT else theme.other for software in bars]
        drawn = axes.barh(list(bars), list(bars.values()), height=0.7, color=colours)
        axes.bar_label(drawn, fmt="%.0f", padding=5, size=12, weight="bold", color=theme.text)
        axes.set_title(group, loc="left", size=12, pad=8, color=theme.text)
        axes.tick_params(axis="y", length=0, labelsize=12, labelcolor=theme.text)
        axes.xaxis.set_visible(False)
        axes.spines[:].set_visible(False)
        axes.margins(x=0.12)  # room for the figures
        axes.invert_yaxis()
    return figure


def main() -> None:
    """Draw the figures that are published."""
    figures = json.loads(FIGURES.read_text("utf-8"))
    draw(figures["rates"], figures["cores"], PICTURES)


if __name__ == "__main__":
    main()
