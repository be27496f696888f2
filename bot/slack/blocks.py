"""Block Kit: the blocks, and the replies that several features share."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from types import ModuleType
from typing import Any

from bot.sentiment.formatting import label_emoji, plain_label, shorten, whole_percent
from bot.slack.parsing.request import COMMAND

Block = dict[str, Any]
View = dict[str, Any]

CHART = "data_visualization"
ALERT = "alert"
RICH_TEXT = "rich_text"
"""Types of blocks."""

SHOW_HELP, RUN_COMMAND, ANALYZE_TEXT = "show_help", "run_command", "analyze_text"

_BUTTON_LENGTH = 75  # characters that Slack allows in the text of a button
_VALUE_NAMES = ("value", "selected_conversation", "selected_user", "selected_time")  # by the type of the input
BUTTON_VALUE_LENGTH = 2000
"""Characters that Slack allows in the value of a button."""


class Surface(Enum):
    """Where a result is shown, which decides about its blocks."""

    MESSAGE = auto()  # that everybody in a conversation sees
    EPHEMERAL = auto()  # a message that one user sees
    CONVERSATION = auto()  # a message in a user's direct message with the bot, about something else than what is there
    MODAL = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says, not yet addressed to anybody."""

    text: str  # one line for notifications and screen readers, with nothing that a person wrote
    blocks: Sequence[Block]


def section(mrkdwn: str) -> Block:
    """Return a section; ``mrkdwn`` must be escaped."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}}


def context(mrkdwn: str) -> Block:
    """Return a line of small text; ``mrkdwn`` must be escaped."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn}]}


def rich_text(kind: str, *elements: Block) -> Block:
    """Return a ``rich_text`` block with one element of ``kind``, such as ``rich_text_section``."""
    return {"type": RICH_TEXT, "elements": [{"type": kind, "elements": list(elements)}]}


def verbatim(kind: str, text: str) -> Block:
    """Return ``text`` as a ``rich_text_quote`` or ``rich_text_preformatted``, in which no markup is interpreted."""
    return rich_text(kind, {"type": "text", "text": text})


def label_line(label: str, share: float, length: int, more: str = "") -> Block:
    """Show a label, in at most ``length`` characters, with a share or score of 0 to 1 in per cent."""
    return rich_text(
        "rich_text_section",  # the labels of a checkpoint may contain markup
        {"type": "text", "text": f"{label_emoji(label)} "},
        {"type": "text", "text": shorten(plain_label(label), length) or "?", "style": {"bold": True}},
        {"type": "text", "text": f" {whole_percent(share)}{more}"},
    )


def button(action_id: str, text: str, **more: object) -> Block:
    """Return a button; ``text`` is shortened to what Slack allows."""
    label = {"type": "plain_text", "text": shorten(text, _BUTTON_LENGTH), "emoji": True}
    return {"type": "button", "action_id": action_id, "text": label, **more}


def actions(buttons: Sequence[Block]) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def context_actions(elements: Sequence[Block]) -> Block:
    """Return a row of feedback buttons, which only messages have."""
    return {"type": "context_actions", "elements": list(elements)}


def without_actions(blocks: Sequence[Block]) -> list[Block]:
    """Return ``blocks`` without rows of buttons."""
    return [block for block in blocks if block.get("type") not in ("actions", "context_actions")]


def alert(level: str, mrkdwn: str) -> Block:
    """Return an alert of at most 200 characters, which only modals have; ``mrkdwn`` must be escaped."""
    return {"type": ALERT, "level": level, "text": {"type": "mrkdwn", "text": mrkdwn}}


def data_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Block]], page_size: int) -> Block:
    """Return a table that people can sort; its first column has the headers of the rows."""
    return {
        "type": "data_table",
        "caption": caption,
        "rows": [[text_cell(name) for name in head], *map(list, rows)],
        "page_size": page_size,
    }


def text_cell(text: str) -> Block:
    """Return a cell of a table."""
    return {"type": "raw_text", "text": text}


def number_cell(value: float, text: str) -> Block:
    """Return a cell of a table that is shown as ``text`` and sorted by ``value``."""
    return {"type": "raw_number", "value": value, "text": text}


def input_block(name: str, label: str, element: Block, *, hint: str = "") -> Block:
    """Return an input; :func:`input_values` has its value under ``name``."""
    texts = {"label": label} | ({"hint": hint} if hint else {})
    composed = {key: {"type": "plain_text", "text": text, "emoji": True} for key, text in texts.items()}
    return {"type": "input", "block_id": name, "element": {**element, "action_id": name}, **composed}


def input_values(view: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a submitted view's inputs, by block id; each block has one input."""
    values = {}
    for block_id, elements in ((view.get("state") or {}).get("values") or {}).items():
        for element in elements.values():
            selected = (element.get("selected_option") or {}).get("value")
            others = (element.get(name) for name in _VALUE_NAMES)
            values[block_id] = next(filter(None, (selected, *others)), "")
    return values


def modal(title: str, blocks: Sequence[Block], *, submit: str | None = None, **more: str) -> View:
    """Return a modal; ``title`` has at most 24 characters."""
    texts = {"title": title, "close": "Close"} | ({"submit": submit} if submit else {})
    composed = {name: {"type": "plain_text", "text": text} for name, text in texts.items()}
    return {"type": "modal", "blocks": list(blocks), **composed, **more}


def note(text: str) -> Reply:
    """Return a reply of one paragraph."""
    return Reply(text, [section(text)])


def constant_replies(module: ModuleType) -> list[Reply]:
    """Return the replies that are constants of a module."""
    return [value for value in vars(module).values() if isinstance(value, Reply)]


_CAUTION = "I don't store any text. A model can be wrong: read the message before you rely on the result."


def help_reply(
    lines: Sequence[str], bot_user_id: str, emoji: str, languages: Sequence[str] = (), *, more: bool = False
) -> Reply:
    """Show the help, with a button for ``more``; ``languages`` are those that the model reads, if they are known."""
    bot = f"<@{bot_user_id}>" if bot_user_id else "@sentiment"
    reads = f"Languages: {', '.join(languages)}. " if languages else ""
    listed = "\n".join(f"• {line.replace('{bot}', bot).replace('{emoji}', emoji)}" for line in lines)
    blocks = [
        section("*I classify the sentiment of messages, and show which words decide it.*"),
        section(listed),
        context(reads + _CAUTION),
    ]
    if more:
        blocks.append(actions([button(SHOW_HELP, "Show all commands")]))
    return Reply("How to ask me for the sentiment of a text", blocks)


def did_you_mean(commands: Sequence[str], text: str, *, runnable: Collection[str] | None = None) -> Reply:
    """Ask whether ``text`` was meant for one of ``commands``, with a button to analyse it.

    Those that are ``runnable``, by default all, have a button too.
    """
    question: list[Block] = []
    for command in commands:
        question += [_plain(" or " if question else "Did you mean "), _command(command)]
    buttons = [
        button(f"{RUN_COMMAND}_{number}", _readable(command), value=command)
        for number, command in enumerate(commands)
        if runnable is None or command in runnable
    ]
    return _about_command("Did you mean a command?", [*question, _plain("?")], buttons, text)


def slash_command(text: str) -> Reply:
    """Say how to use the subcommand that ``text`` is, with a button to analyse it."""
    sentence = [_plain("That is a slash command. Write "), _command(text), _plain(".")]
    return _about_command("That is a slash command", sentence, [], text)


def scopes_not_granted(scopes: Sequence[str], install_url: str) -> Reply:
    """Say which ``scopes`` a workspace has not granted, and how to grant them, at ``install_url`` if that is known."""
    names = ", ".join(f"`{scope}`" for scope in scopes)
    again = f"<{install_url}|installing me again>" if install_url else "installing me again"
    return note(f"This workspace has not granted me {names}. An administrator can grant that by {again}.")


def switched_off(option: str) -> Reply:
    """Say that the features of an ``option`` are switched off, and how to switch them on."""
    return note(
        f"This is switched off here. Whoever runs me can add `{option}` to `FEATURES`, and update the app's manifest."
    )


def _about_command(summary: str, sentence: Sequence[Block], buttons: Sequence[Block], text: str) -> Reply:
    row = actions([*buttons, button(ANALYZE_TEXT, "Analyse as text", value=text)])
    return Reply(summary, [rich_text("rich_text_section", *sentence), row])


def _plain(text: str) -> Block:
    return {"type": "text", "text": text}


def _command(command: str) -> Block:
    return {**_plain(f"{COMMAND} {_readable(command)}"), "style": {"code": True}}


def _readable(command: str) -> str:
    """Return a command without the ids of channels."""
    return re.sub(r"<#\w+(?:\|([^<>]*))?>", lambda channel: f"#{channel[1] or 'channel'}", command)


# Channels may be shared with other organizations, whose members cannot use the command.
LEAVE_OUT = f"To exclude your messages: `{COMMAND} optout`. From another organization: mention me with `optout`."
NO_CONTENT = note("There is nothing to classify in that: it has no words and no emoji outside code blocks.")
BUSY = note("I'm busy right now. Please try again in a moment.")
FAILED = note("Sorry, something went wrong on my side. Please try again.")
OPTED_OUT = note("The author of that message has opted out, so I don't analyse it.")
ALREADY_SHARED = note("This has already been shared.")
TOO_LATE = note("Slack gives me three seconds to open a window, and I was too slow. Please try again.")
NOT_A_MEMBER = note("I'm not in that channel. Invite me with `/invite @sentiment`, then try again.")
NO_SUCH_CHANNEL = note("I can't find that channel. We both have to be members of it.")
ARCHIVED = note("That channel is archived, and I don't read archived channels.")
NOT_WATCHED = note(f"I don't watch this channel. Start with `{COMMAND} watch`.")
STOPPED_READING = note("Stopped. I have kept nothing of what I had read.")
LATE = context("I was offline or very busy when this arrived, so this answer is late.")
