"""An app that several workspaces install by OAuth: who it is, and the codes and tokens that it is given.

https://docs.slack.dev/authentication/installing-with-oauth, https://docs.slack.dev/authentication/using-token-rotation
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slack_emulator.errors import SlackError

if TYPE_CHECKING:
    from slack_emulator.workspace import Workspace

CODE_SECONDS = 10 * 60
TOKEN_SECONDS = 12 * 60 * 60


@dataclass
class Distribution:
    """The app's credentials, the workspaces that may install it, and what they were given.

    Attributes:
        given: Every code and token that the app was ever given.
        rotating: Whether tokens end after twelve hours, and come with one that gets the next.
    """

    redirect_urls: tuple[str, ...]
    rotating: bool
    client_id: str = field(default_factory=lambda: f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    workspaces: "list[Workspace]" = field(default_factory=list)
    given: set[str] = field(default_factory=set, repr=False)
    _codes: "dict[str, tuple[Workspace, str, float]]" = field(default_factory=dict)
    _refreshing: "dict[str, Workspace]" = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "Distribution":
        """Read a manifest."""
        urls = manifest.get("oauth_config", {}).get("redirect_urls", [])
        return cls(tuple(urls), bool(manifest.get("settings", {}).get("token_rotation_enabled")))

    def whose(self, token: str | None) -> "Workspace | None":
        """Give the workspace that a token is of, also one that has ended."""
        found = (w for w in self.workspaces if token and (token in w.state.tokens or w.steps.knows(token)))
        return next(found, None)

    def code(self, workspace: "Workspace", user: str) -> str:
        """Let the app into a workspace: make the code that it exchanges for a token."""
        code = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        self.given.add(code)
        self._codes[code] = workspace, user, workspace.state.clock() + CODE_SECONDS
        return code

    def check(self, client_id: str, client_secret: str) -> None:
        """Insist on the app's credentials. Raises SlackError."""
        if client_id != self.client_id:
            raise SlackError("invalid_client_id")
        if client_secret != self.client_secret:
            raise SlackError("bad_client_secret")

    def exchange(self, code: str) -> dict[str, Any]:
        """Give a token for a code, once. Raises SlackError `invalid_code`."""
        workspace, user, until = self._codes.pop(code, (None, "", 0.0))
        if workspace is None or workspace.state.clock() > until:
            raise SlackError("invalid_code")
        return self._granted(workspace) | {"authed_user": {"id": user}}

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Give the next token; one that gets it does so once. Raises SlackError `invalid_refresh_token`."""
        workspace = self._refreshing.pop(refresh_token, None)
        if workspace is None or not workspace.state.tokens:
            raise SlackError("invalid_refresh_token")
        return self._granted(workspace)

    def _granted(self, workspace: "Workspace") -> dict[str, Any]:
        app, numbers = workspace.installation, f"{secrets.randbelow(10**12)}-{secrets.token_hex(12)}"
        answer: dict[str, Any] = {
            "token_type": "bot",
            "scope": ",".join(app.scopes),
            "bot_user_id": app.bot_user_id,
            "app_id": app.app_id,
            "team": {"id": app.team_id, "name": app.team_name},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if not self.rotating:
            token, until = f"xoxb-{numbers}", float("inf")
        else:
            token, until = f"xoxe.xoxb-1-{numbers}", workspace.state.clock() + TOKEN_SECONDS
            answer |= {"expires_in": TOKEN_SECONDS, "refresh_token": f"xoxe-1-{secrets.token_hex(32)}"}
            self._refreshing[answer["refresh_token"]] = workspace
        workspace.state.tokens[token] = until
        self.given |= {token, answer.get("refresh_token", token)}
        return answer | {"access_token": token}
