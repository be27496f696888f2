"""The blocks and views of the sample app."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    """Return options whose values are their names in lower case."""
    return [{"text": plain(name), "value": name.lower()} for name in names]


def input_block(name: str, kind: str, *, optional: bool = True, **element: object) -> Json:
    """Return an input block whose block id and action id are `name`."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name.title()),
        "optional": optional,
        "element": {"type": kind, "action_id": name, **element},
    }


def button(action_id: str, label: str, value: str = "1") -> Json:
    """Return an actions block with one button."""
    element = {"type": "button", "action_id": action_id, "value": value, "text": plain(label), "style": "primary"}
    return {"type": "actions", "elements": [element]}


INPUTS = [
    input_block("name", "plain_text_input", optional=False, min_length=2, placeholder=plain("Who orders")),
    input_block("email", "email_text_input"),
    input_block("site", "url_text_input"),
    input_block("amount", "number_input", is_decimal_allowed=False, min_value="1", max_value="9"),
    input_block("note", "rich_text_input"),
    input_block("size", "static_select", options=options("Small", "Large"), initial_option=options("Small")[0]),
    input_block("tags", "multi_static_select", options=options("Red", "Green", "Blue")),
    input_block("extras", "checkboxes", options=options("Milk", "Sugar"), initial_options=options("Milk")),
    input_block("how", "radio_buttons", options=options("Here", "Away"), initial_option=options("Here")[0]),
    input_block("guest", "users_select"),
    input_block("others", "multi_users_select"),
    input_block("place", "conversations_select", response_url_enabled=True),
    input_block("room", "channels_select"),
    input_block("day", "datepicker", initial_date="2026-01-02"),
    input_block("hour", "timepicker"),
    input_block("start", "datetimepicker"),
    input_block("city", "external_select", min_query_length=2),
    input_block("toppings", "multi_external_select", min_query_length=0),
    input_block("papers", "file_input", max_files=2, filetypes=["txt", "pdf"]),
]


def modal(title: str, blocks: list[Json], callback_id: str = "form", **more: object) -> Json:
    """Return a modal."""
    texts = {"title": plain(title), "submit": plain("Send"), "close": plain("Cancel")}
    return {"type": "modal", "callback_id": callback_id, "blocks": blocks, **texts, **more}


def form(title: str = "Order") -> Json:
    """Return a modal with every kind of input."""
    rename = {"type": "button", "action_id": "rename", "text": plain("Rename")}
    section = {"type": "section", "block_id": "top", "text": plain("An order."), "accessory": rename}
    return modal(title, [section, *INPUTS], submit=plain("Order it"))


def home(switched_on: bool) -> Json:
    """Return an App Home with a switch."""
    switch = {"type": "checkboxes", "action_id": "switch", "options": options("Notify me")}
    if switched_on:
        switch["initial_options"] = options("Notify me")
    text = {"type": "section", "text": {"type": "mrkdwn", "text": f"Notices are *{'on' if switched_on else 'off'}*"}}
    return {"type": "home", "blocks": [text, {"type": "actions", "block_id": "s", "elements": [switch]}]}


def counter(count: int) -> Json:
    """Return a message with a button that counts."""
    text = {"type": "section", "text": {"type": "mrkdwn", "text": f"Pressed *{count}* times"}}
    return {"text": f"Pressed {count} times", "blocks": [text, button("count", "Count", str(count))]}
