"""The control API and the page: acting as a person over HTTP, for this machine's own eyes only."""

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.workspace.errors import SlackError
from bot.workspace.faults import ApiFault, EventFault
from bot.workspace.interactions import Outcome
from bot.workspace.render import message_object, view_object
from bot.workspace.state import SLACKBOT, Message
from bot.workspace.workspace import Workspace

Act = Callable[[dict[str, Any]], Awaitable[object]]
_LAST = 200  # how much of the log one look shows
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class Guard:
    """Lets in only whoever has the token, and no other web site.

    A browser sends along the host that a page believes to be talking to, so a name other than loopback's means that
    some site has pointed its name here; and it sends the origin of the page that asks.
    """

    def __init__(self, host: str, token: str) -> None:
        self._loopback = _is_loopback(host)
        self.token = token
        self.closing = asyncio.Event()

    def same_site(self, request: web.Request) -> bool:
        """Tell whether a request comes from this server's own page, or from no page at all."""
        host = urlsplit(f"//{request.host}").hostname or ""
        if self._loopback and not _is_loopback(host):
            return False
        return request.headers.get("Origin", "") in ("", f"http://{request.host}")

    def admit(self, request: web.Request) -> None:
        """Refuse a control request that may not come in. Raises HTTPForbidden or HTTPUnauthorized."""
        if not self.same_site(request):
            raise web.HTTPForbidden(text="This comes from another site.")
        given = request.headers.get("X-Control-Token", "")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise web.HTTPUnauthorized(text="The header X-Control-Token is missing or wrong.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def routes(workspace: Workspace, guard: Guard) -> list[web.RouteDef]:
    """Give the routes of the page and the control API."""
    control = _Control(workspace, guard)
    return [
        web.get("/", control.page),
        web.get("/archives/{channel}/{message}", control.archives),
        web.get("/page/{name}", control.asset),
        web.get("/control/changes", control.changes),
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
            "edit": lambda told: workspace.edit(**told),
            "delete": lambda told: workspace.delete(**told),
            "react": lambda told: workspace.react(**told),
            "unreact": lambda told: workspace.unreact(**told),
            "invite": lambda told: workspace.invite(**told),
            "command": self._command,
            "press": lambda told: workspace.press(**told),
            "shortcut": lambda told: workspace.shortcut(**told),
            "submit": lambda told: workspace.submit(**told),
            "dismiss": lambda told: workspace.dismiss(**told),
            "open_home": lambda told: workspace.open_home(**told),
            "deliver": lambda told: workspace.deliver(**told),
            "fault": self._fault,
        }

    async def page(self, request: web.Request) -> web.Response:
        """Serve the page, with the token that its script needs."""
        if not self._guard.same_site(request):
            raise web.HTTPForbidden(text="This comes from another site.")
        html = _asset("index.html").replace("{{control-token}}", self._guard.token)
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def archives(self, request: web.Request) -> web.Response:
        """Lead a permalink to the page."""
        raise web.HTTPFound("/#" + request.match_info["channel"])

    async def asset(self, request: web.Request) -> web.Response:
        """Serve the page's script and style."""
        kinds = {"page.js": "text/javascript", "page.css": "text/css"}
        name = request.match_info["name"]
        if name not in kinds:
            raise web.HTTPNotFound
        return web.Response(text=_asset(name), content_type=kinds[name], headers={"Cache-Control": "no-store"})

    async def changes(self, request: web.Request) -> web.StreamResponse:
        """Tell of every change, as server-sent events without content."""
        self._guard.admit(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        closing = asyncio.ensure_future(self._guard.closing.wait())
        try:
            while not closing.done():
                change = asyncio.ensure_future(self._workspace.changes.next())
                await response.write(b"data: changed\n\n")
                await asyncio.wait({change, closing}, return_when=asyncio.FIRST_COMPLETED)
                change.cancel()
        except ConnectionError:
            pass  # the page was closed
        finally:
            closing.cancel()
        return response

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
        workspace, app = self._workspace, self._workspace.installation
        state = workspace.state
        return {
            "app": app.name,
            "bot_user_id": app.bot_user_id,
            "connected": workspace.delivery.transport.ready,
            "commands": [{"command": name, "hint": app.command_hints[name]} for name in app.commands],
            "shortcuts": [asdict(shortcut) for shortcut in app.shortcuts],
            "users": [{"id": user.id, "name": user.name, "real_name": user.real_name} for user in state.users.values()],
            "channels": [
                {
                    "id": channel.id,
                    "name": channel.name,
                    "kind": channel.kind,
                    "topic": channel.topic,
                    "members": channel.members,
                    "is_archived": channel.is_archived,
                }
                for channel in state.channels.values()
            ],
        }

    async def _seen(self, told: Mapping[str, Any]) -> object:
        """Give the messages that a `user` sees in a `channel`."""
        return [self._message(message) for message in self._workspace.seen_by(told["user"], told["channel"])]

    def _message(self, message: Message) -> dict[str, Any]:
        author = self._workspace.state.users.get(message.user)
        name = "Slackbot" if message.user == SLACKBOT else author.real_name if author else message.user
        return message_object(self._workspace.state, message) | {
            "author": message.fields.get("username", name),
            "ephemeral": message.visible_to is not None,
        }

    async def _views(self, told: Mapping[str, Any]) -> object:
        """Give the modal and the App Home that a `user` has open."""
        workspace = self._workspace
        views = {"modal": workspace.modal(told["user"]), "home": workspace.home(told["user"])}
        return {name: view and view_object(workspace.installation, view) for name, view in views.items()}

    async def _log(self, told: Mapping[str, Any]) -> object:
        """Give the last of the log."""
        return [asdict(exchange) for exchange in self._workspace.log[-_LAST:]]

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
    return files("bot.workspace").joinpath("page", name).read_text("utf-8")
