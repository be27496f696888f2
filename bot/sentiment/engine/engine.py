"""The classifier on threads of its own, for callers on an event loop.

    text → [tokenizer's thread] → rows that wait → [model's threads, batch by batch] → result

A batch takes whatever waits, up to a budget of tokens: there is no timer. What a person waits for goes first.
"""

import asyncio
import os
import sys
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock, Thread, get_native_id
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from bot.errors import BotError, QueueFullError
from bot.observability.metrics import BATCH_ROWS, RESULTS
from bot.sentiment.classifier import Classifier, ModelWork, Scores, classify_work
from bot.sentiment.engine.batch_queue import BatchQueue, Priority
from bot.sentiment.explain import explain_work
from bot.sentiment.types import Breakdown, Sentiment

if TYPE_CHECKING:
    from bot.sentiment.model import Row

MAX_PENDING = 200
"""How many calls of each priority may be under way: about as many as can be answered before people give up."""

CACHE_SIZE = 4096
"""How many results are remembered as a default: about 2 MB."""

_AT_ONCE = 64  # texts of background work that are tokenized together
_BATCH_SECONDS = 5.0  # how long a batch may take that nobody waits for any more
_NICE = 10  # a tenth of the time that others get, where there is too little
_CLOSED = "The bot is stopping. Ask again in a minute."

T = TypeVar("T")


class _Call:
    """One caller's request: the rows it waits for now, and where the result goes."""

    def __init__(self, steps: ModelWork[Any], priority: Priority) -> None:
        self.steps = steps
        self.priority = priority
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.rows: list[Row] = []
        self.scores: dict[int, Scores] = {}

    def settle(self, result: object, error: Exception | None) -> None:
        """Give the caller what came of it, unless they went away. On the loop's own thread."""
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


_Outcome = tuple[_Call, object, Exception | None]
"""What came of a call: its result or an error."""


class Engine:
    """Judges texts without ever holding up the event loop.

    Its methods raise Overloaded, at once, where ``WAITING`` calls of their priority are under way already.
    A caller that is cancelled costs nothing more.

    Args:
        classifier: belongs to the engine from now on.
        threads: how many batches are computed at once; one for each core, as a default.
        remember: how many results of :meth:`judge` are remembered, the latest used, to answer repeats at once.
    """

    def __init__(self, classifier: Classifier, threads: int | None = None, remember: int = CACHE_SIZE) -> None:
        self._classifier = classifier
        self._remember = remember
        self._closed = False
        self._under_way: dict[Priority, set[_Call]] = {priority: set() for priority in Priority}
        self._key = token_bytes(32)
        self._remembered: OrderedDict[bytes, Sentiment] = OrderedDict()
        # One is enough: it is many times faster than the model's threads.
        self._tokenizer = ThreadPoolExecutor(1, thread_name_prefix="tokenizer")
        self._waiting: BatchQueue[_Call] = BatchQueue()
        self._lock = Lock()
        # A model's thread asks for the interpreter's lock after each operation of torch. If others hold it, waiting the
        # usual 5 ms costs an eighth of all the messages a second.
        sys.setswitchinterval(0.0005)
        self._threads = [Thread(target=self._work, name=f"model-{i}", daemon=True) for i in range(threads or cores())]
        for thread in self._threads:
            thread.start()

    async def classify(self, text: str) -> Sentiment:
        """Return how ``text`` reads, for somebody who waits."""
        # A keyed hash, so that no text is kept.
        key = blake2b(text.encode(errors="surrogatepass"), key=self._key, digest_size=16).digest()
        if key in self._remembered:
            self._remembered.move_to_end(key)
            RESULTS.labels(self._remembered[key].label).inc()
            return self._remembered[key]
        (sentiment,) = await self._run(classify_work(self._classifier, [text]), Priority.RESULT)
        RESULTS.labels(sentiment.label).inc()
        self._remembered[key] = sentiment
        if len(self._remembered) > self._remember:
            self._remembered.popitem(last=False)
        return sentiment

    async def classify_in_background(self, texts: Sequence[str]) -> list[Sentiment]:
        """Return how each of ``texts`` reads, behind all that somebody waits for."""
        found: list[Sentiment] = []
        for start in range(0, len(texts), _AT_ONCE):  # few at once, so that whoever comes meanwhile is soon tokenized
            part = texts[start : start + _AT_ONCE]
            found += await self._run(classify_work(self._classifier, part), Priority.BACKGROUND)
        return found

    async def explain(self, text: str) -> Breakdown:
        """Return how ``text`` reads and what pushed it there, for somebody who waits, behind those who want less."""
        breakdown = await self._run(explain_work(self._classifier, text), Priority.BREAKDOWN)
        RESULTS.labels(breakdown.sentiment.label).inc()
        return breakdown

    @property
    def labels(self) -> Sequence[str]:
        """The labels that the model gives, in the order of ``id2label``."""
        return list(self._classifier.id2label.values())

    @property
    def model(self) -> str:
        """The name of the model, as its results have it."""
        return self._classifier.name

    @property
    def waiting(self) -> int:
        """How many rows wait for the model."""
        return len(self._waiting)

    def close(self) -> None:
        """Let the batches in hand finish, and the classifier go; who still waits gets a BotError."""
        self._closed = True
        self._tokenizer.shutdown(cancel_futures=True)
        self._waiting.close()
        self._classifier.close()  # before the threads are awaited: they may be waiting for another machine
        for thread in self._threads:
            thread.join(_BATCH_SECONDS)
        left = [call for calls in self._under_way.values() for call in tuple(calls)]
        self._settle([(call, None, BotError(_CLOSED)) for call in left])

    async def _run(self, steps: ModelWork[T], priority: Priority) -> T:
        if self._closed:
            raise BotError(_CLOSED)
        under_way = self._under_way[priority]
        if len(under_way) >= MAX_PENDING:
            raise QueueFullError(f"{MAX_PENDING} requests wait to be judged already. Try again in a moment.")
        call = _Call(steps, priority)
        under_way.add(call)
        try:
            self._tokenizer.submit(self._begin, call)
            result: T = await call.future
            return result
        finally:
            under_way.discard(call)

    def _begin(self, call: _Call) -> None:
        self._settle(self._advance([call]))

    def _advance(self, calls: Sequence[_Call]) -> list[_Outcome]:
        """Let calls take their next step: more rows for the model, or what came of it, which is returned."""
        outcomes: list[_Outcome] = []
        for call in calls:
            if call.future.done():
                continue
            try:
                scores = [call.scores[i] for i in range(len(call.rows))]
                call.rows = call.steps.send(scores) if call.rows else next(call.steps)
            except StopIteration as done:
                outcomes.append((call, done.value, None))
            # Whatever goes wrong with a text, its caller hears of it and the engine goes on.
            except Exception as error:
                outcomes.append((call, None, error))
            else:
                call.scores = {}
                self._waiting.add(call, [len(row["input_ids"]) for row in call.rows], call.priority)
        return outcomes

    def _work(self) -> None:
        torch.set_num_threads(1)  # this thread is one of several
        # Where both want a core the event loop goes first: it acknowledges and answers, and needs little.
        if sys.platform == "linux":  # elsewhere the threads of a process do not differ
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICE)
        # No name here holds a batch while the next one is awaited: what people wrote would stay in memory.
        while self._compute_next():
            pass

    def _compute_next(self) -> bool:
        """Wait for a batch and run it; False once the engine is closed."""
        batch = self._waiting.take()
        wanted = [(place.call, place.row) for place in batch if not place.call.future.done()]
        if wanted:
            BATCH_ROWS.observe(len(wanted))
            self._compute(wanted)
        return bool(batch)

    def _compute(self, batch: Sequence[tuple[_Call, int]]) -> None:
        """Run one batch and go on with the calls that have all their scores now."""
        try:
            scores = self._classifier.run([call.rows[i] for call, i in batch])
            if [len(each) for each in scores] != [len(self._classifier.id2label)] * len(batch):
                raise ValueError(f"the model gave {len(scores)} results for {len(batch)} rows, or not all labels")
        except Exception as error:
            if len(batch) == 1 or isinstance(error, QueueFullError):
                self._settle([(call, None, error) for call, _ in batch])
            else:  # each on its own, so that a text that the model stumbles over harms no other
                for one in batch:
                    self._compute([one])
            return
        with self._lock:
            for (call, i), each in zip(batch, scores, strict=True):
                call.scores[i] = each
            complete = {call: None for call, _ in batch if len(call.scores) == len(call.rows)}
        self._settle(self._advance(list(complete)))

    def _settle(self, outcomes: Sequence[_Outcome]) -> None:
        """Hand on what came of calls, from any thread."""

        def settle(those: Sequence[_Outcome]) -> None:
            for call, result, error in those:
                call.settle(result, error)

        # Once a batch: waking the loop for each call would make this thread wait for the interpreter's lock each time.
        for loop in {call.loop for call, _, _ in outcomes}:
            with suppress(RuntimeError):  # nobody waits any more: the loop is closed
                loop.call_soon_threadsafe(settle, [one for one in outcomes if one[0].loop is loop])


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
