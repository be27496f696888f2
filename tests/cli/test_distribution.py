"""What the commands say about the distribution of the app."""

import pytest

from tests.cli.conftest import Bot


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [("internal", "your own app"), ("marketplace", "usual rate"), ("commercial", "15 messages a minute")],
)
def test_doctor(bot: Bot, kind: str, meaning: str) -> None:
    """`doctor --all` says which kind the app is, and what that means."""
    (line,) = [line for line in bot("doctor", "--all", DISTRIBUTION=kind).out.splitlines() if "DISTRIBUTION" in line]
    assert line.startswith(f"✓ DISTRIBUTION is {kind}")
    assert meaning in line


def test_doctor_names_the_limits(bot: Bot) -> None:
    """`doctor` names the limits of an app outside the Marketplace without being asked, and nothing of the others."""
    assert "reports come from counts" in bot("doctor", DISTRIBUTION="commercial").out
    assert "DISTRIBUTION" not in bot("doctor", DISTRIBUTION="internal").out


def test_doctor_with_many_workspaces(bot: Bot) -> None:
    """If others can install an app that is called internal, `doctor` says when that is wrong."""
    done = bot("doctor", "--all", SLACK_CLIENT_ID="1.2", DISTRIBUTION="internal")
    assert "set commercial if you sell it outside Slack's Marketplace" in done.out


def test_unknown_distribution(bot: Bot) -> None:
    """An unknown kind is reported in one line."""
    done = bot("doctor", DISTRIBUTION="public")
    assert (done.code, done.err) == (78, "DISTRIBUTION must be one of internal, marketplace, commercial.\n")
