"""The routes of the page and the control API."""

from importlib.resources import files

from aiohttp import web

from slack_emulator.errors import ApiError
from slack_emulator.page.control_actions import ControlActions
from slack_emulator.page.guard import Guard
from slack_emulator.page.live_updates import LiveUpdates
from slack_emulator.state.emoji_names import load_emoji
from slack_emulator.workspace import Workspace

_STATIC = files("slack_emulator.page").joinpath("static")
_CONTENT_TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_NO_STORE = {"Cache-Control": "no-store"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def routes(workspace: Workspace, guard: Guard) -> list[web.RouteDef]:
    """Return the routes of the page and the control API."""
    handlers = _Handlers(workspace, guard)
    return [
        web.get("/", handlers.page),
        web.get("/archives/{channel}/{message}", handlers.permalink),
        web.get("/page/emoji.json", handlers.emoji),
        web.get("/page/{name}", handlers.static_file),
        web.get("/control/live", LiveUpdates(workspace, guard).handle),
        web.post("/control/{action}", handlers.control),
    ]


class _Handlers:
    def __init__(self, workspace: Workspace, guard: Guard) -> None:
        self._actions = ControlActions(workspace)
        self._guard = guard

    async def page(self, request: web.Request) -> web.Response:
        """Serve the page, with the control token for its script."""
        self._guard.check_origin(request)
        html = _read("index.html").replace("{{control-token}}", self._guard.token)
        headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer", **_NO_STORE}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def permalink(self, request: web.Request) -> web.Response:
        """Redirect a permalink to the page."""
        raise web.HTTPFound("/#{channel}/{message}".format(**request.match_info))

    async def static_file(self, request: web.Request) -> web.Response:
        """Serve a script, style sheet or icon of the page."""
        name = request.match_info["name"]
        content_type = _CONTENT_TYPES.get(name.rpartition(".")[2])
        if content_type is None or name not in {file.name for file in _STATIC.iterdir()}:
            raise web.HTTPNotFound
        return web.Response(text=_read(name), content_type=content_type, headers=_NO_STORE)

    async def emoji(self, request: web.Request) -> web.Response:
        """Serve all emoji by name."""
        return web.json_response(load_emoji(), headers=_NO_STORE)

    async def control(self, request: web.Request) -> web.Response:
        """Perform an action of the control API."""
        self._guard.check(request)
        name = request.match_info["action"]
        if name not in self._actions.names:
            raise web.HTTPNotFound(text=f"Unknown action; the actions are {', '.join(self._actions.names)}.")
        try:
            arguments = await request.json()
            result = await self._actions.perform(name, arguments if isinstance(arguments, dict) else {})
        except ApiError as error:
            return web.json_response({"ok": False, "error": error.code, **error.details}, status=400)
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            return web.json_response({"ok": False, "error": "invalid_arguments", "reason": str(error)}, status=400)
        return web.json_response({"ok": True, "result": result})


def _read(name: str) -> str:
    return _STATIC.joinpath(name).read_text("utf-8")
