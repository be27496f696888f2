"""The browser of this machine."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


@asynccontextmanager
async def launched(playwright: Playwright) -> AsyncIterator[Browser]:
    """Start the browser, without a window; skip the test where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"there is no browser: none of {', '.join(NAMES)} is installed")
    # As root, Chromium starts only without its sandbox.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = await playwright.chromium.launch(executable_path=path, args=args)
    yield browser
    await browser.close()
