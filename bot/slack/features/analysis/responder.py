"""Answers to requests for an analysis."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from bot.errors import QueueFullError
from bot.sentiment.text import has_no_content
from bot.slack.analyzer import Analyzer, Assessment
from bot.slack.blocks import BUSY, FAILED, NO_CONTENT, OPTED_OUT, Block, Reply, Surface
from bot.slack.client.queries import FetchedMessage, fetch_message
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.features.analysis import blocks
from bot.slack.features.analysis.blocks import NOT_FOUND, OWN_MESSAGE, AnalyzedMessage
from bot.slack.log import log_failure
from bot.slack.parsing.mentions import without_mention
from bot.slack.parsing.mrkdwn import plain_text
from bot.slack.parsing.request import AnalysisRequest


class Responder:
    """Answers requests; whatever fails, there is a reply."""

    def __init__(self, analyzer: Analyzer, feedback_buttons: Sequence[Callable[[Assessment], Sequence[Block]]]) -> None:
        self._analyzer = analyzer
        self._feedback_buttons = feedback_buttons

    async def reply(
        self,
        request: AnalysisRequest,
        ids: Mapping[str, object],
        surface: Surface = Surface.MESSAGE,
        *,
        quote: bool = False,
        message: AnalyzedMessage | None = None,
        shared_by: str | None = None,
    ) -> Reply:
        """Return the result for ``request.text``, with buttons: on an ephemeral one, for the breakdown and for sharing.

        ``quote`` shows the text, ``message`` is where it is from unless the result is next to it, ``shared_by`` is the
        user who shares it, and ``ids`` are for the log.
        """
        if await asyncio.to_thread(has_no_content, request.text):
            return NO_CONTENT
        try:
            assessment = await self._analyzer.assess(request.text, ids, breakdown=request.breakdown)
            result = blocks.result(
                assessment,
                surface,
                quoted=request.text if quote else None,
                permalink=message.permalink if message else None,
                shared_by=shared_by,
            )
            feedback = [element for elements in self._feedback_buttons for element in elements(assessment)]
            return blocks.with_actions(result, request, feedback, message, surface)
        except QueueFullError:
            return BUSY
        except Exception as error:  # the user is told, whatever goes wrong in a model
            log_failure("analysis", error, ids)
            return FAILED

    async def fetch_and_reply(
        self,
        slack: SlackClient,
        message: MessageRef,
        asker: str,
        *,
        breakdown: bool = False,
        surface: Surface = Surface.EPHEMERAL,
    ) -> tuple[Reply, str | None]:
        """Return the result for a message, for ``asker`` alone, and the thread that the message is part of, if any."""
        try:
            found = await fetch_message(slack, message)
        except Exception as error:  # a refusal, a broken connection, an unexpected answer: the asker is told
            log_failure("fetching a message", error, message._asdict())
            return FAILED, None
        if found is None:
            return NOT_FOUND, None
        ids = message._asdict()
        reply = await self.reply_about(slack, found, asker, breakdown=breakdown, ids=ids, surface=surface)
        return reply, found.thread_ts

    async def reply_about(
        self,
        slack: SlackClient,
        message: FetchedMessage,
        asker: str,
        *,
        breakdown: bool,
        ids: Mapping[str, object],
        surface: Surface,
    ) -> Reply:
        """Return the result for a message, which only ``asker`` sees; in a modal with its text."""
        if message.user and message.user == slack.bot_user_id:
            return OWN_MESSAGE
        try:
            if await self._analyzer.has_opted_out(slack.team, message.user, asker):
                return OPTED_OUT
        except Exception as error:  # the asker is told
            log_failure("reading the opt-outs", error, ids)
            return FAILED
        text = await asyncio.to_thread(plain_text, without_mention(message.text, slack.bot_user_id))
        request = AnalysisRequest(text, breakdown)
        if surface is Surface.MODAL:
            return await self.reply(request, ids, surface, quote=True)
        source = AnalyzedMessage(message.user, message.permalink)
        return await self.reply(request, ids, surface, message=source)
