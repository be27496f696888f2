"""oauth.*, auth.revoke and apps.uninstall: how the app gets into a workspace, and out."""

from typing import Any

from slack_emulator.errors import SlackError
from slack_emulator.web_api.registry import Call, method


@method("oauth.v2.access", token="none")  # noqa: S106
def oauth_v2_access(call: Call) -> dict[str, Any]:
    """Give a token for a code, or the next token for the one that gets it."""
    args, distribution = call.args, call.workspace.distribution
    distribution.check(args.text("client_id"), args.text("client_secret"))
    if args.text("grant_type") == "refresh_token":
        return distribution.refresh(args.required("refresh_token"))
    if args.text("grant_type") not in ("", "authorization_code"):
        raise SlackError("invalid_grant_type")
    return distribution.exchange(args.required("code"))


@method("auth.revoke")
def auth_revoke(call: Call) -> dict[str, Any]:
    """End the token that the call came with."""
    if not call.args.flag("test"):
        call.workspace.revoke(call.token)
    return {"revoked": not call.args.flag("test")}


@method("apps.uninstall")
def apps_uninstall(call: Call) -> dict[str, Any]:
    """Take the app out of the workspace."""
    call.workspace.distribution.check(call.args.text("client_id"), call.args.text("client_secret"))
    call.workspace.uninstall()
    return {}
