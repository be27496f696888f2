"""One bot for two workspaces, over HTTP, and a browser to install it with."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

import aiohttp
import sqlalchemy as sql
from aiohttp.test_utils import unused_port
from cryptography.fernet import Fernet
from sqlalchemy import Connection
from yarl import URL

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.transport.manifest import INSTALL_PATH
from bot.store.schema import metadata
from slack_emulator import Workspace, serve
from tests.support.manifests import manifest
from tests.support.stage import QUICK, Stage

KEY = Fernet.generate_key().decode()


@dataclass(frozen=True)
class Page:
    """What a browser shows."""

    status: int
    text: str
    address: str
    cookie: str


@dataclass(frozen=True)
class Pair:
    """Two workspaces with people and channels of the same ids, and the bot that both may install."""

    one: Stage
    two: Stage
    address: str

    async def install(self, stage: Stage, answer: str = "allow") -> Page:
        """Install the bot in one of them."""
        return await install(self.address, stage.workspace.team_id, answer)


async def install(address: str, team: str, answer: str = "allow") -> Page:
    """Go to the bot, from there to Slack, say yes or no, and come back."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        left = await browser.get(f"{address}{INSTALL_PATH}", allow_redirects=False)
        assert left.status == 302
        asked = URL(left.headers["Location"], encoded=True)
        assert (await browser.get(asked)).status == 200
        back = await browser.post(asked, data={"team": team, "answer": answer}, allow_redirects=False)
        return await come_back(back.headers["Location"], left.cookies["installing"].value)


async def come_back(address: str, cookie: str) -> Page:
    """Come back from Slack."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        page = await browser.get(URL(address, encoded=True), headers={"Cookie": f'installing="{cookie}"'})
        return Page(page.status, await page.text(), address, cookie)


@asynccontextmanager
async def pair(
    engine: Engine, database_url: str, features: Collection[str] = FEATURES, *, install_both: bool = True
) -> AsyncIterator[Pair]:
    """Start two workspaces and the bot for both."""
    port = unused_port()
    address = f"http://127.0.0.1:{port}"
    one, two = twins(address, features)
    events = f"{address}/slack/events"
    async with serve(one, events_url=events) as slack, serve(two, events_url=events):
        settings = Settings(
            slack_client_id=one.oauth_app.client_id,
            slack_client_secret=one.oauth_app.client_secret,
            slack_signing_secret=one.signing_secret,
            secrets_key=KEY,
            slack_api_url=slack.api_url,
            port=port,
            features=frozenset(features),
            database_url=database_url,
        )
        async with app.listening(settings, engine):
            made = Pair(Stage(one, settings), Stage(two, settings), address)
            for stage in (made.one, made.two) if install_both else ():
                assert (await made.install(stage)).status == 200
            yield made


def twins(address: str, features: Collection[str] = ()) -> tuple[Workspace, Workspace]:
    """Make two workspaces of one app, not installed yet, in which people and channels have the same ids.

    Slack's ids differ; that they do not here shows whatever looks at an id and not at the workspace.
    """
    described = manifest(address, features, many_workspaces=True)
    made: list[Workspace] = []
    for _ in range(2):
        first = made[0] if made else None
        made.append(Workspace(described, schedule=QUICK, same_app_as=first, installed=False, new_id=_numbered_ids()))
    return made[0], made[1]


def _numbered_ids() -> Callable[[str], str]:
    """Return a function that makes ids of consecutive numbers."""
    numbers = count(1_000_000_000)
    return lambda prefix: f"{prefix}{next(numbers)}"


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something is so of which no bell tells, such as what is in a database."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - for the reason above
            await asyncio.sleep(0.02)


def rows(connection: Connection) -> dict[str, set[str]]:
    """Return of which workspaces each table has rows."""
    return {
        table.name: {*connection.scalars(sql.select(table.c.team))}
        for table in metadata.sorted_tables
        if "team" in table.columns
    }
