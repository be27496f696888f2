"""``/healthz`` and ``/metrics``, for monitoring."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.errors import BotError
from bot.observability.metrics import OPEN_CLAIMS

_MAX_DISCONNECTED_SECONDS = 60.0  # the bot mostly reconnects by itself
_DATABASE_SECONDS = 2.0  # for counting the claims; metrics are needed most when the database is down


def web_app(
    disconnected_for: Callable[[], float],
    count_open_claims: Callable[[], Awaitable[int]],
    find_problem: Callable[[], str | None] = lambda: None,
) -> web.Application:
    """Return a web application with both endpoints.

    ``disconnected_for`` returns for how many seconds there has been no connection to Slack, 0 where none is needed.
    ``count_open_claims`` counts the open claims in the database. ``find_problem`` returns what else is
    wrong with the bot, if anything is.
    """

    async def health(_: web.Request) -> web.Response:
        if (seconds := disconnected_for()) >= _MAX_DISCONNECTED_SECONDS:
            return web.Response(status=503, text=f"no connection to Slack for {seconds:.0f} s\n")
        if problem := find_problem():
            return web.Response(status=503, text=f"{problem}\n")
        return web.Response(text="ok\n")

    async def metrics(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                OPEN_CLAIMS.set(await count_open_claims())
        except (BotError, TimeoutError):
            OPEN_CLAIMS.set(float("nan"))
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app = web.Application()
    app.add_routes([web.get("/healthz", health), web.get("/metrics", metrics)])
    return app
