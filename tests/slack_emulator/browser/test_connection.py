"""The page while the app, or the emulator itself, is not connected."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from slack_emulator import Workspace, serve
from tests.slack_emulator.browser.conftest import BrowserWindow, Open

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


async def test_app_reconnects(
    window: BrowserWindow, workspace: Workspace, app: AsyncApp, bot: AsyncSocketModeHandler
) -> None:
    """The page shows that the app has disconnected and reconnected, and keeps the typed text."""
    await window.composer.fill("half a sen")
    await bot.close_async()
    status = window.page.locator("#banner")
    await expect(status).to_contain_text("Echo is disconnected")
    again = AsyncSocketModeHandler(app, workspace.app_token)
    await again.connect_async()
    await expect(status).to_have_text("Echo is connected again.")
    await expect(window.composer).to_have_value("half a sen")
    await again.close_async()


async def test_server_restarts(browser: Browser, manifest: dict[str, Any]) -> None:
    """The page shows that the server is lost; it reconnects to a new one with the same person, channel and text."""
    context = await browser.new_context()
    window = BrowserWindow(await context.new_page())
    async with serve(Workspace(manifest)) as server:
        port = int(server.url.rpartition(":")[2])
        await window.page.goto(server.url)
        await window.become("Ben Okafor")
        await window.go("random")
        await window.composer.fill("half a sen")
    status = window.page.locator("#banner")
    await expect(status).to_contain_text("The workspace does not respond")
    async with serve(Workspace(manifest), port=port):
        await expect(status).to_contain_text("Echo is not connected yet", timeout=10000)
        await expect(window.page.locator("#user option:checked")).to_have_text("Ben Okafor")
        await expect(window.page.get_by_role("heading", name="# random", level=2)).to_be_visible()
        await expect(window.composer).to_have_value("half a sen")
    await context.close()


async def test_app_not_connected(manifest: dict[str, Any], open_window: Open) -> None:
    """Until the app connects, the page explains how; without a Home tab in the manifest, there is none."""
    manifest["features"]["app_home"]["home_tab_enabled"] = False
    async with serve(Workspace(manifest)) as server:
        window = await open_window(server.url)
        await expect(window.page.locator("#banner")).to_contain_text("Echo is not connected yet. Start it with")
        await expect(window.page.get_by_role("navigation")).to_contain_text("Echo is not connected yet")
        await expect(window.page.get_by_role("button", name="/echo hello")).to_be_visible()
        await window.go("Echo")
        await expect(window.page.get_by_text("This is the beginning of your direct messages with Echo")).to_be_visible()
        await expect(window.page.get_by_role("tab")).to_have_count(0)
