"""api.test, auth.test, auth.teams.list, apps.connections.open, bots.info, team.info and emoji.list."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.web_api.registry import MethodCall, method, page


@method("api.test", token="none")  # noqa: S106
def api_test(call: MethodCall) -> dict[str, Any]:
    """Return the arguments, or the requested error."""
    if error := call.args.text("error"):
        raise ApiError(error, args=dict(call.args))
    return {"args": dict(call.args)}


@method("auth.test")
def auth_test(call: MethodCall) -> dict[str, Any]:
    """Return the identity of the token."""
    app, organization = call.workspace.installation, call.organization
    member_of = call.workspace.state.organization
    return {
        "url": call.workspace.url + "/",
        "team": organization.name if organization else app.team_name,
        "user": call.workspace.state.users[app.bot_user_id].name,
        "team_id": organization.id if organization else app.team_id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        **({"enterprise_id": member_of.id} if member_of else {}),
        "is_enterprise_install": organization is not None,
    }


@method("auth.teams.list")
def auth_teams_list(call: MethodCall) -> dict[str, Any]:
    """List the workspaces that the token can access."""
    granted = call.organization.granted if call.organization else {call.workspace.team_id}
    workspaces = (one.installation for one in call.workspace.oauth_app.workspaces if one.team_id in granted)
    teams, metadata = page([{"id": one.team_id, "name": one.team_name} for one in workspaces], call.args)
    return {"teams": teams, "response_metadata": metadata}


@method("apps.connections.open", token="app")  # noqa: S106
def apps_connections_open(call: MethodCall) -> dict[str, Any]:
    """Return a new WebSocket URL for Socket Mode."""
    workspace = call.workspace
    base = workspace.url.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={workspace.sockets.create_ticket()}&app_id={workspace.app_id}"}


@method("team.info", scope="team:read")
def team_info(call: MethodCall) -> dict[str, Any]:
    """Return the workspace."""
    workspace, app = call.workspace, call.workspace.installation
    team = {"id": app.team_id, "name": app.team_name, "domain": app.domain, "email_domain": "", "url": workspace.url}
    return {"team": team | {"icon": {"image_default": True}}}


@method("emoji.list", scope="emoji:read")
def emoji_list(call: MethodCall) -> dict[str, Any]:
    """List the custom emoji, of which there are none."""
    return {"emoji": {}, "cache_ts": f"{call.workspace.state.clock():.6f}"}


@method("bots.info", scope="users:read")
def bots_info(call: MethodCall) -> dict[str, Any]:
    """Return the bot."""
    app = call.workspace.installation
    if call.args.text("bot") not in ("", app.bot_id):
        raise ApiError("bot_not_found")
    bot = {"id": app.bot_id, "app_id": app.app_id, "name": app.bot_name, "user_id": app.bot_user_id}
    return {"bot": bot | {"deleted": False, "updated": 0, "icons": {}}}
