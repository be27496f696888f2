"""Does each effect once."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_sdk.errors import SlackApiError

from bot.store.claims import Claims, Effect

logger = logging.getLogger(__name__)


class Sender:
    """Keeps what the bot sends from being sent twice.

    Args:
        claims: remembers which effects were done.
    """

    def __init__(self, claims: Claims) -> None:
        self._claims = claims

    @asynccontextmanager
    async def once(self, effect: Effect) -> AsyncIterator[bool]:
        """Claim ``effect`` for the block; the value is False where it was done before and must not be again.

        What Slack refuses is logged and not tried again. Any other failure gives the claim back, so that
        the event's next delivery can try.
        """
        if not self._claims.take(effect):
            yield False
            return
        try:
            yield True
        except SlackApiError as error:
            code = error.response.get("error", "no code")
            logger.warning("Slack refused %s in %s at %s: %s", effect.kind, effect.channel, effect.ts, code)
        except BaseException:
            self._claims.release(effect)
            raise
