"""The OAuth consent page, where a person installs the app in a workspace or for the organization, or declines."""

from html import escape
from string import Template
from urllib.parse import urlencode

from aiohttp import web

from slack_emulator.page.guard import Guard
from slack_emulator.workspace import Workspace

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
_PAGE = Template(
    """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Install $name?</title><link rel="stylesheet" href="/page/consent.css">
<main>
<h1>Install $name?</h1>
<h2>It requests these scopes</h2><ul>$scopes</ul>
<form method="post">
$optional
<label class="team">Workspace <select name="team">$teams</select></label>
<p class="buttons"><button class="primary" name="answer" value="allow">Allow</button>
<button name="answer" value="deny">Cancel</button></p>
</form>
</main>
</html>
"""
)


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
        optional = _optional_scopes(request, workspace)
        required = [scope for scope in _requested_scopes(request) if scope not in optional]
        html = _PAGE.substitute(
            name=escape(workspace.installation.name),
            scopes="".join(f"<li><code>{escape(scope)}</code></li>" for scope in required),
            optional="<h2>Optional</h2>" + "".join(map(_checkbox, optional)) if optional else "",
            teams="".join(f'<option value="{owner}">{escape(name)}</option>' for owner, name in names.items()),
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
        scopes = [scope for scope in _requested_scopes(request) if scope not in refused]
        organization = app.organization if workspace.installation.org_deploy else None
        whole = organization if organization and form.get("team") == organization.id else None
        code = app.create_code(whole or chosen, next(iter(chosen.state.users)), scopes)
        raise web.HTTPFound(f"{url}?{urlencode({'code': code, **state})}")

    return [web.get("/oauth/v2/authorize", show), web.post("/oauth/v2/authorize", decide)]


def _requested_scopes(request: web.Request) -> list[str]:
    return str(request.query.get("scope", "")).split(",")


def _optional_scopes(request: web.Request, workspace: Workspace) -> list[str]:
    """Return the requested scopes that the person may leave out."""
    optional = workspace.installation.optional_scopes
    return [scope for scope in _requested_scopes(request) if scope in optional]


def _checkbox(scope: str) -> str:
    box = f'<input type="checkbox" name="optional" value="{escape(scope)}" checked>'
    return f"<label>{box} <code>{escape(scope)}</code></label>"
