"""Signed HTTP requests: what is accepted and refused, and that no body is logged."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings
from bot.slack.transport import http
from bot.slack.transport.manifest import EVENTS_PATH
from bot.slack.transport.server import ConnectionLimits
from bot.store.database import IN_MEMORY
from slack_emulator import Workspace, serve
from tests.support.bot_in_emulator import FAST_REDELIVERY, RunningBot
from tests.support.http_requests import BODY, SECRET, served, signed
from tests.support.manifests import manifest


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
async def test_invalid_signatures(address: str, change: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """A missing, malformed, old or wrong signature is 401, and one log line without the body."""
    caplog.set_level(logging.INFO)
    async with aiohttp.ClientSession() as session:
        response = await session.post(address, data=BODY, headers={**signed(BODY), **change})
    assert response.status == 401
    assert "secret" not in caplog.text
    assert len([record for record in caplog.records if record.name == http.__name__]) == 1


def test_slacks_own_example() -> None:
    """The example on Slack's page "Verifying requests from Slack" is accepted within five minutes of its time, once."""
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
        assert signatures.is_plausible(str(at), signature) is good
        assert not signatures.verify(str(at), signature, body + b"x")  # which does not use the signature up
        assert signatures.verify(str(at), signature, body) is good
        assert not signatures.verify(str(at), signature, body)
        assert not signatures.verify(str(at), f"{signature[:-1]}0", body)
    assert not http.Signatures("0" * 32, lambda: at).verify(str(at), signature, body)


def test_replay_with_a_time_ahead() -> None:
    """A signature whose timestamp is ahead is refused as long as the timestamp is accepted, which is for longer."""
    now = 1_000_000.0
    signatures = http.Signatures(SECRET, lambda: now)

    def verify(body: str, at: float) -> bool:
        headers = signed(body, at=at)
        return signatures.verify(headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"], body.encode())

    ahead = now + 299
    assert verify("a", ahead)
    for now in (1_000_000.0 + 290, 1_000_000.0 + 590):
        assert verify("b", now)
        assert not verify("a", ahead)


def test_signatures_are_forgotten() -> None:
    """A signature is remembered while it is valid, and no longer."""
    now = 1_000_000.0
    signatures = http.Signatures(SECRET, lambda: now)
    for _ in range(1000):
        headers = signed("x", at=now)
        assert signatures.verify(headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"], b"x")
        now += 10
    assert len(signatures._expiry) < 100


async def test_replays(address: str) -> None:
    """A repeated signature is refused, whatever the other headers; a retry with a new signature is accepted."""
    headers = signed(BODY, at=time.time() - 2)
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=BODY, headers=headers)).status == 200
        assert (await session.post(address, data=BODY, headers=headers)).status == 401
        again = {**headers, "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
        assert (await session.post(address, data=BODY, headers=again)).status == 401
        assert (await session.post(address, data=BODY, headers={**again, **signed(BODY)})).status == 200


async def test_binary_bodies(address: str) -> None:
    """A body that is not UTF-8 is refused."""
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=b"\xff\xfe", headers=signed(BODY))).status == 401


async def test_large_bodies(address: str) -> None:
    """A body above the limit is 413, whether or not its length is announced."""
    body = "x" * (ConnectionLimits().body_bytes + 1)

    async def chunks() -> AsyncIterator[bytes]:
        yield body.encode()

    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=body, headers=signed(body))).status == 413
        assert (await session.post(address, data=chunks(), headers=signed(body))).status == 413
        assert (await session.post(address, data=body[:-1], headers=signed(body[:-1]))).status == 200


async def test_url_verification(address: str) -> None:
    """Slack's challenge is answered."""
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    async with aiohttp.ClientSession() as session:
        response = await session.post(address, data=body, headers=signed(body))
        assert response.status == 200
        assert "3eZbrw1aB" in await response.text()


COMMAND = {"team_id": "T1", "user_id": "U1", "channel_id": "C1", "response_url": "https://hooks.example.com/1"}
MALFORMED_JSON = [
    "",
    "[]",
    "null",
    "{",
    '"text"',
    '{"event": 7, "type": "event_callback"}',
    "[" * 100_000,
    "{}",
    '{"event": {}}',
]
FORMS = [
    "payload=%7B",
    "payload=7",
    "payload=",
    "command=/sentiment",
    "command=&text=x",
    "ssl_check=1",
    urlencode(COMMAND),
]


@pytest.mark.parametrize("body", [*MALFORMED_JSON, *FORMS])
async def test_malformed_payloads(address: str, body: str, caplog: pytest.LogCaptureFixture) -> None:
    """Malformed payloads that are signed are acknowledged, so that Slack does not send them again."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body in FORMS else {}
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=body, headers={**signed(body), **kind})).status == 200
    assert body not in caplog.text or len(body) < 3
    assert len(caplog.records) <= 1
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]
    assert "ack()" not in caplog.text


async def test_other_paths(port: int) -> None:
    """Other paths are 404 and other methods 405, without text, and no header names the software."""
    async with aiohttp.ClientSession() as session:
        for method, path, status in [
            ("GET", "/", 404),
            ("POST", "/", 404),
            ("POST", f"{EVENTS_PATH}/", 404),
            ("GET", "/../../etc/passwd", 404),
            ("GET", EVENTS_PATH, 405),
            ("PUT", EVENTS_PATH, 405),
            ("OPTIONS", EVENTS_PATH, 405),
            ("POST", EVENTS_PATH, 401),
        ]:
            response = await session.request(method, f"http://127.0.0.1:{port}{path}")
            assert (response.status, await response.read()) == (status, b"")
            assert not {"Server", "X-Powered-By"} & set(response.headers)


TEXT = st.text(st.characters(codec="utf-8"), max_size=50)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda kids: st.lists(kids) | st.dictionaries(TEXT, kids),
    max_leaves=8,
)


ENVELOPE = st.dictionaries(st.sampled_from(["type", "event", "team_id", "authorizations", "enterprise"]), JSON)


@hypothesis_settings(
    max_examples=10,  # of many bodies each, since starting the bot takes most of the time
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.too_slow],
)
@given(
    bodies=st.lists(
        st.builds(lambda event, envelope: {"event": event} | envelope, JSON, ENVELOPE), min_size=1, max_size=20
    )
)
def test_any_signed_json(engine: Engine, bodies: list[dict[str, object]]) -> None:
    """Signed JSON of any shape is answered with 200."""

    async def statuses() -> set[int]:
        found = set()
        async with served(engine) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            for number, one in enumerate(bodies):
                body = json.dumps(
                    {"type": "event_callback", "number": number} | one
                )  # no two alike: replays are refused
                async with session.post(EVENTS_PATH, data=body, headers=signed(body)) as response:
                    found.add(response.status)
        return found

    assert asyncio.run(statuses()) == {200}


@given(timestamp=st.text(max_size=40), signature=st.text(max_size=90), body=st.binary(max_size=200))
def test_random_signatures(timestamp: str, signature: str, body: bytes) -> None:
    """Random headers are refused and raise no exception."""
    signatures = http.Signatures(SECRET, time.time)
    assert not (signatures.is_plausible(timestamp, signature) and signatures.verify(timestamp, signature, body))


async def test_commands_and_mentions(engine: Engine) -> None:
    """A command and a mention are answered as over Socket Mode."""
    workspace, port = Workspace(manifest("https://bot.example.com"), schedule=FAST_REDELIVERY), unused_port()
    async with serve(workspace, events_url=f"http://127.0.0.1:{port}{EVENTS_PATH}") as server:
        settings = Settings(
            slack_bot_token=workspace.bot_token,
            slack_signing_secret=workspace.signing_secret,
            slack_api_url=server.api_url,
            port=port,
            database_url=IN_MEMORY,
        )
        async with app.listening(settings, engine):
            bot = RunningBot(workspace, settings)
            await workspace.command(bot.ana, bot.general, "/sentiment", "I love this team")
            assert (await bot.wait_for_answer(bot.ana, bot.general)).text.startswith("Positive")
            await workspace.post(bot.ana, bot.general, f"{bot.mention} I love this team")
            assert (await bot.wait_for_answer(bot.ben, bot.general)).text.startswith("Positive")
