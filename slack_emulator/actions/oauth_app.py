"""The OAuth side of an app that several workspaces can install: credentials, codes and tokens.

https://docs.slack.dev/authentication/installing-with-oauth, https://docs.slack.dev/authentication/using-token-rotation
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slack_emulator.errors import ApiError
from slack_emulator.state.ids import new_code
from slack_emulator.state.organization import Organization

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
        organization: The organization that some of them belong to, which can install the app, too.
        issued: Every code and token issued so far.
    """

    redirect_urls: tuple[str, ...]
    token_rotation: bool
    client_id: str = field(default_factory=lambda: f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    workspaces: "list[Workspace]" = field(default_factory=list)
    organization: Organization | None = None
    issued: set[str] = field(default_factory=set, repr=False)
    _codes: "dict[str, tuple[Workspace | Organization, Collection[str], str, float]]" = field(default_factory=dict)
    _refresh_tokens: "dict[str, Workspace | Organization]" = field(default_factory=dict)

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> "OAuthApp":
        """Create the app that a manifest describes, with random credentials."""
        urls = manifest.get("oauth_config", {}).get("redirect_urls", [])
        return cls(tuple(urls), bool(manifest.get("settings", {}).get("token_rotation_enabled")))

    def find_workspace(self, token: str | None, args: Mapping[str, Any]) -> "Workspace | None":
        """Return the workspace that a token belongs to, even if it has expired.

        For a token of the organization, it is the workspace that one of the arguments names, or in which it is an id.
        """
        if token and self.organization and token in self.organization.tokens:
            members = self._members()
            named = (w for w in members if args.get("team_id") == w.team_id)
            with_id = (w for w in members if any(w.has_id(str(value)) for value in args.values()))
            return next(named, next(with_id, members[0]))
        found = (w for w in self.workspaces if token and (token in w.state.tokens or w.steps.has_token(token)))
        return next(found, None)

    def _members(self) -> "list[Workspace]":
        return [workspace for workspace in self.workspaces if workspace.state.organization is self.organization]

    def create_code(self, owner: "Workspace | Organization", user: str, scopes: Collection[str] | None = None) -> str:
        """Return a new authorization code for a workspace or the organization, with all scopes or those given."""
        code, first = new_code(32), self.workspaces[0]
        self.issued.add(code)
        granted = first.installation.scopes if scopes is None else scopes
        self._codes[code] = owner, granted, user, first.state.clock() + CODE_LIFETIME
        return code

    def check_credentials(self, client_id: str, client_secret: str) -> None:
        """Check the app's credentials. Raises ApiError `invalid_client_id` or `bad_client_secret`."""
        if client_id != self.client_id:
            raise ApiError("invalid_client_id")
        if client_secret != self.client_secret:
            raise ApiError("bad_client_secret")

    def exchange_code(self, code: str) -> dict[str, Any]:
        """Return the token response for a code, which is valid once. Raises ApiError `invalid_code`."""
        owner, scopes, user, expires = self._codes.pop(code, (None, (), "", 0.0))
        if owner is None or self.workspaces[0].state.clock() > expires:
            raise ApiError("invalid_code")
        holder = owner if isinstance(owner, Organization) else owner.state
        holder.scopes = tuple(scopes)
        return self._issue_token(owner) | {"authed_user": {"id": user}}

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Return the token response for a refresh token, which is valid once.

        Raises:
            ApiError: `invalid_refresh_token`.
        """
        owner = self._refresh_tokens.pop(refresh_token, None)
        if owner is None or not (owner if isinstance(owner, Organization) else owner.state).tokens:
            raise ApiError("invalid_refresh_token")
        return self._issue_token(owner)

    def install_organization(self) -> str:
        """Install the app for the organization with all scopes and in all its workspaces; return its token."""
        owner, members = self.organization, self._members()
        if owner is None:
            raise ValueError("The workspaces belong to no organization.")
        owner.scopes = members[0].installation.scopes
        token = str(self._issue_token(owner)["access_token"])
        for workspace in members:
            self.grant(workspace)
        return token

    def grant(self, workspace: "Workspace") -> None:
        """Add the app to a workspace of the organization, which has installed it."""
        if self.organization:
            self.organization.granted.add(workspace.team_id)
        workspace.events.publish_for_organization({"type": "team_access_granted", "team_ids": [workspace.team_id]})

    def revoke_access(self, workspace: "Workspace") -> None:
        """Remove the app from a workspace of the organization, which keeps it installed."""
        if self.organization:
            self.organization.granted.discard(workspace.team_id)
        workspace.events.publish_for_organization({"type": "team_access_revoked", "team_ids": [workspace.team_id]})

    def uninstall_organization(self) -> None:
        """Uninstall the app from the organization: revoke its tokens, and send `app_uninstalled`."""
        self._members()[0].events.publish_for_organization({"type": "app_uninstalled"})
        self.revoke_organization()

    def revoke_organization(self) -> None:
        """Revoke the tokens of the organization, and send `tokens_revoked`."""
        first = self._members()[0]
        revoked = {"oauth": [], "bot": [first.bot_user_id]}
        first.events.publish_for_organization({"type": "tokens_revoked", "tokens": revoked})
        if self.organization:
            self.organization.tokens.clear()
            self.organization.granted.clear()

    def _issue_token(self, owner: "Workspace | Organization") -> dict[str, Any]:
        workspace = self._members()[0] if isinstance(owner, Organization) else owner
        holder = owner if isinstance(owner, Organization) else owner.state
        app, random_part = workspace.installation, f"{secrets.randbelow(10**12)}-{secrets.token_hex(12)}"
        organization = workspace.state.organization
        response: dict[str, Any] = {
            "token_type": "bot",
            "scope": ",".join(holder.scopes),
            "bot_user_id": app.bot_user_id,
            "app_id": app.app_id,
            "team": None if owner is organization else {"id": app.team_id, "name": app.team_name},
            "enterprise": {"id": organization.id, "name": organization.name} if organization else None,
            "is_enterprise_install": owner is organization,
        }
        if not self.token_rotation:
            token, expires = f"xoxb-{random_part}", float("inf")
        else:
            token, expires = f"xoxe.xoxb-1-{random_part}", workspace.state.clock() + TOKEN_LIFETIME
            response |= {"expires_in": TOKEN_LIFETIME, "refresh_token": f"xoxe-1-{secrets.token_hex(32)}"}
            self._refresh_tokens[response["refresh_token"]] = owner
        holder.tokens[token] = expires
        self.issued |= {token, response.get("refresh_token", token)}
        return response | {"access_token": token}
