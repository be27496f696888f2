"""The appearance of the page: blocks, small screens, colour schemes, accessibility."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from slack_bolt.async_app import AsyncApp

from slack_emulator import Server, Workspace
from tests.slack_emulator.browser.conftest import BrowserWindow, Open
from tests.slack_emulator.sample_blocks import counter, form, options, plain

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": plain("A header")},
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Left* &lt;b&gt;"}, plain("Right *as is*")]},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "Pick:\n• _one_ ~two~ <https://example.com/?a=1&amp;b=2|a link>"},
        "accessory": {"type": "static_select", "action_id": "pick", "options": options("One", "Two")},
    },
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "small print `:tada:`"}]},
    {"type": "image", "image_url": "https://example.com/cat.png", "alt_text": "a cat"},
    {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "  kept  as is"}]},
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "first", "style": {"bold": True, "strike": True}}],
                    }
                ],
            },
        ],
    },
    {"type": "markdown", "text": "# Title\n- **strong** and `code`"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "Head"}], [{"type": "raw_text", "text": "Cell"}]]},
    {
        "type": "data_visualization",
        "title": "Share of messages",
        "chart": {
            "type": "line",
            "series": [
                {"name": name, "data": [{"label": "23 Nov", "value": 40}, {"label": "24 Nov", "value": 9.5}]}
                for name in ("NEGATIVE", "POSITIVE")
            ],
            "axis_config": {"categories": ["23 Nov", "24 Nov"], "y_label": "% of messages"},
        },
    },
    {
        "type": "data_visualization",
        "title": "All messages",
        "chart": {"type": "pie", "segments": [{"label": name, "value": 1} for name in ("NEGATIVE", "POSITIVE")]},
    },
    {"type": "video", "title": plain("A film"), "alt_text": "film", "video_url": "https://example.com/v"},
]
WIDE = "x" * 400


async def fill_channel(workspace: Workspace, general: str) -> None:
    """Post messages with all kinds of content in #general."""
    ana, bot = workspace.user_id("ana"), workspace.bot_user_id
    ts = await workspace.post(ana, general, f"A long one: {WIDE} <https://example.com/{WIDE}>")
    await workspace.react(ana, general, ts, "tada")
    channel = workspace.state.channels[general]
    workspace.messages.post(channel, bot, "blocks", blocks=BLOCKS)
    workspace.messages.post(channel, bot, **counter(0))
    workspace.messages.post(channel, bot, "reply", thread_ts=ts)
    workspace.messages.post_ephemeral(channel, ana, "for Ana")


async def test_blocks(window: BrowserWindow, workspace: Workspace, general: str) -> None:
    """Blocks are rendered, unsupported ones are named, and nothing is loaded from other servers."""
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    await fill_channel(workspace, general)
    message = window.message("A header")
    await expect(message.get_by_role("heading", name="A header")).to_be_visible()
    await expect(message.locator(".fields > *")).to_have_text(["Left <b>", "Right *as is*"])
    await expect(message.get_by_role("link", name="a link")).to_have_attribute("href", "https://example.com/?a=1&b=2")
    await expect(message.locator("em")).to_have_text("one")
    await expect(message.locator(".context code")).to_have_text(":tada:")
    await expect(message.get_by_role("img", name="a cat")).to_contain_text("from example.com, not loaded here")
    await expect(message.locator("blockquote")).to_have_text("quoted")
    assert await message.locator("pre").inner_text() == "  kept  as is"
    await expect(message.locator("ol > li strong")).to_have_text("first")
    await expect(message.locator(".markdown li strong")).to_have_text("strong")
    await expect(message.get_by_role("cell", name="Cell")).to_be_visible()
    line, pie = message.locator("figure.chart").filter(has_text="Share of"), message.get_by_role("figure", name="All")
    await expect(line.locator("svg path.line")).to_have_count(2)
    await expect(line.locator("svg text")).to_have_text(["0", "25", "50", "23 Nov", "24 Nov", "% of messages"])
    await expect(line.get_by_role("row", name="POSITIVE")).to_have_text("POSITIVE409.5")
    await expect(pie.locator("svg path.bar")).to_have_count(2)
    await expect(message).to_contain_text("[video block: not supported by this page]")
    assert all(url.startswith(workspace.url) for url in asked)


async def test_phone(server: Server, workspace: Workspace, general: str, bot: object, open_window: Open) -> None:
    """At a width of 360 pixels nothing overflows, and a button shows the channels."""
    await fill_channel(workspace, general)
    window = await open_window(server.url, viewport={"width": 360, "height": 740}, has_touch=True)
    page = window.page
    await expect(window.message("for Ana")).to_be_visible()

    async def fits() -> None:
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        inside = "[...document.querySelectorAll('#scroll, #thread .scroll, #traffic-log .scroll, #sidebar, #home')]"
        assert await page.evaluate(f"{inside}.filter(one => one.scrollWidth > one.clientWidth).length") == 0

    await fits()
    channels = page.get_by_role("button", name="Channels")
    await expect(page.get_by_role("button", name="random")).to_be_hidden()
    await channels.click()
    await expect(page.get_by_role("button", name="general")).to_be_focused()
    await fits()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="random")).to_be_hidden()
    await window.message("A long one").get_by_role("button", name="1 reply").click()
    await expect(window.thread).to_be_visible()
    await fits()
    await window.thread.get_by_role("button", name="Close the thread").click()
    await page.get_by_role("button", name="What just happened", exact=True).click()
    await expect(page.get_by_role("region", name="What just happened")).to_be_visible()
    await fits()
    await page.get_by_role("button", name="Close what just happened").click()
    await channels.click()
    await page.get_by_role("button", name="random").click()
    await expect(page.get_by_role("heading", name="# random", level=2)).to_be_visible()
    await expect(page.get_by_role("button", name="general")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_accessibility(
    server: Server, workspace: Workspace, general: str, app: AsyncApp, bot: object, open_window: Open, scheme: str
) -> None:
    """In both colour schemes, axe finds no serious or critical violation in any part of the page."""
    await fill_channel(workspace, general)
    window = await open_window(server.url, color_scheme=scheme, reduced_motion="reduce")
    page = window.page

    async def check() -> None:
        violations = (await Axe().run(page)).response["violations"]
        serious = [one for one in violations if one["impact"] in ("serious", "critical")]
        assert [(one["id"], node["html"][:200]) for one in serious for node in one["nodes"]] == []

    await page.get_by_role("button", name="What just happened", exact=True).click()
    await page.locator("details.group summary").last.click()
    await page.locator("details.entry summary").last.click()
    await window.message("A long one").get_by_role("button", name="1 reply").click()
    await expect(window.thread).to_be_visible()
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    await check()
    await window.tool("A long one", "React")
    await check()
    await page.keyboard.press("Escape")
    await window.tool("A long one", "More actions")
    await check()
    await page.keyboard.press("Escape")
    await window.composer.press_sequentially("/")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await check()
    await window.composer.fill("")
    await page.get_by_role("button", name="Shortcuts").first.click()
    await page.get_by_role("menuitem", name="Greet").click()
    await page.get_by_role("button", name="Run").click()
    await check()
    await page.keyboard.press("Escape")
    await window.say("/invite @nobody")
    await expect(page.get_by_role("alert")).to_be_visible()
    await check()
    await window.composer.fill("")
    ana = workspace.user_id("ana")
    workspace.views.open(workspace.views.create_trigger(ana), form())
    await window.modal.get_by_role("button", name="Order it").click()
    await check()
    await page.keyboard.press("Escape")
    await window.go("Echo")
    await check()
    await page.get_by_role("tab", name="Home").click()
    await expect(page.get_by_text("Notices are off")).to_be_visible()
    await check()


async def test_mention_in_context(window: BrowserWindow, workspace: Workspace, general: str, ana: str) -> None:
    """In a context block, a highlighted mention is inline."""
    element = {"type": "mrkdwn", "text": f"Shared by <@{ana}> today"}
    channel = workspace.state.channels[general]
    context = {"type": "context", "elements": [element]}
    workspace.messages.post(channel, workspace.bot_user_id, "x", blocks=[context])
    line = window.message("Shared by").locator(".context .text")
    mention = await line.locator(".mention").bounding_box()
    whole = await line.bounding_box()
    assert mention
    assert whole
    assert whole["height"] < 30
    assert mention["width"] < whole["width"] / 2


async def test_introduction(window: BrowserWindow, workspace: Workspace, general: str) -> None:
    """A channel begins with an introduction, also when it has messages; of a long one, the latest are shown."""
    introduction = window.page.locator("#introduction")
    await expect(introduction).to_contain_text("This is the very beginning of the #general channel.")
    await expect(introduction.get_by_role("button", name="/echo hello")).to_be_visible()
    await window.say("first")
    await expect(window.message("first")).to_be_visible()
    await expect(introduction).to_contain_text("Company-wide announcements")
    await expect(introduction.get_by_role("button")).to_have_count(0)
    channel, ana = workspace.state.channels[general], workspace.user_id("ana")
    for number in range(300):
        workspace.messages.add_past(channel, ana, f"number {number}", datetime(2026, 11, 3, 9, 8, tzinfo=UTC))
    await window.say("last")
    await expect(introduction).to_have_text("Only the latest 300 messages are shown.")


async def test_avatars(window: BrowserWindow, workspace: Workspace, general: str) -> None:
    """The avatars of ten people have ten colours."""
    channel = workspace.state.channels[general]
    people = [workspace.members.add_person(f"person{number}", f"Person {number}").id for number in range(7)]
    for user in (workspace.user_id("ana"), workspace.user_id("ben"), workspace.user_id("chloe"), *people):
        workspace.messages.post(channel, user, "hi")
    await expect(window.messages).to_have_count(10)
    colours = await window.page.locator("#messages .avatar").evaluate_all(
        "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(colours)) == 10


async def test_private_replies(window: BrowserWindow, workspace: Workspace, general: str, ana: str) -> None:
    """A line and some space separate private replies in a row."""
    for text in ("one", "two"):
        workspace.messages.post_ephemeral(workspace.state.channels[general], ana, text)
    await expect(window.message("two")).to_have_css("border-top-width", "1px")
    first, second = await window.message("one").bounding_box(), await window.message("two").bounding_box()
    assert first
    assert second
    assert second["y"] - first["y"] - first["height"] >= 4


async def test_emoji_font(window: BrowserWindow) -> None:
    """Emoji in a text and in code are drawn in the font of those that are given by name."""
    for text in (":neutral_face:", "`😐`", "😐"):
        await window.say(text)
    await expect(window.messages).to_have_count(3)
    session = await window.page.context.new_cdp_session(window.page)
    for domain in ("DOM", "CSS"):
        await session.send(f"{domain}.enable")

    async def fonts(selector: str) -> set[str]:
        root = (await session.send("DOM.getDocument"))["root"]["nodeId"]
        node = (await session.send("DOM.querySelector", {"nodeId": root, "selector": selector}))["nodeId"]
        used = (await session.send("CSS.getPlatformFontsForNode", {"nodeId": node}))["fonts"]
        return {font["familyName"] for font in used}

    named = await fonts("#messages .emoji")
    if not any("Emoji" in name for name in named):
        pytest.skip("no emoji font is installed")
    assert await fonts("#messages code") == named
    assert await fonts("#messages li:last-child .text") == named


async def test_times(server: Server, workspace: Workspace, general: str, bot: object, open_window: Open) -> None:
    """Days, times and dates are written as Slack writes them."""
    channel, ana = workspace.state.channels[general], workspace.user_id("ana")
    now = datetime.now(UTC)
    for text, at in (
        ("old", datetime(2024, 11, 22, 9, 8, tzinfo=UTC)),
        ("past", now - timedelta(days=1)),
        ("<!date^1732266480^due {date_long} at {time}|then>", now),
    ):
        workspace.messages.add_past(channel, ana, text, at)
    window = await open_window(server.url, locale="en-US", timezone_id="UTC")
    await expect(window.page.locator(".day")).to_have_text(["Friday, November 22nd, 2024", "Yesterday", "Today"])
    await expect(window.message("old").locator("time")).to_have_text("9:08 AM")
    await expect(window.message("due")).to_contain_text("due Friday, November 22nd, 2024 at 9:08 AM")


async def test_opens_at_the_end(
    server: Server, workspace: Workspace, ana: str, general: str, open_window: Open
) -> None:
    """A channel that fills the page is opened at its end."""
    for number in range(12):
        await workspace.post(ana, general, f"line one\nline two\nline three of {number}")
    window = await open_window(server.url)
    await expect(window.message("of 11")).to_be_in_viewport(ratio=1)
