"""Reading of a whole thread, for its course: who wrote how much is not part of the result."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.reports.course import Point
from bot.sentiment.text import has_no_content
from bot.slack.analyzer import Analyzer
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.parsing.events import PostedMessage
from bot.slack.parsing.mentions import mentions
from bot.slack.parsing.mrkdwn import plain_text
from bot.store import optouts
from bot.store.database import Database

MAX_MESSAGES = 500
"""The messages of a thread that are read: the newest ones, since they say how it goes now."""

_MAX_REDUCED_PAGES = 4  # where Slack allows one page a minute; these are the oldest messages, which come first
_PAGE = 999  # messages, the most that Slack returns


@dataclass(frozen=True, slots=True)
class ThreadReading:
    """What was read of a thread.

    Attributes:
        thread: the first message of the thread.
        course: the messages that were classified, in order.
        total: how many messages the thread has.
        read: how many of these were read.
        is_beginning: whether these are the oldest ones, in a workspace where Slack returns few messages a minute.
        opted_out_people: how many authors have opted out; their messages are left out.
        opted_out_messages: how many messages these are.
        other_languages: how many messages are left out because the model does not read their language.
    """

    thread: MessageRef
    course: Sequence[Point] = ()
    total: int = 0
    read: int = 0
    is_beginning: bool = False
    opted_out_people: int = 0
    opted_out_messages: int = 0
    other_languages: int = 0

    @property
    def people(self) -> int:
        """How many people wrote the messages of the course."""
        return len({point.person for point in self.course})


class ThreadReader:
    """Reads threads. Messages by apps, mentions of the bot and messages without words are left out."""

    def __init__(self, analyzer: Analyzer, database: Database) -> None:
        self._analyzer = analyzer
        self._database = database

    async def read(self, slack: SlackClient, message: MessageRef, *, min_messages: int = 0) -> ThreadReading:
        """Read and classify the thread that ``message`` is part of, after the texts that somebody waits for.

        The course is empty, and nothing is classified, if fewer than ``min_messages`` could be. Raises SlackError if
        Slack does not return the thread.
        """
        thread, messages, total = await _fetch(slack, message)
        opted_out = await self._database.run(optouts.opted_out_users, slack.team)
        posted = [PostedMessage.parse(slack.team, thread.channel, one) for one in messages]
        by_people = [one for one in posted if one and not mentions(one.text, slack.bot_user_id)]
        left_out = [one for one in by_people if one.user in opted_out]
        texts = await asyncio.to_thread(_with_text, [one for one in by_people if one.user not in opted_out])
        if len(texts) < min_messages:
            texts = []
        course = await self._classify(texts)
        return ThreadReading(
            thread,
            course,
            total=total,
            read=len(messages),
            is_beginning=slack.history.is_reduced,
            opted_out_people=len({one.user for one in left_out}),
            opted_out_messages=len(left_out),
            other_languages=len(texts) - len(course),
        )

    async def _classify(self, texts: Sequence[tuple[PostedMessage, str]]) -> list[Point]:
        """Return the messages whose language the model reads, with their labels."""
        sentiments = await self._analyzer.classify_in_background([text for _, text in texts])
        people = {user: number for number, user in enumerate(dict.fromkeys(message.user for message, _ in texts))}
        return [
            Point(message.ts, sentiment.label, people[message.user])
            for (message, _), sentiment in zip(texts, sentiments, strict=True)
            if sentiment
        ]


def _with_text(messages: Sequence[PostedMessage]) -> list[tuple[PostedMessage, str]]:
    """Return the messages that have words or emoji, with their plain texts."""
    texts = ((message, plain_text(message.text)) for message in messages)
    return [(message, text) for message, text in texts if not has_no_content(text)]


async def _fetch(slack: SlackClient, message: MessageRef) -> tuple[MessageRef, list[Mapping[str, Any]], int]:
    """Return the thread that a message is part of, the messages that are read, in order, and how many it has."""
    by_ts: dict[str, Mapping[str, Any]] = {}
    replies = pages = 0
    async for page in slack.pages("conversations.replies", **message._asdict(), limit=_PAGE):
        found = page.data.get("messages") or []
        if pages == 0 and found:
            start, replies = found[0].get("thread_ts") or message.ts, int(found[0].get("reply_count") or 0)
            if start != message.ts:  # it is a reply
                return await _fetch(slack, MessageRef(message.channel, start))
        by_ts |= {str(one.get("ts")): one for one in found}
        pages += 1
        if slack.history.is_reduced and pages >= _MAX_REDUCED_PAGES:
            break
    messages = [by_ts[ts] for ts in sorted(by_ts)]
    return message, messages[-MAX_MESSAGES:], max(len(messages), replies + 1)
