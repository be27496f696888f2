"""The command `evaluate`."""

from pathlib import Path

import pytest
from rich.cells import cell_len

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


def test_evaluate_by_language(bot: Bot, tmp_path: Path) -> None:
    """With a column for the language, the figures of each language follow those of all texts, in at most 80 columns."""
    (tmp_path / "a.tsv").write_text(
        "id\tLanguage\ttext\tlabel\r\n1\tfr\tI love this\tPOSITIVE\r\n2\ten \tI hate this\tnegative\n\n"
        "3\tfr\tso awful\tPOSITIVE\n4\t\tI love this\tPOSITIVE\n5\t" + "한국어" * 20 + "\tI love this\tPOSITIVE\n",
        encoding="utf-8",
    )
    (found,) = bot("evaluate", "a.tsv", "--json").lines
    assert (found["texts"], found["accuracy"]) == (5, 0.8)
    assert found["languages"] == [
        {"language": "", "texts": 1, "accuracy": 1.0, "macro_f1": 1.0},
        {"language": "en", "texts": 1, "accuracy": 1.0, "macro_f1": 1.0},
        {"language": "fr", "texts": 2, "accuracy": 0.5, "macro_f1": pytest.approx(2 / 3)},
        {"language": "한국어" * 20, "texts": 1, "accuracy": 1.0, "macro_f1": 1.0},
    ]
    lines = bot("evaluate", "a.tsv").out.splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("language"))
    rows = lines[header : header + 5]
    assert {cell_len(line) for line in rows} == {cell_len(rows[0])}
    assert cell_len(rows[0]) <= 80
    assert [row.split()[0] for row in rows[1:4]] == ["not", "en", "fr"]
    assert rows[3].split() == ["fr", "2", "50.0", "%", "0.667"]


def test_evaluate_without_languages(bot: Bot, tmp_path: Path) -> None:
    """Without such a column, no language is mentioned."""
    (tmp_path / "a.tsv").write_text("I love this\tPOSITIVE\n")
    assert bot("evaluate", "a.tsv", "--json").lines[0]["languages"] == []
    assert "language" not in bot("evaluate", "a.tsv").out


def test_evaluate_utf_16(bot: Bot, tmp_path: Path) -> None:
    """A byte order mark determines the encoding; a file that is not text is refused."""
    (tmp_path / "a.tsv").write_text("I love this\tPOSITIVE\r\nso awful\tNEGATIVE\r\n", encoding="utf-16")
    assert bot("evaluate", "a.tsv", "--json").lines[0]["accuracy"] == 1
    (tmp_path / "b.tsv").write_bytes(b"PK\3\4\x14\0")
    done = bot("evaluate", "b.tsv")
    assert (done.code, "b.tsv is not text in UTF-8" in done.err) == (1, True)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "text\tlabel\n",
        "no tab\n",
        "fine\tPOSITIVE\nfine\tGOOD\n",
        "a\tb\tPOSITIVE\n",
        "text\tlabel\tlanguage\n",
        "text\tlabel\tlanguage\nfine\tPOSITIVE\n",
        "text\tlabel\tlanguage\nfine\tGOOD\ten\n",
        "text\tlabel\tid\nfine\tPOSITIVE\t1\n",
    ],
)
def test_evaluate_errors(bot: Bot, tmp_path: Path, content: str) -> None:
    """A file without labelled texts, or with an unknown label, is reported in one line."""
    (tmp_path / "a.tsv").write_text(content)
    done = bot("evaluate", "a.tsv")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "a.tsv" in done.err
