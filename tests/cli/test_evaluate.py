"""The command `evaluate`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Bot


def test_evaluate(bot: Bot, tmp_path: Path) -> None:
    """`evaluate` measures accuracy, and shows the most confident mistakes and the slowest texts."""
    (tmp_path / "a.tsv").write_text(
        "text\tlabel\nI love this\tPOSITIVE\nI hate this\tnegative\n"
        "the meeting is at five\tNEUTRAL\nso awful\tPOSITIVE\n"
    )
    (found,) = bot("evaluate", "a.tsv", "--json").lines
    assert (found["texts"], found["accuracy"]) == (4, 0.75)
    assert found["confusion"] == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    shown = bot("evaluate", "a.tsv").out
    assert "accuracy 75.0 %" in shown
    assert "is POSITIVE: so awful" in shown
    assert "ms" in shown


@pytest.mark.parametrize(
    "content", ["", "text\tlabel\n", "no tab\n", "fine\tPOSITIVE\nfine\tGOOD\n", "a\tb\tPOSITIVE\n"]
)
def test_evaluate_errors(bot: Bot, tmp_path: Path, content: str) -> None:
    """A file without labelled texts, or with an unknown label, is reported in one line."""
    (tmp_path / "a.tsv").write_text(content)
    done = bot("evaluate", "a.tsv")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "a.tsv" in done.err
