"""The measured part of the model card: tables between two markers, and the reliability diagram."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from bot.sentiment.evaluation import Bin

BEGIN, END = "<!-- measured -->", "<!-- end of what is measured -->"


def as_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table with the first column left-aligned and the others, which hold numbers, right-aligned."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def draw_reliability(bins: Sequence[Bin], path: Path) -> None:
    """Draw accuracy by confidence, each point with its number of texts."""
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0.3, 1], [0.3, 1], linestyle="--", color="grey", label="perfect calibration")
    axes.plot([b.confidence for b in bins], [b.accuracy for b in bins], marker="o", color="#0072b2", label="the model")
    for b in bins:
        axes.annotate(str(b.count), (b.confidence, b.accuracy), (6, -12), textcoords="offset points", fontsize=8)
    axes.set(xlabel="confidence", ylabel="accuracy", title="All dev sets together, in ten bins")
    axes.legend(loc="upper left")
    figure.savefig(path, dpi=90)


def write_card(card: Path, measured: str) -> None:
    """Replace the text between the markers of ``card``."""
    before, rest = card.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    card.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}", encoding="utf-8")
