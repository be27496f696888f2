"""Whatever the texts, labels and settings, Slack accepts the blocks, and nobody is mentioned by accident."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.report import Report
from bot.sentiment.formatting import bar, format_attribution, percent, shorten, strongest
from bot.sentiment.types import Breakdown, Sentiment, Word
from bot.slack import blocks
from bot.slack.analyzer import Assessment
from bot.slack.blocks import Reply
from bot.slack.features import ALL_FEATURES, analysis, feedback, privacy, reports, watching
from bot.slack.features.analysis.blocks import DRAFT_LENGTH, AnalyzedMessage
from bot.slack.features.feedback.blocks import RatedResult
from bot.slack.features.home.blocks import home_view
from bot.slack.features.reports.reporter import MAX_HOME_REPORTS
from bot.store.channels.watches import Watch
from slack_emulator.payloads.mentions import mentions
from slack_emulator.validation.blocks import block_errors, view_errors
from tests.slack.test_mood import reports as any_report

TEXT = st.text(max_size=400) | st.sampled_from(["<!channel>", "x" * 40_000, "`", "*", "<@U1>\n" * 900])
LONG_LINK = "https://example.slack.com/" + "a" * 300
SCORE = st.floats(0, 1)
WORD = st.builds(Word, text=TEXT, attribution=st.floats(-1, 1))
MESSAGE = st.builds(AnalyzedMessage, st.sampled_from([None, "U0AUTHOR"]), st.sampled_from([None, LONG_LINK]))


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    """Any result, whatever the checkpoint calls its labels."""
    label, score = draw(TEXT), draw(SCORE)
    sentiment = Sentiment(label, score, {label: score}, "model", draw(st.booleans()))
    words = draw(st.none() | st.lists(WORD, max_size=40))
    breakdown = None if words is None else Breakdown(sentiment, (), tuple(words))
    return Assessment(sentiment, breakdown, draw(st.sampled_from([None, "Korean"])), draw(SCORE))


def with_buttons(
    assessment: Assessment, text: str, message: AnalyzedMessage | None = None, quoted: str | None = None
) -> Reply:
    """Return a result with all its buttons."""
    link = message.permalink if message else None
    result = analysis.blocks.result(assessment, quoted=quoted, permalink=link, shared_by="U0SHARER")
    private = analysis.blocks.private_actions(breakdown=True)
    return analysis.blocks.with_actions(result, text, private, feedback.blocks.rating_buttons(assessment), message)


@given(assessments(), st.none() | MESSAGE, st.none() | TEXT.filter(bool), TEXT.filter(bool))
@settings(deadline=None)
def test_any_result(assessment: Assessment, message: AnalyzedMessage | None, quoted: str | None, text: str) -> None:
    """A result with its buttons is accepted, and mentions nobody but who shared it."""
    reply = with_buttons(assessment, text, message, quoted)
    assert block_errors(reply.blocks, "message") == []
    assert mentions(reply.text, reply.blocks, []) <= {"U0SHARER"}


def fixed_replies() -> Sequence[Reply]:
    """Return the replies that are constants, and the help."""
    modules = (blocks, *(package.blocks for package in (analysis, feedback, privacy, reports, watching)))
    constants = [value for module in modules for value in vars(module).values() if isinstance(value, Reply)]
    lines = [line.text for feature in ALL_FEATURES for line in feature.help]
    return [*constants, blocks.help_reply(lines, "U1", "thermometer"), Reply("stored", [privacy.blocks.stored_data()])]


@pytest.mark.parametrize("reply", fixed_replies(), ids=lambda reply: reply.text[:30])
def test_fixed_replies(reply: Reply) -> None:
    """Help and other constant replies are accepted."""
    assert block_errors(reply.blocks, "message") == []
    assert reply.text


IDS = st.from_regex(r"C[A-Z0-9]{8,12}", fullmatch=True)
NAME = st.from_regex(r"[\w+'-]{0,100}", fullmatch=True)
WATCH = st.builds(Watch, st.just("U0ASKER"), NAME, NAME, NAME, st.floats(0, 0.99), st.none())


@given(WATCH, st.lists(TEXT.filter(bool), min_size=1, max_size=300, unique=True), TEXT, assessments(), st.data())
@settings(deadline=None)
def test_any_modal(watch: Watch, labels: list[str], draft: str, assessment: Assessment, data: st.DataObject) -> None:
    """Modals are accepted, and so is what a channel is told when it is watched."""
    rated = RatedResult("model", data.draw(st.sampled_from(labels))[:100], "")
    for view in (
        watching.blocks.settings_view(watch, "C0CHANNEL"),
        feedback.blocks.correction_view(rated, labels, ["T0TEAM", "C0CHANNEL", "1700000000.000100"]),
        analysis.blocks.draft_view(draft[:DRAFT_LENGTH], with_buttons(assessment, draft).blocks),
        analysis.blocks.result_view(with_buttons(assessment, draft, quoted=draft or None).blocks),
    ):
        assert view_errors(view) == []
    for reply in (watching.blocks.announcement(watch), watching.blocks.status(watch)):
        assert block_errors(reply.blocks, "message") == []
        assert mentions(reply.text, reply.blocks, []) <= {"U0ASKER"}


@given(st.booleans(), st.none() | st.lists(IDS, max_size=400, unique=True), any_report())
@settings(deadline=None)
def test_any_home(opted_out: bool, channels: list[str] | None, report: Report) -> None:
    """However many channels somebody is a member of, their App Home is accepted."""
    shown = [report] * MAX_HOME_REPORTS + [None] * 400
    watched = None if channels is None else dict(zip(channels, shown, strict=False))
    sections = [reports.blocks.watched_channels(watched), privacy.blocks.home_section(opted_out=opted_out)]
    assert view_errors(home_view(sections)) == []


def test_labels_are_not_interpreted() -> None:
    """Labels with characters that are markup to Slack are shown as they are."""
    reply = analysis.blocks.result(Assessment(Sentiment("LABEL_1 <b> *x*", 0.9, {}, "model", truncated=False)))
    assert reply.text == "LABEL_1 &lt;b&gt; *x* 90.0 %"
    assert "'LABEL_1 <b> *x*'" in str(reply.blocks)


def test_the_breakdown_fits_a_phone() -> None:
    """No line of it is longer than thirty characters."""
    sentiment = Sentiment("POSITIVE", 0.9, {}, "model", truncated=False)
    words = (Word("antidisestablishmentarianism", 0.5), Word("fine", -1.0))
    reply = analysis.blocks.result(Assessment(sentiment, Breakdown(sentiment, (), words)))
    (drawn,) = [block for block in reply.blocks if "preformatted" in str(block)]
    text = drawn["elements"][0]["elements"][0]["text"]
    assert max(map(len, text.split("\n"))) <= 30


def test_a_long_text_gets_no_buttons() -> None:
    """A button carries 2,000 characters; for longer texts there is a hint instead."""
    assessment = Assessment(Sentiment("POSITIVE", 0.9, {}, "model", truncated=False))
    short, long = (with_buttons(assessment, "a" * length) for length in (2000, 2001))
    assert [len(block["elements"]) for block in short.blocks if block["type"] == "actions"] == [4]
    assert [block["type"] for block in long.blocks][-2:] == ["context", "actions"]
    assert [len(block["elements"]) for block in long.blocks if block["type"] == "actions"] == [2]


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0.0 %"), (0.29, "29.0 %"), (0.5, "50.0 %"), (0.9996, "99.9 %"), (0.99999, "99.9 %"), (1, "100.0 %")],
)
def test_percent(share: float, shown: str) -> None:
    """Percentages are rounded down: only certainty is shown as 100 %."""
    assert percent(share) == shown


@given(SCORE)
def test_bar(share: float) -> None:
    """A bar always has ten cells, and more of them filled the higher the share."""
    assert len(bar(share)) == 10
    assert bar(share).count("█") == round(share * 10)


@given(st.floats(-1, 1).filter(lambda format_attribution: abs(abs(format_attribution) - 0.0005) > 1e-9))
def test_push(attribution: float) -> None:
    """Pushes line up, and their direction shows by arrow and sign."""
    shown = format_attribution(attribution)
    assert len(shown) == len("▲ +100.0")
    assert shown.startswith("▲ ") == ("+" in shown) == (attribution > 0.0005)
    assert shown.startswith("▼ ") == ("−" in shown) == (attribution < -0.0005)


def test_strongest() -> None:
    """The strongest pushes come first, for or against alike."""
    words = [Word(name, push) for name, push in (("a", 0.1), ("b", -0.5), ("c", 0.3))]
    assert [word.text for word in strongest(words, 2)] == ["b", "c"]


@given(st.text(), st.integers(1, 50))
def test_shorten(text: str, limit: int) -> None:
    """A text never comes out longer than asked for, and short ones come out as they were."""
    assert len(shorten(text, limit)) <= limit
    assert len(text) > limit or shorten(text, limit) == text
