"""What the bot shows in windows of their own, and in its App Home."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from bot.reports.report import Report
from bot.sentiment.formatting import shorten
from bot.slack.blocks import Block, Reply, button, context, section
from bot.slack.features.analysis.blocks import label_emoji
from bot.slack.features.analysis.buttons import Given
from bot.slack.features.reports.blocks import small
from bot.slack.help import PRIVACY
from bot.store.channels.watches import Watch

View = dict[str, Any]

DRAFT = "draft"
WHICH_LABEL = "which_label"
WATCH_SETTINGS = "watch_settings"

OPT_OUT = "opt_out"
OPT_IN = "opt_in"
SHOW_HELP = "show_help"
SHOW_PRIVACY = "show_privacy"

NONE_OF_THESE = "None of these"

READING: Sequence[Block] = [context("Reading…")]

DRAFT_LENGTH = 3000
"""Characters that Slack lets somebody type into a text box."""

_OPTION = 75  # characters of an option
_OPTIONS = 100


def modal(title: str, blocks: Sequence[Block], *, submit: str | None = None, **more: str) -> View:
    """Return a window with ``blocks``; its title has at most 24 characters."""
    texts = {"title": title, "close": "Close"} | ({"submit": submit} if submit else {})
    composed = {name: {"type": "plain_text", "text": text} for name, text in texts.items()}
    return {"type": "modal", "blocks": list(blocks), **composed, **more}


def result_view(blocks: Sequence[Block]) -> View:
    """Show a result, or that it is on its way."""
    return modal("Sentiment", blocks)


def draft_view(text: str = "", result: Sequence[Block] = ()) -> View:
    """Ask for a draft; beneath it stands what the bot makes of the last one."""
    element: Block = {"type": "plain_text_input", "multiline": True, "max_length": DRAFT_LENGTH}
    if text:
        element["initial_value"] = text
    box = _input("draft", "Your draft", element, hint="Only you see this, and nothing is posted.")
    return modal("Check a draft", [box, *result], submit="Check", callback_id=DRAFT)


def which_label_view(given: Given, labels: Sequence[str], place: Sequence[str]) -> View:
    """Ask which label would have been right.

    Args:
        given: what the result said.
        labels: what the model can say.
        place: what identifies the result.
    """
    others = [label for label in labels if label != given.label][: _OPTIONS - 1]
    named = [(f"{label_emoji(label)} {label}", str(labels.index(label))) for label in others]
    options = [
        {"text": {"type": "plain_text", "text": shorten(text, _OPTION), "emoji": True}, "value": value}
        for text, value in [*named, (NONE_OF_THESE, "-1")]
    ]
    question = _input("meant", "Which label was right?", {"type": "static_select", "options": options})
    said = context("Kept of this: both labels, the model, the language and the day. Not the text, and not who you are.")
    metadata = json.dumps([given.write(), *place])
    return modal("What was right?", [question, said], submit="Send", callback_id=WHICH_LABEL, private_metadata=metadata)


def watch_view(watch: Watch, channel: str) -> View:
    """Ask how a channel should be watched."""
    emojis = [_emoji_box(label, getattr(watch, label.lower())) for label in watch.emojis]
    element: Block = {"type": "number_input", "is_decimal_allowed": False, "min_value": "0", "max_value": "99"}
    element["initial_value"] = str(round(watch.least_confidence * 100))
    hint = "Messages that I am less sure of get no emoji."
    least = _input("least_confidence", "Least confidence, in per cent", element, hint=hint)
    return modal("How to watch", [*emojis, least], submit="Save", callback_id=WATCH_SETTINGS, private_metadata=channel)


def _emoji_box(label: str, name: str) -> Block:
    element: Block = {"type": "plain_text_input", "max_length": 100}
    if name:
        element["initial_value"] = name
    hint = "By its name, such as tada. Empty: no emoji for these messages."
    return _input(label.lower(), f"Emoji for {label} {label_emoji(label)}", element, hint=hint) | {"optional": True}


def _input(name: str, label: str, element: Block, *, hint: str = "") -> Block:
    """Return a field to fill in; :func:`values` has what was entered by ``name``."""
    texts = {"label": label} | ({"hint": hint} if hint else {})
    shown = {key: {"type": "plain_text", "text": text, "emoji": True} for key, text in texts.items()}
    return {"type": "input", "block_id": name, "element": {**element, "action_id": name}, **shown}


def home_view(
    command: str, features: Collection[str], *, opted_out: bool, watched: Mapping[str, Report | None] | None
) -> View:
    """Draw the App Home of one person.

    Args:
        command: the slash command.
        features: what is switched on.
        opted_out: whether this person has opted out.
        watched: the watched channels that this person is in, the first ones with how they read; None if Slack did not
            say which they are.
    """
    switch = button(OPT_IN, "Let me be judged again") if opted_out else button(OPT_OUT, "Do not judge my messages")
    state = (
        "*You have opted out.* Nobody is told how your messages read. What you ask about yourself, I still answer."
        if opted_out
        else "*You are in.* People who see a message of yours may ask me how it reads, and are told alone."
    )
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "I read the mood of a message, and say how I know"}},
        section(
            f"• `{command} TEXT` tells you alone how a text reads, and which words decided it.\n"
            "• *Analyze sentiment* in a message's ⋮ menu does so for a message.\n"
            "• *Check a draft* in the shortcuts menu does so before you send it.\n"
            "• Mention me with a text, and I answer in the thread, for all.\n"
            "• I keep no text. A model can be wrong: read the message before you believe me."
        ),
        {"type": "divider"},
        {**section(state), "accessory": switch},
    ]
    if "watching" in features:
        blocks += [{"type": "divider"}, *_watched(command, watched)]
    buttons = [button(SHOW_HELP, "Every way to ask"), button(SHOW_PRIVACY, "What I keep")]
    return {"type": "home", "blocks": [*blocks, {"type": "divider"}, {"type": "actions", "elements": buttons}]}


def _watched(command: str, watched: Mapping[str, Report | None] | None) -> Iterator[Block]:
    if watched is None:
        yield section(
            "*Channels I watch*\nSlack did not tell me which of them you are in. Open this tab again in a minute."
        )
        return
    if not watched:
        yield section(f"*Channels I watch*\nNone that you are in. `{command} watch` in a channel begins.")
        return
    yield section("*Channels I watch, and how they read in the last seven days*")
    for channel, made in watched.items():
        if made is not None:
            yield section(small(made, channel))
    others = [f"<#{channel}>" for channel, made in watched.items() if made is None]
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        yield section(f"Also: {', '.join(others[:_NAMED])}{more}")
    yield context(f"▁ none to █ all. `{command} report #channel` tells more: how sure that is, and 24h, 30d or 90d.")


CHARTS = 10
"""How many channels are drawn at most."""

_NAMED = 50  # channels besides; a section takes 3,000 characters


def privacy() -> Reply:
    """Say what is kept."""
    return Reply("What I keep", [section(PRIVACY)])


def values(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered in a view, by block; each of the bot's blocks holds one input."""
    state = (view.get("state") or {}).get("values") or {}
    entered = {}
    for block_id, elements in state.items():
        for element in elements.values():
            selected = element.get("selected_option") or {}
            entered[block_id] = element.get("value") or selected.get("value") or ""
    return entered
