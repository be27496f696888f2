"""Block Kit of results and of the modals that show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from bot.sentiment.formatting import deciding_words, format_attribution, plain_label, shorten, whole_percent
from bot.sentiment.types import Breakdown, Sentiment, Word
from bot.slack.analyzer import Assessment
from bot.slack.blocks import (
    ALERT,
    BUTTON_VALUE_LENGTH,
    RICH_TEXT,
    Block,
    Reply,
    Surface,
    View,
    actions,
    alert,
    button,
    context,
    context_actions,
    input_block,
    label_line,
    modal,
    note,
    rich_text,
    verbatim,
)
from bot.slack.parsing.content import escape
from bot.slack.parsing.request import AnalysisRequest
from bot.slack.plain_blocks import plain, plain_buttons

SHOW_TOKENS = "show_tokens"
SHARE = "share"
DRAFT = "draft"

NOT_FOUND = note("I can't see that message any more, so there is nothing to analyse.")
OWN_MESSAGE = note("That is one of my own messages. Ask me about somebody else's.")

DRAFT_LENGTH = 3000
"""Characters that Slack allows in a text input."""

_DRAFT_HINT = [
    rich_text(
        "rich_text_section",
        {"type": "text", "text": "The words that decide how it reads are shown in "},
        {"type": "text", "text": "bold", "style": {"bold": True}},
        {"type": "text", "text": "."},
    )
]
_QUOTE_LENGTH = 300
_WORD_LENGTH = 40
_LABEL_LENGTH = 40
_BLOCK_ID_LENGTH = 255  # Slack's limit


@dataclass(frozen=True, slots=True)
class AnalyzedMessage:
    """The message that a result is about, as the ``block_id`` of its buttons carries it.

    ``author`` is None for a message by an app.
    """

    author: str | None
    permalink: str | None

    @property
    def block_id(self) -> str:
        """The message as a ``block_id``."""
        block_id = f"about {self.author or '-'} {self.permalink or '-'}"
        return block_id if len(block_id) <= _BLOCK_ID_LENGTH else f"about {self.author or '-'} -"

    @classmethod
    def parse(cls, block_id: object) -> Self | None:
        """Parse a ``block_id``; None if the result is about a text that the user gave."""
        match str(block_id).split(" "):
            case ["about", author, permalink]:
                return cls(None if author == "-" else author, None if permalink == "-" else permalink)
        return None


def result(
    assessment: Assessment,
    surface: Surface = Surface.MESSAGE,
    *,
    quoted: str | None = None,
    permalink: str | None = None,
    shared_by: str | None = None,
) -> Reply:
    """Show a result, with the text and the permalink of the message unless the reader sees them anyway."""
    blocks = []
    if shared_by is not None:
        blocks.append(context(f"Shared by <@{shared_by}>"))
    if quoted is not None and assessment.breakdown is None:
        blocks.append(verbatim("rich_text_quote", shorten(quoted, _QUOTE_LENGTH)))
    sentiment, unsure = assessment.sentiment, "" if assessment.confident else " · unsure"
    language = f", looks like {assessment.language}" if assessment.language else ""
    blocks.append(label_line(sentiment.label, sentiment.score, _LABEL_LENGTH, unsure))
    if assessment.language is not None:
        looks_like = f"This looks like {assessment.language}, which the model does not read"
        caution = f"{looks_like}: don't rely on the result."
        blocks.append(alert("warning", caution) if surface is Surface.MODAL else context(caution))
    elif unsure and surface is Surface.MODAL:
        blocks.append(alert("warning", "The model is not sure: another label may fit as well."))
    if permalink is not None:
        blocks.append(context(f"About <{permalink}|this message>"))
    if assessment.breakdown is not None:
        blocks += _explanation(assessment.breakdown)
    if sentiment.truncated:
        blocks.append(context("This text is longer than the model reads. Only its beginning was classified."))
    return Reply(f"{headline(sentiment)}{unsure}{language}", blocks)


def headline(sentiment: Sentiment) -> str:
    """Return the label and the confidence, as mrkdwn."""
    return f"{escape(shorten(plain_label(sentiment.label), _LABEL_LENGTH))} {whole_percent(sentiment.score)}"


def _explanation(breakdown: Breakdown) -> list[Block]:
    """Show the text with the words that support the label in bold, and a list of the words that changed it most."""
    words = deciding_words(breakdown.words)
    bold = sorted((word for word in words if word.attribution > 0), key=lambda word: word.start)
    blocks = [rich_text("rich_text_quote", *_highlighted(breakdown.text, bold))]
    if not words:
        return [*blocks, context("No single word decides this: each of them changes the result little.")]
    label = shorten(plain_label(breakdown.sentiment.label), _LABEL_LENGTH)
    lines = "\n".join(f"{format_attribution(word.attribution)}  {_shown(word)}" for word in words)
    return [
        *blocks,
        rich_text("rich_text_section", {"type": "text", "text": lines}),
        context(f"The factor by which each word raises ▲ or lowers ▼ the odds of {escape(label)}"),
    ]


def _shown(word: Word) -> str:
    return shorten(" ".join(word.text.split()), _WORD_LENGTH)


def _highlighted(text: str, words: Sequence[Word]) -> list[Block]:
    """Return the elements of ``text``, shortened, with ``words``, which are in order, in bold."""
    shown = shorten(text, _QUOTE_LENGTH)
    elements: list[Block] = []
    end = 0
    for word in words:
        if word.end <= len(shown) and shown[: word.end] == text[: word.end]:
            elements.append({"type": "text", "text": shown[end : word.start]})
            elements.append({"type": "text", "text": shown[word.start : word.end], "style": {"bold": True}})
            end = word.end
    elements.append({"type": "text", "text": shown[end:]})
    return [element for element in elements if element["text"]]


def with_actions(
    reply: Reply,
    request: AnalysisRequest,
    feedback: Sequence[Block],
    message: AnalyzedMessage | None,
    surface: Surface,
) -> Reply:
    """Add ``feedback`` buttons to a result; below one for a single user, also those that carry the analysed text."""
    blocks, row = [*reply.blocks], []
    if surface in (Surface.EPHEMERAL, Surface.CONVERSATION):
        if len(request.text) > BUTTON_VALUE_LENGTH:
            blocks.append(context("This text is too long to be opened or shared with a button."))
        else:
            row += [] if request.breakdown else [button(SHOW_TOKENS, "Why?", value=request.text)]
            # Nobody else reads a conversation with the bot.
            row += [button(SHARE, "Share with channel", value=request.text)] if surface is Surface.EPHEMERAL else []
    in_message = surface in (Surface.MESSAGE, Surface.CONVERSATION)
    if not in_message:
        row += [button for element in feedback for button in plain_buttons(element)]
    if row:
        blocks.append(actions(row) | ({"block_id": message.block_id} if message else {}))
    if in_message and feedback:
        blocks.append(context_actions(feedback))
    return Reply(reply.text, blocks)


def draft_view(text: str = "", result: Sequence[Block] = ()) -> View:
    """Ask for a draft, with the result for the previous one below it. It has an alert and a rich text, if possible."""
    element: Block = {"type": "plain_text_input", "multiline": True, "max_length": DRAFT_LENGTH}
    if text:
        element["initial_value"] = text
    notice = alert("info", "Only you see this. Nothing is posted.")
    draft = input_block("draft", "Your draft", element)
    return modal("Check a draft", [draft, notice, *(result or _DRAFT_HINT)], submit="Check", callback_id=DRAFT)


def next_draft_view(submitted: View, text: str, result: Sequence[Block]) -> View:
    """Return the view that answers a ``submitted`` draft.

    Slack does not tell apps whether it accepts such an answer, so it has only types of blocks that the submitted view
    has, too.
    """
    view = draft_view(text, result)
    refused = {ALERT, RICH_TEXT} - {block.get("type") for block in submitted.get("blocks") or ()}
    return {**view, "blocks": plain(view["blocks"], refused)}
