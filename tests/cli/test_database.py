"""The commands `feedback` and `forget`."""

from datetime import date
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.store import feedback, installations, optouts
from bot.store.channels import watches
from bot.store.channels.watches import Watch
from bot.store.database import open_database
from bot.store.feedback import FeedbackCount
from bot.store.installations import Installation, Tokens
from bot.store.token_cipher import TokenCipher
from tests.cli.conftest import Bot


def test_feedback(bot: Bot, tmp_path: Path) -> None:
    """`feedback` prints how often a label was confirmed or corrected, most frequent first."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        for given, meant, language, count in (("POSITIVE", "NEGATIVE", "Korean", 2), ("NEUTRAL", "NEUTRAL", "", 3)):
            entry = FeedbackCount("embedded", given, meant, language, count)
            database.run_sync(feedback.add, "T11", date(2026, 1, 1), entry)
    assert [line.split() for line in bot("feedback", DATABASE_URL=url).out.splitlines()[1:]] == [
        ["embedded", "NEUTRAL", "✓", "–", "3"],
        ["embedded", "POSITIVE", "NEGATIVE", "Korean", "2"],
    ]
    first, _ = bot("feedback", "--json").lines
    assert first == {"model": "embedded", "given": "NEUTRAL", "meant": "NEUTRAL", "language": "", "count": 3}


@pytest.mark.parametrize("arguments", [["feedback"], ["forget", "--user", "U11"], ["forget", "--team", "T11"]])
def test_no_database(bot: Bot, tmp_path: Path, arguments: list[str]) -> None:
    """Without a database, nothing is found, a note says so, and none is created."""
    done = bot(*arguments, DATABASE_URL="sqlite:///bot.db")
    assert (done.code, done.out.startswith("Nobody has pressed") or "Nothing was stored" in done.out) == (0, True)
    assert done.err == "Note: there is no database bot.db yet. If you expected one, check DATABASE_URL.\n"
    assert not list(tmp_path.iterdir())


def test_forget(bot: Bot, tmp_path: Path) -> None:
    """`forget` prints what it deletes and what it keeps; a second call finds nothing."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        database.run_sync(watches.add, "T11", "C11", Watch("U11"))
        database.run_sync(optouts.add, "T11", "U11")
    done = bot("forget", "--user", "U11", DATABASE_URL=url)
    assert (done.code, done.err) == (0, "")
    first, line, kept = done.out.splitlines()
    assert first == "Deleted about U11:"
    assert line == "  1 × requester ids in watched channels"
    assert "opt-out is kept" in kept
    assert bot("forget", "--user", "U11").out == f"Nothing else was stored about U11.\n{kept}\n"
    assert bot("forget", "--user", "U12").out == "Nothing was stored about U12.\n"
    assert "1 × watched channels" in bot("forget", "--channel", "C11").out
    assert "1 × opt-outs" in bot("forget", "--team", "T11").out


def test_forget_an_organization(bot: Bot, tmp_path: Path) -> None:
    """`forget --team E…` deletes the organization's token, and the data of its workspaces."""
    url = f"sqlite:///{tmp_path}/bot.db"
    cipher = TokenCipher(Fernet.generate_key().decode())
    with open_database(url) as database:
        organization = Installation("E11", "B1", "U1", Tokens("xoxb-of-e11"), 1, is_organization=True)
        database.run_sync(installations.add, cipher, organization)
        database.run_sync(installations.set_granted, "E11", ["T11", "T12"])
        database.run_sync(optouts.add, "T11", "U11")
        database.run_sync(optouts.add, "T13", "U11")
    done = bot("forget", "--team", "E11", DATABASE_URL=url)
    assert (done.code, done.err) == (0, "")
    first, *lines, uninstall = done.out.splitlines()
    assert first == "Deleted about E11:"
    assert {*lines} == {
        "  1 × installations with their tokens",
        "  1 × opt-outs",
        "  2 × workspaces that an organization has granted",
    }
    assert uninstall.startswith("To uninstall the app itself")
    assert bot("forget", "--team", "E11").out.startswith("Nothing was stored about E11.")
    with open_database(url) as database:
        assert database.run_sync(optouts.is_opted_out, "T13", "U11")
