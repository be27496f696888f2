"""The agent view on the page: the panel in the top bar, its prompts, context, status and stop button."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from slack_emulator import Workspace
from tests.slack_emulator.browser.conftest import BrowserWindow

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


async def test_agent(window: BrowserWindow, workspace: Workspace, ben: str, general: str) -> None:
    """The panel greets, knows what is open beside it, shows the status of a conversation, and stops it."""
    await workspace.post(ben, general, "look at this")
    await window.page.get_by_role("button", name="Ask Echo").click()
    agent = window.page.get_by_role("region", name="Agent")
    composer = agent.get_by_role("textbox", name="Ask Echo")
    await expect(composer).to_be_focused()
    await expect(agent).to_contain_text("Well?")
    await expect(agent).to_contain_text("Looking at #general")
    prompts = agent.get_by_role("list", name="Suggested prompts").get_by_role("button")
    await expect(prompts).to_have_text(["Ask where I am", "Work"])
    await prompts.first.click()
    await expect(composer).to_have_value("where am I?")
    await composer.press("Enter")
    await expect(agent).to_contain_text(f"Beside me is {general}")
    await window.tool("look at this", "Reply in thread")
    await expect(agent).to_contain_text("Looking at a message in #general")
    await agent.get_by_role("button", name="New conversation").click()
    await agent.get_by_role("button", name="Work").click()
    await composer.press("Enter")
    await expect(agent.get_by_role("heading", name="Working hard")).to_be_visible()
    await expect(agent.get_by_role("status")).to_contain_text("Working…")
    violations = (await Axe().run(window.page)).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in ("serious", "critical")] == []
    await agent.get_by_role("button", name="Stop").click()
    await expect(agent).to_contain_text("I have stopped")
    await expect(agent.get_by_role("status")).to_be_hidden()
    await agent.get_by_role("button", name="New conversation").click()
    await agent.get_by_role("button", name="Working hard").click()
    await expect(agent).to_contain_text("I have stopped")
    await agent.get_by_role("button", name="Close the agent").click()
    await expect(agent).to_be_hidden()
    await workspace.until(lambda: not workspace.state.contexts[workspace.user_id("ana")])


async def test_direct_message(window: BrowserWindow) -> None:
    """The app's own tab has its prompts, too; what is written there opens as a thread, where the answer is."""
    await window.go("Echo")
    await window.page.locator("#introduction").get_by_role("button", name="Work").click()
    await expect(window.composer).to_have_value("work, please")
    await window.say("work, please")
    await expect(window.thread).to_contain_text("work, please")
