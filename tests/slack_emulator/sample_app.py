"""A sample app in the asynchronous Bolt for Python, which uses each kind of event and interaction once."""

import re
from collections.abc import Callable

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_bolt.context.complete.async_complete import AsyncComplete
from slack_bolt.context.fail.async_fail import AsyncFail
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import default_manifest
from tests.slack_emulator.sample_blocks import Json, button, counter, form, home, input_block, modal, options, plain

Record = Callable[[str, Json], None]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b8"
    "0000000049454e44ae426082"
)
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
    },
    "ask": {
        "title": "Ask",
        "description": "Ask a person with a button and a modal",
        "input_parameters": {"properties": {"who": {"type": "slack#/types/user_id"}}, "required": ["who"]},
        "output_parameters": {"properties": {"answer": {"type": "string"}}, "required": ["answer"]},
    },
}


def manifest() -> Json:
    """Return the app's manifest."""
    changed = default_manifest()
    changed["display_information"]["name"] = "Echo"
    features = changed["features"]
    features["bot_user"]["display_name"] = "Echo Bot"
    features["slash_commands"] = [{"command": "/echo", "description": "Say it again", "usage_hint": "[words]"}]
    return changed | {"functions": STEPS}


def listen(app: AsyncApp, record: Record = lambda _name, _body: None) -> None:
    """Register the app's listeners.

    Args:
        app: The app.
        record: Called with the name and the body of each event and interaction.
    """
    for register in (_agent, _command, _messages, _other_events, _shortcuts, _form, _home, _steps):
        register(app, record)


def _agent(app: AsyncApp, record: Record) -> None:
    async def is_opened(event: Json) -> bool:
        return bool(event["tab"] == "messages")

    @app.event("app_home_opened", matchers=[is_opened])
    async def opened(event: Json, client: AsyncWebClient) -> None:
        prompts = [{"title": "Ask where I am", "message": "where am I?"}, {"title": "Work", "message": "work, please"}]
        await client.assistant_threads_setSuggestedPrompts(channel_id=event["channel"], prompts=prompts, title="Well?")

    @app.message(re.compile("^where"))
    async def where(event: Json, client: AsyncWebClient) -> None:
        first = event["app_context"]["entities"][0]["value"]
        place = first["message_ts"] if isinstance(first, dict) else first
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text=f"Beside me is {place}")

    @app.message(re.compile("^work"))
    async def work(event: Json, client: AsyncWebClient) -> None:
        thread = {"channel_id": event["channel"], "thread_ts": event["ts"]}
        await client.agents_sessions_setStatus(**thread, status="processing", title="Working hard")

    @app.event("agent_session_stopped")
    async def stopped(event: Json, client: AsyncWebClient) -> None:
        thread = {"channel_id": event["channel"], "thread_ts": event["thread_ts"]}
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["thread_ts"], text="I have stopped")
        await client.agents_sessions_setStatus(**thread, status="active")

    @app.event("app_context_changed")
    async def context_changed(body: Json) -> None:
        record("context", body)


def _command(app: AsyncApp, record: Record) -> None:
    @app.command("/echo")
    async def echo(ack: AsyncAck, body: Json, respond: AsyncRespond) -> None:
        record("command", body)
        if body["text"] == "later":
            await ack()
            await respond("by response_url", response_type="in_channel")
        else:
            await ack(counter(0) if body["text"] == "count" else f"You said {body['text']}")

    @app.action("count")
    async def count(ack: AsyncAck, body: Json, action: Json, respond: AsyncRespond) -> None:
        await ack()
        record("button", body)
        await respond(replace_original=True, **counter(int(action["value"]) + 1))


def _messages(app: AsyncApp, record: Record) -> None:
    @app.event("app_mention")
    async def mention(event: Json, say: AsyncSay) -> None:
        await say("I heard *you*", thread_ts=event["ts"])

    @app.message(re.compile("picture"))
    async def picture(event: Json, client: AsyncWebClient) -> None:
        await client.files_upload_v2(channel=event["channel"], content=PIXEL, filename="dot.png", title="A dot")

    @app.event("message")
    async def message(body: Json, event: Json, say: AsyncSay) -> None:
        if event["channel_type"] in ("im", "mpim") and "subtype" not in event:
            record("dm", body)
            await say(**counter(0))


def _other_events(app: AsyncApp, record: Record) -> None:
    @app.event("reaction_added")
    async def reaction(event: Json, client: AsyncWebClient) -> None:
        item = event["item"]
        if event["reaction"] == "eyes":
            await client.reactions_add(channel=item["channel"], timestamp=item["ts"], name="eyes")

    @app.event("file_shared")
    async def file(event: Json, client: AsyncWebClient) -> None:
        record("file", (await client.files_info(file=event["file_id"]))["file"])

    @app.event(re.compile("member_joined_channel|channel_archive|reaction_removed"))
    async def other() -> None:
        """Acknowledge the event."""


def _shortcuts(app: AsyncApp, record: Record) -> None:
    @app.shortcut("look")
    async def look(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        record("message shortcut", body)
        text = {"type": "section", "text": plain(f"You look at: {body['message']['text']}")}
        view = modal("A look", [text], "look", notify_on_close=True, private_metadata=body["message"]["ts"])
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view_closed("look")
    async def closed(ack: AsyncAck, body: Json) -> None:
        record("closed", body)
        await ack()

    @app.shortcut("begin")
    async def begin(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        record("global shortcut", body)
        await client.views_open(trigger_id=body["trigger_id"], view=form())


def _form(app: AsyncApp, record: Record) -> None:
    @app.action("rename")
    async def rename(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        typed = body["view"]["state"]["values"]["name"]["name"]["value"]
        await client.views_update(view_id=body["view"]["id"], view=form(f"Order of {typed}"[:24]))

    @app.options(re.compile("city|toppings"))
    async def suggest(ack: AsyncAck, body: Json) -> None:
        record("options", body)
        names = ("Malaga", "Manila", "Madrid", "Mint")
        await ack(options=options(*(name for name in names if name.lower().startswith(body["value"].lower()))))

    @app.view("form")
    async def submit(ack: AsyncAck, view: Json, body: Json, client: AsyncWebClient) -> None:
        record("submission", body)
        values = {name: value for block in view["state"]["values"].values() for name, value in block.items()}
        name = values["name"]["value"]
        if name == "nobody":
            await ack(response_action="errors", errors={"name": "Nobody cannot order."})
            return
        if name == "nothing":
            await ack(
                response_action="errors", errors={block: f"Not this {block}." for block in view["state"]["values"]}
            )
            return
        if name == "everybody":
            text = {"type": "section", "text": plain("This cannot be undone.")}
            await ack(response_action="push", view=modal("Sure?", [text], "sure", submit=plain("Yes")))
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


def _home(app: AsyncApp, record: Record) -> None:
    @app.event("app_home_opened")
    async def opened(event: Json, body: Json, client: AsyncWebClient) -> None:
        record("home again" if "view" in event else "home", body)
        if "view" not in event:
            await client.views_publish(user_id=event["user"], view=home(switched_on=False))

    @app.action("switch")
    async def switch(ack: AsyncAck, body: Json, action: Json, client: AsyncWebClient) -> None:
        await ack()
        record("switch", body)
        view = home(switched_on=bool(action["selected_options"]))
        await client.views_publish(user_id=body["user"]["id"], view=view, hash=body["view"]["hash"])


def _steps(app: AsyncApp, record: Record) -> None:
    @app.function("greet")
    async def greet(inputs: Json, complete: AsyncComplete, fail: AsyncFail) -> None:
        if inputs["times"] > 3:
            await fail("That is too often.")
        else:
            hello = "HELLO" if inputs.get("loud") else "Hello"
            await complete({"greeting": f"{hello} " * inputs["times"] + ", ".join(inputs.get("more", []))})

    @app.function("ask", auto_acknowledge=False)
    async def ask(ack: AsyncAck, inputs: Json, client: AsyncWebClient, body: Json) -> None:
        await ack()
        record("step", body)
        await client.chat_postMessage(channel=inputs["who"], text="Well?", blocks=[button("well", "Answer")])

    @app.action("well")
    async def well(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        record("step button", body)
        view = modal("Well?", [input_block("answer", "plain_text_input")], "well")
        pointer = body["interactivity"]["interactivity_pointer"]
        await client.views_open(interactivity_pointer=pointer, view=view)

    @app.view("well")
    async def answer(ack: AsyncAck, view: Json, complete: AsyncComplete) -> None:
        await ack()
        await complete({"answer": view["state"]["values"]["answer"]["answer"]["value"]})
