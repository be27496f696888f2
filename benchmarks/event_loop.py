"""The longest step of the event loop while a report reads a page of 999 messages of 12,000 characters.

A step is what the loop runs without a pause; meanwhile nothing else is answered. CPU time of the loop's thread is
measured, since the time of day depends on what else the machine does. The model takes no time; Slack is a server in
another thread.
"""

import asyncio
import json
import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from aiohttp import web

from benchmarks.results import keep, show
from benchmarks.texts import WORDS
from bot.sentiment.classifier import Classifier, Row, Scores
from bot.sentiment.engine.engine import Engine
from bot.sentiment.models.loading import load
from bot.slack.analyzer import Analyzer
from bot.slack.blocks import Reply
from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.reports.history import HistoryReader
from bot.slack.timing import DEFAULT_TIMING
from bot.slack.transport.bolt_app import open_web_client
from bot.store.channels import history_reads
from bot.store.channels.history_reads import HistoryRead
from bot.store.database import IN_MEMORY, Database, open_database

MESSAGES, CHARACTERS = 999, 12_000
LONGEST_SECONDS = 0.05


class InstantClassifier(Classifier):
    """A classifier whose model takes no time."""

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Return the same score for every label."""
        return [[1 / len(self.id2label)] * len(self.id2label) for _ in rows]


def page(now: float) -> bytes:
    """Return Slack's answer with a page of messages, each in ``text`` and in ``blocks``, as people's messages are."""
    rng, messages = random.Random(0), []
    pieces = [*WORDS, "<@U123>", ":tada:", "🎉", "*really*", "<https://example.com/page|the page>", "그리고", "&amp;"]
    for i in range(MESSAGES):
        text = " ".join(rng.choices(pieces, k=CHARACTERS))[:CHARACTERS]
        element = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        block = {"type": "rich_text", "block_id": f"b{i}", "elements": [element]}
        ts = f"{now - i * 60:.6f}"
        messages.append({"type": "message", "user": f"U{i % 9}", "ts": ts, "text": text, "blocks": [block]})
    return json.dumps({"ok": True, "messages": messages, "has_more": False}).encode()


@contextmanager
def served(body: bytes) -> Iterator[str]:
    """Answer every call with ``body``, on a thread, inside the block; yield the URL of the Web API."""
    loop, started, urls = asyncio.new_event_loop(), threading.Event(), list[str]()

    async def respond(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async def serve() -> None:
        application = web.Application()
        application.router.add_route("*", "/api/{method}", respond)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        urls.append(f"http://127.0.0.1:{runner.addresses[0][1]}/api/")
        started.set()

    thread = threading.Thread(target=lambda: (loop.run_until_complete(serve()), loop.run_forever()), daemon=True)
    thread.start()
    started.wait()
    yield urls[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


@contextmanager
def measured(steps: list[float]) -> Iterator[None]:
    """Append the CPU seconds of each step of this thread's event loop to ``steps`` inside the block."""
    original, this_thread = asyncio.Handle._run, threading.get_ident()

    def run(handle: asyncio.Handle) -> None:
        if threading.get_ident() != this_thread:
            return original(handle)
        started = time.thread_time()
        original(handle)
        steps.append(time.thread_time() - started)
        return None

    asyncio.Handle._run = run  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        asyncio.Handle._run = original  # type: ignore[method-assign]


async def read_page(analyzer: Analyzer, database: Database, url: str, now: float) -> int:
    """Read the page for a report, and classify a text for a person; return how many messages were counted."""
    read = HistoryRead("T1", "C1", "U1", "30d", now + 1, "UTC", "D1", "1.1", now)
    async with open_web_client(url, DEFAULT_TIMING) as web_client:
        slack = SlackClient(web_client, CallExecutor(DEFAULT_TIMING), "T1", "UBOT")

        async def on_progress(progress: Reply) -> None:
            pass

        await database.run(history_reads.add, read, now + 600)
        read_report, _ = await asyncio.gather(
            HistoryReader(analyzer, database, time.time).read(slack, read, on_progress),
            analyzer.assess("Ich liebe dieses neue Programm wirklich sehr", {}),
        )
    return read_report[0].total if read_report else 0


def main() -> None:
    """Run the benchmark; fail if a step is too long."""
    now, steps = time.time(), list[float]()
    classifier = load()
    engine = Engine(InstantClassifier(classifier.model, classifier.tokenizer, classifier.name))
    with served(page(now)) as url, open_database(IN_MEMORY) as database, measured(steps):
        counted = asyncio.run(read_page(Analyzer(engine, database, 0.6), database, url, now))
    engine.close()
    longest = sorted(steps, reverse=True)[:3]
    show(
        f"The longest steps of the event loop: {counted} messages of {CHARACTERS:,} characters",
        ("", "milliseconds of CPU time"),
        [(f"number {i + 1} of {len(steps):,}", f"{1000 * step:.0f}") for i, step in enumerate(longest)],
    )
    keep("event_loop", {"longest": longest, "steps": len(steps), "seconds": sum(steps)})
    if longest[0] > LONGEST_SECONDS:
        sys.exit(f"A step takes longer than {1000 * LONGEST_SECONDS:.0f} ms.")


if __name__ == "__main__":
    main()
