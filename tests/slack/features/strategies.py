"""Hypothesis strategies for what the bot shows: results and reports with any label and text."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.reports.report import Report, WindowCounts, build_report
from bot.reports.windows import WINDOWS, Slot, Window
from bot.reports.words import Keyword
from bot.sentiment.types import Breakdown, Sentiment, Word
from bot.slack.analyzer import Assessment
from bot.slack.blocks import Reply, Surface
from bot.slack.features import analysis, feedback
from bot.slack.features.analysis.blocks import AnalyzedMessage
from bot.slack.parsing.request import AnalysisRequest

TEXTS = st.text(max_size=400) | st.sampled_from(["<!channel>", "x" * 40_000, "`", "*", "<@U1>\n" * 900])
LINKED_MESSAGES = st.none() | st.builds(
    AnalyzedMessage,
    st.sampled_from([None, "U0AUTHOR"]),
    st.sampled_from([None, "https://example.slack.com/" + "a" * 300]),
)

_LABELS = st.text(max_size=60) | st.sampled_from(["<!channel>", "x" * 400, "`", "*", "<@U1>"])
_ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
_TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda time: time.replace(tzinfo=UTC))  # noqa: DTZ001 - Hypothesis takes naive bounds


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    """Return a strategy for results, of a checkpoint with any labels."""
    label, score = draw(TEXTS), draw(st.floats(0, 1))
    sentiment = Sentiment(label, score, {label: score}, "model", draw(st.booleans()))
    text = draw(TEXTS)
    attributions = draw(st.none() | st.lists(st.floats(-14, 14), max_size=40))
    words = [
        Word(text[i * 3 : i * 3 + 3], i * 3, min(i * 3 + 3, len(text)), attribution)
        for i, attribution in enumerate(attributions or [])
        if i * 3 < len(text)
    ]
    breakdown = None if attributions is None else Breakdown(text, sentiment, (), tuple(words))
    return Assessment(sentiment, breakdown, draw(st.sampled_from([None, "Korean"])), draw(st.floats(0, 1)))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Return a strategy for reports, of a checkpoint with any labels."""
    label_lists = st.lists(_LABELS, min_size=1, max_size=9, unique=True)
    labels = draw(label_lists | st.just([f"LABEL_{i}" for i in range(60)]))
    window = Window.ending(draw(_TIMES), draw(st.sampled_from(sorted(WINDOWS))), ZoneInfo(draw(_ZONES)))
    counts = []
    for part in (window, window.previous()):
        slots = []
        for start, end in zip(part.edges, part.edges[1:], strict=False):
            by_label = draw(st.dictionaries(st.sampled_from(labels), st.integers(0, 5000), max_size=3))
            slots.append(Slot(start, end, by_label, draw(st.integers(0, 12))))
        counts.append(WindowCounts(tuple(slots), draw(st.integers(0, 12))))
    words = [
        Keyword(draw(_LABELS), draw(st.sampled_from(labels)), 8, 9, 0.9, 0.1) for _ in range(draw(st.integers(0, 40)))
    ]
    return build_report(window, counts[0], counts[1], labels, words, words_missing=draw(st.booleans()))


def result_with_buttons(
    assessment: Assessment,
    text: str,
    message: AnalyzedMessage | None = None,
    quoted: str | None = None,
    surface: Surface = Surface.EPHEMERAL,
) -> Reply:
    """Return the blocks of a result with all its buttons."""
    link = message.permalink if message else None
    result = analysis.blocks.result(assessment, surface, quoted=quoted, permalink=link, shared_by="U0SHARER")
    buttons = feedback.blocks.feedback_buttons(assessment)
    return analysis.blocks.with_actions(result, AnalysisRequest(text), buttons, message, surface)
