"""The events that the app receives."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.conftest import Connect


def events(workspace: Workspace, kind: str | None = None) -> list[dict[str, Any]]:
    """Return the payloads of all events sent so far, without retries."""
    sent = (one.sent for one in workspace.log if one.kind == "event" and kind in (None, one.name))
    return [dict(payload) for payload in sent if payload["retry_attempt"] == 0]


async def test_mention(workspace: Workspace, ana: str, general: str) -> None:
    """A mention is sent as app_mention and as message, with different event ids and the same ts."""
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


async def test_mention_in_an_edit(workspace: Workspace, ana: str, general: str) -> None:
    """An edit that adds a mention sends app_mention with the time of the edit, and one that keeps it does not."""
    ts = await workspace.post(ana, general, "hello")
    for text in ("hello", "again"):
        await workspace.edit(ana, general, ts, f"<@{workspace.bot_user_id}> {text}")
    await workspace.until(lambda: len(events(workspace, "message")) >= 3)
    (mention,) = events(workspace, "app_mention")
    assert (mention["event"]["ts"], mention["event"]["text"]) == (ts, f"<@{workspace.bot_user_id}> hello")
    assert mention["event"]["event_ts"] == mention["event"]["edited"]["ts"] > ts


async def test_direct_message(workspace: Workspace, ana: str) -> None:
    """A mention in a direct message is not an app_mention."""
    await workspace.post(ana, workspace.dm_id("ana"), f"<@{workspace.bot_user_id}> hello")
    await workspace.until(lambda: events(workspace))
    assert [one["event"]["channel_type"] for one in events(workspace)] == ["im"]


async def test_filter(
    workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, general: str, secret: str
) -> None:
    """Events are not sent without a subscription, nor from channels without the bot."""
    await connect(app)
    ts = await workspace.post(ana, general, "x")
    await workspace.react(ana, general, ts, "eyes")
    await workspace.unreact(ana, general, ts, "eyes")
    await workspace.post(ana, secret, f"<@{workspace.bot_user_id}>")
    await workspace.post(ana, workspace.channel_id("lonely"), f"<@{workspace.bot_user_id}>")
    await workspace.open_home(ana)  # sent last
    await workspace.until(lambda: events(workspace, "app_home_opened"))
    assert {one["event"]["type"] for one in events(workspace)} == {"message", "reaction_added", "app_home_opened"}
    assert {one["event"]["channel"] for one in events(workspace, "message")} == {general}


async def test_edits_and_deletions(workspace: Workspace, ana: str, general: str) -> None:
    """Edits and deletions include the previous message."""
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


async def test_own_messages(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """The app receives its own posts and updates, marked as its own."""
    ts = (await client.chat_postMessage(channel=general, text="one"))["ts"]
    await client.chat_update(channel=general, ts=ts, text="two")
    posted, changed = await workspace.until(lambda: len(found := events(workspace)) >= 2 and found[:2])
    assert posted["event"]["bot_id"] == changed["event"]["message"]["bot_id"] == workspace.bot_id
    assert posted["event"]["bot_profile"]["app_id"] == posted["event"]["app_id"] == workspace.app_id
    assert "bot_id" not in changed["event"]


async def test_reply(workspace: Workspace, ana: str, general: str) -> None:
    """A thread reply also sends message_changed for its parent."""
    parent = await workspace.post(ana, general, "x")
    await workspace.post(ana, general, "y", thread_ts=parent)
    _, reply, changed = await workspace.until(lambda: len(found := events(workspace)) >= 3 and found[:3])
    assert (reply["event"]["thread_ts"], reply["event"]["parent_user_id"]) == (parent, ana)
    assert changed["event"]["message"]["reply_count"] == 1
    assert changed["event"]["message"]["text"] == changed["event"]["previous_message"]["text"]


async def test_invited(workspace: Workspace, ana: str) -> None:
    """An invited bot receives its own joining, and then the channel's messages."""
    lonely = workspace.channel_id("lonely")
    await workspace.invite(ana, lonely, workspace.bot_user_id)
    await workspace.post(ana, lonely, "welcome")
    sent = await workspace.until(lambda: len(found := events(workspace)) >= 3 and found[:3])
    assert [one["event"]["type"] for one in sent] == ["member_joined_channel", "message", "message"]
    assert sent[0]["event"]["user"] == workspace.bot_user_id


async def test_reaction(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, general: str) -> None:
    """A Bolt listener receives a reaction."""

    @app.event("reaction_added")
    async def echo(event: dict[str, Any], client: AsyncWebClient) -> None:
        item = event["item"]
        if event["user"] != workspace.bot_user_id:
            await client.reactions_add(channel=item["channel"], timestamp=item["ts"], name=event["reaction"])

    await connect(app)
    ts = await workspace.post(ana, general, "x")
    await workspace.react(ana, general, ts, "tada")
    await workspace.until(lambda: workspace.message(general, ts).reactions.get("tada") == [ana, workspace.bot_user_id])


async def test_other_bots(workspace: Workspace, ana: str, general: str) -> None:
    """A message of another app is sent as such, and accepts message shortcuts."""
    parent = await workspace.post(ana, general, "parent")
    other = {"subtype": "bot_message", "bot_id": "B0OTHER", "username": "Deploys"}
    ts = await workspace.post(ana, general, f"done <@{workspace.bot_user_id}>", thread_ts=parent, **other)
    await workspace.shortcut(ana, "look", channel=general, ts=ts)
    payload = next(one.sent for one in workspace.log if one.kind == "interaction")
    message = payload["message"]
    assert (message["subtype"], message["bot_id"], message["thread_ts"]) == ("bot_message", "B0OTHER", parent)
    await workspace.until(lambda: any(one["event"].get("text", "").startswith("done") for one in events(workspace)))
    assert "app_mention" not in [one["event"]["type"] for one in events(workspace)]
