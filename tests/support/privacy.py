"""A check that no message text and no token is left after a test, in the log, in output or in a database."""

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
"""The least length of a text that is searched for; shorter ones are in any log by chance."""

_TEXT_FIELDS = ("text", "value")  # fields in which Slack sends what somebody wrote or typed
_BOT_FIELDS = ("blocks", "attachments", "bot_profile", "container", "actions")  # these repeat the bot's own messages
_ID_FIELDS = ("app_context", "context")  # the ``value`` of what a person is looking at is an id


class Privacy:
    """Records what was sent to the bot and what the bot wrote, and compares the two.

    Attributes:
        workspaces: the emulated workspaces of the test.
        ignored: whether texts and tokens may be left.
        written: what was written, by where it was written.
    """

    def __init__(self) -> None:
        self.workspaces: list[Workspace] = []
        self.ignored = False
        self.written: dict[str, list[str]] = {"log": [], "database": []}

    def found(self) -> list[str]:
        """Return a sentence for each text and token that was left."""
        places = {place: "\n".join(pieces) for place, pieces in self.written.items()}
        places["output of a process"] = b"".join(processes.OUTPUT).decode(errors="replace")
        secrets = {"text": self.texts(), "token": self.tokens()}
        return [
            f"the {kind} {value!r} is in the {place}"
            for kind, values in secrets.items()
            for value in values
            for place, content in places.items()
            if value in content
        ]

    def texts(self) -> set[str]:
        """Return what people wrote, in pieces without markup, except for words that the program itself uses."""
        pieces = (
            piece
            for workspace in self.workspaces
            for exchange in workspace.log
            if exchange.kind in ("event", "command", "interaction")
            for text in _texts(exchange.sent, workspace.bot_id)
            for piece in _pieces(text)
        )
        return {piece for piece in pieces if len(piece) >= SHORTEST and piece.lower() not in _own_words()}

    def tokens(self) -> set[str]:
        """Return the tokens and secrets of the workspaces and of the app."""
        secrets: set[str] = set()
        for workspace in self.workspaces:
            secrets |= {workspace.bot_token, workspace.app_token, workspace.signing_secret}
            secrets |= {workspace.installation.verification_token, *workspace.state.tokens}
            secrets |= {workspace.oauth_app.client_secret, *workspace.oauth_app.issued}
        return secrets

    def record_database(self, database: Database, path: str | None) -> None:
        """Record the content of a database that is about to be closed, and of its files."""
        with suppress(BotError):  # a database that cannot be reached has no content
            self.written["database"].append(database.run_sync(_dump))
        for file in Path(path).parent.glob(f"{Path(path).name}*") if path else ():
            self.written["database"].append(file.read_bytes().decode("utf-8", errors="replace"))


@contextmanager
def recorded() -> Iterator[Privacy]:
    """Record workspaces, databases, processes and the log, at all levels, inside the block."""
    privacy, root = Privacy(), logging.getLogger()
    handler, level = _Handler(privacy.written["log"]), root.level
    init, close = Workspace.__init__, Database.close
    processes.OUTPUT.clear()

    def init_and_record(workspace: Workspace, *arguments: object, **options: object) -> None:
        init(workspace, *arguments, **options)  # type: ignore[arg-type] # passed on unchanged
        privacy.workspaces.append(workspace)

    def record_and_close(database: Database) -> None:
        url = database._engine.url
        privacy.record_database(database, url.database if url.drivername == "sqlite" else None)
        close(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "__init__", init_and_record)
        patch.setattr(Database, "close", record_and_close)
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield privacy
        finally:
            root.removeHandler(handler)
            root.setLevel(level)


class _Handler(logging.Handler):
    """Records each log record as text, with its traceback."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


def _texts(node: object, bot_id: str) -> Iterator[str]:
    """Yield what people wrote, from a payload of Slack's."""
    if isinstance(node, Mapping):
        if node.get("bot_id") == bot_id and "ts" in node:  # the bot's own message
            return
        for name, value in node.items():
            if name in _TEXT_FIELDS and isinstance(value, str):
                yield value
            elif name not in (*_BOT_FIELDS, *_ID_FIELDS):
                yield from _texts(value, bot_id)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value, bot_id)


def _pieces(text: str) -> Iterable[str]:
    """Split a text at Slack's markup, which the bot removes."""
    return (html.unescape(piece).strip() for piece in re.split(r"<[^>]*>|[\n*_~`]+", text))


@cache
def _own_words() -> str:
    """Return the source of the program, which has all that it may write itself."""
    files = (path for package in ("bot", "slack_emulator") for path in Path(package).rglob("*.py"))
    return "\n".join(path.read_text("utf-8") for path in files).lower()


def _dump(connection: Connection) -> str:
    tables = sql.MetaData()
    tables.reflect(connection)
    return "\n".join(str(tuple(row)) for table in tables.sorted_tables for row in connection.execute(table.select()))
