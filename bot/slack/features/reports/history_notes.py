"""What the bot says about the reading of histories, also where Slack lets it read only a few messages a minute."""

from datetime import datetime

from bot.reports.text import plural
from bot.slack.blocks import Reply, note
from bot.slack.features.reports.threads import MAX_THREADS
from bot.slack.parsing.request import COMMAND

COUNTED_DAYS = (
    "These are yesterday and today, as I counted them: Slack limits how fast this app reads messages, so I don't read "
    "the last 24 hours again."
)
INTERRUPTED = "I was restarted while reading, so this report lists no words: I don't store them."
OTHER_HISTORY = note(
    "I'm already reading the history of a channel, and Slack limits how fast this app reads messages. Ask again in ten "
    "minutes."
)


def from_history(since: datetime, left_out: int, *, reduced: bool) -> str:
    """Say which replies in threads the report of a history that was read back to ``since`` has."""
    day = f"{since.day} {since:%B}"
    threads = f"with replies in threads that began since {f'{since:%H:%M} on {day}' if since.hour else day}"
    left = f"up to {left_out:,} {'reply' if left_out == 1 else 'replies'}"  # some may be the bot's
    if reduced:
        threads = "without replies in threads"
        if left_out:
            threads += f" ({left}), because Slack limits how fast this app reads messages"
    elif left_out:
        threads += f", except for {left}: I read {MAX_THREADS} threads at most, chosen by chance"
    return f"From Slack's history, {threads}. I stored none of it."


def thread_progress(channel: str, messages: int, threads: int) -> Reply:
    """Say how many threads are left to read."""
    left = plural(threads, "thread")
    return note(f"Reading the history of <#{channel}>: {messages:,} messages so far, and {left} to go…")


def counted_since(since: datetime) -> str:
    """Say from when on a channel was counted, which is later than the beginning of the window."""
    return (
        f"This is what I have counted since {since.day} {since:%B}. Slack limits how fast this app reads messages, so "
        "I don't read what was written before."
    )


def slow_progress(channel: str, messages_a_minute: int) -> Reply:
    """Say that a history is read slowly."""
    return note(
        f"Reading the history of <#{channel}>. Slack lets this app read {messages_a_minute} messages a minute. In "
        "about two minutes I can tell whether ten minutes are enough. If not, I say here how long it would take, and "
        "what to do instead…"
    )


def too_long(channel: str, seconds: float, *, watched: bool) -> Reply:
    """Say that a history is not read, how long that would take, and what to do instead."""
    advice = (
        "I count this channel, so ask again when people have written in it."
        if watched
        else f"Turn on counting with `{COMMAND} watch` in the channel, and ask again in some days."
    )
    return note(
        f"Reading the history of <#{channel}> would take {_about(seconds)}, because Slack limits how fast this app "
        f"reads messages, so I don't do it. {advice}"
    )


def _about(seconds: float) -> str:
    """Return a duration in words, rounded to minutes, hours or days."""
    for unit, length in (("day", 86_400), ("hour", 3_600)):
        if seconds >= 2 * length:
            return f"about {plural(round(seconds / length), unit)}"
    return f"about {plural(max(round(seconds / 60), 1), 'minute')}"
