"""Parsing of the subcommands of reports, digests and alerts."""

import pytest

from bot.slack.features.reports.commands import ReportCommand


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("report", "report"),
        ("REPORT 7d", "report"),
        ("report <#C1|general> 24h", "report"),
        ("report 5d", "report"),
        ("report bugs to me", None),
        ("report this", None),
        ("digest", "digest"),
        ("digest weekly 9 Europe/Berlin", "digest"),
        ("digest this", None),
        ("alert on", "alert"),
        ("alert, it is on fire", None),
        ("", None),
    ],
)
def test_parse(text: str, name: str | None) -> None:
    """A sentence that begins with the name of a subcommand is a text."""
    command = ReportCommand.parse(text)
    assert (command.name if command else None) == name
