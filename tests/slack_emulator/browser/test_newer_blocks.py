"""Feedback buttons, data tables and alerts in the page."""

from typing import Any

import pytest
from playwright.async_api import expect

from slack_emulator import Server, Workspace
from tests.slack_emulator.browser.conftest import BrowserWindow, Open

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


def plain(text: str) -> dict[str, str]:
    """Return a plain text."""
    return {"type": "plain_text", "text": text}


def post(workspace: Workspace, channel: str, *blocks: dict[str, Any]) -> str:
    """Post blocks as the app; return the ts of the message."""
    place = workspace.state.channels[channel]
    return workspace.messages.post(place, workspace.bot_user_id, "x", blocks=list(blocks)).ts


async def test_feedback_buttons(window: BrowserWindow, workspace: Workspace, general: str) -> None:
    """Each of the two buttons has a name, sends its value, and is marked until the other one is pressed."""
    buttons = {
        "type": "feedback_buttons",
        "action_id": "rate",
        "positive_button": {"text": plain("Good"), "value": "yes", "accessibility_label": "This is good"},
        "negative_button": {"text": plain("Bad"), "value": "no"},
    }
    post(workspace, general, {"type": "context_actions", "elements": [buttons]})
    good, bad = (window.page.get_by_role("button", name=name, exact=True) for name in ("This is good", "Bad"))
    for pressed, other, value in ((good, bad, "yes"), (bad, good, "no")):
        await pressed.press("Enter")
        await expect(pressed).to_have_attribute("aria-pressed", "true")
        await expect(other).to_have_attribute("aria-pressed", "false")
        await workspace.until(
            lambda value=value: any(  # type: ignore[misc] # the type of a default
                action.get("value") == value
                for exchange in workspace.log
                if exchange.kind == "interaction"
                for action in exchange.sent.get("actions", [])
            )
        )


async def test_data_table(window: BrowserWindow, workspace: Workspace, general: str) -> None:
    """A table shows a page of rows, and sorts numbers by value and texts by the alphabet, both ways."""
    rows = [
        [{"type": "raw_text", "text": name}, {"type": "raw_number", "value": value, "text": f"{value} %"}]
        for name, value in (("Tue", 10), ("Mon", 9), ("Wed", 100))
    ]
    head = [{"type": "raw_text", "text": "Day"}, {"type": "raw_number", "value": 2026, "text": "Share"}]
    post(workspace, general, {"type": "data_table", "caption": "By day", "page_size": 2, "rows": [head, *rows]})
    table = window.page.get_by_role("table", name="By day")
    days, pages = table.locator("tbody th"), window.page.locator(".pages .note")
    await expect(days).to_have_text(["Tue", "Mon"])
    await expect(table.locator("tbody td").first).to_have_css("text-align", "right")
    await expect(window.page.get_by_role("button", name="Previous rows")).to_be_disabled()
    await window.page.get_by_role("button", name="Next rows").click()
    await expect(days).to_have_text(["Wed"])
    await expect(pages).to_have_text("3–3 of 3")
    await expect(window.page.get_by_role("button", name="Next rows")).to_be_disabled()
    share = table.get_by_role("columnheader", name="Share")
    for expected, direction in ((["Mon", "Tue"], "ascending"), (["Wed", "Tue"], "descending")):
        await share.get_by_role("button").click()
        await expect(days).to_have_text(expected)
        await expect(share).to_have_attribute("aria-sort", direction)
    await table.get_by_role("columnheader", name="Day").get_by_role("button").click()
    await expect(days).to_have_text(["Mon", "Tue"])
    await expect(share).to_have_attribute("aria-sort", "none")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_alert(window: BrowserWindow, workspace: Workspace, ana: str, scheme: str) -> None:
    """An alert is drawn with a sign for its level, in a colour that can be read."""
    await window.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    alert = {"type": "alert", "level": "warning", "text": {"type": "mrkdwn", "text": "Don't *rely* on it"}}
    workspace.views.open(
        workspace.views.create_trigger(ana), {"type": "modal", "title": plain("Result"), "blocks": [alert]}
    )
    box = window.modal.get_by_role("note")
    await expect(box).to_contain_text("Don't rely on it")
    await expect(box.get_by_role("img", name="warning")).to_be_visible()
    await expect(box.locator("strong, b")).to_have_text("rely")
    assert await box.evaluate(CONTRAST) >= 4.5


CONTRAST = """box => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((one) => one / 255)
      .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(box);
  const [dark, light] = [luminance(style.color), luminance(style.backgroundColor)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}"""


async def test_wide_tables(server: Server, workspace: Workspace, general: str, bot: object, open_window: Open) -> None:
    """On a phone, the channel's name is whole, and a table that is too wide says so until it is at its end."""
    row = [{"type": "raw_text", "text": f"Column number {number}"} for number in range(6)]
    blocks = [{"type": "data_table", "caption": "Wide", "rows": [row, row]}, {"type": "table", "rows": [row[:1]]}]
    workspace.messages.post(workspace.state.channels[general], workspace.bot_user_id, "a table", blocks=blocks)
    page = (await open_window(server.url, viewport={"width": 390, "height": 740})).page
    name = page.locator("#name")
    assert await name.evaluate("name => name.scrollWidth <= name.clientWidth")
    await expect(page.get_by_role("button", name="Ask Echo")).to_be_visible()
    await expect(page.get_by_text("Scroll sideways")).to_have_count(2)
    await expect(page.get_by_text("Scroll sideways").first).to_be_visible()
    await expect(page.get_by_text("Scroll sideways").last).to_be_hidden()
    wide = page.get_by_role("region", name="Wide")
    await expect(wide).to_contain_class("more-after")
    await wide.evaluate("region => region.scrollTo(9999, 0)")
    await expect(wide).to_contain_class("more-before")
    await expect(wide).not_to_contain_class("more-after")
