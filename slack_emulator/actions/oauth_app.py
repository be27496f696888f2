"""The OAuth side of an app that several workspaces can install: credentials, codes and tokens.

https://docs.slack.dev/authentication/installing-with-oauth, https://docs.slack.dev/authentication/using-token-rotation
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slack_emulator.errors import ApiError
from slack_emulator.state.ids import new_code

if TYPE_CHECKING:
    from slack_emulator.workspace import Workspace

CODE_LIFETIME = 10 * 60
"""In seconds."""
TOKEN_LIFETIME = 12 * 60 * 60
"""In seconds, with token rotation."""


@dataclass
class OAuthApp:
    """The app's credentials, and what was issued to it.

    Attributes:
        token_rotation: Whether tokens expire after twelve hours and are issued with a refresh token.
        workspaces: The workspaces that can install the app.
        issued: Every code and token issued so far.
    """

    redirect_urls: tuple[str, ...]
    token_rotation: bool
    client_id: str = field(default_factory=lambda: f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    workspaces: "list[Workspace]" = field(default_factory=list)
    issued: set[str] = field(default_factory=set, repr=False)
    _codes: "dict[str, tuple[Workspace, str, float]]" = field(default_factory=dict)
    _refresh_tokens: "dict[str, Workspace]" = field(default_factory=dict)

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> "OAuthApp":
        """Create the app that a manifest describes, with random credentials."""
        urls = manifest.get("oauth_config", {}).get("redirect_urls", [])
        return cls(tuple(urls), bool(manifest.get("settings", {}).get("token_rotation_enabled")))

    def find_workspace(self, token: str | None) -> "Workspace | None":
        """Return the workspace that a token belongs to, even if it has expired."""
        found = (w for w in self.workspaces if token and (token in w.state.tokens or w.steps.has_token(token)))
        return next(found, None)

    def create_code(self, workspace: "Workspace", user: str) -> str:
        """Return a new authorization code for a workspace."""
        code = new_code(32)
        self.issued.add(code)
        self._codes[code] = workspace, user, workspace.state.clock() + CODE_LIFETIME
        return code

    def check_credentials(self, client_id: str, client_secret: str) -> None:
        """Check the app's credentials. Raises ApiError `invalid_client_id` or `bad_client_secret`."""
        if client_id != self.client_id:
            raise ApiError("invalid_client_id")
        if client_secret != self.client_secret:
            raise ApiError("bad_client_secret")

    def exchange_code(self, code: str) -> dict[str, Any]:
        """Return the token response for a code, which is valid once. Raises ApiError `invalid_code`."""
        workspace, user, expires = self._codes.pop(code, (None, "", 0.0))
        if workspace is None or workspace.state.clock() > expires:
            raise ApiError("invalid_code")
        return self._issue_token(workspace) | {"authed_user": {"id": user}}

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Return the token response for a refresh token, which is valid once.

        Raises:
            ApiError: `invalid_refresh_token`.
        """
        workspace = self._refresh_tokens.pop(refresh_token, None)
        if workspace is None or not workspace.state.tokens:
            raise ApiError("invalid_refresh_token")
        return self._issue_token(workspace)

    def _issue_token(self, workspace: "Workspace") -> dict[str, Any]:
        app, random_part = workspace.installation, f"{secrets.randbelow(10**12)}-{secrets.token_hex(12)}"
        response: dict[str, Any] = {
            "token_type": "bot",
            "scope": ",".join(app.scopes),
            "bot_user_id": app.bot_user_id,
            "app_id": app.app_id,
            "team": {"id": app.team_id, "name": app.team_name},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if not self.token_rotation:
            token, expires = f"xoxb-{random_part}", float("inf")
        else:
            token, expires = f"xoxe.xoxb-1-{random_part}", workspace.state.clock() + TOKEN_LIFETIME
            response |= {"expires_in": TOKEN_LIFETIME, "refresh_token": f"xoxe-1-{secrets.token_hex(32)}"}
            self._refresh_tokens[response["refresh_token"]] = workspace
        workspace.state.tokens[token] = expires
        self.issued |= {token, response.get("refresh_token", token)}
        return response | {"access_token": token}
