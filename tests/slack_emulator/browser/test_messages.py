"""Messages in the page: threads, reactions, edits, links to messages, and archived channels."""

import re

import pytest
from playwright.async_api import expect

from slack_emulator import Server, Workspace
from tests.slack_emulator.browser.conftest import BrowserWindow, Open

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


async def test_two_windows(server: Server, window: BrowserWindow, open_window: Open) -> None:
    """Another window shows a new message at once, with formatting but without HTML."""
    other = await open_window(server.url)
    await other.become("Ben Okafor")
    await window.say("a *bold* move, @ben: <img src=x onerror=alert(1)> & `code` :tada:")
    for one in (window, other):
        text = one.message("move").locator(".text")
        await expect(text).to_have_text("a bold move, @ben: <img src=x onerror=alert(1)> & code 🎉")
        await expect(text.locator("strong")).to_have_text("bold")
        await expect(text.locator("code")).to_have_text("code")
    await expect(other.message("move").locator(".mention.me")).to_have_text("@ben")
    await expect(other.page.locator("#announcer")).to_contain_text("Ana Ruiz: a *bold* move")


async def test_escape_in_thread(window: BrowserWindow) -> None:
    """Escape first closes the completion, then leaves the field, then closes the thread; the text is kept."""
    await window.say("first")
    await window.tool("first", "Reply in thread")
    field = window.thread.get_by_role("textbox")
    await field.press_sequentially("half @b")
    await expect(window.thread.get_by_role("listbox")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(window.thread.get_by_role("listbox")).to_be_hidden()
    await expect(field).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(window.thread.locator(".message").last).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(window.thread).to_be_hidden()
    await expect(window.message("first")).to_be_focused()
    await window.tool("first", "Reply in thread")
    await expect(field).to_have_value("half @b")


async def test_start_thread(window: BrowserWindow) -> None:
    """A thread is started with the button of a message."""
    await window.say("first")
    await window.tool("first", "Reply in thread")
    await expect(window.thread.get_by_role("textbox")).to_be_focused()
    await window.page.keyboard.type("second")
    await window.page.keyboard.press("Enter")
    await expect(window.thread.locator(".message")).to_have_text([re.compile("first"), re.compile("second")])


async def test_reactions(window: BrowserWindow, workspace: Workspace, general: str, ben: str) -> None:
    """A reaction is picked by name, counted, and removed."""
    await window.say("nice")
    await window.tool("nice", "React")
    picker = window.page.get_by_role("dialog", name="Pick a reaction")
    await expect(picker.get_by_role("searchbox")).to_be_focused()
    await window.page.keyboard.type("rocket")
    await window.page.keyboard.press("Enter")
    await expect(picker).to_be_hidden()
    chip = window.message("nice").get_by_role("button", name="rocket")
    await expect(chip).to_have_text("🚀 1")
    await workspace.react(ben, general, next(iter(workspace.state.channels[general].messages)), "rocket")
    await expect(chip).to_have_text("🚀 2")
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await chip.click()
    await expect(chip).to_have_text("🚀 1")
    await expect(chip).to_have_attribute("aria-pressed", "false")


async def test_edit(window: BrowserWindow, workspace: Workspace, general: str) -> None:
    """A message is edited as typed; an update meanwhile does not discard the text."""
    await window.say("hello @ben, a < b")
    await window.tool("hello", "More actions")
    await window.page.get_by_role("menuitem", name="Edit message").click()
    field = window.page.get_by_label("Edit message")
    await expect(field).to_have_value("hello @ben, a < b")
    await expect(field).to_be_focused()
    await field.fill("hello @ben, a > b")
    ana, ts = workspace.user_id("ana"), next(iter(workspace.state.channels[general].messages))
    await workspace.react(ana, general, ts, "eyes")
    await expect(window.messages.get_by_role("button", name="eyes")).to_be_visible()
    await expect(field).to_be_focused()
    await field.press("Enter")
    await expect(window.message("hello").locator(".text")).to_have_text("hello @ben, a > b (edited)")


async def test_delete(window: BrowserWindow) -> None:
    """One's own message is deleted after a confirmation; other people's cannot be."""
    await window.say("oops")
    for answer, left in (("Cancel", 1), ("Delete", 0)):
        await window.tool("oops", "More actions")
        await window.page.get_by_role("menuitem", name="Delete message").click()
        await window.page.get_by_role("dialog").get_by_role("button", name=answer).click()
        await expect(window.messages).to_have_count(left)
    await window.say("mine")
    await window.become("Ben Okafor")
    await window.tool("mine", "More actions")
    await expect(window.page.get_by_role("menuitem")).to_have_text([re.compile("Look"), "Copy link"])


async def test_permalink(
    server: Server, workspace: Workspace, bot: object, general: str, ana: str, open_window: Open
) -> None:
    """A permalink opens the message, and its thread if it is a reply."""
    parent = await workspace.post(ana, general, "parent")
    reply = await workspace.post(ana, general, "reply", thread_ts=parent)
    for ts in (parent, reply):
        window = await open_window(f"{server.url}/archives/{general}/p{ts.replace('.', '')}")
        await expect(window.page.locator(f'[data-ts="{ts}"]')).to_be_focused()
    await expect(window.thread).to_contain_text("reply")


async def test_unread(window: BrowserWindow, workspace: Workspace, ben: str) -> None:
    """A channel with new messages is marked until it is opened."""
    await workspace.post(ben, workspace.channel_id("random"), "news")
    entry = window.page.get_by_role("navigation").get_by_role("button", name="random new messages")
    await entry.click()
    await expect(window.message("news")).to_be_visible()
    await expect(entry).to_have_count(0)


async def test_archived_channel(window: BrowserWindow) -> None:
    """An archived channel is marked and read-only; others are not."""
    await window.go("attic")
    await expect(window.page.get_by_text("This channel is archived and read-only.")).to_be_visible()
    await expect(window.composer).to_be_disabled()
    await window.go("random")
    await expect(window.composer).to_be_enabled()


async def test_long_message(window: BrowserWindow) -> None:
    """A long message is folded; one that is too long is refused, and the text is kept."""
    await window.say("\n".join(f"line {number}" for number in range(60)))
    message = window.message("line 0")
    low = await message.evaluate("row => row.clientHeight")
    await message.get_by_role("button", name="Show more").click()
    await expect(message.get_by_role("button", name="Show less")).to_be_focused()
    assert await message.evaluate("row => row.clientHeight") > 2 * low
    await window.say("x" * 40_001)
    await expect(window.page.get_by_role("alert")).to_contain_text("this one has 40,001")
    assert len(await window.composer.input_value()) == 40_001


async def test_empty_edit(window: BrowserWindow) -> None:
    """Saving an empty edit offers to delete the message."""
    await window.say("words")
    for answer, left in (("Cancel", 1), ("Delete", 0)):
        await window.tool("words", "More actions")
        await window.page.get_by_role("menuitem", name="Edit message").click()
        await window.page.get_by_label("Edit message").fill("")
        await window.page.get_by_label("Edit message").press("Enter")
        question = window.page.get_by_role("dialog", name="Delete this message?")
        await expect(question).to_contain_text("A message cannot be empty")
        await question.get_by_role("button", name=answer).click()
        await expect(window.messages).to_have_count(left)
        await window.page.keyboard.press("Escape")


async def test_archive(window: BrowserWindow) -> None:
    """A channel is archived after a confirmation."""
    await window.go("random")
    await window.say("/archive")
    await window.page.get_by_role("dialog", name="Archive #random?").get_by_role("button", name="Archive").click()
    await expect(window.message("archived the channel")).to_be_visible()
    await expect(window.composer).to_be_disabled()
