"""Block Kit of the course of a thread."""

from collections.abc import Sequence

from bot.reports.course import MIN_MESSAGES, Bucket, Point, Turn, divide, find_turn
from bot.reports.intervals import Share
from bot.reports.report import NEGATIVE
from bot.reports.text import plural
from bot.reports.windows import MIN_PEOPLE
from bot.sentiment.formatting import whole_percent
from bot.slack.blocks import Block, Reply, actions, button, context, note, section
from bot.slack.thread_reader import ThreadReading

SHARE_COURSE = "share_course"
TITLE = "How this thread went"

NOT_IN_THREAD = note(
    "Slash commands don't work inside a thread. Mention me with `thread` in it, or use *How did this thread go?* in "
    "the ⋮ menu of one of its messages."
)
OUTSIDE_THREAD = note("This is no thread. Mention me with `thread` as a reply in the thread that you ask about.")
NO_REPLIES = note("That message has no replies, so there is no course. *Analyse sentiment* reads the message itself.")
NOT_FOUND = note("I can't see that thread any more, so there is nothing to read.")
NOT_READABLE = note("I can't read that conversation. Threads work in channels that I am a member of.")
NO_NEGATIVE = note("The model that I use here has no label for negative messages, so I can't say how a thread went.")
READING = note("Reading this thread, which takes some seconds…")
SHARED = note("Shared in the thread.")
TOO_FEW_PEOPLE = note(f"Fewer than {MIN_PEOPLE} people wrote what I read of that thread, so I don't share it.")

_LINKS = ("the last message before", "the first after it", "the next one")
_SQUARES = ((0.0, "⬜", "none"), (1 / 3, "🟨", "up to a third"), (2 / 3, "🟧", "up to two thirds"), (1.0, "🟥", "more"))
_QUARTERS = 4


def course_reply(reading: ThreadReading, permalinks: Sequence[str] = ()) -> Reply:
    """Show the course of a thread to the person who asks.

    ``permalinks`` are those of the messages that :func:`around_turn` returns, as far as Slack has told them.
    """
    course, left_out = reading.course, _left_out(reading)
    if reading.total == 1:
        return NO_REPLIES
    if len(course) < 2:
        empty = "There are fewer than two messages in this thread that I can classify, so there is no course."
        return Reply(empty, [section(empty), *left_out])
    turn = find_turn(course)
    headline = _headline(course, turn)
    blocks = [section(f"*{headline}*"), *_chart(divide(course), divide(course, most=_QUARTERS))]
    if turn:
        before, after = _share(turn.before, turn.position), _share(turn.after, len(course) - turn.position)
        blocks.append(context(f"{_summary(course)}: before the turn, {before}; after it, {after}."))
        if links := [f"<{link}|{name}>" for link, name in zip(permalinks, _LINKS, strict=False)]:
            blocks.append(section(f"Around the turn: {', '.join(links)}"))
    else:
        blocks.append(context(_why_no_turn(course)))
    blocks += left_out
    if reading.people >= MIN_PEOPLE:
        blocks.append(actions([button(SHARE_COURSE, "Share in thread", value=" ".join(reading.thread))]))
    return Reply(headline, blocks)


def shared_reply(reading: ThreadReading, user: str) -> Reply:
    """Show the course that ``user`` shares, in which each part has the messages of several people, without its turn."""
    summary, buckets = f"{_summary(reading.course)}.", divide(reading.course, MIN_PEOPLE)
    return Reply(summary, [context(f"Shared by <@{user}>"), section(f"*{summary}*"), *_chart(buckets, buckets)])


def around_turn(course: Sequence[Point]) -> list[str]:
    """Return the timestamps of the two or three messages around the turn of a course; none if it has none."""
    turn = find_turn(course)
    return [point.ts for point in course[turn.position - 1 : turn.position + 2]] if turn else []


def _headline(course: Sequence[Point], turn: Turn | None) -> str:
    if turn is None:
        return f"{_summary(course)}; no turn can be told."
    verb = "rose" if turn.after.value > turn.before.value else "fell"
    before, after = whole_percent(turn.before.value), whole_percent(turn.after.value)
    return f"Negative messages {verb} from {before} to {after} after the first {turn.position} of {len(course)}."


def _summary(course: Sequence[Point]) -> str:
    whole = Bucket.of(course)
    people = _people(len({point.person for point in course}))
    return f"{whole_percent(whole.share(NEGATIVE))} of {plural(whole.total, 'message')} by {people} are negative"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _chart(buckets: Sequence[Bucket], spoken: Sequence[Bucket]) -> list[Block]:
    """Draw a square for each bucket, with a legend, and say the shares of the ``spoken`` ones."""
    sizes = sorted({bucket.total for bucket in buckets})
    size = plural(sizes[-1], "message") if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} messages"
    legend = ", ".join(f"{square} {name}" for _, square, name in _SQUARES)
    shares = ", ".join(whole_percent(bucket.share(NEGATIVE)) for bucket in spoken)
    return [
        section("".join(_square(bucket.share(NEGATIVE)) for bucket in buckets)),
        context(f"From the first message to the last, {size} each. Negative: {legend}. In numbers: {shares}."),
    ]


def _square(share: float) -> str:
    return next(square for most, square, _ in _SQUARES if share <= most)


def _share(share: Share, total: int) -> str:
    interval = f"95 % interval {whole_percent(share.low)} to {whole_percent(share.high)}"
    return f"{whole_percent(share.value)} of {total} ({interval})"


def _why_no_turn(course: Sequence[Point]) -> str:
    if len(course) < MIN_MESSAGES:
        return f"A turn can be told from {MIN_MESSAGES} messages on."
    return "The share of negative messages changes no more than it may by chance."


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
