"""The plot of speed: its figures, and its two versions."""

import json
from pathlib import Path

import pytest

from benchmarks.speed_plot import FIGURES, draw, group_rates

PUBLISHED = json.loads(FIGURES.read_text("utf-8"))


def test_groups() -> None:
    """Bars are grouped by model and kind of texts, and the engine is called the bot."""
    rates = {"small, pipeline()": {"messages": 1.0}, "small, engine": {"messages": 3.0, "chat": 2.0}}
    assert group_rates(rates) == {
        "Small, 20 tokens each": {"pipeline()": 1.0, "this bot": 3.0},
        "Small, lengths as in chat": {"this bot": 2.0},
    }


def test_versions(tmp_path: Path) -> None:
    """A light and a dark picture are written, which differ."""
    draw(PUBLISHED["rates"], PUBLISHED["cores"], tmp_path)
    light, dark = ((tmp_path / f"speed-{name}.png").read_bytes() for name in ("light", "dark"))
    assert light != dark


@pytest.mark.parametrize("name", ["README.md", "README.ko.md", "docs/speed.md"])
def test_published(name: str) -> None:
    """The text that stands for the picture has all of its figures."""
    (line,) = (line for line in Path(name).read_text("utf-8").splitlines() if "speed-light.png" in line)
    for bars in group_rates(PUBLISHED["rates"]).values():
        for software, rate in bars.items():
            assert f"{rate:.0f}" in line, software
