"""Fixtures for the browser tests: the browser, windows of the page, and the connected sample app."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from slack_emulator import Server, Workspace, serve
from tests.slack_emulator import sample_app
from tests.slack_emulator.browser.chromium import launch_browser


class BrowserWindow:
    """A browser window with the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.messages = page.locator("#messages .message")
        self.thread = page.get_by_role("region", name="Thread")
        self.composer = page.locator("#composer textarea")
        self.modal = page.locator("#modal")
        page.on("console", self._record_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _record_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def message(self, text: str) -> Locator:
        """Return the message with this text."""
        return self.messages.filter(has_text=text)

    async def say(self, text: str) -> None:
        """Type a message and send it."""
        await self.composer.fill(text)
        await self.composer.press("Escape")
        await self.composer.press("Enter")

    async def go(self, name: str) -> None:
        """Open a channel, or the app."""
        await self.page.get_by_role("navigation").get_by_role("button", name=name).click()

    async def become(self, name: str) -> None:
        """Select another person."""
        await self.page.get_by_label("You are").select_option(label=name)

    async def tool(self, text: str, name: str) -> None:
        """Hover a message and press one of its buttons."""
        await self.message(text).hover()
        await self.message(text).get_by_role("button", name=name).click()


Open = Callable[..., Awaitable[BrowserWindow]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start the browser, once for all tests."""
    async with async_playwright() as playwright, launch_browser(playwright) as browser:
        yield browser


@pytest.fixture
def manifest() -> dict[str, Any]:
    """Return the sample app's manifest."""
    return sample_app.manifest()


@pytest_asyncio.fixture(loop_scope="session")
async def server(workspace: Workspace) -> AsyncIterator[Server]:
    """Serve the workspace on a free port, in the event loop of the browser."""
    async with serve(workspace) as serving:
        yield serving


@pytest_asyncio.fixture(loop_scope="session")
async def open_window(browser: Browser) -> AsyncIterator[Open]:
    """Return a function that opens windows; afterwards, check that their consoles have no errors."""
    windows: list[BrowserWindow] = []
    async with AsyncExitStack() as stack:

        async def open_page(url: str, **options: Any) -> BrowserWindow:  # noqa: ANN401 - options of a browser context
            context = await browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
            stack.push_async_callback(context.close)
            context.set_default_timeout(5000)
            window = BrowserWindow(await context.new_page())
            windows.append(window)
            await window.page.goto(url)
            await window.page.locator("main[aria-busy=false]").wait_for()
            return window

        yield open_page
    assert [error for window in windows for error in window.errors] == []


@pytest_asyncio.fixture(loop_scope="session")
async def bot(workspace: Workspace, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """Connect the sample app."""
    sample_app.listen(app)
    handler = AsyncSocketModeHandler(app, workspace.app_token)
    await handler.connect_async()
    await workspace.until(lambda: workspace.sockets.ready)
    yield handler
    await handler.close_async()


@pytest_asyncio.fixture(loop_scope="session")
async def window(server: Server, bot: AsyncSocketModeHandler, open_window: Open) -> BrowserWindow:
    """Open a window on #general, as Ana."""
    return await open_window(server.url)
