"""The control API and the page: acting as a person over HTTP, for this machine's own eyes only."""

from functools import cache
from importlib.resources import files

from aiohttp import web
from emoji import EMOJI_DATA, STATUS

from slack_emulator.errors import SlackError
from slack_emulator.page.control_actions import Acts
from slack_emulator.page.guard import Guard
from slack_emulator.page.live_updates import Live
from slack_emulator.workspace import Workspace

_PAGE = files("slack_emulator.page").joinpath("static")
_KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_FRESH = {"Cache-Control": "no-store"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def routes(workspace: Workspace, guard: Guard) -> list[web.RouteDef]:
    """Give the routes of the page and the control API."""
    control = _Control(workspace, guard)
    return [
        web.get("/", control.page),
        web.get("/archives/{channel}/{message}", control.archives),
        web.get("/page/emoji.json", control.emoji),
        web.get("/page/{name}", control.asset),
        web.get("/control/live", Live(workspace, guard).handle),
        web.post("/control/{act}", control.act),
    ]


class _Control:
    """The handlers."""

    def __init__(self, workspace: Workspace, guard: Guard) -> None:
        self._acts = Acts(workspace)
        self._guard = guard

    async def page(self, request: web.Request) -> web.Response:
        """Serve the page, with the token that its script needs."""
        self._guard.same_site(request)
        html = _asset("index.html").replace("{{control-token}}", self._guard.token)
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def archives(self, request: web.Request) -> web.Response:
        """Lead a permalink to the page."""
        raise web.HTTPFound("/#{channel}/{message}".format(**request.match_info))

    async def asset(self, request: web.Request) -> web.Response:
        """Serve the page's modules, style and icon."""
        name = request.match_info["name"]
        kind = _KINDS.get(name.rpartition(".")[2])
        if kind is None or name not in {file.name for file in _PAGE.iterdir()}:
            raise web.HTTPNotFound
        return web.Response(text=_asset(name), content_type=kind, headers=_FRESH)

    async def emoji(self, request: web.Request) -> web.Response:
        """Serve the names of all emoji with their characters."""
        return web.json_response(_emoji(), headers=_FRESH)

    async def act(self, request: web.Request) -> web.Response:
        """Do one act, and answer with what came of it."""
        self._guard.admit(request)
        name = request.match_info["act"]
        if name not in self._acts.names:
            raise web.HTTPNotFound(text=f"There is no such act; there are {', '.join(self._acts.names)}.")
        try:
            told = await request.json()
            result = await self._acts.do(name, told if isinstance(told, dict) else {})
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code, **error.details}, status=400)
        except (ValueError, TypeError, KeyError) as error:
            return web.json_response({"ok": False, "error": "invalid_arguments", "reason": str(error)}, status=400)
        return web.json_response({"ok": True, "result": result})


def _asset(name: str) -> str:
    return _PAGE.joinpath(name).read_text("utf-8")


@cache
def _emoji() -> dict[str, str]:
    """Give emoji by name, each under every name that it goes by, without tones of skin."""
    named: dict[str, str] = {}
    for character, facts in EMOJI_DATA.items():
        if facts["status"] <= STATUS["fully_qualified"] and "skin_tone" not in facts["en"]:
            named |= dict.fromkeys((name.strip(":") for name in (*facts.get("alias", ()), facts["en"])), character)
    return named
