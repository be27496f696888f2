"""``/healthz`` and ``/metrics``, for those who watch the bot."""

from collections.abc import Callable

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

AWAY_SECONDS = 60.0
"""For how long the bot may be without Slack and still be called healthy: it mostly finds back by itself."""


def web_app(away: Callable[[], float] | None) -> web.Application:
    """Serve both; ``away`` tells for how many seconds there has been no connection to Slack, None that none is kept."""

    async def health(_: web.Request) -> web.Response:
        seconds = away() if away else 0.0
        if seconds < AWAY_SECONDS:
            return web.Response(text="ok\n")
        return web.Response(status=503, text=f"no connection to Slack for {seconds:.0f} s\n")

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app = web.Application()
    app.add_routes([web.get("/healthz", health), web.get("/metrics", metrics)])
    return app
