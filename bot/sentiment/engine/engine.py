"""A classifier on worker threads, for callers on an event loop.

    text → [tokenizer thread] → queue of rows → [model threads, batch by batch] → result

A batch takes whatever waits, up to a budget of tokens, without a timer. What a person waits for goes first.
"""

import asyncio
import os
import sys
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock, Thread, get_native_id
from typing import Any, TypeVar

from prometheus_client import Counter, Histogram

from bot.errors import BotError, QueueFullError
from bot.sentiment.classifier import Classifier, ModelWork, Row, Scores, classify_work
from bot.sentiment.engine.batch_queue import BatchQueue, Priority
from bot.sentiment.explanation import explain_work
from bot.sentiment.types import Breakdown, Sentiment

MAX_PENDING = 200  # calls of each priority: about as many as can be answered before people give up
CACHE_SIZE = 4096  # results: about 2 MB
_MAX_TEXTS_PER_CALL = 64  # background texts tokenized at once, so that other callers' texts are soon tokenized
_CLOSE_SECONDS = 5.0  # how long closing waits for each model thread
_NICENESS = 10  # a tenth of the CPU time of other threads, if there is too little
_CLOSED = "The bot is stopping. Try again in a minute."

RESULTS = Counter("bot_results", "Texts classified for a person who waits, by label", ["label"])
BATCH_ROWS = Histogram("bot_batch_rows", "Rows per batch of the model", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256))

T = TypeVar("T")


@dataclass(eq=False, repr=False)
class _Call:
    """One pending call: its work, the rows that the work waits for with their scores, and the caller's future."""

    work: ModelWork[Any]
    priority: Priority
    future: asyncio.Future[Any]
    rows: list[Row] = field(default_factory=list)
    scores: dict[int, Scores] = field(default_factory=dict)


_Outcome = tuple[_Call, object, Exception | None]  # a finished call with its result or its error


class Engine:
    """Classifies texts without blocking the event loop, on one thread per core or on ``threads``.

    Methods raise QueueFullError at once if ``MAX_PENDING`` calls of the same priority are pending. The rows of a
    cancelled call are not computed. The engine closes ``classifier``, and caches the ``cache_size`` results of
    :meth:`classify` that were used last.
    """

    def __init__(self, classifier: Classifier, threads: int | None = None, cache_size: int = CACHE_SIZE) -> None:
        self._classifier = classifier
        self._cache_size = cache_size
        self._closed = False
        self._pending: dict[Priority, set[_Call]] = {priority: set() for priority in Priority}
        self._key = token_bytes(32)
        self._cache: OrderedDict[bytes, Sentiment] = OrderedDict()
        # One thread is enough: it is many times faster than the model's threads.
        self._tokenizer = ThreadPoolExecutor(1, thread_name_prefix="tokenizer")
        self._queue: BatchQueue[_Call] = BatchQueue()
        self._lock = Lock()
        # A model thread acquires the GIL after each batch, with torch after each operation. If other threads hold it,
        # the default switch interval of 5 ms costs an eighth of the throughput.
        sys.setswitchinterval(0.0005)
        self._threads = [
            Thread(target=self._run_model, name=f"model-{i}", daemon=True) for i in range(threads or count_cores())
        ]
        for thread in self._threads:
            thread.start()

    async def classify(self, text: str) -> Sentiment:
        """Classify ``text`` for a person who waits."""
        # The cache's keys are keyed hashes, so that no text is stored.
        key = blake2b(text.encode(errors="surrogatepass"), key=self._key, digest_size=16).digest()
        sentiment = self._cache.pop(key, None)
        if sentiment is None:
            (sentiment,) = await self._submit(classify_work(self._classifier, [text]), Priority.RESULT)
        self._cache[key] = sentiment  # at the end, since it was used last
        if len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)
        RESULTS.labels(sentiment.label).inc()
        return sentiment

    async def classify_in_background(self, texts: Sequence[str]) -> list[Sentiment]:
        """Classify ``texts``, in order, at the lowest priority."""
        sentiments: list[Sentiment] = []
        for start in range(0, len(texts), _MAX_TEXTS_PER_CALL):
            part = texts[start : start + _MAX_TEXTS_PER_CALL]
            sentiments += await self._submit(classify_work(self._classifier, part), Priority.BACKGROUND)
        return sentiments

    async def explain(self, text: str) -> Breakdown:
        """Classify ``text`` with the attribution of its words, for a person who waits, after plain results."""
        breakdown = await self._submit(explain_work(self._classifier, text), Priority.BREAKDOWN)
        RESULTS.labels(breakdown.sentiment.label).inc()
        return breakdown

    @property
    def labels(self) -> Sequence[str]:
        """The model's labels, in the order of ``id2label``."""
        return list(self._classifier.id2label.values())

    @property
    def model(self) -> str:
        """The model's name, as in its results."""
        return self._classifier.name

    @property
    def waiting(self) -> int:
        """The number of rows that wait for the model."""
        return len(self._queue)

    def close(self) -> None:
        """Finish the current batches and release the classifier; pending calls get a BotError."""
        self._closed = True
        self._tokenizer.shutdown(cancel_futures=True)
        self._queue.close()
        self._classifier.close()  # before joining the threads, which may be waiting for a remote model
        for thread in self._threads:
            thread.join(_CLOSE_SECONDS)
        self._finish([(call, None, BotError(_CLOSED)) for calls in self._pending.values() for call in tuple(calls)])

    async def _submit(self, work: ModelWork[T], priority: Priority) -> T:
        if self._closed:
            raise BotError(_CLOSED)
        pending = self._pending[priority]
        if len(pending) >= MAX_PENDING:
            raise QueueFullError(f"{MAX_PENDING} requests are pending already. Try again in a moment.")
        call = _Call(work, priority, asyncio.get_running_loop().create_future())
        pending.add(call)
        try:
            self._tokenizer.submit(lambda: self._finish(self._advance([call])))
            result: T = await call.future
            return result
        finally:
            pending.discard(call)

    def _advance(self, calls: Sequence[_Call]) -> list[_Outcome]:
        """Resume the work of ``calls``: queue the rows that it yields, and return the calls that are finished."""
        outcomes: list[_Outcome] = []
        for call in calls:
            if call.future.done():
                continue
            try:
                scores = [call.scores[i] for i in range(len(call.rows))]
                call.rows = call.work.send(scores) if call.rows else next(call.work)
            except StopIteration as stop:
                outcomes.append((call, stop.value, None))
            # Whatever goes wrong with a text, its caller gets the error and the engine continues.
            except Exception as error:
                outcomes.append((call, None, error))
            else:
                call.scores = {}
                self._queue.add(call, [len(row["input_ids"]) for row in call.rows], call.priority)
        return outcomes

    def _run_model(self) -> None:
        # The event loop, which needs little CPU time, goes first where both want a core.
        if sys.platform == "linux":  # other systems have no priority per thread
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)
        # No local variable refers to a batch while the thread waits for the next one: texts would stay in memory.
        while self._run_next_batch():
            pass

    def _run_next_batch(self) -> bool:
        """Wait for a batch and run it; return False once the engine is closed."""
        batch = self._queue.next_batch()
        wanted = [(queued.call, queued.row) for queued in batch if not queued.call.future.done()]
        if wanted:
            BATCH_ROWS.observe(len(wanted))
            self._run_batch(wanted)
        return bool(batch)

    def _run_batch(self, batch: Sequence[tuple[_Call, int]]) -> None:
        """Run one batch and resume the calls that have all their scores now."""
        try:
            scores = self._classifier.run([call.rows[i] for call, i in batch])
            if [len(row_scores) for row_scores in scores] != [len(self._classifier.id2label)] * len(batch):
                raise ValueError(f"the model returned {len(scores)} results for {len(batch)} rows, or not all labels")
        except Exception as error:
            if len(batch) == 1 or isinstance(error, QueueFullError):
                self._finish([(call, None, error) for call, _ in batch])
            else:  # one row at a time, so that a text that makes the model fail affects no other
                for one in batch:
                    self._run_batch([one])
            return
        with self._lock:
            for (call, i), row_scores in zip(batch, scores, strict=True):
                call.scores[i] = row_scores
            complete = {call: None for call, _ in batch if len(call.scores) == len(call.rows)}
        self._finish(self._advance(list(complete)))

    def _finish(self, outcomes: Sequence[_Outcome]) -> None:
        """Complete the futures of calls, from any thread."""
        # Once per batch: waking the loop for each call would make this thread wait for the GIL each time.
        for loop in {call.future.get_loop() for call, _, _ in outcomes}:
            outcomes_of_loop = [outcome for outcome in outcomes if outcome[0].future.get_loop() is loop]
            with suppress(RuntimeError):  # the loop is closed, so that no caller waits
                loop.call_soon_threadsafe(_set_results, outcomes_of_loop)


def _set_results(outcomes: Sequence[_Outcome]) -> None:
    for call, result, error in outcomes:
        if call.future.done():  # the caller has cancelled it
            continue
        if error is None:
            call.future.set_result(result)
        else:
            call.future.set_exception(error)


def count_cores() -> int:
    """Return the number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
