"""Block Kit of the agent's questions, and its suggested prompts."""

from bot.slack.blocks import (
    ANALYZE_TEXT,
    BUTTON_VALUE_LENGTH,
    Block,
    Reply,
    actions,
    button,
    note,
    rich_text,
    section,
)
from bot.slack.features.agent.intents import Intent

RUN_REQUEST = "run_request"

DESCRIPTION = (
    "I say how a text, a message or a channel reads, and show which words decide. Only you see what I answer here, and "
    "I store no text."
)
GREETING = "How can I help? Send me a text, or pick one of these."
READ_MESSAGE = "How does this message read?"
READ_THREAD = "How did this thread go?"


def prompts(*, channels: bool, thread: bool = False) -> list[dict[str, str]]:
    """Return what to suggest to a person; without reports, ``channels`` cannot be read, but messages can.

    Beside a ``thread`` that can be read, the question about it is the first one, in place of one that needs no prompt:
    every text that the person sends is analysed.
    """
    read = ("How does this channel read?", Intent.READ.value) if channels else (READ_MESSAGE, READ_MESSAGE)
    asked = [(intent.value, intent.value) for intent in (Intent.ANALYZE, Intent.DRAFT, Intent.STORED)]
    asked.insert(1, read)
    if thread:
        asked[0] = READ_THREAD, READ_THREAD
    return [{"title": title, "message": message} for title, message in asked]


SEND_TEXT = note("Send me the text, and I'll say how it reads.")
SEND_DRAFT = note(
    "Send me the draft here, and then each new version of it. Only you see it, and nothing is posted. A question about "
    "“this message” is about the one that is open beside me."
)
OPEN_SOMETHING = note("Open a channel or message beside me, or send me the text.")
OPEN_MESSAGE = note(
    "Open the thread of that message beside me, or send me its text. In a question, “this message” is the one that is "
    "open beside me; I analyse a draft when you send it."
)
OPEN_THREAD = note("Open that thread beside me, or mention me in it with `thread`.")
NO_REPORTS = note(
    "Reports about channels are switched off here. Whoever runs me can add `watching` to `FEATURES`. "
    "I can analyse a single message, or a text that you send me."
)
CONTEXT_KEPT = section(
    "• Not stored, but in memory for an hour: which channel or message you last had open beside me, as Slack tells me."
)
NOTHING_STORED = note("I don't store any text.")
OUTDATED_REQUEST = note("That question is from an older version of me. Please ask again.")


def home_section(*, channels: bool, threads: bool) -> list[Block]:
    """Show in App Home what to ask the agent."""
    named = ["How does this read?", *(["How does #general read in the last 30 days?"] if channels else [])]
    named += [READ_THREAD] if threads else []
    listed = " · ".join(f"“{question}”" for question in (*named, Intent.DRAFT.value, Intent.STORED.value))
    return [section(f"*Beside a channel or a message*\nOpen me from Slack's top bar, and ask: {listed}")]


def did_you_mean(phrase: str, text: str) -> Reply:
    """Ask whether ``text`` was meant for a request, with buttons to run that and to analyse the text."""
    mark = "" if phrase.endswith("?") else "?"
    question = rich_text("rich_text_section", {"type": "text", "text": f"Did you mean “{phrase}”{mark}"})
    buttons = [button(RUN_REQUEST, phrase, value=phrase)]
    if len(text) <= BUTTON_VALUE_LENGTH:
        buttons.append(button(ANALYZE_TEXT, "Analyse as text", value=text))
    return Reply("Did you mean one of my questions?", [question, actions(buttons)])
