"""Whether what people wrote, or a token, is left after a test: in the log at any level, in output, in a database."""

import html
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy import Connection

from bot.errors import BotError
from bot.store.database import Database
from slack_emulator import Workspace
from tests.support import processes

SHORTEST = 8
"""Of how many characters a text is looked for: shorter ones are in any log by chance."""

_SENT = ("text", "value")  # under which names Slack sends what somebody wrote or typed
_NOT_THEIRS = ("blocks", "attachments", "bot_profile", "container", "actions")  # what the bot said comes back in these


class Privacy:
    """Takes down what was sent to the bot, and what the bot left behind, and compares the two."""

    def __init__(self) -> None:
        self.workspaces: list[Workspace] = []
        self.forgiven = False
        self.left: dict[str, list[str]] = {"log": [], "database": []}

    def found(self) -> list[str]:
        """Say of each text and token that was left where it is."""
        places = {place: "\n".join(kept) for place, kept in self.left.items()}
        places["output of a process"] = b"".join(processes.OUTPUT).decode(errors="replace")
        wanted = {"text": self.texts(), "token": self.tokens()}
        return [
            f"the {kind} {one!r} is in the {place}"
            for kind, those in wanted.items()
            for one in those
            for place, kept in places.items()
            if one in kept
        ]

    def texts(self) -> set[str]:
        """Return what people wrote, in pieces without mark-up, but what may stand anywhere."""
        pieces = (
            piece
            for workspace in self.workspaces
            for one in workspace.log
            if one.kind in ("event", "command", "interaction")
            for text in _texts(one.sent, workspace.bot_id)
            for piece in _pieces(text)
        )
        return {piece for piece in pieces if len(piece) >= SHORTEST and piece.lower() not in _own_words()}

    def tokens(self) -> set[str]:
        """Return every secret of the workspaces and of the app."""
        secrets: set[str] = set()
        for one in self.workspaces:
            secrets |= {one.bot_token, one.app_token, one.signing_secret, one.installation.verification_token}
            secrets |= {one.oauth_app.client_secret, *one.oauth_app.issued, *one.state.tokens}
        return secrets

    def keep(self, database: Database, path: str | None) -> None:
        """Take down all that is in a database that is about to be closed."""
        with suppress(BotError):  # one that cannot be reached holds nothing
            self.left["database"].append(database.run_sync(_dump))
        for file in Path(path).parent.glob(f"{Path(path).name}*") if path else ():
            self.left["database"].append(file.read_bytes().decode("utf-8", errors="replace"))


@contextmanager
def watched() -> Iterator[Privacy]:
    """Watch workspaces, databases, processes and the log, at all levels, inside the block."""
    privacy, root = Privacy(), logging.getLogger()
    handler, level = _Handler(privacy.left["log"]), root.level
    made, close = Workspace.__init__, Database.close
    processes.OUTPUT.clear()

    def making(workspace: Workspace, *arguments: object, **options: object) -> None:
        made(workspace, *arguments, **options)  # type: ignore[arg-type] # whatever it takes
        privacy.workspaces.append(workspace)

    def closing(database: Database) -> None:
        url = database._engine.url
        privacy.keep(database, url.database if url.drivername == "sqlite" else None)
        close(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "__init__", making)
        patch.setattr(Database, "close", closing)
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield privacy
        finally:
            root.removeHandler(handler)
            root.setLevel(level)


class _Handler(logging.Handler):
    """Keeps each line of the log, with its traceback."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


def _texts(node: object, bot_id: str) -> Iterator[str]:
    """Yield what somebody other than the bot wrote in a payload of Slack's."""
    if isinstance(node, Mapping):
        if node.get("bot_id") == bot_id and "ts" in node:  # a message of the bot's own
            return
        for name, value in node.items():
            if name in _SENT and isinstance(value, str):
                yield value
            elif name not in _NOT_THEIRS:
                yield from _texts(value, bot_id)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value, bot_id)


def _pieces(text: str) -> Iterable[str]:
    """Cut a text where Slack's mark-up is, since the bot reads it without."""
    return (html.unescape(piece).strip() for piece in re.split(r"<[^>]*>|[\n*_~`]+", text))


@cache
def _own_words() -> str:
    """Return all that the program itself may say."""
    files = (path for package in ("bot", "slack_emulator") for path in Path(package).rglob("*.py"))
    return "\n".join(path.read_text("utf-8") for path in files).lower()


def _dump(connection: Connection) -> str:
    tables = sql.MetaData()
    tables.reflect(connection)
    return "\n".join(str(tuple(row)) for table in tables.sorted_tables for row in connection.execute(table.select()))
