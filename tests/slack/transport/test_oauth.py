"""Installation over OAuth."""

import asyncio
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.sentiment.engine.engine import Engine
from bot.slack.transport import oauth
from bot.slack.transport.manifest import INSTALL_PATH, REDIRECT_PATH
from bot.store.token_cipher import TokenCipher
from slack_emulator import ApiFault, Organization, Workspace
from tests.support.oauth_server import OAuthServer, run_oauth_server
from tests.support.two_workspaces import Page, follow_redirect


async def assert_refused(server: OAuthServer, address: str, cookie: str) -> Page:
    """Assert that a redirect is refused and nothing is installed."""
    page = await follow_redirect(address, cookie)
    assert page.status == 400
    assert "Try again" in page.text
    assert await server.token() is None
    return page


async def test_state_is_valid_once(server: OAuthServer) -> None:
    """A repeated redirect says that nothing needs to be done, and installs nothing."""
    address, cookie = await server.authorize()
    assert (await follow_redirect(address, cookie)).status == 200
    first = await server.token()
    repeated = await follow_redirect(address, cookie)
    assert (repeated.status, "you are done" in repeated.text) == (400, True)
    assert await server.token() == first


async def test_state_expires(server: OAuthServer) -> None:
    """A state is valid for ten minutes."""
    address, cookie = await server.authorize()
    server.clock.now += oauth.STATE_SECONDS + 1
    await assert_refused(server, address, cookie)
    address, cookie = await server.authorize()
    server.clock.now += oauth.STATE_SECONDS - 1
    assert (await follow_redirect(address, cookie)).status == 200


async def test_invalid_states(server: OAuthServer) -> None:
    """A state of another browser, a changed one, one of another key, and none at all are refused."""
    address, cookie = await server.authorize()
    _, other = await server.authorize()
    await assert_refused(server, address, other)
    await assert_refused(server, address, "")
    await assert_refused(server, address[:-4] + "AAAA", cookie[:-4] + "AAAA")
    forged = TokenCipher(Fernet.generate_key().decode()).create_state(server.clock.now)
    code = parse_qs(urlsplit(address).query)["code"][0]
    await assert_refused(server, f"{server.address}{REDIRECT_PATH}?code={code}&state={forged}", forged)
    await assert_refused(server, f"{server.address}{REDIRECT_PATH}?code={code}&state=%C3%A9", "é")
    await assert_refused(server, f"{server.address}{REDIRECT_PATH}?code={code}", "")
    await assert_refused(server, f"{server.address}{REDIRECT_PATH}?state={cookie}", cookie)
    assert (await follow_redirect(address, cookie)).status == 200


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (ApiFault("oauth.v2.access", error="invalid_code"), 500, "in its log"),
        (ApiFault("oauth.v2.access", status=503), 502, "cannot be reached"),
        (ApiFault("oauth.v2.access", drop=True, times=9), 502, "cannot be reached"),
        (ApiFault("auth.test", error="fatal_error"), 502, "cannot be reached"),
        (ApiFault("auth.test", error="account_inactive"), 500, "in its log"),
    ],
)
async def test_slack_fails(
    server: OAuthServer, fault: ApiFault, status: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """If Slack fails, the page says so, the failure is logged without the code, and nothing is stored."""
    address, cookie = await server.authorize()
    server.workspace.faults.add(fault)
    page = await follow_redirect(address, cookie)
    assert page.status == status
    assert words in page.text
    assert await server.token() is None
    assert f"{fault.method} failed" in caplog.text
    assert parse_qs(urlsplit(address).query)["code"][0] not in caplog.text


async def test_too_many_installations(server: OAuthServer) -> None:
    """Ten codes are exchanged at a time; other visitors are told to reload the page, and can install then."""
    made_up = ApiFault("oauth.v2.access", error="invalid_code", wait=2, times=oauth.MAX_EXCHANGES)
    server.workspace.faults.add(made_up)
    redirects = [await server.authorize() for _ in range(oauth.MAX_EXCHANGES + 5)]
    pages = await asyncio.gather(*(follow_redirect(*redirect) for redirect in redirects))
    assert Counter(page.status for page in pages) == {500: oauth.MAX_EXCHANGES, 503: 5}
    refused = next(page for page in pages if page.status == 503)
    assert "Reload this page" in refused.text
    assert (await follow_redirect(refused.address, refused.cookie)).status == 200


async def test_throttled(server: OAuthServer) -> None:
    """While Slack throttles the exchange of codes, each page says at once for how long, and Slack is not called."""
    server.workspace.faults.add(ApiFault("oauth.v2.access", status=429, retry_after=90))
    async with asyncio.timeout(20):
        for _ in range(oauth.MAX_EXCHANGES + 1):
            page = await follow_redirect(*await server.authorize())
            assert page.status == 503
            assert "in 2 minutes" in page.text
            assert "Try again" in page.text
    assert [exchange.name for exchange in server.workspace.log].count("oauth.v2.access") == 1
    assert await server.token() is None


@pytest.mark.parametrize(
    "answer",
    [
        {"team": None},
        {"team": {}},
        {"team": None, "is_enterprise_install": True, "enterprise": None},
        {"is_enterprise_install": True, "enterprise": {"name": "Acme"}},
    ],
)
async def test_nameless_installation(
    server: OAuthServer, monkeypatch: pytest.MonkeyPatch, answer: dict[str, object]
) -> None:
    """If Slack names neither a workspace nor an organization, the bot uninstalls itself, and the page says why."""
    issue_token = server.workspace.oauth_app._issue_token

    def issue_other_token(owner: Workspace | Organization) -> dict[str, object]:
        return {**issue_token(owner), **answer}

    monkeypatch.setattr(server.workspace.oauth_app, "_issue_token", issue_other_token)
    page = await follow_redirect(*await server.authorize())
    assert (page.status, "neither a workspace nor an organization" in page.text) == (400, True)
    assert server.workspace.state.tokens == {}
    assert await server.token() is None


async def test_workspace_names_are_escaped(server: OAuthServer) -> None:
    """The name of a workspace is escaped."""
    object.__setattr__(server.workspace.installation, "team_name", "<script>alert(1)</script>")
    page = await follow_redirect(*await server.authorize())
    assert page.status == 200
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text


async def test_methods_and_headers(server: OAuthServer) -> None:
    """Other methods than GET are refused, and pages and cookies have security headers."""
    async with aiohttp.ClientSession() as browser:
        for path in (INSTALL_PATH, REDIRECT_PATH):
            for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
                assert (await browser.request(method, f"{server.address}{path}")).status == 405
        start = await browser.get(f"{server.address}{INSTALL_PATH}", allow_redirects=False)
        page = await browser.get(f"{server.address}{REDIRECT_PATH}?error=<b>access_denied")
        for response in (start, page):
            assert response.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert "Server" not in response.headers
        assert "<b>" not in await page.text()
    cookie = start.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Lax", "Max-Age=600"))


async def test_body_is_not_read(server: OAuthServer) -> None:
    """A request that announces a large body is answered without waiting for it."""
    for path in (INSTALL_PATH, REDIRECT_PATH):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n".encode())
        async with asyncio.timeout(8):
            response = await reader.read()
        writer.close()
        assert response.split()[1] in (b"302", b"400")


@pytest.mark.slow
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(["code", "state", "error", "x"]), st.text(max_size=50)), cookie=st.text())
def test_any_redirect(engine: Engine, query: dict[str, str], cookie: str) -> None:
    """Any query and cookie get a page, and install nothing."""

    async def request() -> None:
        async with run_oauth_server(engine) as server, aiohttp.ClientSession(cookies={"installing": cookie}) as browser:
            response = await browser.get(f"{server.address}{REDIRECT_PATH}", params=query)
            assert response.status in (200, 400)
            assert await server.token() is None

    asyncio.run(request())
