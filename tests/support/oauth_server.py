"""The bot's HTTP server with OAuth, beside an emulated workspace that can install the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from aiohttp.test_utils import unused_port

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings
from bot.slack.timing import DEFAULT_TIMING
from bot.slack.transport import http, oauth, server
from bot.slack.transport.bolt_app import open_web_client
from bot.slack.transport.manifest import REDIRECT_PATH
from bot.slack.transport.token_provider import TokenProvider
from bot.store import installations
from bot.store.database import IN_MEMORY, Database, open_database
from slack_emulator import Organization, Workspace, serve
from tests.support.manifests import scopes
from tests.support.two_workspaces import KEY, create_workspaces, install

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
class OAuthServer:
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

    async def authorize(self, organization: Organization | None = None) -> tuple[str, str]:
        """Start an installation, perhaps for an organization, and allow it.

        Returns the URL that Slack redirects to, and the cookie.
        """
        page = await install(self.address, self.workspace.team_id, "deny")
        state = parse_qs(urlsplit(page.address).query)["state"][0]
        code = self.workspace.oauth_app.create_code(organization or self.workspace, self.workspace.user_id("ana"))
        return f"{self.address}{REDIRECT_PATH}?code={code}&state={state}", page.cookie

    async def token(self) -> str | None:
        """Return the stored token."""
        stored = await self.database.run(installations.get, self.tokens.cipher, self.workspace.team_id)
        return stored.tokens.bot_token if stored else None


@asynccontextmanager
async def run_oauth_server(engine: Engine, url: str = IN_MEMORY) -> AsyncIterator[OAuthServer]:
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
            async with (
                open_web_client(slack.api_url, DEFAULT_TIMING) as web,
                open_web_client(slack.api_url, DEFAULT_TIMING) as installing,
            ):
                assembled = app.build(settings, engine, database, web)
                workspaces = assembled.services.workspaces
                assert isinstance(workspaces, TokenProvider)
                workspaces.clock = clock
                routes = oauth.routes(workspaces, installing, scopes())
                web_app = http.web_app(assembled.app, SECRET)
                web_app.router.add_routes(routes)
                async with server.serve(web_app, "127.0.0.1", port):
                    yield OAuthServer(port, workspace, workspaces, database, clock)
