"""The HTTP door lets in what Slack signed, and nothing else, and writes no body into the log."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings
from bot.slack.timing import DEFAULT_TIMING
from bot.slack.transport import http, server
from bot.slack.transport.bolt_app import open_web_client
from bot.store.database import IN_MEMORY, open_database
from slack_emulator import Workspace, serve
from tests.support.manifests import manifest
from tests.support.stage import QUICK, Stage

SECRET = "0123456789abcdef0123456789abcdef"
BODY = json.dumps({"type": "event_callback", "event": {"type": "message", "text": "my secret text"}})


@asynccontextmanager
async def served(engine: Engine) -> AsyncIterator[int]:
    """Serve the bot over HTTP, with a workspace behind it; yields the port."""
    workspace = Workspace(manifest("https://bot.example.com"))
    async with serve(workspace) as slack:
        settings = Settings(slack_bot_token=workspace.bot_token, slack_api_url=slack.api_url)
        with open_database(IN_MEMORY) as database:
            async with open_web_client(slack.api_url, DEFAULT_TIMING) as web:
                door = http.web_app(app.build(settings, engine, database, web).app, SECRET)
                async with server.serving(door, "127.0.0.1", 0) as port:
                    yield port


@pytest.fixture
async def port(engine: Engine) -> AsyncIterator[int]:
    """Serve the bot over HTTP."""
    async with served(engine) as port:
        yield port


@pytest.fixture
def address(port: int) -> str:
    """Return where it takes requests."""
    return f"http://127.0.0.1:{port}{http.PATH}"


async def raw(port: int, sent: bytes) -> bytes:
    """Return all that comes back for ``sent`` until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(10):
        got = await reader.read()
    writer.close()
    return got


def signed(body: str, *, at: float | None = None) -> dict[str, str]:
    """Return the headers that Slack would send with ``body``."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signature),
        "Content-Type": "application/json",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=0000"},
        {"X-Slack-Signature": "v0=ünïcödé"},
        {"X-Slack-Signature": "v0=" + "a" * 5000},
        {"X-Slack-Signature": "v0=" + "٣" * 64},
        {"X-Slack-Signature": signed(BODY)["X-Slack-Signature"].upper()},
        {"X-Slack-Request-Timestamp": str(int(time.time()) + 3600)},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": "²"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": str(int(time.time()) - 3600)},
        signed(BODY, at=time.time() - 3600),
        signed(BODY + " "),
    ],
)
async def test_refuses_what_slack_did_not_sign(
    address: str, change: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """A missing, malformed, old or wrong signature is 401, and one line in the log without the body."""
    caplog.set_level(logging.INFO)
    async with aiohttp.ClientSession() as session:
        response = await session.post(address, data=BODY, headers={**signed(BODY), **change})
    assert response.status == 401
    assert "secret" not in caplog.text
    assert len([record for record in caplog.records if record.name == http.__name__]) == 1


def test_slacks_own_example() -> None:
    """The example of Slack's page "Verifying requests from Slack" is taken at its time, for five minutes, once."""
    form = {
        "token": "xyzz0WbapA4vBCDEFasx0q6G",
        "team_id": "T1DC2JH3J",
        "team_domain": "testteamnow",
        "channel_id": "G8PSS9T3V",
        "channel_name": "foobar",
        "user_id": "U2CERLKJA",
        "user_name": "roadrunner",
        "command": "/webhook-collect",
        "text": "",
        "response_url": "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN",
        "trigger_id": "398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    }
    body, at = urlencode(form).encode(), 1531420618
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    for now, good in ((at, True), (at + 299, True), (at - 299, True), (at + 301, False), (at - 301, False)):
        signatures = http.Signatures("8f742231b10e8888abcd99yyyzzz85a5", partial(float, now))
        assert signatures.possible(str(at), signature) is good
        assert signatures.good(str(at), signature, body) is good
        assert not signatures.good(str(at), signature, body)
    assert not http.Signatures("0" * 32, lambda: at).good(str(at), signature, body)


def test_signatures_are_forgotten() -> None:
    """A signature is remembered as long as it is good, and no longer."""
    now = 1_000_000.0
    signatures = http.Signatures(SECRET, lambda: now)
    for _ in range(1000):
        headers = signed("x", at=now)
        assert signatures.good(headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"], b"x")
        now += 10
    assert len(signatures._taken) < 100


async def test_a_copy_is_refused(address: str) -> None:
    """A request sent a second time with the same signature is refused, whatever its other headers; signed anew, not."""
    headers = signed(BODY, at=time.time() - 2)
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=BODY, headers=headers)).status == 200
        assert (await session.post(address, data=BODY, headers=headers)).status == 401
        again = {**headers, "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
        assert (await session.post(address, data=BODY, headers=again)).status == 401
        assert (await session.post(address, data=BODY, headers={**again, **signed(BODY)})).status == 200


async def test_refuses_what_is_no_text(address: str) -> None:
    """A body that is not UTF-8 is not Slack's."""
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=b"\xff\xfe", headers=signed(BODY))).status == 401


async def test_refuses_what_is_too_large(address: str) -> None:
    """A body over a megabyte is 413."""
    body = "x" * 2_000_000
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=body, headers=signed(body))).status == 413


async def test_answers_slacks_challenge(address: str) -> None:
    """The address can be verified when the app is set up."""
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    async with aiohttp.ClientSession() as session:
        response = await session.post(address, data=body, headers=signed(body))
        assert response.status == 200
        assert "3eZbrw1aB" in await response.text()


COMMAND = {"team_id": "T1", "user_id": "U1", "channel_id": "C1", "response_url": "https://hooks.example.com/1"}
JUNK = ["", "[]", "null", "{", '"text"', '{"event": 7, "type": "event_callback"}', "[" * 100_000, "{}", '{"event": {}}']
FORMS = [
    "payload=%7B",
    "payload=7",
    "payload=",
    "command=/sentiment",
    "command=&text=x",
    "ssl_check=1",
    urlencode(COMMAND),
]


@pytest.mark.parametrize("body", [*JUNK, *FORMS])
async def test_signed_junk_is_no_error(address: str, body: str, caplog: pytest.LogCaptureFixture) -> None:
    """What makes no sense, though signed, is answered without an error that would make Slack send it again."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body in FORMS else {}
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=body, headers={**signed(body), **kind})).status == 200
    assert body not in caplog.text or len(body) < 3
    assert len(caplog.records) <= 1
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]
    assert "ack()" not in caplog.text


async def test_no_path_answers_but_the_one(port: int) -> None:
    """Other paths are 404 and other methods 405, without a word, and nothing names the server."""
    async with aiohttp.ClientSession() as session:
        for method, path, status in [
            ("GET", "/", 404),
            ("POST", "/", 404),
            ("POST", f"{http.PATH}/", 404),
            ("GET", "/../../etc/passwd", 404),
            ("GET", http.PATH, 405),
            ("PUT", http.PATH, 405),
            ("OPTIONS", http.PATH, 405),
            ("POST", http.PATH, 401),
        ]:
            response = await session.request(method, f"http://127.0.0.1:{port}{path}")
            assert (response.status, await response.read()) == (status, b"")
            assert not {"Server", "X-Powered-By"} & set(response.headers)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"my secret\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Y: " + b"secret" * 5000 + b"\r\n\r\n", 413),
        (b"GET /" + b"secret" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: secret\r\n" * 5000 + b"\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST /slack/events HTTP/1.1\r\nHost: x\r\nExpect: my-secret\r\nContent-Length: 1\r\n\r\n", 417),
    ],
)
async def test_what_is_no_http(port: int, sent: bytes, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """What is no HTTP, or has absurd headers, gets a status without a word, and no line in the log quotes it."""
    got = await raw(port, sent)
    assert got.split(maxsplit=2)[1] == str(status).encode()
    assert got.endswith(b"\r\n\r\n")
    assert b"server" not in got.lower()
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_slow_clients_are_cut(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers and bodies that never end, however they trickle, do not keep a connection."""
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(http, "BODY_SECONDS", 0.5)
    lines = [f"{name}: {value}" for name, value in {**signed(BODY), "Host": "x", "Content-Length": "500"}.items()]
    head = "\r\n".join([f"POST {http.PATH} HTTP/1.1", *lines]) + "\r\n"

    async def trickle(start: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", serving)
        writer.write(start.encode())
        async with asyncio.timeout(8):
            while not reader.at_eof():
                with_luck = asyncio.create_task(reader.read(1024))
                await asyncio.wait([with_luck], timeout=0.1)
                with_luck.cancel()
                try:
                    writer.write(b"a")
                    await writer.drain()
                except ConnectionError:
                    break
        writer.close()

    async with served(engine) as serving:
        await asyncio.gather(trickle(""), trickle("POST /slack/ev"), trickle(head), trickle(head + "\r\n"))


async def test_hanging_connections_keep_nobody_out(port: int, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While hundreds of connections hang, Slack's requests are answered at once, and the oldest are cut."""
    monkeypatch.setattr(server, "STRANGERS", 100)
    hanging: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    lines = [f"{name}: {value}" for name, value in {**signed(BODY), "Host": "x", "Content-Length": "500"}.items()]
    head = "\r\n".join([f"POST {http.PATH} HTTP/1.1", *lines])
    for start in ("", "POST ", head, head + "\r\n\r\n", ""):
        for _ in range(80):
            pair = await asyncio.open_connection("127.0.0.1", port)
            pair[1].write(start.encode())
            hanging.append(pair)
        started = time.monotonic()
        async with aiohttp.ClientSession() as session:
            body = json.dumps({"type": "url_verification", "challenge": str(len(hanging))})
            assert (await session.post(address, data=body, headers=signed(body))).status == 200
        assert time.monotonic() - started < 3
    async with asyncio.timeout(5):
        while sum(not (reader.at_eof() or reader.exception()) for reader, _ in hanging) > 100:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    for _, writer in hanging:
        writer.transport.abort()


SILENT = st.text(st.characters(codec="utf-8"), max_size=50)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | SILENT,
    lambda kids: st.lists(kids) | st.dictionaries(SILENT, kids),
    max_leaves=8,
)


OUTER = st.dictionaries(st.sampled_from(["type", "event", "team_id", "authorizations", "enterprise"]), JSON)


@hypothesis_settings(
    max_examples=10,  # of many bodies each, since starting the bot takes the most
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.too_slow],
)
@given(bodies=st.lists(st.builds(lambda event, outer: {"event": event} | outer, JSON, OUTER), min_size=1, max_size=20))
def test_whatever_is_signed_is_answered(engine: Engine, bodies: list[dict[str, object]]) -> None:
    """Whatever shape signed bodies have, they are answered with 200: nothing makes the door fail."""

    async def statuses() -> set[int]:
        found = set()
        async with served(engine) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            for number, one in enumerate(bodies):
                body = json.dumps({"type": "event_callback", "number": number} | one)  # no copies, which are refused
                async with session.post(http.PATH, data=body, headers=signed(body)) as response:
                    found.add(response.status)
        return found

    assert asyncio.run(statuses()) == {200}


@given(timestamp=st.text(max_size=40), signature=st.text(max_size=90), body=st.binary(max_size=200))
def test_no_signature_is_made_up(timestamp: str, signature: str, body: bytes) -> None:
    """No headers of any kind pass for Slack's, and none make the check fail."""
    signatures = http.Signatures(SECRET, time.time)
    assert not (signatures.possible(timestamp, signature) and signatures.good(timestamp, signature, body))


async def test_serves_a_workspace(engine: Engine) -> None:
    """Over signed HTTP a command and a mention are answered as over Socket Mode."""
    workspace, port = Workspace(manifest("https://bot.example.com"), schedule=QUICK), unused_port()
    async with serve(workspace, events_url=f"http://127.0.0.1:{port}{http.PATH}") as server:
        settings = Settings(
            slack_bot_token=workspace.bot_token,
            slack_signing_secret=workspace.signing_secret,
            slack_api_url=server.api_url,
            port=port,
            database_url=IN_MEMORY,
        )
        async with app.listening(settings, engine):
            stage = Stage(workspace, settings)
            await workspace.command(stage.ana, stage.general, "/sentiment", "I love this team")
            assert (await stage.answer(stage.ana, stage.general)).text.startswith("POSITIVE")
            await workspace.post(stage.ana, stage.general, f"{stage.mention} I love this team")
            assert (await stage.answer(stage.ben, stage.general)).text.startswith("POSITIVE")
