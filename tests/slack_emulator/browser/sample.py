"""A small app that uses each of Slack's doors once, for the page to be tried with."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_bolt.context.complete.async_complete import AsyncComplete
from slack_bolt.context.fail.async_fail import AsyncFail
from slack_sdk.web.async_client import AsyncWebClient

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b8"
    "0000000049454e44ae426082"
)
Json = dict[str, Any]


def plain(text: str) -> Json:
    """Give a text object without mark-up."""
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    """Give options whose values are their names in lower case."""
    return [{"text": plain(name), "value": name.lower()} for name in names]


def asked(name: str, element: Json, *, optional: bool = True) -> Json:
    """Give an input block that is called as its element's action id."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name.title()),
        "optional": optional,
        "element": {"action_id": name, **element},
    }


def form() -> Json:
    """Give a modal with the usual inputs."""
    rename = {"type": "button", "action_id": "rename", "text": plain("Rename")}
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Order"),
        "submit": plain("Order it"),
        "close": plain("Leave"),
        "blocks": [
            {"type": "section", "block_id": "top", "text": plain("An order."), "accessory": rename},
            asked("name", {"type": "plain_text_input", "placeholder": plain("Who orders")}, optional=False),
            asked("size", {"type": "static_select", "options": options("Small", "Large")}),
            asked("tags", {"type": "multi_static_select", "options": options("Red", "Green", "Blue")}),
            asked("extras", {"type": "checkboxes", "options": options("Milk", "Sugar")}),
            asked("how", {"type": "radio_buttons", "options": options("Here", "Away")}),
            asked("guest", {"type": "users_select"}),
            asked("room", {"type": "channels_select"}),
            asked("day", {"type": "datepicker"}),
            asked("city", {"type": "external_select", "min_query_length": 2}),
            asked("toppings", {"type": "multi_external_select", "min_query_length": 0}),
            asked("papers", {"type": "file_input", "max_files": 2, "filetypes": ["txt", "pdf"]}),
        ],
    }


STEPS = {
    "greet": {
        "title": "Greet",
        "description": "Greet somebody some times",
        "input_parameters": {
            "properties": {
                "who": {"type": "slack#/types/user_id", "title": "Who"},
                "times": {"type": "integer", "title": "Times", "description": "How often"},
                "loud": {"type": "boolean", "title": "Loud"},
                "more": {"type": "array", "title": "More"},
            },
            "required": ["who", "times"],
        },
        "output_parameters": {"properties": {"greeting": {"type": "string", "title": "Greeting"}}, "required": []},
    }
}


def step(title: str) -> Json:
    """Give a modal without inputs."""
    text = {"type": "section", "text": plain("There is no way back.")}
    return {"type": "modal", "callback_id": "sure", "title": plain(title), "submit": plain("Yes"), "blocks": [text]}


def home(switched_on: bool) -> Json:
    """Give an App Home with a switch."""
    switch = {"type": "checkboxes", "action_id": "switch", "options": options("Notify me")}
    if switched_on:
        switch["initial_options"] = options("Notify me")
    text = {"type": "section", "text": {"type": "mrkdwn", "text": f"Notices are *{'on' if switched_on else 'off'}*"}}
    return {"type": "home", "blocks": [text, {"type": "actions", "block_id": "s", "elements": [switch]}]}


def counted(count: int) -> Json:
    """Give a message with a button that counts."""
    button = {"type": "button", "action_id": "count", "value": str(count), "text": plain("Count"), "style": "primary"}
    text = {"type": "section", "text": {"type": "mrkdwn", "text": f"Pressed *{count}* times"}}
    return {"text": f"Pressed {count} times", "blocks": [text, {"type": "actions", "elements": [button]}]}


def listen(app: AsyncApp) -> None:
    """Give the app its listeners."""
    _talk(app)
    _begin(app)
    _form(app)
    _home(app)
    _steps(app)


def _steps(app: AsyncApp) -> None:
    @app.function("greet")
    async def greet(inputs: Json, complete: AsyncComplete, fail: AsyncFail) -> None:
        if inputs["times"] > 3:
            await fail("That is too often.")
        else:
            hello = "Hello" if not inputs.get("loud") else "HELLO"
            await complete({"greeting": f"{hello} " * inputs["times"] + ", ".join(inputs.get("more", []))})


def _talk(app: AsyncApp) -> None:

    @app.command("/echo")
    async def echo(ack: AsyncAck, command: Json) -> None:
        await ack(f"You said {command['text']}" if command["text"] != "count" else counted(0))

    @app.action("count")
    async def count(ack: AsyncAck, respond: AsyncRespond, action: Json) -> None:
        await ack()
        await respond(replace_original=True, **counted(int(action["value"]) + 1))

    @app.event("app_mention")
    async def mentioned(event: Json, say: AsyncSay) -> None:
        await say("I heard *you*", thread_ts=event["ts"])

    @app.message(re.compile("picture"))
    async def pictured(event: Json, client: AsyncWebClient) -> None:
        await client.files_upload_v2(channel=event["channel"], content=PIXEL, filename="dot.png", title="A dot")

    @app.event("message")
    async def other_messages() -> None:
        pass

    @app.event("reaction_added")
    async def reacted() -> None:
        pass

    @app.event("member_joined_channel")
    async def joined() -> None:
        pass


def _begin(app: AsyncApp) -> None:
    @app.shortcut("look")
    async def look(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        text = {"type": "section", "text": plain(f"You look at: {body['message']['text']}")}
        view = {"type": "modal", "title": plain("A look"), "blocks": [text]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.shortcut("begin")
    async def begin(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())


def _form(app: AsyncApp) -> None:
    @app.action("rename")
    async def rename(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        typed = body["view"]["state"]["values"]["name"]["name"]["value"]
        view = form() | {"title": plain(f"Order of {typed}"[:24])}
        await client.views_update(view_id=body["view"]["id"], view=view)

    @app.options(re.compile("city|toppings"))
    async def suggested(ack: AsyncAck, payload: Json) -> None:
        names = ("Malaga", "Manila", "Madrid", "Mint")
        await ack(options=options(*(name for name in names if name.lower().startswith(payload["value"].lower()))))

    @app.view("form")
    async def submitted(ack: AsyncAck, view: Json, body: Json, client: AsyncWebClient) -> None:
        values = {name: value for block in view["state"]["values"].values() for name, value in block.items()}
        name = values["name"]["value"]
        if name == "nobody":
            await ack(response_action="errors", errors={"name": "Nobody cannot order."})
            return
        if name == "everybody":
            await ack(response_action="push", view=step("Sure?"))
            return
        await ack()
        chosen = [
            name,
            values["size"]["selected_option"]["value"],
            *(option["value"] for option in values["tags"]["selected_options"] + values["extras"]["selected_options"]),
            values["how"]["selected_option"]["value"],
            f"<@{values['guest']['selected_user']}>",
            f"<#{values['room']['selected_channel']}>",
            values["day"]["selected_date"],
            (values["city"]["selected_option"] or {"value": "nowhere"})["value"],
            *(option["value"] for option in values["toppings"]["selected_options"]),
            *(file["name"] for file in values["papers"]["files"]),
        ]
        await client.chat_postMessage(channel=body["user"]["id"], text="Ordered: " + ", ".join(chosen))

    @app.view("sure")
    async def sure(ack: AsyncAck) -> None:
        await ack(response_action="clear")


def _home(app: AsyncApp) -> None:
    @app.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        if "view" not in event:
            await client.views_publish(user_id=event["user"], view=home(switched_on=False))

    @app.action("switch")
    async def switched(ack: AsyncAck, body: Json, action: Json, client: AsyncWebClient) -> None:
        await ack()
        view = home(switched_on=bool(action["selected_options"]))
        await client.views_publish(user_id=body["user"]["id"], view=view)
