"""The classifier on threads of its own, for callers on an event loop.

    text → [tokenizer's thread] → rows that wait → [model's threads, batch by batch] → result

A batch takes whatever waits, up to a budget of tokens: there is no timer. What a person waits for goes first.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor

from bot.errors import BotError, Overloaded
from bot.sentiment.classifier import Classifier, Steps, judging
from bot.sentiment.explain import explaining
from bot.sentiment.types import Breakdown, Sentiment
from bot.sentiment.waiting import Priority, Waiting

if TYPE_CHECKING:
    from bot.sentiment.model import Row

WAITING = 200
"""How many calls of each priority may be under way: about as many as can be answered before people give up."""

REMEMBERED = 4096
"""How many results are remembered as a default: about 2 MB."""

_AT_ONCE = 64  # texts of background work that are tokenized together
_CLOSED = "The bot is stopping. Ask again in a minute."

T = TypeVar("T")


class _Call:
    """One caller's request: the rows it waits for now, and where the result goes."""

    def __init__(self, steps: Steps[Any], priority: Priority) -> None:
        self.steps = steps
        self.priority = priority
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.rows: list[Row] = []
        self.logits = torch.empty(0)
        self.missing = 0


class Engine:
    """Judges texts without ever holding up the event loop.

    Its methods raise Overloaded, at once, where ``WAITING`` calls of their priority are under way already.
    A caller that is cancelled costs nothing more.

    Args:
        classifier: belongs to the engine from now on.
        threads: how many batches are computed at once; one for each core, as a default.
        remember: how many results of :meth:`judge` are remembered, the latest used, to answer repeats at once.
    """

    def __init__(self, classifier: Classifier, threads: int | None = None, remember: int = REMEMBERED) -> None:
        self._classifier = classifier
        self._remember = remember
        self._closed = False
        self._under_way: dict[Priority, set[_Call]] = {priority: set() for priority in Priority}
        self._key = token_bytes(32)
        self._remembered: OrderedDict[bytes, Sentiment] = OrderedDict()
        # One is enough: it is many times faster than the model's threads.
        self._tokenizer = ThreadPoolExecutor(1, thread_name_prefix="tokenizer")
        self._waiting: Waiting[_Call] = Waiting()
        self._lock = Lock()
        self._threads = [Thread(target=self._work, name=f"model-{i}", daemon=True) for i in range(threads or cores())]
        for thread in self._threads:
            thread.start()

    async def judge(self, text: str) -> Sentiment:
        """Return how ``text`` reads, for somebody who waits."""
        # A keyed hash, so that no text is kept.
        key = blake2b(text.encode(errors="surrogatepass"), key=self._key, digest_size=16).digest()
        if key in self._remembered:
            self._remembered.move_to_end(key)
            return self._remembered[key]
        (sentiment,) = await self._run(judging(self._classifier, [text]), Priority.RESULT)
        self._remembered[key] = sentiment
        if len(self._remembered) > self._remember:
            self._remembered.popitem(last=False)
        return sentiment

    async def judge_later(self, texts: Sequence[str]) -> list[Sentiment]:
        """Return how each of ``texts`` reads, behind all that somebody waits for."""
        found: list[Sentiment] = []
        for start in range(0, len(texts), _AT_ONCE):  # few at once, so that whoever comes meanwhile is soon tokenized
            part = texts[start : start + _AT_ONCE]
            found += await self._run(judging(self._classifier, part), Priority.LATER)
        return found

    async def explain(self, text: str) -> Breakdown:
        """Return how ``text`` reads and what pushed it there, for somebody who waits, behind those who want less."""
        return await self._run(explaining(self._classifier, text), Priority.BREAKDOWN)

    @property
    def waiting(self) -> int:
        """How many rows wait for the model."""
        return len(self._waiting)

    def close(self) -> None:
        """Let the batches in hand finish; who still waits gets a BotError."""
        self._closed = True
        self._tokenizer.shutdown(cancel_futures=True)
        self._waiting.close()
        for thread in self._threads:
            thread.join()
        for calls in self._under_way.values():
            for call in tuple(calls):
                self._settle(call, error=BotError(_CLOSED))

    async def _run(self, steps: Steps[T], priority: Priority) -> T:
        if self._closed:
            raise BotError(_CLOSED)
        under_way = self._under_way[priority]
        if len(under_way) >= WAITING:
            raise Overloaded(f"{WAITING} requests wait to be judged already. Try again in a moment.")
        call = _Call(steps, priority)
        under_way.add(call)
        try:
            self._tokenizer.submit(self._advance, call, None)
            result: T = await call.future
            return result
        finally:
            under_way.discard(call)

    def _advance(self, call: _Call, logits: Tensor | None) -> None:
        """Take the next step of a call: more rows for the model, or the result."""
        if call.future.done():
            return
        try:
            call.rows = call.steps.send(logits)
        except StopIteration as done:
            self._settle(call, result=done.value)
        # Whatever goes wrong with a text, its caller hears of it and the engine goes on.
        except Exception as error:
            self._settle(call, error=error)
        else:
            call.missing = len(call.rows)
            call.logits = torch.empty(len(call.rows), len(self._classifier.id2label))
            self._waiting.add(call, [len(row["input_ids"]) for row in call.rows], call.priority)

    def _work(self) -> None:
        torch.set_num_threads(1)  # this thread is one of several
        # No name here holds a batch while the next one is awaited: what people wrote would stay in memory.
        while self._compute_next():
            pass

    def _compute_next(self) -> bool:
        """Wait for a batch and run it; False once the engine is closed."""
        batch = self._waiting.take()
        wanted = [(place.call, place.row) for place in batch if not place.call.future.done()]
        if wanted:
            self._compute(wanted)
        return bool(batch)

    def _compute(self, batch: Sequence[tuple[_Call, int]]) -> None:
        """Run one batch and go on with the calls that have all their logits now."""
        try:
            logits = self._classifier.run([call.rows[i] for call, i in batch])
            if logits.shape != (len(batch), len(self._classifier.id2label)):
                raise ValueError(f"the model gave a result of shape {tuple(logits.shape)}")
        except Exception as error:
            if len(batch) == 1:
                self._settle(batch[0][0], error=error)
            else:  # each on its own, so that a text that the model stumbles over harms no other
                for one in batch:
                    self._compute([one])
            return
        finished = []
        with self._lock:
            for (call, i), row in zip(batch, logits, strict=True):
                call.logits[i] = row
                call.missing -= 1
                if not call.missing:
                    finished.append(call)
        for call in finished:
            self._advance(call, call.logits)

    def _settle(self, call: _Call, *, result: object = None, error: Exception | None = None) -> None:
        """Give a call its result, from any thread."""

        def settle() -> None:
            if call.future.done():
                return
            if error is None:
                call.future.set_result(result)
            else:
                call.future.set_exception(error)

        with suppress(RuntimeError):  # nobody waits any more: the loop is closed
            call.loop.call_soon_threadsafe(settle)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
