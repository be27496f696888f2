"""What every door does between reading and drawing."""

import asyncio
from collections.abc import Mapping, Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import QueueFullError
from bot.sentiment.engine.engine import Engine
from bot.sentiment.language import unsupported_language
from bot.sentiment.text import has_no_content
from bot.sentiment.types import Sentiment
from bot.slack.assessment import Assessment
from bot.slack.blocks import BUSY, FAILED, NOT_FOUND, NOTHING_TO_JUDGE, OPTED_OUT, OWN_MESSAGE, Reply
from bot.slack.client.failures import log_failure
from bot.slack.client.messages import fetch_message
from bot.slack.features.analysis.blocks import result
from bot.slack.features.analysis.buttons import SHARE, SHOW_TOKENS, About, with_buttons
from bot.slack.parsing.mrkdwn import plain_text, without_mention
from bot.slack.parsing.request import AnalysisRequest
from bot.store import optouts
from bot.store.database import Database


class Analyzer:
    """Turns what a person asks into what the bot says; whatever fails, there is something to say.

    Args:
        engine: judges the texts.
        database: knows who has opted out.
        least_confidence: the score below which a result is called unsure.
    """

    def __init__(self, engine: Engine, database: Database, least_confidence: float) -> None:
        self._engine = engine
        self._database = database
        self._least_confidence = least_confidence

    @property
    def labels(self) -> Sequence[str]:
        """The labels that the model gives."""
        return self._engine.labels

    @property
    def model(self) -> str:
        """The name of the model."""
        return self._engine.model

    async def read_later(self, texts: Sequence[str]) -> list[Sentiment | None]:
        """Judge texts behind all that somebody waits for; None for those in a language that the model cannot read."""
        judged = await self._engine.classify_in_background(texts)
        unread_ones = await asyncio.to_thread(lambda: [unsupported_language(text, self.model) for text in texts])
        return [None if language else one for one, language in zip(judged, unread_ones, strict=True)]

    async def verdict(self, words: str, *, tokens: bool = False, later: bool = False) -> Assessment:
        """Judge ``words``, with a breakdown where ``tokens`` are wanted, or behind others where nobody waits.

        Raises:
            Overloaded: too much is waiting.
        """
        breakdown = await self._engine.explain(words) if tokens else None
        if breakdown:
            sentiment = breakdown.sentiment
        elif later:
            (sentiment,) = await self._engine.classify_in_background([words])
        else:
            sentiment = await self._engine.classify(words)
        return Assessment(sentiment, breakdown, unsupported_language(words, sentiment.model), self._least_confidence)

    async def answer(
        self,
        ask: AnalysisRequest,
        *,
        actions: Sequence[str] = (),
        quote: bool = False,
        about: About | None = None,
        shared_by: str | None = None,
        ids: Mapping[str, object],
    ) -> Reply:
        """Judge ``ask.words`` and draw the result.

        Args:
            ask: the words, and whether the breakdown is wanted.
            actions: the buttons that it gets, besides those for feedback.
            quote: whether to show the words judged.
            about: the message judged, if it stands elsewhere.
            shared_by: the user who shares this result.
            ids: what the log may say about this request if judging fails: ids, never text.
        """
        if has_no_content(ask.words):
            return NOTHING_TO_JUDGE
        try:
            verdict = await self.verdict(ask.words, tokens=ask.tokens)
            link = about.link if about else None
            reply = result(verdict, quoted=ask.words if quote else None, about=link, shared_by=shared_by)
            return with_buttons(reply, ask.words, verdict, actions, about)
        except QueueFullError:
            return BUSY
        # Whatever goes wrong in a model, the person hears of it and the bot goes on.
        except Exception as error:
            log_failure("judging", error, ids)
            return FAILED

    async def answer_privately(
        self, ask: AnalysisRequest, *, quote: bool = False, about: About | None = None, ids: Mapping[str, object]
    ) -> Reply:
        """Judge ``ask.words`` for the asker alone: with buttons to open the result and to share it."""
        actions = [SHARE] if ask.tokens else [SHOW_TOKENS, SHARE]
        return await self.answer(ask, actions=actions, quote=quote, about=about, ids=ids)

    async def declined(self, team: str, author: str | None, asker: str) -> bool:
        """Tell whether ``author`` does not want to be judged for ``asker``."""
        if author is None or author == asker:
            return False
        return await self._database.run(optouts.is_opted_out, team, author)

    async def answer_about(
        self,
        client: AsyncWebClient,
        team: str,
        channel: str,
        ts: str,
        asker: str,
        bot_user_id: str | None,
        *,
        tokens: bool = False,
    ) -> tuple[Reply, str | None]:
        """Judge a message that somebody asks about, for them alone.

        Returns:
            What to tell them, and the thread that the message stands in or has started, if there is one.
        """
        ids = {"channel": channel, "ts": ts}
        try:
            original = await fetch_message(client, channel, ts)
            if original is None:
                return NOT_FOUND, None
            if original.user is not None and original.user == bot_user_id:
                return OWN_MESSAGE, original.thread_ts
            if await self.declined(team, original.user, asker):
                return OPTED_OUT, original.thread_ts
        # A refusal, a connection that broke, an answer of unexpected shape: the asker hears of it.
        except Exception as error:
            log_failure("fetching a message", error, ids)
            return FAILED, None
        ask = AnalysisRequest(plain_text(without_mention(original.text, bot_user_id)), tokens=tokens)
        about = About(original.user, original.permalink)
        return await self.answer_privately(ask, about=about, ids=ids), original.thread_ts
