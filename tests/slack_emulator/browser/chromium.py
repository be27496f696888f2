"""Starting the installed browser."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


@asynccontextmanager
async def launch_browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """Start the browser in headless mode; skip the test if none is installed."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser is installed: none of {', '.join(NAMES)}")
    # Chromium's sandbox does not work as root.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = await playwright.chromium.launch(executable_path=path, args=args)
    yield browser
    await browser.close()
