"""Takes the screenshots of the README: the bot in the emulator. Run by `make screenshots`."""

import asyncio
import io
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from benchmarks.members import add_members
from bot.sentiment.classifier import Classifier
from bot.sentiment.engine.engine import Engine
from bot.sentiment.models.loading import load
from bot.slack.parsing.request import COMMAND
from tests.slack_emulator.browser.chromium import launch_browser
from tests.support.bot_in_emulator import RunningBot, run_bot
from tests.support.reports import DAY, NOW, set_clock

WHOLE = {"width": 1200, "height": 690}
PANE = {"width": 900, "height": 540}
BAD = ("The deploy failed again", "Tests are broken, I hate this", "Another outage, this is awful")
PLAIN = ("The meeting is at ten", "Notes are on the wiki", "The release is on Thursday")
GOOD = ("Thanks, lovely work", "I love the new search", "Great release, thanks everybody")
COLOURS = 128  # enough, and a third of the size


async def main(folder: Path, classifier: Classifier) -> None:
    """Take screenshots of the whole page in both colour schemes, and one of each feature."""
    engine = Engine(classifier, threads=1)
    async with async_playwright() as playwright, launch_browser(playwright) as browser:
        async with run_bot(engine) as bot:
            await _post_messages(bot)
            for scheme in ("light", "dark"):
                await _save_page(browser, bot, folder, scheme)
        async with run_bot(engine) as bot:
            await _save_features(browser, bot, folder)
    engine.close()


async def _post_messages(bot: RunningBot) -> None:
    """Post a mention and run a command."""
    workspace = bot.workspace
    chloe = workspace.user_id("chloe")
    ts = await workspace.post(chloe, bot.general, "The new build is out. What do you think of it?")
    await workspace.react(bot.ben, bot.general, ts, "tada")
    await workspace.react(bot.ana, bot.general, ts, "tada")
    await workspace.post(bot.ben, bot.general, f"{bot.mention} tokens thanks, but this is slower")
    await bot.wait_for_answer(bot.ben, bot.general)
    await workspace.command(bot.ana, bot.general, COMMAND, "tokens I love this release")
    await bot.wait_for_answer(bot.ana, bot.general, 2)


async def _save_page(browser: Browser, bot: RunningBot, folder: Path, scheme: str) -> None:
    async with _page(browser, bot, WHOLE, scheme) as page:
        await page.get_by_role("button", name="What just happened", exact=True).click()
        await page.get_by_role("button", name="1 reply").click()
        await expect(page.get_by_role("region", name="Thread").locator(".message")).to_have_count(2)
        await page.locator("#composer textarea").focus()
        await page.mouse.move(0, 0)
        await page.locator("#scroll").evaluate("messages => messages.scrollTo(0, messages.scrollHeight)")
        await _save(page, folder / f"workspace-{scheme}.png")


async def _save_features(browser: Browser, bot: RunningBot, folder: Path) -> None:
    """Use other features one after the other, and take a screenshot of each."""
    workspace = bot.workspace
    async with _page(browser, bot, PANE) as page:
        ts = await workspace.post(bot.ben, bot.general, "The build is red again and nobody knows why")
        await workspace.react(bot.ana, bot.general, ts, bot.settings.trigger_emoji)
        await expect(page.locator("#messages .message", has_text="Only visible to you")).to_be_visible()
        await _save(page.locator("main"), folder / "reaction.png")

        random = workspace.channel_id("random")
        await workspace.command(bot.ana, random, COMMAND, "watch")
        await page.get_by_role("button", name="random").click()
        await expect(page.locator("#messages")).to_contain_text("watch")
        for user, text in (
            (bot.ben, "Finally shipped, and it is so much faster. Great work everybody!"),
            (bot.chloe, "The release notes are on the wiki"),
            (bot.ana, "Ugh, the login page is broken again"),
        ):
            await workspace.post(user, random, text)
        await expect(page.locator("#messages .chip")).to_have_count(3)
        await _save(page.locator("main"), folder / "watching.png")

        message = page.locator("#messages .message", has_text="Ugh")
        await message.hover()
        await message.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Analyse sentiment").click()
        await expect(page.locator("#modal")).to_contain_text("Negative")
        await _save(page.locator("#modal"), folder / "shortcut.png")
        await page.keyboard.press("Escape")

        _post_history(bot)
        await workspace.command(bot.ana, bot.general, COMMAND, "report 7d")
        await page.get_by_role("navigation").get_by_role("button", name="Sentiment").click()
        await expect(page.locator("#messages figure.chart").first).to_be_visible()
        await page.set_viewport_size({"width": 900, "height": 1400})  # reports are tall
        await _save(page.locator("#messages .message").last, folder / "report.png")


def _post_history(bot: RunningBot) -> None:
    """Post two weeks of messages, which are more negative in the last days."""
    set_clock(bot, NOW)
    draw, general = random.Random(3), bot.workspace.state.channels[bot.general]
    for back in range(14, -1, -1):
        bad = 0.45 if back in (1, 2) else 0.15
        for i, user in enumerate(add_members(bot.workspace, bot.general, 30)):
            (texts,) = draw.choices((BAD, PLAIN, GOOD), (bad, 0.5, 0.5 - bad / 2))
            bot.workspace.messages.add_past(
                general, user, draw.choice(texts), NOW - back * DAY - (i + 1) * timedelta(minutes=20)
            )


@asynccontextmanager
async def _page(browser: Browser, bot: RunningBot, size: dict[str, int], scheme: str = "light") -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport=size,  # type: ignore[arg-type] # a TypedDict in its annotations
        color_scheme=scheme,  # type: ignore[arg-type] # a Literal in its annotations
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = await context.new_page()
    await page.goto(bot.workspace.url)
    await page.locator("main[aria-busy=false]").wait_for()
    yield page
    await context.close()


async def _save(shown: Page | Locator, path: Path) -> None:
    """Save a screenshot of the page or of an element."""
    picture = Image.open(io.BytesIO(await shown.screenshot()))
    picture.quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), load()))
