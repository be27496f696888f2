"""Signed HTTP requests to a request URL."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from slack_emulator import (
    Server,
    Workspace,
    serve,
)


class Endpoint:
    """A request URL that checks signatures, keeps the requests, and returns the given responses."""

    def __init__(self, signing_secret: str) -> None:
        self.verifier = SignatureVerifier(signing_secret)
        self.requests: list[tuple[web.Request, str]] = []
        self.answers: list[web.Response] = []
        self.held: asyncio.Event | None = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Take one request."""
        body = await request.text()
        if not self.verifier.is_valid_request(body, dict(request.headers)):
            return web.Response(status=401)
        self.requests.append((request, body))
        if self.held:
            await self.held.wait()
        if request.content_type == "application/json" and "challenge" in (sent := json.loads(body)):
            return web.Response(text=sent["challenge"])
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def endpoint(workspace: Workspace) -> AsyncIterator[Endpoint]:
    """Serve a request URL on a free port."""
    endpoint = Endpoint(workspace.signing_secret)
    app = web.Application()
    app.router.add_post("/slack/events", endpoint.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield endpoint
    if endpoint.held:
        endpoint.held.set()
    await runner.cleanup()


@pytest.fixture
async def server(workspace: Workspace, endpoint: Endpoint) -> AsyncIterator[Server]:
    """Serve the workspace, with that request URL."""
    async with serve(workspace, events_url=endpoint.url) as serving:
        yield serving


async def test_challenge(server: Server, endpoint: Endpoint) -> None:
    """A request URL is verified by its response to a challenge."""
    assert server.http
    assert await server.http.verify()


async def test_event(workspace: Workspace, server: Server, endpoint: Endpoint, ana: str, general: str) -> None:
    """An event is posted as signed JSON, without retry headers."""
    ts = await workspace.post(ana, general, "héllo")
    await workspace.until(lambda: any(one.kind == "ack" for one in workspace.log))
    request, body = endpoint.requests[0]
    assert json.loads(body)["event"]["ts"] == ts
    assert not any(name.startswith("X-Slack-Retry") for name in request.headers)


async def test_retries(workspace: Workspace, server: Server, endpoint: Endpoint) -> None:
    """After an unsuccessful response the event is posted again, with its retry number and reason in headers."""
    endpoint.answers = [web.Response(status=500), web.Response(status=404)]
    assert await workspace.deliver({"type": "x"})
    retries = [
        (request.headers.get("X-Slack-Retry-Num"), request.headers.get("X-Slack-Retry-Reason"))
        for request, _ in endpoint.requests
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]


@pytest.mark.usefixtures("short_timeout")
async def test_timeout(workspace: Workspace, server: Server, endpoint: Endpoint, ana: str, general: str) -> None:
    """A slow response is a timeout, for events and commands."""
    endpoint.held = asyncio.Event()
    assert (await workspace.command(ana, general, "/echo")).error == "operation_timeout"
    assert not await workspace.deliver({"type": "x"})
    assert endpoint.requests[-1][0].headers["X-Slack-Retry-Reason"] == "http_timeout"


@pytest.mark.parametrize(
    "answer",
    [{"text": "hello"}, {"body": b'{"text": "hello"}', "content_type": "application/json"}],
    ids=["plain", "json"],
)
async def test_command(
    workspace: Workspace, server: Server, endpoint: Endpoint, ana: str, general: str, answer: dict[str, Any]
) -> None:
    """A command is posted as a form; the response body, text or JSON, is the reply."""
    endpoint.answers = [web.Response(**answer)]
    outcome = await workspace.command(ana, general, "/echo", "a & b")
    form = parse_qs(endpoint.requests[0][1])
    assert form["text"] == ["a & b"]
    assert form["response_url"][0].startswith(server.url)
    assert outcome.message
    assert outcome.message.text == "hello"


async def test_interaction(workspace: Workspace, server: Server, endpoint: Endpoint, ana: str) -> None:
    """An interaction is posted as a form with one JSON field."""
    assert (await workspace.shortcut(ana, "begin")).ok
    payload = json.loads(parse_qs(endpoint.requests[0][1])["payload"][0])
    assert (payload["type"], payload["user"]["id"]) == ("shortcut", ana)


async def test_unreachable(workspace: Workspace, ana: str, general: str) -> None:
    """If nothing listens at the request URL, the dispatch fails."""
    async with serve(workspace, events_url="http://127.0.0.1:9/slack/events"):
        assert (await workspace.command(ana, general, "/echo")).error == "dispatch_failed"
