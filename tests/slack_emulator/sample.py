"""A sample app in the asynchronous Bolt for Python: it uses each door of Slack once, and keeps what it was told."""

from collections.abc import Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_bolt.context.complete.async_complete import AsyncComplete
from slack_bolt.context.fail.async_fail import AsyncFail
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import default_manifest


def manifest() -> dict[str, Any]:
    """Give the manifest: all that the stand-in knows, and a step that asks a person."""
    made = default_manifest()
    made["functions"]["ask"] = {
        "title": "Ask",
        "description": "Ask a person with a button, and a modal behind it",
        "input_parameters": {"properties": {"who": {"type": "slack#/types/user_id"}}, "required": ["who"]},
        "output_parameters": {"properties": {"answer": {"type": "string"}}, "required": ["answer"]},
    }
    return made


def text(words: str) -> dict[str, str]:
    """Give a plain text object."""
    return {"type": "plain_text", "text": words}


def option(value: str) -> dict[str, Any]:
    """Give an option with that value, and its capitals as its text."""
    return {"text": text(value.upper()), "value": value}


def button(action_id: str) -> dict[str, Any]:
    """Give an actions block with one button."""
    return {
        "type": "actions",
        "elements": [{"type": "button", "action_id": action_id, "value": "1", "text": text("Press")}],
    }


def input_block(kind: str, **more: object) -> dict[str, Any]:
    """Give an input block whose ids are the kind of its element."""
    element = {"type": kind, "action_id": kind, **more}
    return {"type": "input", "block_id": kind, "label": text(kind), "optional": True, "element": element}


AB = [option("a"), option("b")]
INPUTS = [
    input_block("plain_text_input", min_length=2, initial_value="begun") | {"optional": False},
    input_block("email_text_input"),
    input_block("url_text_input"),
    input_block("number_input", is_decimal_allowed=False, min_value="1", max_value="9"),
    input_block("rich_text_input"),
    input_block("static_select", options=AB, initial_option=AB[1]),
    input_block("external_select", min_query_length=1),
    input_block("users_select"),
    input_block("conversations_select", response_url_enabled=True),
    input_block("channels_select"),
    input_block("multi_static_select", options=AB),
    input_block("multi_users_select"),
    input_block("checkboxes", options=AB, initial_options=[AB[0]]),
    input_block("radio_buttons", options=AB),
    input_block("datepicker", initial_date="2026-01-02"),
    input_block("timepicker"),
    input_block("datetimepicker"),
    input_block("file_input"),
]


def modal(title: str, blocks: list[dict[str, Any]], callback_id: str = "form", **more: object) -> dict[str, Any]:
    """Give a modal."""
    texts = {"title": text(title), "submit": text("Send"), "close": text("Cancel")}
    return {"type": "modal", "callback_id": callback_id, "blocks": blocks, **texts, **more}


Told = list[tuple[str, dict[str, Any]]]
Hears = Callable[[str, dict[str, Any]], None]


def sample(client: AsyncWebClient, ring: Callable[[], None]) -> tuple[AsyncApp, Told]:
    """Make the app, and the list of what it was told: which door, and with which body; `ring` is called for each."""
    app, told = AsyncApp(client=client), []

    def hears(door: str, body: dict[str, Any]) -> None:
        told.append((door, body))
        ring()

    for family in (_messages, _modals, _home, _steps):
        family(app, hears)
    return app, told


def _messages(app: AsyncApp, hears: Hears) -> None:
    @app.command("/hello")
    async def command(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        hears("command", body)
        await ack("at once")
        await respond("by response_url", response_type="in_channel")

    @app.event("app_mention")
    async def mention(body: dict[str, Any], event: dict[str, Any], say: AsyncSay) -> None:
        hears("mention", body)
        await say("mentioned", thread_ts=event["ts"])

    @app.event({"type": "message", "subtype": None})
    async def message(body: dict[str, Any], event: dict[str, Any], say: AsyncSay) -> None:
        if event["channel_type"] in ("im", "mpim"):
            hears("dm", body)
            await say("directly", blocks=[button("again")])

    @app.event("reaction_added")
    async def reaction(body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        hears("reaction", body)
        item = event["item"]
        await client.reactions_add(channel=item["channel"], timestamp=item["ts"], name=event["reaction"])

    @app.event("file_shared")
    async def file(body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        info = await client.files_info(file=event["file_id"])
        hears("file", info["file"])

    @app.event("message")
    async def other(body: dict[str, Any]) -> None:
        """Take what the listeners above do not."""

    @app.action("again")
    async def again(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        hears("button", body)
        await respond("pressed", replace_original=True)


def _modals(app: AsyncApp, hears: Hears) -> None:
    @app.shortcut("look")
    async def look(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        hears("message shortcut", body)
        await client.views_open(
            trigger_id=body["trigger_id"],
            view=modal("Look", [], notify_on_close=True, private_metadata=body["message"]["ts"]),
        )

    @app.shortcut("begin")
    async def begin(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        hears("global shortcut", body)
        await client.views_open(trigger_id=body["trigger_id"], view=modal("Form", INPUTS))

    @app.options("external_select")
    async def suggest(ack: AsyncAck, body: dict[str, Any]) -> None:
        hears("options", body)
        await ack(options=[option(body["value"] + end) for end in ("1", "2")])

    @app.view("form")
    async def form(ack: AsyncAck, body: dict[str, Any]) -> None:
        hears("submission", body)
        await ack()

    @app.view_closed("form")
    async def closed(ack: AsyncAck, body: dict[str, Any]) -> None:
        hears("closed", body)
        await ack()


def _home(app: AsyncApp, hears: Hears) -> None:
    @app.event("app_home_opened")
    async def home(body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        hears("home", body)
        view = event.get("view")
        menu = {"type": "static_select", "action_id": "pick", "options": AB}
        blocks = [{"type": "actions", "block_id": "menu", "elements": [menu]}]
        content = {"type": "home", "blocks": blocks, "private_metadata": "again" if view else ""}
        await client.views_publish(user_id=event["user"], view=content, hash=view["hash"] if view else None)

    @app.action("pick")
    async def pick(ack: AsyncAck, body: dict[str, Any]) -> None:
        hears("home menu", body)
        await ack()


def _steps(app: AsyncApp, hears: Hears) -> None:
    @app.function("hello")
    async def hello_step(inputs: dict[str, Any], complete: AsyncComplete, fail: AsyncFail) -> None:
        if inputs["text"]:
            await complete({"text": f"Hello, {inputs['text']}"})
        else:
            await fail("There is nobody to greet.")

    @app.function("ask", auto_acknowledge=False)
    async def ask_step(ack: AsyncAck, inputs: dict[str, Any], client: AsyncWebClient, body: dict[str, Any]) -> None:
        await ack()
        hears("step", body)
        await client.chat_postMessage(channel=inputs["who"], text="Well?", blocks=[button("well")])

    @app.action("well")
    async def well(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        hears("step button", body)
        pointer = body["interactivity"]["interactivity_pointer"]
        await client.views_open(
            interactivity_pointer=pointer, view=modal("Well?", [input_block("plain_text_input")], "well")
        )

    @app.view("well")
    async def answered(ack: AsyncAck, view: dict[str, Any], complete: AsyncComplete) -> None:
        await ack()
        await complete({"answer": view["state"]["values"]["plain_text_input"]["plain_text_input"]["value"]})
