"""The OAuth consent page, where a person installs the app in a workspace or for the organization, or declines."""

from html import escape
from urllib.parse import urlencode

from aiohttp import web

from slack_emulator.page.guard import Guard
from slack_emulator.workspace import Workspace

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


def routes(workspace: Workspace, guard: Guard) -> list[web.RouteDef]:
    """Return the routes of the consent page."""
    app = workspace.oauth_app

    def redirect_url(request: web.Request) -> str:
        """Return the redirect URL of a valid request. Raises HTTPBadRequest for others."""
        url = request.query.get("redirect_uri") or next(iter(app.redirect_urls), "")
        if request.query.get("client_id") != app.client_id:
            raise web.HTTPBadRequest(text="invalid_client_id")
        if not any(url.startswith(allowed) for allowed in app.redirect_urls):
            raise web.HTTPBadRequest(text="bad_redirect_uri")
        if not (scopes := request.query.get("scope")):
            raise web.HTTPBadRequest(text="invalid_scope: Pass the scopes that the app requests as `scope`.")
        if unknown := {*scopes.split(",")} - {*workspace.installation.scopes}:
            raise web.HTTPBadRequest(text=f"invalid_scope {escape(','.join(unknown))}")
        return url

    async def show(request: web.Request) -> web.Response:
        redirect_url(request)
        names = {other.team_id: other.installation.team_name for other in app.workspaces}
        if app.organization and workspace.installation.org_deploy:
            names[app.organization.id] = f"{app.organization.name} (the whole organization)"
        options = "".join(f'<option value="{owner}">{escape(name)}</option>' for owner, name in names.items())
        boxes = "".join(map(_checkbox, _optional_scopes(request, workspace)))
        name = escape(workspace.installation.name)
        html = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><h1>Install {name}?</h1>'
            f"<p>It requests the scopes {escape(request.query.get('scope', ''))}.</p>"
            f'<form method="post"><label>Workspace <select name="team">{options}</select></label>{boxes}'
            '<p><button name="answer" value="allow">Allow</button> <button name="answer" value="deny">Cancel</button>'
            "</p></form></html>"
        )
        return web.Response(text=html, content_type="text/html", headers=_HEADERS)

    async def decide(request: web.Request) -> web.Response:
        guard.check_origin(request)
        url, form = redirect_url(request), await request.post()
        state = {"state": request.query.get("state", "")}
        if form.get("answer") != "allow":
            raise web.HTTPFound(f"{url}?{urlencode({'error': 'access_denied', **state})}")
        chosen = next((other for other in app.workspaces if other.team_id == form.get("team")), workspace)
        refused = {*_optional_scopes(request, workspace)} - {*form.getall("optional", [])}
        scopes = [scope for scope in request.query.get("scope", "").split(",") if scope not in refused]
        organization = app.organization if workspace.installation.org_deploy else None
        whole = organization if organization and form.get("team") == organization.id else None
        code = app.create_code(whole or chosen, next(iter(chosen.state.users)), scopes)
        raise web.HTTPFound(f"{url}?{urlencode({'code': code, **state})}")

    return [web.get("/oauth/v2/authorize", show), web.post("/oauth/v2/authorize", decide)]


def _optional_scopes(request: web.Request, workspace: Workspace) -> list[str]:
    """Return the requested scopes that the person may leave out."""
    optional = workspace.installation.optional_scopes
    return [scope for scope in request.query.get("scope", "").split(",") if scope in optional]


def _checkbox(scope: str) -> str:
    box = f'<input type="checkbox" name="optional" value="{escape(scope)}" checked>'
    return f"<p><label>{box} {escape(scope)} (optional)</label></p>"
