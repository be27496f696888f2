"""The suggestions on the page, and the traffic log that the last one opens."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from slack_emulator import Server, Suggestion, Workspace
from tests.slack_emulator.browser.conftest import BrowserWindow, Open

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


@pytest.fixture
def workspace(manifest: dict[str, Any]) -> Workspace:
    """Return a workspace with two suggestions."""
    suggestions = [
        Suggestion("Say something", "random", "/echo something"),
        Suggestion("Look at it", "general", emoji="eyes"),
    ]
    return Workspace(manifest, suggestions=suggestions)


async def test_suggestions(window: BrowserWindow, workspace: Workspace, ben: str, general: str) -> None:
    """Each suggestion does its step or prepares it, and goes once it is done, also after a reload."""
    ts = await workspace.post(ben, general, "the latest")
    suggested = window.page.get_by_role("list", name="Try").get_by_role("button")
    last = "See what Slack and Echo sent"
    await expect(suggested).to_have_text(["Say something", "Look at it", last])
    violations = (await Axe().run(window.page)).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in ("serious", "critical")] == []
    await window.page.get_by_role("button", name="Say something").click()
    await expect(window.page.get_by_role("heading", name="# random", level=2)).to_be_visible()
    await expect(window.composer).to_have_value("/echo something")
    await expect(suggested).to_have_count(3)
    await window.composer.press("Enter")
    await expect(suggested).to_have_text(["Look at it", last])
    await window.page.get_by_role("button", name="Look at it").click()
    await expect(window.message("the latest").get_by_role("button", name="eyes")).to_be_visible()
    assert workspace.user_id("ana") in workspace.message(general, ts).reactions["eyes"]
    await expect(suggested).to_have_text([last])
    await window.page.reload()
    await expect(suggested).to_have_text([last])
    panel = window.page.get_by_role("region", name="What just happened")
    await expect(panel).to_be_hidden()
    await suggested.click()
    await expect(panel).to_be_visible()
    await expect(suggested).to_have_count(0)
    await expect(window.page.get_by_role("heading", name="Try")).to_be_hidden()


@pytest.mark.parametrize("size", [(1280, 800), (390, 760)])
async def test_reaction_and_answer_are_in_view(
    server: Server,
    bot: AsyncSocketModeHandler,
    open_window: Open,
    workspace: Workspace,
    general: str,
    size: tuple[int, int],
) -> None:
    """Somebody who has scrolled up sees the message with the suggested reaction, and the app's answer below it."""
    general = workspace.channel_id("general")
    ben = workspace.user_id("ben")
    for i in range(60):
        await workspace.post(ben, general, f"message {i}")
    window = await open_window(server.url, viewport={"width": size[0], "height": size[1]})
    await expect(window.message("message 59")).to_be_in_viewport()
    await window.page.locator("#scroll").evaluate("messages => messages.scrollTo(0, 0)")
    await expect(window.message("message 59")).not_to_be_in_viewport()
    await window.page.get_by_role("button", name="Look at it").click()
    reaction = window.message("message 59").get_by_role("button", name="eyes")
    await expect(reaction).to_be_in_viewport()
    await bot.app.client.chat_postEphemeral(channel=general, user=workspace.user_id("ana"), text="Looks fine\n" * 5)
    await expect(window.message("Looks fine")).to_be_in_viewport(ratio=0.99)
    await expect(reaction).to_be_in_viewport()


async def test_dismiss(window: BrowserWindow) -> None:
    """All suggestions can be dismissed."""
    await window.page.get_by_role("button", name="Dismiss the suggestions").click()
    await expect(window.page.get_by_role("heading", name="Try")).to_be_hidden()


async def test_groups(window: BrowserWindow, workspace: Workspace, ben: str, general: str) -> None:
    """The traffic log has a row for what each person did, with all that followed from it inside."""
    await window.page.get_by_role("button", name="See what Slack").click()
    panel = window.page.get_by_role("region", name="What just happened")
    await panel.get_by_role("button", name="Clear").click()
    ts = await workspace.post(ben, general, f"<@{workspace.bot_user_id}> hello")
    await workspace.until(lambda: workspace.replies(general, ts))
    await workspace.react(workspace.user_id("ana"), general, ts, "eyes")
    groups = panel.locator("details.group")
    await expect(groups).to_have_count(2)
    await expect(groups.first).to_contain_text("Ben: mentioned Echo in #general")
    await expect(groups.first).to_contain_text("answered after")
    await expect(groups.last).to_contain_text("Ana: reacted with 👀")
    await groups.first.locator("summary").click()
    await expect(groups.first.locator(".entry").filter(has_text="chat.postMessage")).to_be_visible()
    await expect(groups.first.locator(".entry").filter(has_text="reaction_added")).to_have_count(0)
