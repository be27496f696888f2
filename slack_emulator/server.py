"""The server: the workspace on an HTTP address."""

import asyncio
import json
import secrets
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import web

from slack_emulator.errors import SlackError
from slack_emulator.page import consent as oauth
from slack_emulator.page import routes as control
from slack_emulator.page.guard import Guard
from slack_emulator.transport.faults import ApiFault
from slack_emulator.transport.signed_http import SignedHttp
from slack_emulator.web_api import Args, answer
from slack_emulator.workspace import Workspace

LARGEST_BODY = 64 * 2**20


@dataclass(frozen=True)
class Server:
    """A workspace being served.

    Attributes:
        url: Where its page is.
        api_url: What a Slack client takes as `base_url`.
        control_token: What the header `X-Control-Token` must have.
        http: The signed HTTP transport, if there is an `events_url`.
    """

    url: str
    api_url: str
    control_token: str
    http: SignedHttp | None


@asynccontextmanager
async def serve(
    workspace: Workspace, *, host: str = "127.0.0.1", port: int = 0, events_url: str | None = None
) -> AsyncIterator[Server]:
    """Put a workspace on an address, for as long as the context lasts.

    Args:
        workspace: The workspace.
        host: The address to listen on; other than loopback, whoever can reach it can read everything.
        port: The port; 0 for any that is free.
        events_url: The app's request URL, to post to it with a signature instead of sending over Socket Mode.

    Raises:
        OSError: If the port is in use or the address is not this machine's.
    """
    token = secrets.token_urlsafe(32)
    guard = Guard(host, token)
    app = web.Application(client_max_size=LARGEST_BODY)
    pages = _Slack(workspace)
    app.add_routes(
        [
            web.route("*", "/api/{method}", pages.api),
            web.get("/link/", workspace.sockets.handle),
            web.post("/{kind:commands|actions}/{rest:.+}", pages.response_url),
            web.post("/upload/v1/{secret}", pages.upload),
            web.get("/files-pri/{secret}/{name}", pages.file),
            *control.routes(workspace, guard),
            *oauth.routes(workspace, guard),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        workspace.url = f"http://{shown}:{bound}"
        http = None
        if events_url:
            http = SignedHttp(events_url, workspace.signing_secret)
            workspace.delivery.transport = http
        yield Server(workspace.url, workspace.url + "/api/", token, http)
    finally:
        guard.closing.set()
        await workspace.delivery.close()
        await workspace.sockets.close()
        await runner.cleanup()


class _Slack:
    """What Slack itself has on the web, besides Socket Mode."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer a call of the Web API, with the faults that are in force."""
        name = request.match_info["method"]
        args, token = await _arguments(request)
        # Slack has one address for all workspaces: the token says which is meant.
        workspace = self._workspace.distribution.whose(token) or self._workspace
        fault = workspace.faults.for_call(name)
        if fault and fault.wait:
            await asyncio.sleep(fault.wait)
        spoiled = fault is not None and (fault.drop or fault.status is not None or fault.error is not None)
        body = {} if spoiled and fault and not fault.applied else answer(workspace, name, args, token)
        if fault and spoiled:
            body = {"ok": False, "error": fault.error or ("ratelimited" if fault.status == 429 else "faulty")}
            workspace.log.note("api", name, args, body | {"status": fault.status, "dropped": fault.drop})
            return _spoil(request, fault, body)
        secret = name == "apps.connections.open" and body["ok"]  # the address lets whoever has it in
        workspace.log.note("api", name, args, {"ok": True} if secret else body)
        scopes = ",".join(workspace.installation.scopes)
        date = formatdate(workspace.state.clock(), usegmt=True)
        return web.json_response(body, headers={"x-oauth-scopes": scopes, "Date": date})

    async def response_url(self, request: web.Request) -> web.Response:
        """Take an answer to a command or an interaction."""
        workspace, body = self._workspace, await request.text()
        if request.content_type == "application/x-www-form-urlencoded":
            body = str((await request.post()).get("payload", body))
        try:
            sent = json.loads(body)
        except ValueError:
            sent = {}
        sent = sent if isinstance(sent, dict) else {}
        try:
            workspace.response_urls.use(request.path, body)
        except SlackError as error:
            refused = {"ok": False, "error": error.code, **error.details}
            workspace.log.note("response_url", request.path, sent, refused)
            gone = error.code in ("expired_url", "used_url")
            return web.json_response(refused, status=404 if gone else 400)
        workspace.log.note("response_url", request.path, sent, {"ok": True})
        return web.Response(text="ok")

    async def upload(self, request: web.Request) -> web.Response:
        """Take the bytes of a file."""
        file = self._workspace.files.by_secret(request.match_info["secret"])
        if file is None:
            return web.Response(status=404)
        file.content = await request.read()
        return web.Response(text=f"OK - {len(file.content)}")

    async def file(self, request: web.Request) -> web.Response:
        """Give the bytes of a file to whoever knows its address."""
        file = self._workspace.files.by_secret(request.match_info["secret"])
        if file is None or file.content is None:
            return web.Response(status=404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=file.content, content_type=file.mimetype, headers=headers)


async def _arguments(request: web.Request) -> tuple[Args, str | None]:
    """Merge what came as query, form and JSON, and take the token out."""
    args = Args(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = None
        args.update(body if isinstance(body, dict) else {})
    elif request.method == "POST":
        args.update(await request.post())
    header = request.headers.get("Authorization", "")
    in_args = args.pop("token", None)
    if header.startswith("Basic "):
        try:
            who, _, proof = b64decode(header.removeprefix("Basic ")).decode().partition(":")
        except ValueError:
            return args, None
        args.update({"client_id": who, "client_secret": proof})
        return args, in_args
    return args, header.removeprefix("Bearer ").strip() or in_args


def _spoil(request: web.Request, fault: ApiFault, body: dict[str, object]) -> web.StreamResponse:
    if fault.drop:
        if request.transport:
            request.transport.abort()
        return web.Response(status=500)
    if fault.status == 429:
        return web.json_response(body, status=429, headers={"Retry-After": str(fault.retry_after)})
    if fault.status:
        return web.Response(status=fault.status, text="upstream connect error")
    return web.json_response(body)
