"""The control API and the page: acting as a person over HTTP, for this machine's own eyes only."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

from aiohttp import web
from emoji import EMOJI_DATA, STATUS

from bot.workspace import looks
from bot.workspace.errors import SlackError
from bot.workspace.faults import ApiFault, EventFault
from bot.workspace.guard import Guard
from bot.workspace.interactions import Outcome, fill_in
from bot.workspace.live import Live
from bot.workspace.workspace import Workspace

Act = Callable[[dict[str, Any]], Awaitable[object]]
_PAGE = files("bot.workspace").joinpath("page")
_KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_FRESH = {"Cache-Control": "no-store"}
_LAST = 200  # how much of the log one look shows
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
    """The handlers; each act takes a JSON object and gives one."""

    def __init__(self, workspace: Workspace, guard: Guard) -> None:
        self._workspace = workspace
        self._guard = guard
        self._acts: dict[str, Act] = {
            "overview": self._overview,
            "seen": self._seen,
            "views": self._views,
            "log": self._log,
            "post": self._post,
            "edit": self._edit,
            "delete": lambda told: workspace.delete(**told),
            "react": lambda told: workspace.react(**told),
            "unreact": lambda told: workspace.unreact(**told),
            "invite": lambda told: workspace.invite(**told),
            "command": self._command,
            "press": self._press,
            "shortcut": lambda told: workspace.shortcut(**told),
            "submit": lambda told: workspace.submit(**told),
            "dismiss": lambda told: workspace.dismiss(**told),
            "open_home": lambda told: workspace.open_home(**told),
            "deliver": lambda told: workspace.deliver(**told),
            "fault": self._fault,
        }

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
        act = self._acts.get(request.match_info["act"])
        if act is None:
            raise web.HTTPNotFound(text=f"There is no such act; there are {', '.join(self._acts)}.")
        try:
            told = await request.json()
            result = await act(told if isinstance(told, dict) else {})
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code, **error.details}, status=400)
        except (ValueError, TypeError, KeyError) as error:
            return web.json_response({"ok": False, "error": "invalid_arguments", "reason": str(error)}, status=400)
        return web.json_response({"ok": True, "result": self._plain(result)})

    def _plain(self, result: object) -> object:
        if isinstance(result, Outcome):
            return {"error": result.error, "payload": result.payload}
        return result

    async def _overview(self, told: Mapping[str, Any]) -> object:
        """Give what the page needs to begin: people, channels, commands."""
        return looks.overview(self._workspace)

    async def _seen(self, told: Mapping[str, Any]) -> object:
        """Give the messages that a `user` sees in a `channel`."""
        return looks.messages(self._workspace, told["user"], told["channel"])

    async def _views(self, told: Mapping[str, Any]) -> object:
        """Give the modal and the App Home that a `user` has open."""
        return looks.views(self._workspace, told["user"])

    async def _log(self, told: Mapping[str, Any]) -> object:
        """Give the last of the log."""
        return [asdict(exchange) for exchange in self._workspace.log[-_LAST:]]

    async def _edit(self, told: dict[str, Any]) -> None:
        """Edit a message; with `typed` its text is what a person types."""
        if told.pop("typed", False):
            told["text"] = self._workspace.typed(told["text"])
        await self._workspace.edit(**told)

    async def _press(self, told: dict[str, Any]) -> object:
        """Press in the message `thing`, by its ts, or in the `view` with that id and these `values` by action id."""
        if view_id := told.pop("view", None):
            view = self._workspace.state.view(view_id)
            if view is None or view.user != told["user"]:
                raise SlackError("not_found")
            fill_in(view, told.pop("values", {}))
            told["thing"] = view
        return await self._workspace.press(**told)

    async def _post(self, told: dict[str, Any]) -> object:
        """Post a message; with `typed` its text is what a person types, not what Slack stores."""
        if told.pop("typed", False):
            told["text"] = self._workspace.typed(told["text"])
        return await self._workspace.post(**told)

    async def _command(self, told: dict[str, Any]) -> object:
        """Run a slash command; with `typed` its text is what a person types."""
        if told.pop("typed", False):
            told["text"] = self._workspace.typed(told["text"])
        return await self._workspace.command(**told)

    async def _fault(self, told: dict[str, Any]) -> object:
        """Put a fault in force (`api` or `event`), `clear` all, or `drop` or `refresh` the sockets."""
        workspace = self._workspace
        match told:
            case {"api": dict(fields)}:
                workspace.faults.add(ApiFault(**fields))
            case {"event": dict(fields)}:
                workspace.faults.add(EventFault(**fields))
            case {"clear": True}:
                workspace.faults.clear()
            case {"drop": True}:
                await workspace.sockets.drop()
            case {"refresh": str(reason)}:
                await workspace.sockets.refresh(reason)
            case _:
                raise ValueError("Say api, event, clear, drop or refresh.")
        return None


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
