"""oauth.v2.access, auth.revoke and apps.uninstall: installing and uninstalling the app."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.web_api.registry import MethodCall, method


@method("oauth.v2.access", token="none")  # noqa: S106
def oauth_v2_access(call: MethodCall) -> dict[str, Any]:
    """Return a token for an authorization code or a refresh token."""
    args, app = call.args, call.workspace.oauth_app
    app.check_credentials(args.text("client_id"), args.text("client_secret"))
    if args.text("grant_type") == "refresh_token":
        return app.refresh(args.required("refresh_token"))
    if args.text("grant_type") not in ("", "authorization_code"):
        raise ApiError("invalid_grant_type")
    return app.exchange_code(args.required("code"))


@method("auth.revoke")
def auth_revoke(call: MethodCall) -> dict[str, Any]:
    """Revoke the token of the call."""
    if not call.args.flag("test"):
        if call.organization:
            call.workspace.oauth_app.revoke_organization()
        else:
            call.workspace.revoke(call.token)
    return {"revoked": not call.args.flag("test")}


@method("apps.uninstall")
def apps_uninstall(call: MethodCall) -> dict[str, Any]:
    """Uninstall the app."""
    call.workspace.oauth_app.check_credentials(call.args.text("client_id"), call.args.text("client_secret"))
    if call.organization:
        call.workspace.oauth_app.uninstall_organization()
    else:
        call.workspace.uninstall()
    return {}
