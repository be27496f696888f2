"""What Slack itself says and does: mentions of who is not there, archiving, the length of messages, ids left out."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import SlackError, Workspace

GO: dict[str, Any] = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}


def heard(workspace: Workspace) -> list[dict[str, Any]]:
    """Give the events that the app was told of."""
    return [{"subtype": None, "text": "", **one.sent["event"]} for one in workspace.log if one.kind == "event"]


async def test_a_mention_of_who_is_not_there(workspace: Workspace, ana: str, ben: str) -> None:
    """The writer alone is told that the app is not in the channel, and can invite it by a button."""
    lonely, bot = workspace.channel_id("lonely"), workspace.bot_user_id
    await workspace.post(ana, lonely, f"<@{bot}> and <@{ben}>, hello")
    told = workspace.seen_by(ana, lonely)[-1]
    assert (told.visible_to, f"<@{bot}>" in told.text, f"<@{ben}>" in told.text) == (ana, True, False)
    assert len(workspace.seen_by(ben, lonely)) == 1
    await workspace.press(ana, told, "invite")
    assert bot in workspace.state.channels[lonely].members
    assert told not in workspace.seen_by(ana, lonely)
    assert not [one for one in workspace.log if one.kind == "interaction"]


async def test_a_mention_left_alone(workspace: Workspace, ana: str, general: str) -> None:
    """Who does nothing about it is told no more; where all are there, or in a direct message, nothing is said."""
    lonely, bot = workspace.channel_id("lonely"), workspace.bot_user_id
    await workspace.post(ana, lonely, f"<@{bot}>")
    await workspace.press(ana, workspace.seen_by(ana, lonely)[-1], "nothing")
    await workspace.post(ana, general, f"<@{bot}>")
    await workspace.post(ana, workspace.dm_id("ana"), f"<@{workspace.user_id('ben')}>")
    for channel in (lonely, general, workspace.dm_id("ana")):
        assert len(workspace.seen_by(ana, channel)) == 1
    assert bot not in workspace.state.channels[lonely].members


async def test_archiving(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """An archived channel can be read only, and the app hears that it was archived."""
    random = workspace.channel_id("random")
    ts = (await client.chat_postMessage(channel=random, text="mine"))["ts"]
    await workspace.archive(ana, random)
    await workspace.until(lambda: any(one["subtype"] == "channel_archive" for one in heard(workspace)))
    for call, error in (
        (client.chat_postMessage(channel=random, text="x"), "is_archived"),
        (client.chat_update(channel=random, ts=ts, text="x"), "is_inactive"),
        (client.reactions_add(channel=random, timestamp=ts, name="eyes"), "is_archived"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await call
    assert (await client.conversations_history(channel=random))["messages"]
    with pytest.raises(SlackError, match="already_archived"):
        await workspace.archive(ana, random)


async def test_archiving_is_told(manifest: dict[str, Any]) -> None:
    """An app that subscribes to channel_archive hears it."""
    manifest["settings"]["event_subscriptions"]["bot_events"] = ["channel_archive"]
    workspace = Workspace(manifest)
    random, ana = workspace.channel_id("random"), workspace.user_id("ana")
    await workspace.archive(ana, random)
    told = await workspace.until(lambda: heard(workspace))
    assert (told[0]["type"], told[0]["channel"], told[0]["user"]) == ("channel_archive", random, ana)
    await workspace.delivery.close()


async def test_the_length_of_messages(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Neither a person nor the app posts, edits to, or answers with more than 40,000 characters, nor with none."""
    ts = await workspace.post(ana, general, "x" * 40_000)
    for text, error in (("x" * 40_001, "msg_too_long"), (" ", "no_text")):
        with pytest.raises(SlackError, match=error):
            await workspace.post(ana, general, text)
        with pytest.raises(SlackError, match=error):
            await workspace.edit(ana, general, ts, text)
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_postMessage(channel=general, text="x" * 40_001)
    mine = (await client.chat_postMessage(channel=general, text="x"))["ts"]
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_update(channel=general, ts=mine, text="x" * 40_001)


async def test_ids_that_the_app_left_out(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Blocks and interactive elements get the ids that the app left out, and can be pressed."""
    blocks = [
        {"type": "actions", "elements": [GO, GO]},
        {"type": "section", "text": GO["text"], "accessory": GO},
        {"type": "context", "elements": [GO["text"]]},
    ]
    posted = await client.chat_postMessage(channel=general, text="x", blocks=blocks)
    shown = posted["message"]["blocks"]
    ids = [
        shown[0]["elements"][0]["action_id"],
        shown[0]["elements"][1]["action_id"],
        shown[1]["accessory"]["action_id"],
    ]
    assert len(set(ids)) == 3
    assert "action_id" not in shown[2]["elements"][0]
    await workspace.press(ana, posted["ts"], ids[2])
    payload = next(one.sent for one in workspace.log if one.kind == "interaction")
    assert (payload["actions"][0]["action_id"], payload["actions"][0]["block_id"]) == (ids[2], shown[1]["block_id"])


async def test_inputs_that_share_an_action_id(workspace: Workspace, ana: str) -> None:
    """In two blocks two inputs may have the same action id: each keeps its own value, and is named by its block."""
    element = {"type": "plain_text_input", "action_id": "same"}
    label = GO["text"]
    blocks = [{"type": "input", "block_id": one, "label": label, "element": element} for one in ("one", "two")]
    content = {"type": "modal", "title": label, "submit": label, "blocks": blocks}
    view = workspace.views.open(workspace.views.create_trigger(ana), content)
    with pytest.raises(ValueError, match="more than one element"):
        await workspace.submit(ana, {"same": "x"})
    refused = await workspace.submit(ana, {"one": {"same": "first"}})
    assert refused.payload["errors"].keys() == {"two"}
    await workspace.submit(ana, {"two": {"same": "second"}})
    assert [view.values[one]["same"]["value"] for one in ("one", "two")] == ["first", "second"]


async def test_a_broadcast_reply(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """A person's reply that is also sent to the channel stands in the history, in the thread, and has its subtype."""
    parent = await workspace.post(ana, general, "parent")
    await workspace.post(ana, general, "reply", thread_ts=parent, subtype="thread_broadcast")
    history = (await client.conversations_history(channel=general))["messages"]
    assert [(one["text"], one.get("subtype")) for one in history] == [
        ("reply", "thread_broadcast"),
        ("parent", None),
    ]
    assert history[0]["client_msg_id"]


async def test_pages_hold_while_people_write(
    workspace: Workspace, client: AsyncWebClient, ana: str, general: str
) -> None:
    """What is written or deleted between two pages neither repeats nor hides a message."""
    stamps = [await workspace.post(ana, general, str(number)) for number in range(6)]
    first = await client.conversations_history(channel=general, limit=2)
    await workspace.post(ana, general, "new")
    await workspace.delete(ana, general, stamps[5])
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel=general, limit=2, cursor=cursor)
    assert [one["text"] for one in [*first["messages"], *second["messages"]]] == ["5", "4", "3", "2"]
    for number in range(3):
        await workspace.post(ana, general, f"reply {number}", thread_ts=stamps[0])
    first = await client.conversations_replies(channel=general, ts=stamps[0], limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_replies(channel=general, ts=stamps[0], limit=9, cursor=cursor)
    assert [one["text"] for one in [*first["messages"], *second["messages"]]] == [
        "0",
        *(f"reply {n}" for n in range(3)),
    ]
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        await client.conversations_history(channel=general, cursor="page:1")


async def test_where_the_bot_is(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """users.conversations lists the channels of the bot or of a person; reactions.list the messages reacted to."""
    kinds = "public_channel,private_channel"
    named = [one["name"] for one in (await client.users_conversations(exclude_archived=True))["channels"]]
    assert named == ["general", "random"]
    seen = await client.users_conversations(user=ana, types=kinds)
    assert [one["name"] for one in seen["channels"]] == ["general", "random", "lonely", "attic"]
    ts = await workspace.post(ana, workspace.channel_id("random"), "x")
    await client.reactions_add(channel=workspace.channel_id("random"), timestamp=ts, name="eyes")
    items = (await client.reactions_list())["items"]
    assert [(one["channel"], one["message"]["ts"]) for one in items] == [(workspace.channel_id("random"), ts)]
    assert not (await client.reactions_list(user=ana))["items"]


async def test_messages_of_other_bots(workspace: Workspace, ana: str, general: str) -> None:
    """A message of another app is told as one, and takes the app's shortcut, in a thread too."""
    parent = await workspace.post(ana, general, "parent")
    other = {"subtype": "bot_message", "bot_id": "B0OTHER", "username": "Deploys"}
    ts = await workspace.post(ana, general, f"done <@{workspace.bot_user_id}>", thread_ts=parent, **other)
    await workspace.shortcut(ana, "look", channel=general, ts=ts)
    payload = next(one.sent for one in workspace.log if one.kind == "interaction")
    message = payload["message"]
    assert (message["subtype"], message["bot_id"], message["thread_ts"]) == ("bot_message", "B0OTHER", parent)
    await workspace.until(lambda: any(one["text"].startswith("done") for one in heard(workspace)))
    assert "app_mention" not in [one["type"] for one in heard(workspace)]
