"""Installing over the web, and tokens that are renewed before they end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings
from bot.slack.client.executor import CallExecutor
from bot.slack.timing import DEFAULT_TIMING
from bot.slack.transport import http, oauth, server
from bot.slack.transport.bolt_app import open_web_client
from bot.slack.transport.manifest import INSTALL_PATH, REDIRECT_PATH
from bot.slack.transport.token_provider import ClientCredentials, TokenProvider
from bot.store import installations
from bot.store.database import IN_MEMORY, Database, open_database
from bot.store.token_cipher import TokenCipher
from slack_emulator import ApiFault, Workspace, serve
from tests.support.manifests import scopes
from tests.support.two_workspaces import KEY, Page, come_back, install, twins

SECRET = "0123456789abcdef0123456789abcdef"
HOUR = 60 * 60


class Time:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Return the seconds since 1970."""
        return self.now


@dataclass(frozen=True)
class Door:
    """The bot's door, and who is behind it."""

    port: int
    workspace: Workspace
    keyring: TokenProvider
    database: Database
    clock: Time

    @property
    def address(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def begin(self) -> tuple[str, str]:
        """Leave for Slack and say yes; return where Slack sends the browser, and its cookie."""
        page = await install(self.address, self.workspace.team_id, "deny")  # the way, without the end
        state = parse_qs(urlsplit(page.address).query)["state"][0]
        code = self.workspace.oauth_app.create_code(self.workspace, self.workspace.user_id("ana"))
        return f"{self.address}{REDIRECT_PATH}?code={code}&state={state}", page.cookie

    async def token(self) -> str | None:
        """Return the token that the bot has."""
        kept = await self.database.run(installations.get, self.keyring.cipher, self.workspace.team_id)
        return kept.tokens.bot_token if kept else None


@asynccontextmanager
async def opening(engine: Engine, url: str = IN_MEMORY) -> AsyncIterator[Door]:
    """Serve the bot's door, with a clock to set."""
    port, clock = unused_port(), Time()
    workspace, _ = twins(f"http://127.0.0.1:{port}")
    workspace.state.clock = clock
    async with serve(workspace) as slack:
        with open_database(url) as database:
            distribution = workspace.oauth_app
            settings = Settings(
                slack_api_url=slack.api_url,
                slack_client_id=distribution.client_id,
                slack_client_secret=distribution.client_secret,
                secrets_key=KEY,
            )
            async with open_web_client(slack.api_url, DEFAULT_TIMING) as web:
                bot = app.build(settings, engine, database, web)
                workspaces = bot.services.workspaces
                assert isinstance(workspaces, TokenProvider)
                workspaces.clock = clock
                routes = oauth.routes(workspaces, slack.api_url, scopes())
                web_app = http.web_app(bot.app, SECRET)
                web_app.router.add_routes(routes)
                async with server.serve(web_app, "127.0.0.1", port):
                    yield Door(port, workspace, workspaces, database, clock)


@pytest.fixture
async def door(engine: Engine) -> AsyncIterator[Door]:
    """Serve the bot's door."""
    async with opening(engine) as door:
        yield door


async def refused(door: Door, address: str, cookie: str) -> Page:
    """Come back with something that is no good; nothing is installed by it."""
    page = await come_back(address, cookie)
    assert page.status == 400
    assert "Begin again" in page.text
    assert await door.token() is None
    return page


async def test_a_state_is_good_once(door: Door) -> None:
    """Who comes back a second time with the same address is told that nothing needs to be done."""
    address, cookie = await door.begin()
    assert (await come_back(address, cookie)).status == 200
    first = await door.token()
    again = await come_back(address, cookie)
    assert (again.status, "is there" in again.text) == (400, True)
    assert await door.token() == first


async def test_a_state_is_good_for_ten_minutes(door: Door) -> None:
    """After ten minutes it is stale, a moment before it is not."""
    address, cookie = await door.begin()
    door.clock.now += oauth.STATE_SECONDS + 1
    await refused(door, address, cookie)
    address, cookie = await door.begin()
    door.clock.now += oauth.STATE_SECONDS - 1
    assert (await come_back(address, cookie)).status == 200


async def test_a_state_is_this_browsers_and_this_bots(door: Door) -> None:
    """A state of another browser, one changed, one made up with another key, and none at all are refused."""
    address, cookie = await door.begin()
    _, other = await door.begin()
    await refused(door, address, other)
    await refused(door, address, "")
    await refused(door, address[:-4] + "AAAA", cookie[:-4] + "AAAA")
    made_up = TokenCipher(Fernet.generate_key().decode()).create_state(door.clock.now)
    code = parse_qs(urlsplit(address).query)["code"][0]
    await refused(door, f"{door.address}{REDIRECT_PATH}?code={code}&state={made_up}", made_up)
    await refused(door, f"{door.address}{REDIRECT_PATH}?code={code}&state=%C3%A9", "é")
    await refused(door, f"{door.address}{REDIRECT_PATH}?code={code}", "")
    await refused(door, f"{door.address}{REDIRECT_PATH}?state={cookie}", cookie)
    assert (await come_back(address, cookie)).status == 200


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (ApiFault("oauth.v2.access", error="invalid_code"), 500, "in its log"),
        (ApiFault("oauth.v2.access", status=503), 502, "out of reach"),
        (ApiFault("oauth.v2.access", drop=True, times=9), 502, "out of reach"),
        (ApiFault("auth.test", error="fatal_error"), 500, "in its log"),
    ],
)
async def test_slack_refuses_or_is_away(
    door: Door, fault: ApiFault, status: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is a page that says so; the log has one line, without the code; nothing is kept."""
    address, cookie = await door.begin()
    door.workspace.faults.add(fault)
    page = await come_back(address, cookie)
    assert page.status == status
    assert words in page.text
    assert await door.token() is None
    assert len(caplog.records) == 1
    assert parse_qs(urlsplit(address).query)["code"][0] not in caplog.text


async def test_a_whole_organization(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot is installed by workspace: it takes itself out of an organization again, and says why."""
    granted = door.workspace.oauth_app._issue_token

    def organization(workspace: Workspace) -> dict[str, object]:
        return {**granted(workspace), "is_enterprise_install": True, "enterprise": {"id": "E1"}, "team": None}

    monkeypatch.setattr(door.workspace.oauth_app, "_issue_token", organization)
    page = await come_back(*await door.begin())
    assert "single workspaces" in page.text
    assert door.workspace.state.tokens == {}
    assert await door.token() is None


async def test_names_are_escaped(door: Door) -> None:
    """A workspace may be called what it likes."""
    object.__setattr__(door.workspace.installation, "team_name", "<script>alert(1)</script>")
    page = await come_back(*await door.begin())
    assert page.status == 200
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text


async def test_only_gets(door: Door) -> None:
    """Other methods are refused; every page forbids what it does not need, and is kept by nobody."""
    async with aiohttp.ClientSession() as browser:
        for path in (INSTALL_PATH, REDIRECT_PATH):
            for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
                assert (await browser.request(method, f"{door.address}{path}")).status == 405
        left = await browser.get(f"{door.address}{INSTALL_PATH}", allow_redirects=False)
        page = await browser.get(f"{door.address}{REDIRECT_PATH}?error=<b>access_denied")
        for response in (left, page):
            assert response.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert "Server" not in response.headers
        assert "<b>" not in await page.text()
    cookie = left.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Lax", "Max-Age=600"))


async def test_a_body_is_not_waited_for(door: Door) -> None:
    """Whoever announces a large body and does not send it is answered and cut."""
    for path in (INSTALL_PATH, REDIRECT_PATH):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n".encode())
        async with asyncio.timeout(8):
            got = await reader.read()
        writer.close()
        assert got.split()[1] in (b"302", b"400")


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(["code", "state", "error", "x"]), st.text(max_size=50)), cookie=st.text())
def test_whatever_comes_back_gets_a_page(engine: Engine, query: dict[str, str], cookie: str) -> None:
    """No address and no cookie make the door fail or install anything."""

    async def once() -> None:
        async with opening(engine) as door, aiohttp.ClientSession(cookies={"installing": cookie}) as browser:
            got = await browser.get(f"{door.address}{REDIRECT_PATH}", params=query)
            assert got.status in (200, 400)
            assert await door.token() is None

    asyncio.run(once())


async def test_a_token_is_renewed_before_it_ends(door: Door) -> None:
    """Two hours before the end the next one is got, and used from then on; the one after it likewise."""
    await come_back(*await door.begin())
    client = AsyncWebClient(base_url=f"{door.workspace.url}/api/")
    tokens = [await door.token()]
    for hours in (9.9, 0.2, 9.9, 0.2):
        door.clock.now += hours * HOUR
        found = await door.keyring.find(door.workspace.team_id)
        assert found is not None
        assert (await client.auth_test(token=found.tokens.bot_token))["ok"]
        tokens.append(found.tokens.bot_token)
    assert [before != after for before, after in pairwise(tokens)] == [False, True, False, True]


async def test_a_client_for_what_the_bot_does_by_itself(door: Door) -> None:
    """It has the token of the workspace; there is none for a workspace without the bot."""
    await come_back(*await door.begin())
    assert await door.database.run(installations.teams) == [door.workspace.team_id]
    (slack,) = [one async for one in door.keyring.all()]
    assert (slack.team, slack.bot_user_id) == (door.workspace.team_id, door.workspace.bot_user_id)
    assert (await slack.read("auth.test")).data["team_id"] == slack.team
    again = await door.keyring.get(slack.team)
    assert again is not None
    assert again.team == slack.team
    assert await door.keyring.get("T0NOWHERE") is None


async def test_a_token_that_has_ended(door: Door) -> None:
    """After a quiet week the first who asks gets an answer all the same."""
    await come_back(*await door.begin())
    door.clock.now += 7 * 24 * HOUR
    client = AsyncWebClient(base_url=f"{door.workspace.url}/api/")
    found = await door.keyring.find(door.workspace.team_id)
    assert found is not None
    assert (await client.auth_test(token=found.tokens.bot_token))["ok"]


@pytest.fixture
def processes(url: str) -> Iterator[list[Database]]:
    """Open one database four times, as four processes do."""
    with ExitStack() as stack:
        yield [stack.enter_context(open_database(url)) for _ in range(4)]


@pytest.mark.parametrize("url", ["file", "postgresql"], indirect=True)
@pytest.mark.parametrize("hours", [11, 13], ids=["good still", "ended"])
async def test_one_process_renews(engine: Engine, url: str, processes: list[Database], hours: int) -> None:
    """Of many at once, in four processes, one renews; all have a token that is good."""
    async with opening(engine, url) as door:
        await come_back(*await door.begin())
        door.clock.now += hours * HOUR
        client = AsyncWebClient(base_url=f"{door.workspace.url}/api/")
        shared = door.workspace.oauth_app
        credentials = ClientCredentials(shared.client_id, shared.client_secret)
        bots = [
            TokenProvider(client, CallExecutor(DEFAULT_TIMING), one, TokenCipher(KEY), credentials, door.clock)
            for one in processes
        ]
        found = await asyncio.gather(*(bot.find(door.workspace.team_id) for bot in bots for _ in range(5)))
        asked = [call for call in door.workspace.log if call.name == "oauth.v2.access"]
        assert [call.sent.get("grant_type") for call in asked] == [None, "refresh_token"]
        for one in found:
            assert one is not None
            assert (await client.auth_test(token=one.tokens.bot_token))["ok"]


@pytest.mark.parametrize("fault", [{"error": "invalid_refresh_token"}, {"status": 503}, {"drop": True, "times": 9}])
async def test_renewing_fails(door: Door, fault: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    """As long as the old token is good it is used, and renewing is tried again a minute later."""
    await come_back(*await door.begin())
    old = await door.token()
    door.clock.now += 11 * HOUR
    door.workspace.faults.add(ApiFault("oauth.v2.access", **fault))  # type: ignore[arg-type] # mypy cannot know which
    for _ in range(3):
        found = await door.keyring.find(door.workspace.team_id)
        assert found is not None
        assert found.tokens.bot_token == old
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    door.workspace.faults.clear()
    door.clock.now += 61
    found = await door.keyring.find(door.workspace.team_id)
    assert found is not None
    assert found.tokens.bot_token != old


async def test_taken_out_while_renewing(door: Door) -> None:
    """Tokens that come for a workspace which has left meanwhile, or was installed anew, are not kept."""
    await come_back(*await door.begin())
    team, now = door.workspace.team_id, int(door.clock.now)
    found = await door.keyring.find(team)
    assert found is not None
    assert await door.database.run(installations.claim_renewal, team, found.tokens, now, now + 60)
    assert not await door.database.run(installations.claim_renewal, team, found.tokens, now, now + 60)
    await come_back(*await door.begin())
    anew = await door.token()
    late = installations.Tokens("xoxb-late")
    await door.database.run(installations.save_renewed_tokens, door.keyring.cipher, team, now + 60, late)
    assert await door.token() == anew
