"""Interactions with the app in the page: buttons, shortcuts, modals, App Home, workflow steps, traffic log."""

import re

import pytest
from playwright.async_api import expect
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.browser.conftest import BrowserWindow

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


async def test_button(window: BrowserWindow) -> None:
    """Pressing a button updates its message, and the button keeps the focus."""
    await window.say("/echo count")
    button = window.messages.get_by_role("button", name="Count")
    for count in (1, 2):
        await button.press("Enter")
        await expect(window.message(f"Pressed {count} times")).to_be_visible()
        await expect(button).to_be_focused()


async def test_message_shortcut(window: BrowserWindow) -> None:
    """A message shortcut is in the menu of a message; Escape closes its modal."""
    await window.say("see this")
    await window.tool("see this", "More actions")
    await window.page.keyboard.press("Home")
    await expect(window.page.get_by_role("menuitem", name="Look")).to_be_focused()
    await window.page.keyboard.press("Enter")
    await expect(window.page.get_by_role("dialog", name="A look")).to_contain_text("You look at: see this")
    await window.page.keyboard.press("Escape")
    await expect(window.modal).to_be_hidden()


async def open_form(window: BrowserWindow) -> None:
    """Open the form by a global shortcut."""
    await window.page.get_by_role("button", name="Shortcuts").click()
    await window.page.get_by_role("menuitem", name="Begin").click()
    await expect(window.page.get_by_role("dialog", name="Order")).to_be_visible()
    await expect(window.modal.get_by_label("Name")).to_be_focused()


async def test_form(window: BrowserWindow) -> None:
    """A form shows missing values and the app's errors, keeps its values, and is submitted as filled in."""
    await window.composer.press_sequentially("/beg")
    await window.composer.press("Enter")
    name = window.modal.get_by_label("Name")
    submit = window.modal.get_by_role("button", name="Order it")
    await submit.click()
    await expect(window.modal).to_contain_text("Please complete this required field.")
    await expect(name).to_be_focused()
    await name.fill("nobody")
    await window.modal.get_by_label("Size").select_option(label="Large")
    for label in ("Red", "Blue", "Milk", "Away"):
        await window.modal.get_by_label(label, exact=True).check()
    await window.modal.get_by_label("Guest").select_option(label="Ben Okafor")
    await window.modal.get_by_label("Room").select_option(label="# random")
    await window.modal.get_by_label("Day").fill("2026-02-03")
    city = window.modal.get_by_role("combobox", name="City")
    await city.press_sequentially("m")
    await expect(window.modal).to_contain_text("Type 1 more character.")
    await city.press_sequentially("a")
    offered = window.modal.get_by_role("listbox").get_by_role("option")
    await expect(offered).to_have_text(["Malaga", "Manila", "Madrid"])
    await city.press("ArrowDown")
    await city.press("Enter")
    await expect(city).to_have_value("Manila")
    await city.press("Tab")
    toppings = window.modal.get_by_role("combobox", name="Toppings")
    for topping in ("Mint", "Madrid"):
        await toppings.press_sequentially(topping[:3])
        await offered.filter(has_text=topping).click()
    await window.modal.get_by_role("button", name="Remove Madrid").click()
    papers = window.modal.get_by_label("Papers")
    await papers.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"x"})
    await expect(window.modal.get_by_role("alert")).to_contain_text("a.png has the wrong type")
    await papers.set_input_files({"name": "list.txt", "mimeType": "text/plain", "buffer": b"x"})
    await expect(window.modal.get_by_role("button", name="Remove list.txt")).to_be_visible()
    await submit.click()
    await expect(window.modal).to_contain_text("Nobody cannot order.")
    await expect(name).to_have_attribute("aria-invalid", "true")
    await name.fill("Ana")
    await name.press("Enter")
    await expect(window.modal).to_be_hidden()
    await window.go("Echo")
    ordered = "Ordered: Ana, large, red, blue, milk, away, @ben, #random, 2026-02-03, manila, mint, list.txt"
    await expect(window.message("Ordered").locator(".text")).to_have_text(ordered)


async def test_update_and_push(window: BrowserWindow) -> None:
    """An updated view keeps its values; a pushed one can be closed, or cleared with the whole stack."""
    await open_form(window)
    name = window.modal.get_by_label("Name")
    await name.fill("everybody")
    await window.modal.get_by_label("Sugar").check()
    await window.modal.get_by_role("button", name="Rename").click()
    await expect(window.modal.get_by_role("heading", name="Order of everybody")).to_be_visible()
    await expect(name).to_have_value("everybody")
    await window.modal.get_by_role("button", name="Order it").click()
    await expect(window.modal.get_by_role("heading", name="Sure?")).to_be_visible()
    await window.modal.get_by_role("button", name="Back").click()
    await expect(name).to_have_value("everybody")
    await expect(window.modal.get_by_label("Sugar")).to_be_checked()
    await window.modal.get_by_role("button", name="Order it").click()
    await window.modal.get_by_role("button", name="Yes").click()
    await expect(window.modal).to_be_hidden()


async def test_app_home(window: BrowserWindow) -> None:
    """The Home tab shows the published view of each person."""
    await window.go("Echo")
    await window.page.get_by_role("tab", name="Home").click()
    home = window.page.get_by_role("tabpanel", name="Home")
    await expect(home).to_contain_text("Notices are off")
    await home.get_by_label("Notify me").check()
    await expect(home).to_contain_text("Notices are on")
    await expect(home.get_by_label("Notify me")).to_be_checked()
    await window.become("Ben Okafor")
    await window.page.get_by_role("tab", name="Messages").click()
    await window.page.get_by_role("tab", name="Home").click()
    await expect(home).to_contain_text("Notices are off")
    await window.page.keyboard.press("ArrowLeft")
    await window.page.keyboard.press("Enter")
    await expect(window.page.get_by_text("This is the beginning of your direct messages with Echo")).to_be_visible()


async def test_cards(window: BrowserWindow, workspace: Workspace, ana: str) -> None:
    """A carousel shows its cards, and the button of a card is sent with that card's block id."""
    button = {"type": "button", "action_id": "choose", "text": {"type": "plain_text", "text": "Choose"}}
    cards = [
        {"type": "card", "block_id": name, "title": {"type": "mrkdwn", "text": f"*{name}*"}, "actions": [button]}
        for name in ("left", "right")
    ]
    workspace.views.publish(ana, {"type": "home", "blocks": [{"type": "carousel", "elements": cards}]})
    await window.go("Echo")
    await window.page.get_by_role("tab", name="Home").click()
    right = window.page.locator(".carousel .card").filter(has_text="right")
    await right.get_by_role("button", name="Choose").click()
    pressed = await workspace.until(lambda: [entry for entry in workspace.log if entry.name == "block_actions"])
    assert pressed[-1].sent["actions"][0]["block_id"] == "right"


async def test_image(window: BrowserWindow) -> None:
    """An image that the app uploads is shown with its title."""
    await window.say("a picture, please")
    shown = window.messages.get_by_role("img", name="A dot")
    await expect(shown).to_be_visible()
    await expect(window.messages.get_by_role("link", name="A dot")).to_be_visible()
    await shown.evaluate("picture => picture.decode()")
    assert await shown.evaluate("picture => picture.naturalWidth") == 1


async def test_traffic_log(window: BrowserWindow, workspace: Workspace) -> None:
    """The traffic log shows what people did, how long the app took, and on demand the JSON; and unknown methods."""
    panel = window.page.get_by_role("region", name="What just happened")
    await window.page.get_by_role("button", name="What just happened", exact=True).click()
    await expect(panel.locator("summary")).to_contain_text("Echo: started")
    await panel.get_by_role("button", name="Clear").click()
    await window.say("/echo hi")
    group = panel.locator("summary").filter(has_text="Ana: /echo hi")
    await expect(group).to_contain_text(re.compile(r"→ acknowledged in \d+ ms *→ answered after \d+ ms"))
    await group.click()
    entries = panel.locator("summary").filter(has_text=re.compile("command|ack"))
    await expect(entries).to_contain_text(["Ana", "command", "ack"])
    await entries.last.click()
    await expect(panel.locator("pre")).to_contain_text('"text": "You said hi"')
    with pytest.raises(SlackApiError):
        await AsyncWebClient(workspace.bot_token, base_url=f"{workspace.url}/api/").api_call("chat.shout")
    entry = panel.locator(".entry summary").filter(has_text="chat.shout")
    await expect(entry).to_contain_text("unknown_method: the emulator has no such method")
    await panel.get_by_role("button", name="Close what just happened").click()
    await expect(panel).to_be_hidden()


async def test_workflow_step(window: BrowserWindow) -> None:
    """A step has a form with validation; its outputs or its error are shown."""
    await window.page.get_by_role("button", name="Shortcuts").click()
    await window.page.get_by_role("menuitem", name="Greet").click()
    form = window.page.get_by_role("dialog", name="Greet")
    await form.get_by_role("button", name="Run").click()
    await expect(form.get_by_text("Please complete this required field.")).to_have_count(2)
    await form.get_by_label("Who").select_option(label="Ben Okafor")
    await form.get_by_label("Times").fill("2")
    await form.get_by_label("Yes").check()
    await form.get_by_label("More").fill("[oops")
    await form.get_by_role("button", name="Run").click()
    await expect(form).to_contain_text("This must be JSON")
    await form.get_by_label("More").fill('["Ben", "Ana"]')
    await form.get_by_role("button", name="Run").click()
    await expect(form.get_by_role("definition")).to_have_text("HELLO HELLO Ben, Ana")
    await form.get_by_label("Times").fill("9")
    await form.get_by_role("button", name="Run again").click()
    await expect(form).to_contain_text("Failed")
    await expect(form).to_contain_text("That is too often.")
    await window.page.keyboard.press("Escape")
    await expect(form).to_be_hidden()


async def test_traffic_log_scrolls(window: BrowserWindow, workspace: Workspace, ana: str) -> None:
    """The newest entry is visible after a burst, unless the person has scrolled up."""
    await window.page.get_by_role("button", name="What just happened", exact=True).click()
    panel = window.page.get_by_role("region", name="Traffic log")
    random = workspace.channel_id("random")
    for _ in range(3):
        for number in range(60):
            await workspace.post(ana, random, str(number))
        await expect(panel.locator("li").last).to_be_in_viewport()
    await panel.hover()
    await window.page.mouse.wheel(0, -400)
    await expect(panel.locator("li").last).not_to_be_in_viewport()
    await workspace.post(ana, random, "one more")
    await expect(panel.locator("li").last).not_to_be_in_viewport()
