"""The inputs of modals in the page: what they offer, what the app receives, and errors beside them."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from slack_emulator import Workspace
from tests.slack_emulator.browser.conftest import BrowserWindow
from tests.slack_emulator.sample_blocks import INPUTS, input_block, modal, options, plain

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


async def choices(menu: Locator) -> list[str]:
    """Return the options of a menu, after its placeholder."""
    return (await menu.locator("option").all_inner_texts())[1:]


async def open_modal(window: BrowserWindow, workspace: Workspace, *blocks: dict[str, Any]) -> None:
    """Open a modal with these blocks for Ana."""
    workspace.views.open(workspace.views.create_trigger(workspace.user_id("ana")), modal("Route", [*blocks]))
    await expect(window.modal).to_be_visible()


async def test_each_input(window: BrowserWindow, workspace: Workspace) -> None:
    """The app receives the value of each input; its errors are beside the inputs, which keep their values."""
    await window.composer.press_sequentially("/beg")
    await window.composer.press("Enter")
    form = window.modal
    fields = {"Name": "nothing", "Email": "ana@example.com", "Site": "https://example.com/hook", "Amount": "3"}
    for label, text in (fields | {"Hour": "14:30", "Day": "2026-02-03", "Note": "Soon"}).items():
        await form.get_by_label(label).fill(text)
    menus = {"Size": "Large", "Guest": "Ben Okafor", "Place": "# secret", "Room": "# lonely"}
    for label, choice in menus.items():
        await form.get_by_label(label).select_option(label=choice)
    for group, choice in (("Tags", "Green"), ("Extras", "Sugar"), ("Others", "Chloé Martin")):
        await form.get_by_role("group", name=group).get_by_label(choice).check()
    await form.get_by_role("radiogroup", name="How").get_by_label("Away").check()
    await form.get_by_role("button", name="Order it").click()
    for block in INPUTS:
        place = form.locator(f"[data-key={block['block_id']}]")
        await expect(place.locator(".error")).to_have_text(f"Not this {block['block_id']}.")
        await expect(place.locator("[aria-invalid=true]").first).to_be_attached()
    await expect(form.get_by_label("Name", exact=True)).to_be_focused()
    await form.get_by_label("Name", exact=True).fill("Ana")
    await form.get_by_role("button", name="Order it").click()
    await expect(form).to_be_hidden()
    (*_, sent) = (one.sent for one in workspace.log if one.kind == "interaction")
    values = {name: value for block in sent["view"]["state"]["values"].values() for name, value in block.items()}
    assert [values[name]["value"] for name in ("name", "email", "site", "amount")] == [
        "Ana",
        *list(fields.values())[1:],
    ]
    assert (values["hour"]["selected_time"], values["day"]["selected_date"]) == ("14:30", "2026-02-03")
    assert values["guest"]["selected_user"] == workspace.user_id("ben")
    assert values["others"]["selected_users"] == [workspace.user_id("chloe")]
    assert values["place"]["selected_conversation"] == workspace.channel_id("secret")
    assert values["room"]["selected_channel"] == workspace.channel_id("lonely")
    assert values["how"]["selected_option"]["value"] == "away"
    assert [one["value"] for name in ("tags", "extras") for one in values[name]["selected_options"]] == [
        *("green", "milk", "sugar")
    ]


async def test_conversations(window: BrowserWindow, workspace: Workspace) -> None:
    """Menus offer the conversations that Slack offers: public ones, one's own, none archived, as filtered."""
    await window.go("random")
    await window.become("Chloé Martin")
    chloe = workspace.user_id("chloe")
    only = {"include": ["public", "im"]}
    blocks = [
        input_block("room", "channels_select"),
        input_block("place", "conversations_select", default_to_current_conversation=True),
        input_block("public", "conversations_select", filter=only),
        input_block("human", "conversations_select", filter=only | {"exclude_bot_users": True}),
    ]
    workspace.views.open(workspace.views.create_trigger(chloe), modal("Route", blocks))
    public = ["# general", "# random", "# lonely"]
    assert await choices(window.modal.get_by_label("Room")) == public
    assert await choices(window.modal.get_by_label("Place")) == [*public, "Echo"]
    assert await choices(window.modal.get_by_label("Public")) == [*public, "Echo"]
    assert await choices(window.modal.get_by_label("Human")) == public
    await expect(window.modal.get_by_label("Place")).to_have_value(workspace.channel_id("random"))
    await expect(window.modal.get_by_label("Room")).to_have_value("")


async def test_limits_of_menus(window: BrowserWindow, workspace: Workspace) -> None:
    """Not more than `max_selected_items` can be chosen, and an option shows its description."""
    described = [{"text": plain("Loud"), "value": "loud", "description": plain("day and night")}]
    await open_modal(
        window,
        workspace,
        input_block("people", "multi_users_select", max_selected_items=2),
        input_block("when", "static_select", options=options("Quiet") + described),
    )
    group = window.modal.get_by_role("group", name="People")
    for name in ("Ana Ruiz", "Ben Okafor"):
        await group.get_by_label(name).check()
    await expect(group.get_by_label("Chloé Martin")).to_be_disabled()
    await group.get_by_label("Ana Ruiz").uncheck()
    await expect(group.get_by_label("Chloé Martin")).to_be_enabled()
    assert await choices(window.modal.get_by_label("When")) == ["Quiet", "Loud (day and night)"]
