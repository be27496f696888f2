"""One bot in two workspaces, perhaps of one organization, over HTTP, and a browser to install it with."""

import re
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp
import sqlalchemy as sql
from aiohttp.test_utils import unused_port
from cryptography.fernet import Fernet
from sqlalchemy import Connection
from yarl import URL

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.timing import DEFAULT_TIMING, Timing
from bot.slack.transport.manifest import INSTALL_PATH
from bot.store.schema import metadata
from slack_emulator import Organization, Workspace, serve
from tests.support.bot_in_emulator import FAST_REDELIVERY, RunningBot
from tests.support.manifests import manifest
from tests.support.processes import poll

FIRST_ID = 1_000_000_000
KEY = Fernet.generate_key().decode()


@dataclass(frozen=True)
class Page:
    """A page in the browser, its URL, and the cookie it was requested with."""

    status: int
    text: str
    address: str
    cookie: str


@dataclass(frozen=True)
class TwoWorkspaces:
    """Two workspaces in which people and channels have the same ids, and the URL of the bot.

    If they belong to an ``organization`` which installs the bot for both, ids are different, as in Slack.
    """

    one: RunningBot
    two: RunningBot
    address: str
    organization: Organization | None = None

    async def install(self, bot: RunningBot, answer: str = "allow") -> Page:
        """Install the bot in one of the workspaces."""
        return await install(self.address, bot.workspace.team_id, answer)


async def install(address: str, team: str, answer: str = "allow", refused: Collection[str] = ()) -> Page:
    """Go through the installation, with the ``answer`` "allow" or "deny" on Slack's page; return the last page.

    ``team`` is a workspace or an organization, ``refused`` are optional scopes that are not granted.
    """
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        start = await browser.get(f"{address}{INSTALL_PATH}", allow_redirects=False)
        assert start.status == 302
        authorize = URL(start.headers["Location"], encoded=True)
        shown = await browser.get(authorize)
        assert shown.status == 200
        optional = {*re.findall('name="optional" value="([^"]+)"', await shown.text())} - {*refused}
        form = [("team", team), ("answer", answer), *(("optional", scope) for scope in optional)]
        redirect = await browser.post(authorize, data=form, allow_redirects=False)
        return await follow_redirect(redirect.headers["Location"], start.cookies["installing"].value)


async def follow_redirect(address: str, cookie: str) -> Page:
    """Request the URL that Slack redirects to, with the cookie of the installation."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        page = await browser.get(URL(address, encoded=True), headers={"Cookie": f'installing="{cookie}"'})
        return Page(page.status, await page.text(), address, cookie)


@asynccontextmanager
async def run_bot_in_two_workspaces(
    engine: Engine,
    database_url: str,
    features: Collection[str] = FEATURES,
    *,
    install_both: bool = True,
    timing: Timing = DEFAULT_TIMING,
    organization: Organization | None = None,
) -> AsyncIterator[TwoWorkspaces]:
    """Run one bot for two new workspaces inside the block, which may belong to an organization."""
    port = unused_port()
    address = f"http://127.0.0.1:{port}"
    one, two = create_workspaces(address, features, organization)
    events = f"{address}/slack/events"
    async with serve(one, events_url=events) as slack, serve(two, events_url=events):
        settings = Settings(
            slack_client_id=one.oauth_app.client_id,
            slack_client_secret=one.oauth_app.client_secret,
            slack_signing_secret=one.signing_secret,
            secrets_key=KEY,
            slack_api_url=slack.api_url,
            port=port,
            public_url="https://bot.example.com",
            features=frozenset(features),
            database_url=database_url,
        )
        async with app.listening(settings, engine, timing):
            both = TwoWorkspaces(RunningBot(one, settings), RunningBot(two, settings), address, organization)
            if install_both and organization:
                assert (await install(address, organization.id)).status == 200
                for workspace in (one, two):
                    workspace.oauth_app.grant(workspace)
                await poll(lambda: one.delivery.idle and two.delivery.idle)
            elif install_both:
                for bot in (both.one, both.two):
                    assert (await both.install(bot)).status == 200
            yield both


def create_workspaces(
    address: str, features: Collection[str] = (), organization: Organization | None = None
) -> tuple[Workspace, Workspace]:
    """Return two workspaces of one app, which is not installed yet, with the same ids for people and channels.

    In Slack their ids differ; equal ones reveal code that looks up an id without its workspace. In an ``organization``
    they differ, since its token does not tell them apart.
    """
    arguments: dict[str, Any] = {"schedule": FAST_REDELIVERY, "installed": False, "organization": organization}
    app_manifest = manifest(address, features, many_workspaces=True)
    one = Workspace(app_manifest, new_id=_numbered_ids(), **arguments)
    other_ids = _numbered_ids(2_000_000_000 if organization else FIRST_ID)
    return one, Workspace(app_manifest, same_app_as=one, new_id=other_ids, **arguments)


def _numbered_ids(first: int = FIRST_ID) -> Callable[[str], str]:
    """Return a function that makes ids of consecutive numbers."""
    numbers = count(first)
    return lambda prefix: f"{prefix}{next(numbers)}"


def teams_by_table(connection: Connection) -> dict[str, set[str]]:
    """Return, for each table, the workspaces that it has rows of."""
    return {
        table.name: {*connection.scalars(sql.select(table.c.team))}
        for table in metadata.sorted_tables
        if "team" in table.columns
    }
