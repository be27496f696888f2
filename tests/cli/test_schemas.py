"""The output in JSON is as the schemas in the documentation say."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import Bot

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


def validator(command: str) -> Any:  # noqa: ANN401 - jsonschema has no annotations
    """Return the validator of the schema of a command."""
    schema = json.loads((SCHEMAS / f"{command}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def properties(schema: dict[str, Any]) -> set[str]:
    """Return the names of all properties that a schema describes."""
    names = set(schema.get("properties", ()))
    for value in schema.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                names |= properties(inner)
    return names


def keys(value: object) -> set[str]:
    """Return the names of all fields in a value of JSON."""
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys(inner)}
    return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()


def test_analyze(bot: Bot, tmp_path: Path) -> None:
    """`analyze --format json` prints objects of its schema, for texts of each kind, and for rows of a file."""
    (tmp_path / "in.jsonl").write_text('{"text": "Hi", "id": 1}\n{"text": "Hi", "label": 1}\n')
    texts = ["I love this", "...", "ขอบคุณมากนะครับ", "no " * 1000, ""]
    documents = [
        *bot("analyze", "--format", "json", *texts).lines,
        *bot("analyze", "--json", "--tokens", *texts[:2]).lines,
        *bot("analyze", "--json", "--file", "in.jsonl").lines,
    ]
    schema = validator("analyze")
    for each in documents:
        schema.validate(each)
    assert properties(schema.schema) <= keys(documents)


def report_file(path: Path, days: int) -> None:
    """Write messages of some days, the last of which is far more negative, with a word in each label."""
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    rows = [
        {
            "time": (start + timedelta(days=day, minutes=i)).isoformat(),
            "author": f"p{i % 7}",
            "text": "the deploy failed again, I hate this" if i % 4 == 0 or day == days - 1 else "thanks, lovely work",
        }
        for day in range(days)
        for i in range(40)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))


@pytest.mark.parametrize("days", [0, 1, 14])
def test_report(bot: Bot, tmp_path: Path, days: int) -> None:
    """`report --json` prints an object of its schema, with and without figures."""
    report_file(tmp_path / "chat.jsonl", days)
    (document,) = bot("report", "chat.jsonl", "--window", "7d", "--json").lines
    schema = validator("report")
    schema.validate(document)
    if days == 14:
        assert document["changed_most"]
        assert properties(schema.schema) <= keys(document)


def test_report_without_times(bot: Bot, tmp_path: Path) -> None:
    """A report about a file without times follows the schema, too."""
    (tmp_path / "texts.csv").write_text("text\nI love this\nI hate this\n...\n")
    (document,) = bot("report", "texts.csv", "--json").lines
    validator("report").validate(document)


def test_trace(bot: Bot) -> None:
    """`trace --json` prints an object of its schema."""
    (document,) = bot("trace", "--json", "I've been waiting for a HuggingFace course my whole life.", "").lines
    schema = validator("trace")
    schema.validate(document)
    assert properties(schema.schema) == set(document)
