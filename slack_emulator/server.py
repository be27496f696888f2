"""The HTTP server of a workspace: Web API, Socket Mode, response URLs, files, and the page."""

import asyncio
import json
import secrets
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import web

from slack_emulator.errors import ApiError
from slack_emulator.page import consent, routes
from slack_emulator.page.guard import Guard
from slack_emulator.transport.faults import ApiFault
from slack_emulator.transport.signed_http import SignedHttpTransport
from slack_emulator.web_api import METHODS, Args, call_method
from slack_emulator.workspace import Workspace

MAX_BODY = 64 * 2**20


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        url: The URL of the page.
        api_url: The base URL of the Web API, for the `base_url` of a Slack client.
        control_token: The token for the control API's `X-Control-Token` header.
        http: The signed HTTP transport, if an `events_url` was given.
    """

    url: str
    api_url: str
    control_token: str
    http: SignedHttpTransport | None


@asynccontextmanager
async def serve(
    workspace: Workspace, *, host: str = "127.0.0.1", port: int = 0, events_url: str | None = None
) -> AsyncIterator[Server]:
    """Serve a workspace until the context exits.

    Args:
        workspace: The workspace.
        host: The address to listen on. Anybody who can reach it can read the whole workspace.
        port: The port; 0 for a free one.
        events_url: The app's request URL, for signed HTTP requests instead of Socket Mode.

    Raises:
        OSError: If the server cannot listen on the address and port.
    """
    token = secrets.token_urlsafe(32)
    guard = Guard(host, token)
    app = web.Application(client_max_size=MAX_BODY)
    handlers = _Handlers(workspace)
    app.add_routes(
        [
            web.route("*", "/api/{method}", handlers.api),
            web.get("/link/", workspace.sockets.handle),
            web.post("/{kind:commands|actions}/{rest:.+}", handlers.response_url),
            web.post("/upload/v1/{secret}", handlers.upload),
            web.get("/files-pri/{secret}/{name}", handlers.file),
            *routes.routes(workspace, guard),
            *consent.routes(workspace, guard),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        url_host = f"[{host}]" if ":" in host else host
        workspace.state.url = f"http://{url_host}:{runner.addresses[0][1]}"
        http = None
        if events_url:
            http = SignedHttpTransport(events_url, workspace.signing_secret)
            workspace.delivery.transport = http
        yield Server(workspace.url, workspace.url + "/api/", token, http)
    finally:
        guard.closing.set()
        await workspace.delivery.close()
        await workspace.sockets.close()
        await runner.cleanup()


class _Handlers:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer a call of the Web API, subject to injected faults."""
        name = request.match_info["method"]
        args, token = await _arguments(request)
        # As in Slack, one URL serves all workspaces; the token selects one.
        workspace = self._workspace.oauth_app.find_workspace(token, args) or self._workspace
        fault = workspace.faults.take_for_call(name)
        if fault and fault.wait:
            await asyncio.sleep(fault.wait)
        if fault is None and workspace.history_limit and (seconds := workspace.history_limit.retry_after(name)):
            fault = ApiFault(name, status=429, retry_after=seconds)
        replaced = fault is not None and (fault.drop or fault.status is not None or fault.error is not None)
        body = {} if replaced and fault and not fault.applied else call_method(workspace, name, args, token)
        if fault and replaced:
            body = {"ok": False, "error": fault.error or ("ratelimited" if fault.status == 429 else "faulty")}
            workspace.log.record("api", name, args, body | {"status": fault.status, "dropped": fault.drop})
            return _fault_response(request, fault, body)
        secret = name == "apps.connections.open" and body["ok"]  # the URL grants access
        note = "" if name in METHODS else "the emulator has no such method"
        workspace.log.record("api", name, args, {"ok": True} if secret else body, note=note)
        scopes = ",".join(workspace.state.granted_scopes)
        date = formatdate(workspace.state.clock(), usegmt=True)
        return web.json_response(body, headers={"x-oauth-scopes": scopes, "Date": date})

    async def response_url(self, request: web.Request) -> web.Response:
        """Accept a request to a response URL."""
        workspace, body = self._workspace, await request.text()
        if request.content_type == "application/x-www-form-urlencoded":
            body = str((await request.post()).get("payload", body))
        try:
            sent = json.loads(body)
        except ValueError:
            sent = {}
        sent = sent if isinstance(sent, dict) else {}
        try:
            workspace.response_urls.handle_request(request.path, body)
        except ApiError as error:
            response = {"ok": False, "error": error.code, **error.details}
            workspace.log.record("response_url", request.path, sent, response)
            gone = error.code in ("expired_url", "used_url")
            return web.json_response(response, status=404 if gone else 400)
        workspace.log.record("response_url", request.path, sent, {"ok": True})
        return web.Response(text="ok")

    async def upload(self, request: web.Request) -> web.Response:
        """Accept the content of a file."""
        file = self._workspace.files.find_by_secret(request.match_info["secret"])
        if file is None:
            return web.Response(status=404)
        file.content = await request.read()
        return web.Response(text=f"OK - {len(file.content)}")

    async def file(self, request: web.Request) -> web.Response:
        """Serve the content of a file."""
        file = self._workspace.files.find_by_secret(request.match_info["secret"])
        if file is None or file.content is None:
            return web.Response(status=404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=file.content, content_type=file.mimetype, headers=headers)


async def _arguments(request: web.Request) -> tuple[Args, str | None]:
    """Merge the query, form and JSON arguments, and separate the token."""
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
    token = args.pop("token", None)
    if header.startswith("Basic "):
        try:
            client_id, _, client_secret = b64decode(header.removeprefix("Basic ")).decode().partition(":")
        except ValueError:
            return args, None
        args.update({"client_id": client_id, "client_secret": client_secret})
        return args, token
    return args, header.removeprefix("Bearer ").strip() or token


def _fault_response(request: web.Request, fault: ApiFault, body: dict[str, object]) -> web.StreamResponse:
    if fault.drop:
        if request.transport:
            request.transport.abort()
        return web.Response(status=500)
    if fault.status == 429:
        return web.json_response(body, status=429, headers={"Retry-After": str(fault.retry_after)})
    if fault.status:
        return web.Response(status=fault.status, text="upstream connect error")
    return web.json_response(body)
