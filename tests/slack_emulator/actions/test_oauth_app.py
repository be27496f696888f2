"""Installing an app by OAuth."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from slack_emulator import (
    Server,
    Workspace,
    serve,
)

BACK = "http://127.0.0.1:9/back"
HOUR = 60 * 60


@pytest.fixture
def manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest of an app with redirect URLs and token rotation."""
    manifest["oauth_config"]["redirect_urls"] = [BACK]
    manifest["settings"]["token_rotation_enabled"] = True
    manifest["settings"]["event_subscriptions"]["bot_events"] += ["app_uninstalled", "tokens_revoked"]
    return manifest


@pytest.fixture
async def second(workspace: Workspace, manifest: dict[str, Any]) -> AsyncIterator[Workspace]:
    """Return another workspace of the same app."""
    second = Workspace(manifest, same_app_as=workspace, installed=False)
    async with serve(second):
        yield second


@pytest.fixture
def bare(server: Server) -> AsyncWebClient:
    """Return a client without a token."""
    return AsyncWebClient(base_url=server.api_url)


async def access(bare: AsyncWebClient, workspace: Workspace, **arguments: str) -> Any:  # noqa: ANN401 - the SDK's response
    """Request a token."""
    shared = workspace.oauth_app
    return await bare.oauth_v2_access(client_id=shared.client_id, client_secret=shared.client_secret, **arguments)


async def test_consent(server: Server, bare: AsyncWebClient, workspace: Workspace, second: Workspace) -> None:
    """Consent redirects with a code, which is valid once for a token of the chosen workspace."""
    asked = {"client_id": workspace.oauth_app.client_id, "scope": "commands", "state": "s & t"}
    page = URL(f"{server.url}/oauth/v2/authorize").with_query(asked)
    async with aiohttp.ClientSession() as browser:
        shown = await (await browser.get(page)).text()
        assert "Acme" in shown
        assert "Globex" in shown
        yes = await browser.post(page, data={"team": second.team_id, "answer": "allow"}, allow_redirects=False)
        no = await browser.post(page, data={"team": second.team_id, "answer": "deny"}, allow_redirects=False)
        elsewhere = {"redirect_uri": "http://elsewhere.example.com"}
        wrong = [page.update_query(one) for one in ({"client_id": "1.2"}, elsewhere, {"scope": "admin"}, {"scope": ""})]
        wrong.append(page.without_query_params("scope"))
        assert [(await browser.get(one)).status for one in wrong] == [400] * 5
        assert "Pass the scopes" in await (await browser.get(wrong[-1])).text()
        forged = await browser.post(page, data={"answer": "allow"}, headers={"Origin": "http://evil.example.com"})
        assert forged.status == 403
    assert URL(no.headers["Location"]).query == {"error": "access_denied", "state": "s & t"}
    back = URL(yes.headers["Location"])
    assert (str(back.with_query(None)), back.query["state"]) == (BACK, "s & t")
    answer = await access(bare, workspace, code=back.query["code"])
    assert (answer["team"], answer["token_type"], answer["is_enterprise_install"]) == (
        {"id": second.team_id, "name": "Globex"},
        "bot",
        False,
    )
    assert (await bare.auth_test(token=answer["access_token"]))["team_id"] == second.team_id
    with pytest.raises(SlackApiError, match="invalid_code"):
        await access(bare, workspace, code=back.query["code"])
    assert answer["access_token"] not in str([*workspace.log, *second.log])
    with pytest.raises(SlackApiError, match="bad_client_secret"):
        await bare.oauth_v2_access(client_id=workspace.oauth_app.client_id, client_secret="x", code="x")


async def test_token_rotation(bare: AsyncWebClient, workspace: Workspace) -> None:
    """A token expires after twelve hours; the refresh token is valid once."""
    first = await access(bare, workspace, code=workspace.oauth_app.create_code(workspace, "U1"))
    now = workspace.state.clock() + 12 * HOUR + 1
    workspace.state.clock = lambda: now
    with pytest.raises(SlackApiError, match="token_expired"):
        await bare.auth_test(token=first["access_token"])
    arguments = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await access(bare, workspace, **arguments)
    assert second["expires_in"] == 12 * HOUR
    assert (await bare.auth_test(token=second["access_token"]))["ok"]
    with pytest.raises(SlackApiError, match="invalid_refresh_token"):
        await access(bare, workspace, **arguments)


@pytest.mark.parametrize("how", ["uninstall", "apps.uninstall", "auth.revoke"])
async def test_uninstall(bare: AsyncWebClient, workspace: Workspace, how: str, ana: str, general: str) -> None:
    """The app receives tokens_revoked, its token becomes invalid, and no other events are sent."""
    shared, token = workspace.oauth_app, workspace.bot_token
    if how == "uninstall":
        workspace.uninstall()
    elif how == "apps.uninstall":
        await bare.apps_uninstall(client_id=shared.client_id, client_secret=shared.client_secret, token=token)
    else:
        await bare.auth_revoke(token=token)
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await bare.auth_test(token=token)
    await workspace.post(ana, general, "is anybody there?")
    await workspace.until(lambda: [one for one in workspace.log if one.name == "tokens_revoked"])
    sent = {one.name for one in workspace.log if one.kind == "event"}
    assert sent == {"tokens_revoked"} | ({"app_uninstalled"} if how != "auth.revoke" else set())
