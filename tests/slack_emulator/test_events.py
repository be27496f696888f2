"""Which events the app hears of, and what they look like."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]


def events(workspace: Workspace, kind: str | None = None) -> list[dict[str, Any]]:
    """Give the outer payloads of the events sent so far, without those sent again."""
    sent = (one.sent for one in workspace.log if one.kind == "event" and kind in (None, one.name))
    return [dict(payload) for payload in sent if payload["retry_attempt"] == 0]


async def test_mention_comes_twice(workspace: Workspace, ana: str, general: str) -> None:
    """A mention is an app_mention and a message, with different event ids and one ts."""
    ts = await workspace.post(ana, general, f"<@{workspace.bot_user_id}> hello")
    mention, message = await workspace.until(lambda: len(found := events(workspace)) >= 2 and found[:2])
    assert (mention["event"]["type"], message["event"]["type"]) == ("app_mention", "message")
    assert mention["event_id"] != message["event_id"]
    assert mention["event"]["ts"] == message["event"]["ts"] == ts
    assert message["event"]["channel_type"] == "channel"
    assert (message["team_id"], message["api_app_id"]) == (workspace.team_id, workspace.app_id)
    assert message["authorizations"][0]["user_id"] == workspace.bot_user_id
    rich = message["event"]["blocks"][0]["elements"][0]["elements"]
    assert rich == [{"type": "user", "user_id": workspace.bot_user_id}, {"type": "text", "text": " hello"}]


async def test_direct_message_is_a_message_only(workspace: Workspace, ana: str) -> None:
    """In a direct message a mention is no app_mention."""
    await workspace.post(ana, workspace.dm_id("ana"), f"<@{workspace.bot_user_id}> hello")
    await workspace.until(lambda: events(workspace))
    assert [one["event"]["channel_type"] for one in events(workspace)] == ["im"]


async def test_what_is_not_told(
    workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, general: str, secret: str
) -> None:
    """Neither what is not subscribed to is told, nor what happens where the bot is not."""
    await connect(app)
    ts = await workspace.post(ana, general, "x")
    await workspace.react(ana, general, ts, "eyes")
    await workspace.unreact(ana, general, ts, "eyes")
    await workspace.post(ana, secret, f"<@{workspace.bot_user_id}>")
    await workspace.post(ana, workspace.channel_id("lonely"), f"<@{workspace.bot_user_id}>")
    await workspace.open_home(ana)  # comes last, so that whatever comes before it has come
    await workspace.until(lambda: events(workspace, "app_home_opened"))
    assert {one["event"]["type"] for one in events(workspace)} == {"message", "reaction_added", "app_home_opened"}
    assert {one["event"]["channel"] for one in events(workspace, "message")} == {general}


async def test_edits_and_deletions(workspace: Workspace, ana: str, general: str) -> None:
    """An edit tells the message before and after, a deletion what is gone."""
    ts = await workspace.post(ana, general, "one")
    await workspace.edit(ana, general, ts, "two")
    await workspace.delete(ana, general, ts)
    _, changed, deleted = await workspace.until(lambda: len(found := events(workspace)) >= 3 and found[:3])
    assert changed["event"]["subtype"] == "message_changed"
    assert changed["event"]["message"]["text"] == "two"
    assert changed["event"]["message"]["edited"]["user"] == ana
    assert changed["event"]["previous_message"]["text"] == "one"
    assert deleted["event"]["subtype"] == "message_deleted"
    assert deleted["event"]["deleted_ts"] == ts


async def test_own_posts_are_told(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """The bot hears of its own posts and updates, marked as its own."""
    ts = (await client.chat_postMessage(channel=general, text="one"))["ts"]
    await client.chat_update(channel=general, ts=ts, text="two")
    posted, changed = await workspace.until(lambda: len(found := events(workspace)) >= 2 and found[:2])
    assert posted["event"]["bot_id"] == changed["event"]["message"]["bot_id"] == workspace.bot_id
    assert posted["event"]["bot_profile"]["app_id"] == posted["event"]["app_id"] == workspace.app_id
    assert "bot_id" not in changed["event"]


async def test_reply_changes_its_parent(workspace: Workspace, ana: str, general: str) -> None:
    """A thread reply also tells that its parent changed, with the same text as before."""
    parent = await workspace.post(ana, general, "x")
    await workspace.post(ana, general, "y", thread_ts=parent)
    _, reply, changed = await workspace.until(lambda: len(found := events(workspace)) >= 3 and found[:3])
    assert (reply["event"]["thread_ts"], reply["event"]["parent_user_id"]) == (parent, ana)
    assert changed["event"]["message"]["reply_count"] == 1
    assert changed["event"]["message"]["text"] == changed["event"]["previous_message"]["text"]


async def test_invited(workspace: Workspace, ana: str) -> None:
    """The bot hears of its being brought into a channel, and from then on of what is said there."""
    lonely = workspace.channel_id("lonely")
    await workspace.invite(ana, lonely, workspace.bot_user_id)
    await workspace.post(ana, lonely, "welcome")
    told = await workspace.until(lambda: len(found := events(workspace)) >= 3 and found[:3])
    assert [one["event"]["type"] for one in told] == ["member_joined_channel", "message", "message"]
    assert told[0]["event"]["user"] == workspace.bot_user_id


async def test_bolt_hears_a_reaction(
    workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, general: str
) -> None:
    """A Bolt listener is called for a reaction, and what it does is seen."""

    @app.event("reaction_added")
    async def echo(event: dict[str, Any], client: AsyncWebClient) -> None:
        item = event["item"]
        if event["user"] != workspace.bot_user_id:
            await client.reactions_add(channel=item["channel"], timestamp=item["ts"], name=event["reaction"])

    await connect(app)
    ts = await workspace.post(ana, general, "x")
    await workspace.react(ana, general, ts, "tada")
    await workspace.until(lambda: workspace.message(general, ts).reactions.get("tada") == [ana, workspace.bot_user_id])
