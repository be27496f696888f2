"""The composer in the page: commands, mentions, files, completion while typing, and what Slack refuses."""

import re

import pytest
from playwright.async_api import expect

from slack_emulator import Workspace
from tests.slack_emulator.browser.conftest import BrowserWindow

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


async def test_multiple_lines(window: BrowserWindow) -> None:
    """Shift+Enter starts a new line, quotes and code blocks are rendered, and Enter sends."""
    await window.composer.press_sequentially("> quoted")
    await window.composer.press("Shift+Enter")
    await window.composer.press_sequentially("after")
    await expect(window.messages).to_have_count(0)
    await window.composer.press("Enter")
    await expect(window.message("after").locator("blockquote")).to_have_text("quoted")
    await window.say("```\n*code*\n```")
    await expect(window.messages.locator("pre")).to_have_text("*code*")


async def test_command(window: BrowserWindow) -> None:
    """A command is completed while typing; its ephemeral reply is marked and hidden from others."""
    await window.composer.press_sequentially("/e")
    option = window.page.get_by_role("option", name="/echo")
    await expect(option).to_have_attribute("aria-selected", "true")
    await window.composer.press("Tab")
    await expect(window.composer).to_have_value("/echo ")
    await expect(window.page.get_by_text("/echo [words]")).to_be_visible()
    await window.composer.press_sequentially("hello")
    await window.composer.press("Enter")
    await expect(window.message("You said hello")).to_contain_text("Only visible to you")
    await expect(window.composer).to_be_focused()
    await window.become("Ben Okafor")
    await expect(window.page.get_by_role("button", name="/echo hello")).to_be_visible()
    await window.become("Ana Ruiz")
    await expect(window.message("You said hello")).to_be_visible()


async def test_mention(window: BrowserWindow) -> None:
    """People are completed while typing; the reply is in the thread, which can be continued."""
    await window.composer.press_sequentially("well, @ec")
    await window.composer.press("ArrowDown")
    await window.composer.press("Enter")
    await expect(window.composer).to_have_value("well, @echo_bot ")
    await window.composer.press("Enter")
    await window.message("well, @echo_bot").get_by_role("button", name="1 reply").click()
    await expect(window.thread.locator(".message")).to_have_count(2)
    await expect(window.thread).to_contain_text("I heard you")
    await window.thread.get_by_role("textbox").fill("thanks")
    await window.thread.get_by_role("textbox").press("Enter")
    await expect(window.thread.locator(".message")).to_have_count(3)
    await expect(window.message("well").get_by_role("button", name="2 replies")).to_be_visible()
    await expect(window.messages).to_have_count(1)


async def test_invite(window: BrowserWindow) -> None:
    """In a channel without the app, the page suggests to invite it."""
    await window.go("lonely")
    await expect(window.page.get_by_text("Echo is not in this channel")).to_be_visible()
    await window.page.get_by_role("button", name="/invite @echo_bot").click()
    await window.composer.press("Enter")
    await expect(window.message("has joined the channel")).to_be_visible()


async def test_errors(window: BrowserWindow) -> None:
    """An error is shown in a notice, and the text is kept."""
    await window.say("/invite @nobody")
    await expect(window.page.get_by_role("alert")).to_contain_text("There is nobody called nobody")
    await expect(window.composer).to_have_value("/invite @nobody")
    await window.say("/nothing")
    await expect(window.message("/nothing is not a valid command")).to_be_visible()


async def test_keyboard(window: BrowserWindow) -> None:
    """Tab reaches the messages and their buttons, and the arrow keys move between messages."""
    await window.say("one")
    await window.say("two")
    await expect(window.messages).to_have_count(2)
    await expect(window.composer).to_be_focused()
    await window.page.keyboard.press("Shift+Tab")
    await expect(window.message("two")).to_be_focused()
    await window.page.keyboard.press("ArrowUp")
    await expect(window.message("one")).to_be_focused()
    await window.page.keyboard.press("Tab")
    await expect(window.message("one").get_by_role("button", name="React")).to_be_focused()
    await window.page.keyboard.press("Enter")
    await expect(window.page.get_by_role("dialog", name="Pick a reaction")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(window.message("one").get_by_role("button", name="React")).to_be_focused()


async def test_files(window: BrowserWindow, workspace: Workspace, general: str) -> None:
    """Files are attached, removed, and sent with the text."""
    for name in ("one.txt", "two.txt"):
        await window.page.locator("#composer input[type=file]").set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": name.encode()}
        )
    await window.page.get_by_role("button", name="Remove two.txt").click()
    await window.say("see @ben")
    await expect(window.message("see @ben").get_by_role("link", name="one.txt")).to_be_visible()
    await expect(window.page.get_by_role("button", name="Remove one.txt")).to_have_count(0)
    message = workspace.seen_by(workspace.user_id("ana"), general)[-1]
    (file,) = message.files
    assert workspace.state.files[file["id"]].content == b"one.txt"
    assert (message.subtype, message.text) == ("file_share", f"see <@{workspace.user_id('ben')}>")


async def test_missing_member(window: BrowserWindow) -> None:
    """A mention of the missing app is reported, with a button to invite it."""
    await window.go("lonely")
    await window.say("@echo_bot are you there?")
    notice = window.message("You mentioned @echo_bot")
    await expect(notice).to_contain_text("Only visible to you")
    await notice.get_by_role("button", name="Invite to the channel").click()
    await expect(window.message("@echo_bot has joined the channel")).to_be_visible()
    await expect(notice).to_have_count(0)


async def test_notices(window: BrowserWindow) -> None:
    """A notice is shown between the messages and the composer until the next action."""
    for number in range(30):
        await window.say(f"message {number}")
    await window.say("/invite @ben")
    notice = window.page.get_by_role("alert")
    await expect(notice).to_have_text(re.compile("They are already in this channel."))
    await expect(window.message("message 29")).to_be_in_viewport(ratio=1)
    newest, box = await window.message("message 29").bounding_box(), await notice.bounding_box()
    below = await window.composer.bounding_box()
    assert newest
    assert box
    assert below
    assert newest["y"] + newest["height"] <= box["y"] + 1
    assert box["y"] + box["height"] <= below["y"] + 1
    await window.say("next")
    await expect(notice).to_have_count(0)
    window.errors.clear()  # the browser logs the failed request


async def test_broadcast_reply(window: BrowserWindow) -> None:
    """A reply can also be sent to the channel, where it links to its thread."""
    await window.say("first")
    await window.tool("first", "Reply in thread")
    await window.thread.get_by_label("Also send to channel").check()
    await window.thread.get_by_role("textbox").fill("for all")
    await window.thread.get_by_role("textbox").press("Enter")
    await expect(window.message("for all").get_by_role("button", name="replied to a thread")).to_be_visible()
    await expect(window.thread.get_by_label("Also send to channel")).not_to_be_checked()
