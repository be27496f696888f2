"""Installation over OAuth, and tokens that are refreshed before they expire."""

import asyncio
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
from tests.support.two_workspaces import KEY, Page, create_workspaces, follow_redirect, install

SECRET = "0123456789abcdef0123456789abcdef"
HOUR = 60 * 60


class Clock:
    """Returns the time that it is set to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Return the Unix time."""
        return self.now


@dataclass(frozen=True)
class Server:
    """The bot's HTTP server, with its token provider, database and clock, and a workspace."""

    port: int
    workspace: Workspace
    tokens: TokenProvider
    database: Database
    clock: Clock

    @property
    def address(self) -> str:
        """The URL of the server."""
        return f"http://127.0.0.1:{self.port}"

    async def authorize(self) -> tuple[str, str]:
        """Start an installation and allow it; return the URL that Slack redirects to, and the cookie."""
        page = await install(self.address, self.workspace.team_id, "deny")
        state = parse_qs(urlsplit(page.address).query)["state"][0]
        code = self.workspace.oauth_app.create_code(self.workspace, self.workspace.user_id("ana"))
        return f"{self.address}{REDIRECT_PATH}?code={code}&state={state}", page.cookie

    async def token(self) -> str | None:
        """Return the stored token."""
        stored = await self.database.run(installations.get, self.tokens.cipher, self.workspace.team_id)
        return stored.tokens.bot_token if stored else None


@asynccontextmanager
async def run_server(engine: Engine, url: str = IN_MEMORY) -> AsyncIterator[Server]:
    """Run the bot's HTTP server with a clock that can be set."""
    port, clock = unused_port(), Clock()
    workspace, _ = create_workspaces(f"http://127.0.0.1:{port}")
    workspace.state.clock = clock
    async with serve(workspace) as slack:
        with open_database(url) as database:
            oauth_app = workspace.oauth_app
            settings = Settings(
                slack_api_url=slack.api_url,
                slack_client_id=oauth_app.client_id,
                slack_client_secret=oauth_app.client_secret,
                secrets_key=KEY,
            )
            async with open_web_client(slack.api_url, DEFAULT_TIMING) as web:
                assembled = app.build(settings, engine, database, web)
                workspaces = assembled.services.workspaces
                assert isinstance(workspaces, TokenProvider)
                workspaces.clock = clock
                routes = oauth.routes(workspaces, slack.api_url, scopes())
                web_app = http.web_app(assembled.app, SECRET)
                web_app.router.add_routes(routes)
                async with server.serve(web_app, "127.0.0.1", port):
                    yield Server(port, workspace, workspaces, database, clock)


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[Server]:
    """Run the bot's HTTP server."""
    async with run_server(engine) as bot:
        yield bot


async def assert_refused(bot: Server, address: str, cookie: str) -> Page:
    """Assert that a redirect is refused and nothing is installed."""
    page = await follow_redirect(address, cookie)
    assert page.status == 400
    assert "Try again" in page.text
    assert await bot.token() is None
    return page


async def test_state_is_valid_once(bot: Server) -> None:
    """A repeated redirect says that nothing needs to be done, and installs nothing."""
    address, cookie = await bot.authorize()
    assert (await follow_redirect(address, cookie)).status == 200
    first = await bot.token()
    repeated = await follow_redirect(address, cookie)
    assert (repeated.status, "you are done" in repeated.text) == (400, True)
    assert await bot.token() == first


async def test_state_expires(bot: Server) -> None:
    """A state is valid for ten minutes."""
    address, cookie = await bot.authorize()
    bot.clock.now += oauth.STATE_SECONDS + 1
    await assert_refused(bot, address, cookie)
    address, cookie = await bot.authorize()
    bot.clock.now += oauth.STATE_SECONDS - 1
    assert (await follow_redirect(address, cookie)).status == 200


async def test_invalid_states(bot: Server) -> None:
    """A state of another browser, a changed one, one of another key, and none at all are refused."""
    address, cookie = await bot.authorize()
    _, other = await bot.authorize()
    await assert_refused(bot, address, other)
    await assert_refused(bot, address, "")
    await assert_refused(bot, address[:-4] + "AAAA", cookie[:-4] + "AAAA")
    forged = TokenCipher(Fernet.generate_key().decode()).create_state(bot.clock.now)
    code = parse_qs(urlsplit(address).query)["code"][0]
    await assert_refused(bot, f"{bot.address}{REDIRECT_PATH}?code={code}&state={forged}", forged)
    await assert_refused(bot, f"{bot.address}{REDIRECT_PATH}?code={code}&state=%C3%A9", "é")
    await assert_refused(bot, f"{bot.address}{REDIRECT_PATH}?code={code}", "")
    await assert_refused(bot, f"{bot.address}{REDIRECT_PATH}?state={cookie}", cookie)
    assert (await follow_redirect(address, cookie)).status == 200


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (ApiFault("oauth.v2.access", error="invalid_code"), 500, "in its log"),
        (ApiFault("oauth.v2.access", status=503), 502, "cannot be reached"),
        pytest.param(
            *(ApiFault("oauth.v2.access", drop=True, times=9), 502, "cannot be reached"),
            marks=pytest.mark.xfail(strict=True, reason="the page is the one for a refusal"),
        ),
        (ApiFault("auth.test", error="fatal_error"), 502, "cannot be reached"),
        (ApiFault("auth.test", error="account_inactive"), 500, "in its log"),
    ],
)
async def test_slack_fails(
    bot: Server, fault: ApiFault, status: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """If Slack fails, the page says so, the failure is logged without the code, and nothing is stored."""
    address, cookie = await bot.authorize()
    bot.workspace.faults.add(fault)
    page = await follow_redirect(address, cookie)
    assert page.status == status
    assert words in page.text
    assert await bot.token() is None
    assert caplog.records
    assert parse_qs(urlsplit(address).query)["code"][0] not in caplog.text


async def test_organization(bot: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot uninstalls itself from a whole organization, and the page says why."""
    issue_token = bot.workspace.oauth_app._issue_token

    def issue_organization_token(workspace: Workspace) -> dict[str, object]:
        return {**issue_token(workspace), "is_enterprise_install": True, "enterprise": {"id": "E1"}, "team": None}

    monkeypatch.setattr(bot.workspace.oauth_app, "_issue_token", issue_organization_token)
    page = await follow_redirect(*await bot.authorize())
    assert "installed in workspaces" in page.text
    assert bot.workspace.state.tokens == {}
    assert await bot.token() is None


async def test_workspace_names_are_escaped(bot: Server) -> None:
    """The name of a workspace is escaped."""
    object.__setattr__(bot.workspace.installation, "team_name", "<script>alert(1)</script>")
    page = await follow_redirect(*await bot.authorize())
    assert page.status == 200
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text


async def test_methods_and_headers(bot: Server) -> None:
    """Other methods than GET are refused, and pages and cookies have security headers."""
    async with aiohttp.ClientSession() as browser:
        for path in (INSTALL_PATH, REDIRECT_PATH):
            for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
                assert (await browser.request(method, f"{bot.address}{path}")).status == 405
        start = await browser.get(f"{bot.address}{INSTALL_PATH}", allow_redirects=False)
        page = await browser.get(f"{bot.address}{REDIRECT_PATH}?error=<b>access_denied")
        for response in (start, page):
            assert response.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert "Server" not in response.headers
        assert "<b>" not in await page.text()
    cookie = start.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Lax", "Max-Age=600"))


async def test_body_is_not_read(bot: Server) -> None:
    """A request that announces a large body is answered without waiting for it."""
    for path in (INSTALL_PATH, REDIRECT_PATH):
        reader, writer = await asyncio.open_connection("127.0.0.1", bot.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n".encode())
        async with asyncio.timeout(8):
            response = await reader.read()
        writer.close()
        assert response.split()[1] in (b"302", b"400")


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(["code", "state", "error", "x"]), st.text(max_size=50)), cookie=st.text())
def test_any_redirect(engine: Engine, query: dict[str, str], cookie: str) -> None:
    """Any query and cookie get a page, and install nothing."""

    async def request() -> None:
        async with run_server(engine) as bot, aiohttp.ClientSession(cookies={"installing": cookie}) as browser:
            response = await browser.get(f"{bot.address}{REDIRECT_PATH}", params=query)
            assert response.status in (200, 400)
            assert await bot.token() is None

    asyncio.run(request())


async def test_refresh(bot: Server) -> None:
    """A token is refreshed two hours before it expires."""
    await follow_redirect(*await bot.authorize())
    client = AsyncWebClient(base_url=f"{bot.workspace.url}/api/")
    tokens = [await bot.token()]
    for hours in (9.9, 0.2, 9.9, 0.2):
        bot.clock.now += hours * HOUR
        found = await bot.tokens.find(bot.workspace.team_id)
        assert found is not None
        assert (await client.auth_test(token=found.tokens.bot_token))["ok"]
        tokens.append(found.tokens.bot_token)
    assert [before != after for before, after in pairwise(tokens)] == [False, True, False, True]


async def test_clients(bot: Server) -> None:
    """The client of a workspace has its token; there is none for a workspace without the bot."""
    await follow_redirect(*await bot.authorize())
    assert await bot.database.run(installations.teams) == [bot.workspace.team_id]
    (slack,) = [client async for client in bot.tokens.all()]
    assert (slack.team, slack.bot_user_id) == (bot.workspace.team_id, bot.workspace.bot_user_id)
    assert (await slack.read("auth.test")).data["team_id"] == slack.team
    again = await bot.tokens.get(slack.team)
    assert again is not None
    assert again.team == slack.team
    assert await bot.tokens.get("T0NOWHERE") is None


async def test_expired_token(bot: Server) -> None:
    """A token that has expired is refreshed."""
    await follow_redirect(*await bot.authorize())
    bot.clock.now += 7 * 24 * HOUR
    client = AsyncWebClient(base_url=f"{bot.workspace.url}/api/")
    found = await bot.tokens.find(bot.workspace.team_id)
    assert found is not None
    assert (await client.auth_test(token=found.tokens.bot_token))["ok"]


@pytest.fixture
def processes(url: str) -> Iterator[list[Database]]:
    """Open one database four times, as four processes do."""
    with ExitStack() as stack:
        yield [stack.enter_context(open_database(url)) for _ in range(4)]


@pytest.mark.parametrize("url", ["file", "postgresql"], indirect=True)
@pytest.mark.parametrize("hours", [11, 13], ids=["valid", "expired"])
async def test_several_processes(engine: Engine, url: str, processes: list[Database], hours: int) -> None:
    """Of four processes one refreshes the token; all return a valid one."""
    async with run_server(engine, url) as bot:
        await follow_redirect(*await bot.authorize())
        bot.clock.now += hours * HOUR
        client = AsyncWebClient(base_url=f"{bot.workspace.url}/api/")
        oauth_app = bot.workspace.oauth_app
        credentials = ClientCredentials(oauth_app.client_id, oauth_app.client_secret)
        providers = [
            TokenProvider(client, CallExecutor(DEFAULT_TIMING), database, TokenCipher(KEY), credentials, bot.clock)
            for database in processes
        ]
        found = await asyncio.gather(
            *(provider.find(bot.workspace.team_id) for provider in providers for _ in range(5))
        )
        calls = [call for call in bot.workspace.log if call.name == "oauth.v2.access"]
        assert [call.sent.get("grant_type") for call in calls] == [None, "refresh_token"]
        for installation in found:
            assert installation is not None
            assert (await client.auth_test(token=installation.tokens.bot_token))["ok"]


@pytest.mark.parametrize("fault", [{"error": "invalid_refresh_token"}, {"status": 503}, {"drop": True, "times": 9}])
async def test_failed_refresh(bot: Server, fault: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    """If refreshing fails, the old token is used while it is valid, and refreshing is tried again a minute later."""
    await follow_redirect(*await bot.authorize())
    old = await bot.token()
    bot.clock.now += 11 * HOUR
    bot.workspace.faults.add(ApiFault("oauth.v2.access", **fault))  # type: ignore[arg-type] # mypy cannot know which
    for _ in range(3):
        found = await bot.tokens.find(bot.workspace.team_id)
        assert found is not None
        assert found.tokens.bot_token == old
    assert caplog.text.count("oauth.v2.access failed") == 1
    bot.workspace.faults.clear()
    bot.clock.now += 61
    found = await bot.tokens.find(bot.workspace.team_id)
    assert found is not None
    assert found.tokens.bot_token != old


async def test_reinstalled_during_a_refresh(bot: Server) -> None:
    """Refreshed tokens are not stored if the bot has been installed again meanwhile."""
    await follow_redirect(*await bot.authorize())
    team, now = bot.workspace.team_id, int(bot.clock.now)
    found = await bot.tokens.find(team)
    assert found is not None
    assert await bot.database.run(installations.claim_renewal, team, found.tokens, now, now + 60)
    assert not await bot.database.run(installations.claim_renewal, team, found.tokens, now, now + 60)
    await follow_redirect(*await bot.authorize())
    new = await bot.token()
    late = installations.Tokens("xoxb-late")
    await bot.database.run(installations.save_renewed_tokens, bot.tokens.cipher, team, now + 60, late)
    assert await bot.token() == new
