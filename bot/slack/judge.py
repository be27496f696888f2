"""What every door does between reading and drawing."""

from collections.abc import Mapping

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Overloaded
from bot.sentiment.engine import Engine
from bot.sentiment.text import nothing_to_judge
from bot.slack.asks import Ask
from bot.slack.blocks.reply import BUSY, FAILED, NOT_FOUND, NOTHING_TO_JUDGE, OWN_MESSAGE, Reply
from bot.slack.blocks.result import SHARE, SHOW_TOKENS, result, with_buttons
from bot.slack.failures import log_failure
from bot.slack.originals import fetch_original
from bot.slack.text import without_mention, words_of


class Judge:
    """Turns what a person asks into what the bot says; whatever fails, there is something to say.

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
            quoted = ask.words if quote else None
            reply = result(sentiment, breakdown=breakdown, quoted=quoted, about=about, shared_by=shared_by)
        except Overloaded:
            return BUSY
        # Whatever goes wrong in a model, the person hears of it and the bot goes on.
        except Exception as error:
            log_failure("judging", error, ids)
            return FAILED
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
        ids = {"channel": channel, "ts": ts}
        try:
            original = await fetch_original(client, channel, ts)
        # A refusal, a connection that broke, an answer of unexpected shape: the asker hears of it.
        except Exception as error:
            log_failure("fetching a message", error, ids)
            return FAILED, None
        if original is None:
            return NOT_FOUND, None
        if original.user is not None and original.user == bot_user_id:
            return OWN_MESSAGE, original.thread_ts
        ask = Ask(words_of(without_mention(original.text, bot_user_id)), tokens=tokens)
        return await self.answer(ask, private=True, about=original.permalink, ids=ids), original.thread_ts
