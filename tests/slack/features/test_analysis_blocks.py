"""Block Kit of results: valid for any text, label and setting, and without unintended mentions."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sentiment.types import Breakdown, Sentiment, Word
from bot.slack.analyzer import Assessment
from bot.slack.blocks import Surface, modal
from bot.slack.features import analysis
from bot.slack.features.analysis.blocks import DRAFT_LENGTH, AnalyzedMessage
from slack_emulator.payloads.mentions import mentions
from tests.slack.features.strategies import LINKED_MESSAGES, TEXTS, assessments, result_with_buttons
from tests.support.blocks import assert_valid_reply, assert_valid_view

POSITIVE = Sentiment("POSITIVE", 0.9, {}, "model", truncated=False)


@given(assessments(), LINKED_MESSAGES, TEXTS, TEXTS, st.sampled_from([Surface.MESSAGE, Surface.EPHEMERAL]))
@settings(deadline=None)
def test_results(
    assessment: Assessment, message: AnalyzedMessage | None, quoted: str, text: str, surface: Surface
) -> None:
    """A result with its buttons is valid in all versions, and mentions only who shared it."""
    reply = result_with_buttons(assessment, text, message, quoted or None, surface)
    assert_valid_reply(reply)
    assert mentions(reply.text, reply.blocks, []) <= {"U0SHARER"}


@given(assessments(), TEXTS)
@settings(deadline=None)
def test_views(assessment: Assessment, draft: str) -> None:
    """The modals of results and drafts are valid."""
    result = result_with_buttons(assessment, draft, surface=Surface.MODAL)
    assert_valid_view(analysis.blocks.draft_view(draft[:DRAFT_LENGTH], result.blocks))
    quoting = result_with_buttons(assessment, draft, quoted=draft or None, surface=Surface.MODAL)
    assert_valid_view(modal("Sentiment", quoting.blocks))


def test_labels_are_escaped() -> None:
    """Labels with characters that are markup in Slack are shown unchanged."""
    reply = analysis.blocks.result(Assessment(Sentiment("LABEL_1 <b> *x*", 0.9, {}, "model", truncated=False)))
    assert reply.text == "LABEL_1 &lt;b&gt; *x* 90 %"
    assert "'LABEL_1 <b> *x*'" in str(reply.blocks)


def test_explanation() -> None:
    """The text is shown with the supporting words in bold, and the words with the largest effect below."""
    words = (Word("Good", 0, 4, 2.3), Word("but", 5, 8, 0.1), Word("slow", 9, 13, -1.2), Word("!", 13, 14, 3.0))
    reply = analysis.blocks.result(Assessment(POSITIVE, Breakdown("Good but slow!", POSITIVE, (), words)), quoted="x")
    result, quote, listed, legend = reply.blocks
    assert [element["text"] for element in result["elements"][0]["elements"]] == ["🙂 ", "Positive", " 90 %"]
    elements = quote["elements"][0]["elements"]
    assert [(element["text"], "style" in element) for element in elements] == [("Good", True), (" but slow!", False)]
    assert listed["elements"][0]["elements"][0]["text"] == "▲ 10 ×  Good\n▼ 3.3 ×  slow"
    assert "odds of Positive" in str(legend)


def test_no_word_decides() -> None:
    """If no word has much effect alone, the explanation says so."""
    words = (Word("Good", 0, 4, 0.2), Word("day", 5, 8, 0.1))
    reply = analysis.blocks.result(Assessment(POSITIVE, Breakdown("Good day", POSITIVE, (), words)))
    assert "No single word decides" in str(reply.blocks[-1])


def test_long_texts() -> None:
    """A button holds 2,000 characters; a result of a longer text has a hint instead of the buttons that need it."""
    short, long = (result_with_buttons(Assessment(POSITIVE), "a" * length) for length in (2000, 2001))
    assert [len(block["elements"]) for block in short.blocks if block["type"] == "actions"] == [4]
    assert [block["type"] for block in long.blocks][-2:] == ["context", "actions"]
    assert [len(block["elements"]) for block in long.blocks if block["type"] == "actions"] == [2]
