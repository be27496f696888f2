"""The command `analyze` on files and on standard input, and the files that it writes."""

import csv
import io
import json
import os
import threading
from pathlib import Path

import pytest

from bot.sentiment.classifier import Classifier
from tests.cli.conftest import Bot

LINES = "I love this\r\n\nbad\u2028line\x0b \u2029 day\n\xa0\n".encode() + b"\xff\xfe broken\nno end"


@pytest.mark.parametrize("by_file", [False, True])
def test_one_text_per_line(bot: Bot, tmp_path: Path, by_file: bool) -> None:
    """Standard input and files are read line by line, including blank lines; only line feeds end a line."""
    (tmp_path / "texts.txt").write_bytes(LINES)
    done = bot("analyze", "--json", "--file", "texts.txt") if by_file else bot("analyze", "--json", "-", stdin=LINES)
    texts = [line["text"] for line in done.lines]
    assert texts == ["I love this", "", "bad\u2028line\x0b \u2029 day", "\xa0", "\ufffd\ufffd broken", "no end"]
    assert [line["label"] is None for line in done.lines] == [False, True, False, True, False, False]
    assert done.err == "Note: 1 text with bytes that are not UTF-8. Save the file as UTF-8.\n"


@pytest.mark.parametrize("by_file", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_encodings(bot: Bot, tmp_path: Path, by_file: bool, encoding: str) -> None:
    """A byte order mark determines the encoding."""
    content = "I love this\r\n構建\u0a0a\nno end".encode(encoding)
    (tmp_path / "texts.txt").write_bytes(content)
    done = bot("analyze", "--json", *(["--file", "texts.txt"] if by_file else ["-"]), stdin=content)
    assert [line["text"] for line in done.lines] == ["I love this", "構建\u0a0a", "no end"]
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("by_file", [False, True])
@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\3\4\x14\0", b"\xff\xd8\xff\xe0\0\x10JFIF", "no mark".encode("utf-16-le")],
)
def test_no_text_file(bot: Bot, tmp_path: Path, by_file: bool, content: bytes) -> None:
    """What is not text is refused in one line."""
    (tmp_path / "texts.txt").write_bytes(content)
    done = bot("analyze", *(["--file", "texts.txt"] if by_file else ["-"]), stdin=content)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "is not text in UTF-8" in done.err


def test_a_pipe_as_file(bot: Bot, tmp_path: Path) -> None:
    """`--file` accepts a pipe, such as the shell's <(…)."""
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("I love this\nI hate this\n",))
    writer.start()
    done = bot("analyze", "--json", "--file", "pipe")
    writer.join()
    assert [line["text"] for line in done.lines] == ["I love this", "I hate this"]


def test_many_lines(bot: Bot, classifier: Classifier) -> None:
    """A thousand lines of various lengths are printed in order."""
    texts = [f"number {i} is {'good ' * (i % 9)}" for i in range(1000)]
    done = bot("analyze", "--json", "-", stdin="\n".join(texts).encode())
    assert [line["text"] for line in done.lines] == texts


@pytest.mark.parametrize("arguments", [["--file", "nowhere.txt"], ["--file", "."]])
def test_an_unreadable_file(bot: Bot, arguments: list[str]) -> None:
    """A file that cannot be read is reported in one line, with exit code 1."""
    done = bot("analyze", *arguments)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert f"{arguments[1]} cannot be read" in done.err


def test_a_pipe_without_hyphen(bot: Bot) -> None:
    """Without texts, the standard input is read; an empty one gives nothing."""
    assert [line["text"] for line in bot("analyze", "--json", stdin=b"I love this\nbad\n").lines] == [
        "I love this",
        "bad",
    ]
    assert bot("analyze").out == ""


def test_csv_keeps_its_columns(bot: Bot, tmp_path: Path) -> None:
    """CSV as CSV keeps its cells and delimiter, with label, score and language beside them."""
    (tmp_path / "in.csv").write_text('id;Text\n7;"I love\n""this"" ; really"\n8;...\n9;ขอบคุณมากนะครับ\n', "utf-16")
    done = bot("analyze", "--file", "in.csv", "--format", "csv")
    header, first, second, third = csv.reader(io.StringIO(done.out), delimiter=";")
    assert header == ["id", "Text", "label", "score", "language"]
    assert first[:3] == ["7", 'I love\n"this" ; really', "POSITIVE"]
    assert 0.5 < float(first[3]) <= 1
    assert second == ["8", "...", "", "", ""]
    assert third[4] == "Thai"
    assert done.err == ""


@pytest.mark.parametrize(("name", "column"), [("in.csv", "Body"), ("in.TSV", "body"), ("in.jsonl", "body")])
def test_column(bot: Bot, tmp_path: Path, name: str, column: str) -> None:
    """`--column` names the column of the texts; malformed rows are skipped, and a note says how many."""
    separator = "\t" if name == "in.TSV" else ","
    table = f"id{separator}body\n1{separator}I love this\n2\n3{separator}bad\n"
    objects = '{"id": 1, "body": "I love this"}\n{"id": 2}\n{"id": 3, "body": "bad"}\n'
    (tmp_path / name).write_text(objects if name == "in.jsonl" else table)
    done = bot("analyze", "--file", name, "--column", column, "--json")
    assert [line["text"] for line in done.lines] == ["I love this", "bad"]
    assert done.err == "Note: 1 line skipped: malformed, without a text, or longer than 1,000,000 characters.\n"
    missing = bot("analyze", "--file", name)
    assert (missing.code, missing.out) == (1, "")
    assert "text" in missing.err
    assert "--column" in missing.err


def test_taken_names(bot: Bot, tmp_path: Path) -> None:
    """A file's own columns called label or language stay, and the new ones get other names."""
    (tmp_path / "in.csv").write_text("text,Label,language\nI love this,gold,en\n")
    assert bot("analyze", "--file", "in.csv", "--format", "csv").out.splitlines()[0] == (
        "text,Label,language,sentiment_label,sentiment_score,sentiment_language"
    )


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.txt"])
def test_output(bot: Bot, tmp_path: Path, name: str) -> None:
    """`--output` writes the results to a file, in the format of its suffix, and names it."""
    done = bot("analyze", "I love this", "--output", name)
    assert (done.code, done.out, done.err) == (0, "", f"Wrote {name}.\n")
    written = (tmp_path / name).read_text("utf-8")
    if name == "out.jsonl":
        assert json.loads(written)["label"] == "POSITIVE"
    else:
        assert written.startswith(
            "text,label,score,language\nI love this,POSITIVE,0.9" if name == "out.csv" else "POSITIVE  █"
        )


@pytest.mark.parametrize(
    ("source", "output", "delimiter"),
    [("in.txt", "out.tsv", "\t"), ("in.csv", "out.tsv", "\t"), ("in.tsv", "out.csv", ","), ("in.csv", "out.csv", ";")],
)
def test_delimiter_of_output(bot: Bot, tmp_path: Path, source: str, output: str, delimiter: str) -> None:
    """A .tsv file is separated by tabs, whatever is read, and a .csv file is not."""
    contents = {
        "in.txt": "I love, this\n",
        "in.csv": "id;text\n7;I love, this\n",
        "in.tsv": "id\ttext\n7\tI love, this\n",
    }
    (tmp_path / source).write_text(contents[source])
    bot("analyze", "--file", source, "--output", output)
    with (tmp_path / output).open(newline="") as file:
        header, row = csv.reader(file, delimiter=delimiter)
    assert header[-4:] == ["text", "label", "score", "language"]
    assert row[-4:-2] == ["I love, this", "POSITIVE"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--file", "nowhere.txt"], "cannot be read"),
        (["--file", "image.txt"], "not text"),
        (["--file", "table.txt"], "not one text per line"),
        (["--file", "rows.jsonl"], "have no text called text"),
        (["--file", "table.csv", "--column", "boody"], "no column called boody"),
        (["I love this"], "There is no folder ./nowhere"),
    ],
)
def test_output_is_kept_after_an_error(bot: Bot, tmp_path: Path, arguments: list[str], message: str) -> None:
    """If the input or the model cannot be used, an existing file stays as it is, and no new one is created."""
    (tmp_path / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (tmp_path / "table.txt").write_text("time,text\n1,I love this\n")
    (tmp_path / "table.csv").write_text("id,body\n1,I love this\n")
    (tmp_path / "rows.jsonl").write_text('{"body": "I love this"}\n')
    (tmp_path / "old.csv").write_text("results of yesterday\n")
    model = {} if "--file" in arguments else {"SENTIMENT_MODEL": "./nowhere"}
    for output in ("old.csv", "new.csv"):
        done = bot("analyze", *arguments, "--output", output, **model)
        assert done.code != 0
        assert message in done.err
        assert "Wrote" not in done.err
    assert (tmp_path / "old.csv").read_text() == "results of yesterday\n"
    assert not (tmp_path / "new.csv").exists()


def test_output_errors(bot: Bot, tmp_path: Path) -> None:
    """A file that cannot be written is reported before the model is loaded, and the input is not overwritten."""
    (tmp_path / "in.txt").write_text("I love this\n")
    nowhere = bot("analyze", "--file", "in.txt", "--output", "nowhere/out.csv")
    assert (nowhere.code, nowhere.err.count("\n")) == (1, 1)
    assert "nowhere/out.csv cannot be written" in nowhere.err
    assert bot("analyze", "--file", "in.txt", "--output", "./in.txt").code == 2
    assert (tmp_path / "in.txt").read_text() == "I love this\n"


@pytest.mark.parametrize("by_file", [True, False])
@pytest.mark.parametrize(
    "header", ["time,author,text", '"Text";"Channel"', "text\tlabel\tlanguage", '{"text": "I love this", "ts": "1.1"}']
)
def test_a_table_by_another_name(bot: Bot, tmp_path: Path, by_file: bool, header: str) -> None:
    """A table that is given as lines is recognized by its first line."""
    (tmp_path / "texts.txt").write_text(f"{header}\nI love this\n")
    done = bot("analyze", *(["--file", "texts.txt"] if by_file else ["-"]), stdin=f"{header}\nI love this\n".encode())
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert ".jsonl" in done.err


@pytest.mark.parametrize("text", ["Text, please", "text", "{not JSON", '{"score": 1}', "time, and time again; no text"])
def test_no_table(bot: Bot, text: str) -> None:
    """A sentence with words of a header is a text."""
    assert json.loads(bot("analyze", "--json", "-", stdin=f"{text}\n".encode()).out)["text"] == text


def test_json_is_not_one_text_per_line(bot: Bot, tmp_path: Path) -> None:
    """A JSON file is refused in one line, which names what is read."""
    (tmp_path / "in.json").write_text('["I love this"]')
    done = bot("analyze", "--file", "in.json")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert ".jsonl" in done.err


def test_fields_of_jsonl(bot: Bot, tmp_path: Path) -> None:
    """JSON keeps the fields of a row; if one has the name of a result, all results have a prefix."""
    rows = [{"id": 7, "text": "I love this", "by": None}, {"id": 8, "text": "I love this", "label": "x"}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    kept, clashing = bot("analyze", "--file", "in.jsonl", "--json").lines
    assert (kept["id"], kept["by"], kept["text"], kept["label"]) == (7, None, "I love this", "POSITIVE")
    assert (clashing["id"], clashing["label"], clashing["sentiment_label"]) == (8, "x", "POSITIVE")
    assert clashing["sentiment_text"] == "I love this"


def test_cells_of_csv_as_json(bot: Bot, tmp_path: Path) -> None:
    """JSON keeps the cells of a CSV file, too."""
    (tmp_path / "in.csv").write_text("Id,Text\n7,I love this\n")
    (row,) = bot("analyze", "--file", "in.csv", "--json").lines
    assert (row["Id"], row["text"], row["label"]) == ("7", "I love this", "POSITIVE")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--format", "xml", "hi"], 2, "it must be one of text, csv, json"),
        (["hi", "--output", "x.pdf"], 2, ".pdf says no format"),
        (["-bad"], 2, "Write -- before a text that begins with a hyphen"),
        (["in.csv"], 0, "To analyse the texts in that file: --file in.csv"),
        (["--file", "in.csv"], 1, "in.csv is empty."),
    ],
)
def test_mistakes(bot: Bot, tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    """Common mistakes are answered with what to do, in the words of the command line."""
    (tmp_path / "in.csv").write_text("")
    done = bot("analyze", *arguments)
    assert (done.code, words in done.err, "Value error" in done.err) == (code, True, False)
    assert not (tmp_path / "x.pdf").exists()
