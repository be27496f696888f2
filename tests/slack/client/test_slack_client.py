"""The client, against a server whose answers are not Slack's."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.slack.blocks import note
from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.parsing.events import ActionSource
from bot.slack.transport.bolt_app import open_web_client
from tests.support.bot_in_emulator import FAST_TIMING

HTML = b"<html><body>502 Bad Gateway</body></html>"
JSON, PLAIN = "application/json", "text/plain"


async def post(*answers: tuple[int, str, bytes]) -> tuple[MessageRef | None, int]:
    """Post to a server that gives ``answers`` and then accepts; return the message, and how many attempts it took."""
    remaining, attempts = list(answers), 0

    async def respond(_: web.Request) -> web.Response:
        nonlocal attempts
        attempts += 1
        if not remaining:
            return web.json_response({"ok": True, "channel": "C1", "ts": "1.1"})
        status, content_type, body = remaining.pop(0)
        return web.Response(status=status, headers={"Content-Type": content_type}, body=body)

    application = web.Application()
    application.router.add_route("*", "/api/{method}", respond)
    async with (
        TestServer(application) as server,
        open_web_client(str(server.make_url("/api/")), FAST_TIMING) as web_client,
    ):
        web_client.token = "xoxb-1"
        slack = SlackClient(web_client, CallExecutor(FAST_TIMING), "T1")
        return await slack.post("C1", note("hello")), attempts


@pytest.mark.parametrize("status", [200, 502, 503])
@pytest.mark.parametrize("content_type", [JSON, PLAIN, "text/html", f"{JSON}; charset=none"])
@pytest.mark.parametrize(
    "body",
    [HTML, b"", b"[]", b'"down"', b"null", b"5", b"\xff\xfe", b"[" * 100_000, b"9" * 5_000],
    ids=["html", "empty", "list", "string", "null", "number", "not UTF-8", "nested", "long number"],
)
async def test_answer_that_is_not_an_object(
    status: int, content_type: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that is not a JSON object is a failure that is retried; nothing of it is logged."""
    assert await post((status, content_type, body)) == (MessageRef("C1", "1.1"), 2)
    assert "chat.postMessage failed" in caplog.text
    assert "Bad Gateway" not in caplog.text


async def test_page_of_a_proxy_that_refuses() -> None:
    """A page with a status that refuses is not retried, whatever its type."""
    for content_type in (JSON, PLAIN, "text/html"):
        assert await post((403, content_type, HTML)) == (None, 1)


async def test_throttled_with_status_200() -> None:
    """An answer that throttles is retried although its status is 200."""
    assert await post((200, JSON, b'{"ok": false, "error": "ratelimited"}')) == (MessageRef("C1", "1.1"), 2)


async def test_page_instead_of_a_throttled_answer() -> None:
    """A page with status 429 throttles."""
    for content_type in (JSON, PLAIN, "text/html"):
        assert await post((429, content_type, HTML)) == (MessageRef("C1", "1.1"), 2)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"ok": false, "error": "invalid_blocks"}'),
        (400, b'{"ok": false, "error": "invalid_blocks"}'),
        (400, b"invalid_blocks"),
        (200, b"invalid_blocks_format"),
    ],
)
async def test_refused_blocks_at_a_response_url(status: int, body: bytes) -> None:
    """However a response_url says that it refuses blocks, the answer is sent as text."""
    received = []

    async def respond(request: web.Request) -> web.Response:
        received.append(await request.json())
        return web.Response(text="ok") if "blocks" not in received[-1] else web.Response(status=status, body=body)

    application = web.Application()
    application.router.add_post("/answer", respond)
    async with TestServer(application) as server, open_web_client(str(server.make_url("/")), FAST_TIMING) as web_client:
        slack = SlackClient(web_client, CallExecutor(FAST_TIMING), "T1")
        source = ActionSource("C1", "1.1", None, "U1", str(server.make_url("/answer")))
        assert await slack.respond(source, note("hello"))
    assert [("blocks" in answer, answer["text"]) for answer in received] == [(True, "hello"), (False, "hello")]
