"""The README's pictures: the real bot in its workspace, as the page shows it. `make screenshots` remakes them."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

from bot.sentiment.classifier import Classifier
from bot.sentiment.engine import Engine
from bot.sentiment.loading import load
from tests.stage import Stage, staged
from tests.workspace.browser.chromium import launched

SIZE = {"width": 1200, "height": 690}


async def main(folder: Path, classifier: Classifier) -> None:
    """Play a short conversation, and take its picture in the light and in the dark."""
    engine = Engine(classifier, threads=1)
    async with staged(engine) as stage, async_playwright() as playwright, launched(playwright) as browser:
        await _talk(stage)
        await _picture(browser, stage, "light", folder)
        await _picture(browser, stage, "dark", folder)
    engine.close()


async def _talk(stage: Stage) -> None:
    """Let people ask the bot in two of its ways."""
    workspace = stage.workspace
    chloe = workspace.user_id("chloe")
    ts = await workspace.post(chloe, stage.general, "The new build is out. What do you think of it?")
    await workspace.react(stage.ben, stage.general, ts, "tada")
    await workspace.react(stage.ana, stage.general, ts, "tada")
    await workspace.post(stage.ben, stage.general, f"{stage.mention} tokens thanks, but slower")
    await stage.answer(stage.ben, stage.general)
    await workspace.command(stage.ana, stage.general, "/sentiment", "tokens I love this release")
    await stage.answer(stage.ana, stage.general, 2)


async def _picture(browser: Browser, stage: Stage, scheme: str, folder: Path) -> None:
    # "light" and "dark" are the names that Playwright has for them.
    context = await browser.new_context(
        viewport=SIZE,  # type: ignore[arg-type] # a TypedDict in its annotations
        color_scheme=scheme,  # type: ignore[arg-type] # a Literal in its annotations
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = await context.new_page()
    await page.goto(stage.workspace.url)
    await page.get_by_role("button", name="1 reply").click()
    await expect(page.get_by_role("region", name="Thread").locator(".message")).to_have_count(2)
    await page.locator("#composer textarea").focus()
    await page.mouse.move(0, 0)
    await page.screenshot(path=folder / f"workspace-{scheme}.png")
    await context.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), load()))
