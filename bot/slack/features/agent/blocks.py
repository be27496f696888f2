"""Block Kit of the agent's questions, and its suggested prompts."""

from bot.slack.blocks import (
    ANALYZE_TEXT,
    BUTTON_VALUE_LENGTH,
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
PROMPTS = [
    {"title": title, "message": intent.value}
    for title, intent in (
        ("Analyse a text", Intent.ANALYZE),
        ("How does this channel read?", Intent.READ),
        ("Check a draft", Intent.DRAFT),
        ("What do you keep about me?", Intent.STORED),
    )
]

SEND_TEXT = note("Send me the text, and I'll say how it reads.")
SEND_DRAFT = note("Send me the draft here. Only you see it, and nothing is posted.")
OPEN_SOMETHING = note("Open a channel or message beside me, or send me the text.")
OPEN_MESSAGE = note("Open the thread of that message beside me, or send me its text.")
OPEN_THREAD = note("Open that thread beside me, or mention me in it with `thread`.")
NO_REPORTS = note(
    "Reports about channels are switched off here. Whoever runs me can switch them on with `FEATURES=watching`. "
    "I can read a single message, or a text that you send me."
)
CONTEXT_KEPT = section(
    "• Not stored, but in memory for an hour: which channel or message you last had open beside me, as Slack tells me."
)
NOTHING_STORED = note("I don't store any text.")
OUTDATED_REQUEST = note("That question is from an older version of me. Please ask again.")


def did_you_mean(phrase: str, text: str) -> Reply:
    """Ask whether ``text`` was meant for a request, with buttons to run that and to analyse the text."""
    question = rich_text("rich_text_section", {"type": "text", "text": f"Did you mean “{phrase}”"})
    buttons = [button(RUN_REQUEST, phrase, value=phrase)]
    if len(text) <= BUTTON_VALUE_LENGTH:
        buttons.append(button(ANALYZE_TEXT, "Analyse as text", value=text))
    return Reply("Did you mean one of my questions?", [question, actions(buttons)])
