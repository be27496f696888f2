"""What every door does between reading and drawing."""

import logging
import traceback
from collections.abc import Mapping
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from bot.sentiment.engine import Engine
from bot.sentiment.text import nothing_to_judge
from bot.slack.asks import Ask
from bot.slack.blocks.reply import FAILED, NOT_FOUND, NOTHING_TO_JUDGE, Reply
from bot.slack.blocks.result import SHARE, SHOW_TOKENS, result, with_buttons
from bot.slack.events import fetch_original
from bot.slack.text import without_mention, words_of

logger = logging.getLogger(__name__)


class Judge:
    """Turns what a person asks into what the bot says.

    Args:
        engine: judges the texts.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def answer(
        self,
        ask: Ask,
        *,
        private: bool,
        quote: bool = False,
        about: str | None = None,
        shared_by: str | None = None,
        ids: Mapping[str, object],
    ) -> Reply:
        """Judge ``ask.words`` and draw the result.

        Args:
            ask: the words, and whether the breakdown is wanted.
            private: whether only the asker will see it; then it gets buttons to open it and to share it.
            quote: whether to show the words judged.
            about: address of the message judged, if it stands elsewhere.
            shared_by: the user who shares this result.
            ids: what the log may say about this request if judging fails: ids, never text.
        """
        if nothing_to_judge(ask.words):
            return NOTHING_TO_JUDGE
        try:
            breakdown = await self._engine.explain(ask.words) if ask.tokens else None
            sentiment = breakdown.sentiment if breakdown else await self._engine.judge(ask.words)
        # Whatever goes wrong in a model, the person hears of it and the bot goes on.
        except Exception as error:
            log_failure("judging", error, ids)
            return FAILED
        quoted = ask.words if quote else None
        reply = result(sentiment, breakdown=breakdown, quoted=quoted, about=about, shared_by=shared_by)
        if not private:
            return reply
        return with_buttons(reply, ask.words, *([] if ask.tokens else [SHOW_TOKENS]), SHARE)

    async def answer_about(
        self, client: AsyncWebClient, channel: str, ts: str, bot_user_id: str | None, *, tokens: bool = False
    ) -> tuple[Reply, str | None]:
        """Judge a message that somebody asks about, for them alone.

        Returns:
            What to tell them, and the thread that the message stands in or has started, if there is one.
        """
        original = await fetch_original(client, channel, ts)
        if original is None:
            return NOT_FOUND, None
        ask = Ask(words_of(without_mention(original.text, bot_user_id)), tokens=tokens)
        reply = await self.answer(ask, private=True, about=original.permalink, ids={"channel": channel, "ts": ts})
        return reply, original.thread_ts


def log_failure(doing: str, error: BaseException, ids: Mapping[str, object]) -> None:
    """Log that something failed, where in the code, and about which ids.

    The error's own message stays out: libraries like to quote the text that they choked on.
    """
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    about = " ".join(f"{name}={value}" for name, value in ids.items())
    logger.error("%s failed: %s at %s (%s)", doing, type(error).__name__, where, about)
