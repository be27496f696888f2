"""A proxy of PostgreSQL that can go silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.engine import make_url


class Proxy:
    """A proxy of the database that can stop passing anything on, without closing a connection."""

    silent = False

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what one client sends, and the answers."""
        other_reader, other_writer = await asyncio.open_connection(*self._address)
        tasks = {asyncio.create_task(self._pipe(*ends)) for ends in ((reader, other_writer), (other_reader, writer))}
        self._tasks |= tasks
        await asyncio.gather(*tasks)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            while self.silent:  # noqa: ASYNC110 - nothing signals it
                await asyncio.sleep(0.05)
            writer.write(data)
        writer.close()

    def close(self) -> None:
        """Stop passing on."""
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def database_proxy(url: str) -> AsyncIterator[tuple[str, Proxy]]:
    """Run a proxy of the database at ``url`` inside the block; yield its own URL."""
    address = make_url(url)
    proxy = Proxy(address.host or "127.0.0.1", address.port or 5432)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    through = address.set(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    try:
        yield through.render_as_string(hide_password=False), proxy
    finally:
        proxy.close()
        server.close()
