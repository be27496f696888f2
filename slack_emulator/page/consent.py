"""The page on which somebody lets an app into a workspace, or does not."""

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
    """Give the routes of the page."""
    distribution = workspace.distribution

    def redirect_url(request: web.Request) -> str:
        """Give where the app wants people back. Raises HTTPBadRequest if it may not want that."""
        wanted = request.query.get("redirect_uri") or next(iter(distribution.redirect_urls), "")
        if request.query.get("client_id") != distribution.client_id:
            raise web.HTTPBadRequest(text="invalid_client_id")
        if not any(wanted.startswith(url) for url in distribution.redirect_urls):
            raise web.HTTPBadRequest(text="bad_redirect_uri")
        unknown = {*request.query.get("scope", "").split(",")} - {*workspace.installation.scopes}
        if unknown:
            raise web.HTTPBadRequest(text=f"invalid_scope {escape(','.join(unknown))}")
        return wanted

    async def ask(request: web.Request) -> web.Response:
        redirect_url(request)
        options = "".join(
            f'<option value="{one.team_id}">{escape(one.installation.team_name)}</option>'
            for one in distribution.workspaces
        )
        name = escape(workspace.installation.name)
        html = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><h1>Let {name} in?</h1>'
            f"<p>It asks for {escape(request.query.get('scope', ''))}.</p>"
            f'<form method="post"><label>Workspace <select name="team">{options}</select></label>'
            '<p><button name="answer" value="allow">Allow</button> <button name="answer" value="deny">Cancel</button>'
            "</p></form></html>"
        )
        return web.Response(text=html, content_type="text/html", headers=_HEADERS)

    async def decide(request: web.Request) -> web.Response:
        guard.same_site(request)
        back, form = redirect_url(request), await request.post()
        state = {"state": request.query.get("state", "")}
        if form.get("answer") != "allow":
            raise web.HTTPFound(f"{back}?{urlencode({'error': 'access_denied', **state})}")
        chosen = next((one for one in distribution.workspaces if one.team_id == form.get("team")), workspace)
        code = distribution.code(chosen, next(iter(chosen.state.users)))
        raise web.HTTPFound(f"{back}?{urlencode({'code': code, **state})}")

    return [web.get("/oauth/v2/authorize", ask), web.post("/oauth/v2/authorize", decide)]
