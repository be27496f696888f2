"""``/healthz`` and ``/metrics``, for those who watch the bot."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.errors import BotError
from bot.observability.metrics import CLAIMS

AWAY_SECONDS = 60.0
"""For how long the bot may be without Slack and still be called healthy: it mostly finds back by itself."""

_DATABASE_SECONDS = 2.0  # for how long /metrics waits for the database, which may be what there is to find out


def web_app(away: Callable[[], float] | None, open_claims: Callable[[], Awaitable[int]]) -> web.Application:
    """Serve both.

    Args:
        away: tells for how many seconds there has been no connection to Slack; None where none is kept.
        open_claims: asks the database how many claims are open.
    """

    async def health(_: web.Request) -> web.Response:
        seconds = away() if away else 0.0
        if seconds < AWAY_SECONDS:
            return web.Response(text="ok\n")
        return web.Response(status=503, text=f"no connection to Slack for {seconds:.0f} s\n")

    async def metrics(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                CLAIMS.set(await open_claims())
        except (BotError, TimeoutError):
            CLAIMS.set(float("nan"))
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app = web.Application()
    app.add_routes([web.get("/healthz", health), web.get("/metrics", metrics)])
    return app
