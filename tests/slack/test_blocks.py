"""What the bot draws is within Slack's limits, and brings no mark-up of anybody's to life."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.report import Report
from bot.sentiment.formatting import bar, format_attribution, percent, shorten, strongest
from bot.sentiment.types import Breakdown, Sentiment, Word
from bot.slack.assessment import Assessment
from bot.slack.blocks import (
    ALREADY_SHARED,
    BUSY,
    FAILED,
    NOT_FOUND,
    NOTHING_TO_JUDGE,
    OPTED_OUT,
    OWN_MESSAGE,
    THANKS,
    TOO_LATE,
    Reply,
)
from bot.slack.features.analysis.blocks import result
from bot.slack.features.analysis.buttons import SHARE, SHOW_TOKENS, About, Given, with_buttons
from bot.slack.features.watching.watcher import announcement, state
from bot.slack.help import help_reply
from bot.slack.views import (
    CHARTS,
    DRAFT_LENGTH,
    draft_view,
    home_view,
    privacy,
    result_view,
    watch_view,
    which_label_view,
)
from bot.store.channels.watches import Watch
from slack_emulator.payloads.mentions import mentions
from slack_emulator.validation.blocks import block_errors, view_errors
from tests.slack.test_mood import reports

TEXT = st.text(max_size=400) | st.sampled_from(["<!channel>", "x" * 40_000, "`", "*", "<@U1>\n" * 900])
LONG_LINK = "https://example.slack.com/" + "a" * 300
SCORE = st.floats(0, 1)
WORD = st.builds(Word, text=TEXT, attribution=st.floats(-1, 1))


@st.composite
def verdicts(draw: st.DrawFn) -> Assessment:
    """Any result, whatever the checkpoint calls its labels."""
    label, score = draw(TEXT), draw(SCORE)
    sentiment = Sentiment(label, score, {label: score}, "model", draw(st.booleans()))
    words = draw(st.none() | st.lists(WORD, max_size=40))
    breakdown = None if words is None else Breakdown(sentiment, (), tuple(words))
    return Assessment(sentiment, breakdown, draw(st.sampled_from([None, "Korean"])), draw(SCORE))


@given(
    verdict=verdicts(),
    about=st.none() | st.builds(About, st.sampled_from([None, "U0AUTHOR"]), st.sampled_from([None, LONG_LINK])),
    quoted=st.none() | TEXT.filter(bool),
    text=TEXT.filter(bool),
    actions=st.sampled_from([(), (SHARE,), (SHOW_TOKENS, SHARE)]),
)
@settings(deadline=None)
def test_any_result_is_drawn_within_the_limits(
    verdict: Assessment, about: About | None, quoted: str | None, text: str, actions: tuple[str, ...]
) -> None:
    """Whatever the text, the labels and the words, Slack would take the blocks and ping nobody but the sharer."""
    drawn = result(verdict, quoted=quoted, about=about.link if about else None, shared_by="U0SHARER")
    reply = with_buttons(drawn, text, verdict, actions, about)
    assert block_errors(reply.blocks, "message") == []
    assert mentions(reply.text, reply.blocks, []) <= {"U0SHARER"}


@pytest.mark.parametrize(
    "reply",
    [
        help_reply("/sentiment", "thermometer", "U1", ["watching", "workflows"]),
        help_reply("/sentiment", "thermometer", "U1", ["watching", "workflows"], direct=True),
        privacy(),
        OPTED_OUT,
        TOO_LATE,
        THANKS,
        NOTHING_TO_JUDGE,
        BUSY,
        FAILED,
        NOT_FOUND,
        OWN_MESSAGE,
        ALREADY_SHARED,
    ],
)
def test_fixed_replies_are_within_the_limits(reply: Reply) -> None:
    """Help and notes are blocks that Slack takes."""
    assert block_errors(reply.blocks, "message") == []
    assert reply.text


IDS = st.from_regex(r"C[A-Z0-9]{8,12}", fullmatch=True)
NAME = st.from_regex(r"[\w+'-]{0,100}", fullmatch=True)
WATCH = st.builds(Watch, st.just("U0ASKER"), NAME, NAME, NAME, st.floats(0, 0.99), st.none())


@given(
    watch=WATCH, labels=st.lists(TEXT.filter(bool), min_size=1, max_size=300, unique=True), draft=TEXT, data=st.data()
)
@settings(deadline=None)
def test_any_window_is_drawn_within_the_limits(
    watch: Watch, labels: list[str], draft: str, data: st.DataObject
) -> None:
    """Whatever the settings, labels and drafts, Slack would take each window, and what a channel is told."""
    given_ = Given("model", data.draw(st.sampled_from(labels))[:100], "")
    verdict = data.draw(verdicts())
    for view in (
        watch_view(watch, "C0CHANNEL"),
        which_label_view(given_, labels, ["T0TEAM", "C0CHANNEL", "1700000000.000100"]),
        draft_view(draft[:DRAFT_LENGTH], with_buttons(result(verdict), draft, verdict).blocks),
        result_view(with_buttons(result(verdict, quoted=draft or None), draft, verdict).blocks),
    ):
        assert view_errors(view) == []
    for told in (announcement(watch), state(watch)):
        assert block_errors(told.blocks, "message") == []
        assert mentions(told.text, told.blocks, []) <= {"U0ASKER"}


@given(st.booleans(), st.none() | st.lists(IDS, max_size=400, unique=True), reports())
@settings(deadline=None)
def test_any_home_is_drawn_within_the_limits(opted_out: bool, channels: list[str] | None, made: Report) -> None:
    """However many channels somebody is in and however these read, Slack would take their App Home."""
    drawn = [made] * CHARTS + [None] * 400
    watched = None if channels is None else dict(zip(channels, drawn, strict=False))
    view = home_view("/sentiment", ["watching", "workflows"], opted_out=opted_out, watched=watched)
    assert view_errors(view) == []


def test_a_label_is_shown_as_the_checkpoint_calls_it() -> None:
    """Labels with characters that mean something to Slack are shown, not read as mark-up."""
    reply = result(Assessment(Sentiment("LABEL_1 <b> *x*", 0.9, {}, "model", truncated=False)))
    assert reply.text == "LABEL_1 &lt;b&gt; *x* 90.0 %"
    assert "'LABEL_1 <b> *x*'" in str(reply.blocks)


def test_the_breakdown_fits_a_phone() -> None:
    """No line of it is longer than thirty characters."""
    sentiment = Sentiment("POSITIVE", 0.9, {}, "model", truncated=False)
    words = (Word("antidisestablishmentarianism", 0.5), Word("fine", -1.0))
    reply = result(Assessment(sentiment, Breakdown(sentiment, (), words)))
    (drawn,) = [block for block in reply.blocks if "preformatted" in str(block)]
    text = drawn["elements"][0]["elements"][0]["text"]
    assert max(map(len, text.split("\n"))) <= 30


def test_a_long_text_gets_no_buttons() -> None:
    """A button carries 2,000 characters; beyond that a hint stands in its place."""
    verdict = Assessment(Sentiment("POSITIVE", 0.9, {}, "model", truncated=False))
    short = with_buttons(Reply("x", []), "a" * 2000, verdict, [SHOW_TOKENS, SHARE])
    long = with_buttons(Reply("x", []), "a" * 2001, verdict, [SHOW_TOKENS, SHARE])
    assert [len(block["elements"]) for block in short.blocks if block["type"] == "actions"] == [4]
    assert [block["type"] for block in long.blocks] == ["context", "actions"]
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
