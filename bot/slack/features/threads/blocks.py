"""Block Kit of the course of a thread."""

from collections.abc import Sequence
from itertools import pairwise

from bot.reports.course import MIN_MESSAGES, Bucket, Point, Turn, divide
from bot.reports.intervals import Share
from bot.reports.report import NEGATIVE
from bot.reports.text import plural
from bot.reports.windows import MIN_PEOPLE
from bot.sentiment.formatting import whole_percent
from bot.slack.blocks import Block, Reply, actions, button, context, note, section
from bot.slack.thread_reader import ThreadReading

MIN_SHARED = 10
"""The fewest messages in a part of a course that is shared: of five, each author's would be known at 0 % and 100 %."""

SHARE_COURSE = "share_course"
TITLE = "How this thread went"

_HOW = "Mention me with `thread` in the thread, or use *How did this thread go?* in the ⋮ menu of one of its messages."
NOT_IN_THREAD = note(f"Slash commands don't work inside a thread. {_HOW}")
IN_DIRECT_MESSAGE = note(f"I read the threads of channels. {_HOW}")
OUTSIDE_THREAD = note("This is not a thread. Mention me with `thread` as a reply in the thread that you ask about.")
NO_REPLIES = note(
    "That message has no replies, so there is no thread to read. *Analyse sentiment* classifies the message itself."
)
NOT_FOUND = note("I can't see that thread any more, so there is nothing to read.")
NOT_READABLE = note("I can't read that conversation. Threads work in channels that I am a member of.")
NO_NEGATIVE = note("The model that I use here has no label for negative messages, so I can't say how a thread went.")
READING = note("Reading this thread, which takes some seconds…")
SHARED = note("Shared in the thread.")
CANNOT_SHARE = note(
    f"A thread can be shared once I have read {MIN_SHARED} messages by {MIN_PEOPLE} people in it, so that it does "
    "not show what one person wrote."
)
HOME_SECTION = section(f"*How a thread went*\n{_HOW} Only you see the answer.")

_LINKS = ("the last message before", "the first after it", "the next one")
_Squares = Sequence[tuple[float, str, str]]  # of each, the highest share, the square, and what it stands for
_COLOURS: _Squares = ((2 / 3, "🟧", "up to two thirds"), (1.0, "🟥", "more than two thirds"))
_SQUARES: _Squares = ((0.0, "⬜", "none"), (1 / 3, "🟨", "up to a third"), *_COLOURS)
_SHARED_SQUARES: _Squares = ((1 / 3, "⬜", "up to a third"), *_COLOURS)
_QUARTERS = 4


def course_reply(reading: ThreadReading, turn: Turn | None, permalinks: Sequence[str] = ()) -> Reply:
    """Show the course of a thread, which has a ``turn`` or not, to the person who asks.

    ``permalinks`` are those of the messages around the turn, or none.
    """
    course, left_out = reading.course, _left_out(reading)
    if reading.total == 1:
        return NO_REPLIES
    if len(course) < 2:
        empty = "I can classify too few messages of this thread (fewer than two) to show how it went."
        return Reply(empty, [section(empty), *left_out])
    headline = _headline(course, turn, newest=reading.read < reading.total and not reading.is_beginning)
    blocks = [section(f"*{headline}*"), *_chart(divide(course), _SQUARES, _in_quarters(course))]
    if turn:
        before, after = _share(turn.before, turn.position), _share(turn.after, len(course) - turn.position)
        blocks.append(context(f"{_summary(course)}: before the change, {before}; after it, {after}."))
        if links := [f"<{link}|{name}>" for link, name in zip(permalinks, _LINKS, strict=False)]:
            blocks.append(section(f"Around the change: {', '.join(links)}"))
    else:
        blocks.append(context(_why_no_turn(course)))
    blocks += left_out
    if can_be_shared(reading):
        blocks.append(actions([button(SHARE_COURSE, "Share in thread", value=" ".join(reading.thread))]))
    else:
        blocks.append(context(CANNOT_SHARE.text))
    return Reply(headline, blocks)


def can_be_shared(reading: ThreadReading) -> bool:
    """Return whether enough messages of enough people were read to show the course to everybody."""
    return reading.people >= MIN_PEOPLE and len(reading.course) >= MIN_SHARED


def shared_reply(reading: ThreadReading, user: str) -> Reply:
    """Show the course that ``user`` shares: in parts of several people's messages, without its turn, and in thirds."""
    whole, parts = Bucket.of(reading.course), divide(reading.course, MIN_PEOPLE, min_messages=MIN_SHARED)
    _, _, share = _square(whole.share(NEGATIVE), _SHARED_SQUARES)
    summary = f"Negative messages: {share} of {_amount(reading.course)}."
    return Reply(summary, [context(f"Shared by <@{user}>"), section(f"*{summary}*"), *_chart(parts, _SHARED_SQUARES)])


def _headline(course: Sequence[Point], turn: Turn | None, *, newest: bool) -> str:
    if turn is None:
        return f"{_summary(course)}; no clear change."
    verb = "rose" if turn.after.value > turn.before.value else "fell"
    before, after = whole_percent(turn.before.value), whole_percent(turn.after.value)
    of = f"the newest {len(course)}" if newest else len(course)
    return f"Negative messages {verb} from {before} to {after} after the first {turn.position} of {of}."


def _summary(course: Sequence[Point]) -> str:
    return f"{whole_percent(Bucket.of(course).share(NEGATIVE))} of {_amount(course)} are negative"


def _amount(course: Sequence[Point]) -> str:
    return f"{plural(len(course), 'message')} by {_people(len({point.person for point in course}))}"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _chart(buckets: Sequence[Bucket], squares: _Squares, numbers: str = "") -> list[Block]:
    """Draw one of ``squares`` for each bucket, with a legend, and the ``numbers`` after it."""
    sizes = sorted({bucket.total for bucket in buckets})
    size = plural(sizes[-1], "message") if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} messages"
    legend = ", ".join(f"{square} {name}" for _, square, name in squares)
    return [
        section("".join(_square(bucket.share(NEGATIVE), squares)[1] for bucket in buckets)),
        context(f"From the first message to the last, {size} each. Negative: {legend}.{numbers}"),
    ]


def _in_quarters(course: Sequence[Point]) -> str:
    if len(course) < _QUARTERS:
        return ""
    edges = [len(course) * number // _QUARTERS for number in range(_QUARTERS + 1)]
    shares = (Bucket.of(course[start:end]).share(NEGATIVE) for start, end in pairwise(edges))
    return f" In quarters of the thread: {', '.join(map(whole_percent, shares))}."


def _square(share: float, squares: _Squares) -> tuple[float, str, str]:
    return next(square for square in squares if share <= square[0])


def _share(share: Share, total: int) -> str:
    interval = f"95 % interval {whole_percent(share.low)} to {whole_percent(share.high)}"
    return f"{whole_percent(share.value)} of {total} ({interval})"


def _why_no_turn(course: Sequence[Point]) -> str:
    if len(course) < MIN_MESSAGES:
        return f"Too few messages to say whether it changed: that takes {MIN_MESSAGES}."
    return "I look for one change that is more than chance, and none stands out."


def _left_out(reading: ThreadReading) -> list[Block]:
    """Say which messages of the thread were not read or not classified."""
    left_out = []
    if reading.opted_out_people:
        messages = plural(reading.opted_out_messages, "message")
        left_out.append(f"{messages} by {_people(reading.opted_out_people)} who opted out")
    if reading.other_languages:
        left_out.append(f"{plural(reading.other_languages, 'message')} in languages that the model does not read")
    notes = [f"Left out: {' and '.join(left_out)}."] if left_out else []
    if reading.read < reading.total:
        which = "first" if reading.is_beginning else "newest"
        notes.append(f"I read the {which} {reading.read:,} of {reading.total:,} messages.")
    return [context(" ".join(notes))] if notes else []
