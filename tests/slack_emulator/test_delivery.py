"""How payloads reach the app over Socket Mode when all is well, and when it is not."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import ApiFault, EventFault, Schedule, Server, Workspace, serve

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]
EVENT = {"type": "app_home_opened", "user": "U1", "tab": "home"}


@pytest.fixture
def heard(workspace: Workspace, app: AsyncApp) -> list[tuple[str, str, str]]:
    """What a listener hears: for each delivery its event id, its attempt and why it is one."""
    deliveries: list[tuple[str, str, str]] = []

    @app.event("app_home_opened")
    async def note(body: dict[str, Any], request: Any) -> None:  # noqa: ANN401 - Bolt's request
        number, reason = (request.headers.get(name, [""])[0] for name in ("x-slack-retry-num", "x-slack-retry-reason"))
        deliveries.append((body["event_id"], number, reason))
        workspace.changes.notify()

    return deliveries


async def test_acknowledged_once(workspace: Workspace, app: AsyncApp, connect: Connect, heard: list[Any]) -> None:
    """An event that is acknowledged is delivered once, as attempt 0."""
    await connect(app)
    assert await workspace.deliver(EVENT)
    await workspace.until(lambda: heard)
    assert [attempt for _, attempt, _ in heard] == ["0"]


@pytest.mark.usefixtures("impatient")
async def test_unhandled_event_is_sent_again(workspace: Workspace, app: AsyncApp, connect: Connect) -> None:
    """Bolt does not acknowledge an event without a listener, so it comes four times and then no more."""
    await connect(app)
    assert not await workspace.deliver({"type": "something_new"})
    sent = [one.sent for one in workspace.log if one.name == "something_new"]
    assert [(one["retry_attempt"], one["retry_reason"]) for one in sent] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({one["event_id"] for one in sent}) == 1


async def test_lost_acknowledgement(workspace: Workspace, app: AsyncApp, connect: Connect, heard: list[Any]) -> None:
    """When the acknowledgement gets lost, the same event comes again as a retry."""
    await connect(app)
    workspace.faults.add(EventFault(deaf=True))
    assert await workspace.deliver(EVENT)
    await workspace.until(lambda: len(heard) == 2)
    assert [heard[0][1:], heard[1][1:]] == [("0", ""), ("1", "timeout")]
    assert heard[0][0] == heard[1][0]


async def test_duplicates_and_loss(workspace: Workspace, app: AsyncApp, connect: Connect, heard: list[Any]) -> None:
    """An event can come several times, or not at all."""
    await connect(app)
    workspace.faults.add(EventFault(copies=2))
    await workspace.deliver(EVENT)
    await workspace.until(lambda: len(heard) == 3)
    assert len({event_id for event_id, _, _ in heard}) == 1
    workspace.faults.add(EventFault(lost=True))
    assert not await workspace.deliver(EVENT)
    assert len(heard) == 3


async def test_out_of_order(workspace: Workspace, app: AsyncApp, connect: Connect) -> None:
    """One event that is late is overtaken by the next."""
    order: list[str] = []

    @app.event("app_home_opened")
    async def note(event: dict[str, Any]) -> None:
        order.append(event["user"])
        workspace.changes.notify()

    await connect(app)
    workspace.faults.add(EventFault(wait=0.1))
    await asyncio.gather(workspace.deliver(EVENT | {"user": "late"}), workspace.deliver(EVENT | {"user": "early"}))
    assert await workspace.until(lambda: len(order) == 2 and order) == ["early", "late"]


async def test_events_wait_for_a_connection(
    workspace: Workspace, app: AsyncApp, connect: Connect, heard: list[Any]
) -> None:
    """An event sent while nobody is connected comes as a retry once somebody is."""
    workspace.delivery.schedule = Schedule(redeliver_after=(0, 60, 60))
    delivering = asyncio.ensure_future(workspace.deliver(EVENT))
    await workspace.until(lambda: len(workspace.log) == 2)
    await connect(app)
    assert await delivering
    await workspace.until(lambda: heard)
    assert [attempt for _, attempt, _ in heard] == ["2"]


async def test_dropped_socket_reconnects(
    workspace: Workspace, app: AsyncApp, connect: Connect, heard: list[Any]
) -> None:
    """After the network broke, the real client connects anew and events arrive again."""
    handler = await connect(app)
    handler.client.ping_interval = 0.1  # how often it looks after its connection
    await workspace.sockets.drop()
    await workspace.until(lambda: not workspace.sockets.connections)
    await workspace.until(lambda: workspace.sockets.connections, timeout=15)
    assert await workspace.deliver(EVENT)


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_refresh_replaces_the_connection(
    workspace: Workspace, app: AsyncApp, connect: Connect, heard: list[Any], reason: str
) -> None:
    """A disconnect frame makes the client open a new connection, without an event being lost meanwhile."""
    await connect(app)
    first = workspace.sockets.connections[0]
    await workspace.sockets.refresh(reason)
    results = await asyncio.gather(*(workspace.deliver(EVENT) for _ in range(5)))
    await workspace.until(lambda: workspace.sockets.connections and first not in workspace.sockets.connections)
    assert all(results)
    assert await workspace.until(lambda: len({event_id for event_id, _, _ in heard}) == 5)


async def test_each_payload_goes_to_one_connection(
    workspace: Workspace, server: Server, connect: Connect, client: AsyncWebClient
) -> None:
    """With two connections each event goes to one of them only, and both get some."""
    got: list[list[str]] = [[], []]

    def listening(mine: list[str]) -> AsyncApp:
        app = AsyncApp(client=client)

        @app.event("app_home_opened")
        async def note(body: dict[str, Any]) -> None:
            mine.append(body["event_id"])
            workspace.changes.notify()

        return app

    await connect(listening(got[0]))
    await connect(listening(got[1]))
    await asyncio.gather(*(workspace.deliver(EVENT) for _ in range(6)))
    await workspace.until(lambda: len(got[0]) + len(got[1]) == 6)
    assert got[0]
    assert got[1]
    assert len(set(got[0] + got[1])) == 6


async def test_socket_address_is_good_once(workspace: Workspace, client: AsyncWebClient, server: Server) -> None:
    """A WebSocket address cannot be used without a ticket, nor twice."""
    url = (await client.apps_connections_open(app_token=workspace.app_token))["url"].replace("ws:", "http:")
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(url)
        assert (await socket.receive_json())["type"] == "hello"
        assert (await session.get(url)).status == 401
        await socket.close()


async def test_sync_bolt(workspace: Workspace, server: Server, ana: str, general: str) -> None:
    """The synchronous App with its own WebSocket client works, and its connection outlives several pings."""
    app = App(client=WebClient(workspace.bot_token, base_url=server.api_url), token_verification_enabled=False)

    @app.event("app_mention")
    def reply(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401 - Bolt's own
        say(text="hello", thread_ts=event["ts"])

    handler = SocketModeHandler(app, workspace.app_token, ping_interval=0.2)
    thread = threading.Thread(target=handler.connect)
    thread.start()
    await workspace.until(lambda: workspace.sockets.ready)
    connection = workspace.sockets.connections[0]
    await asyncio.sleep(1)  # five ping intervals: it would be stale after four without a pong
    ts = await workspace.post(ana, general, f"<@{workspace.bot_user_id}> hi")
    replies = await workspace.until(lambda: workspace.replies(general, ts))
    assert replies[0].text == "hello"
    assert workspace.sockets.connections == [connection]
    await asyncio.to_thread(handler.close)
    await asyncio.to_thread(thread.join)


async def test_api_faults(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """Calls can be rate-limited, fail, fail after taking effect, be slow, and be dropped; then all is well again."""
    post: dict[str, Any] = {"channel": general, "text": "x"}
    workspace.faults.add(ApiFault("chat.*", status=429, retry_after=7))
    with pytest.raises(SlackApiError) as limited:
        await client.chat_postMessage(**post)
    assert (limited.value.response.status_code, limited.value.response["error"]) == (429, "ratelimited")
    assert limited.value.response.headers["Retry-After"] == "7"
    workspace.faults.add(ApiFault("chat.postMessage", status=503))
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(**post)
    assert not workspace.state.channels[general].messages
    workspace.faults.add(ApiFault("chat.postMessage", status=500, applied=True))
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(**post)
    assert len(workspace.state.channels[general].messages) == 1
    workspace.faults.add(ApiFault(error="internal_error", times=None))
    with pytest.raises(SlackApiError):
        await client.auth_test()
    workspace.faults.clear()
    workspace.faults.add(ApiFault(wait=0.05, drop=True, times=2))  # the client itself tries a second time
    with pytest.raises(Exception, match="disconnected"):
        await client.chat_postMessage(**post)
    assert (await client.chat_postMessage(**post))["ok"]


async def test_until_says_what_happened_last(workspace: Workspace) -> None:
    """A wait that is in vain ends with what crossed the line last."""
    workspace.log.record("api", "chat.postMessage", {})
    with pytest.raises(TimeoutError, match=r"api chat\.postMessage"):
        await workspace.until(lambda: False, timeout=0.01)


async def test_port_in_use(workspace: Workspace, server: Server) -> None:
    """A port that is taken is an OSError."""
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        async with serve(workspace, port=port):
            pass


async def test_cut_while_it_answers_a_ping(
    workspace: Workspace, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever in the stand-in's work a broken network cuts a connection, there is no error in its log."""
    client = AsyncWebClient(workspace.app_token, base_url=server.api_url)
    for turns in range(40):
        url = str((await client.apps_connections_open(app_token=workspace.app_token))["url"])
        async with aiohttp.ClientSession() as session, session.ws_connect(url, autoping=False) as socket:
            await socket.receive()
            await asyncio.gather(*(socket.ping() for _ in range(3)))
            for _ in range(turns % 8):
                await asyncio.sleep(0)
            await workspace.sockets.drop()
    await workspace.until(lambda: not workspace.sockets.connections)
    assert "Traceback" not in caplog.text
