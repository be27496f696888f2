"""The engine: correct results, batching, priorities and limits."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.errors import BotError, QueueFullError
from bot.sentiment.classifier import Classifier, Row, Scores
from bot.sentiment.engine.engine import MAX_PENDING, Engine, _Call
from bot.sentiment.explanation import explain


class GatedClassifier(Classifier):
    """A classifier that blocks until its gate is open, and records its batches."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__(classifier.model, classifier.tokenizer, "gated")
        self.gate = threading.Event()
        self.batches: list[list[Row]] = []

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Wait for the gate; fail for rows of 33 tokens, and return malformed scores for rows of 34."""
        self.batches.append(list(rows))
        assert self.gate.wait(30)
        lengths = {len(row["input_ids"]) for row in rows}
        if 33 in lengths:
            raise RuntimeError("the model failed")
        return [[0.1] * 7] if 34 in lengths else super().run(rows)


@pytest.fixture
def gated(classifier: Classifier) -> GatedClassifier:
    """Return a gated classifier whose gate is closed."""
    return GatedClassifier(classifier)


@asynccontextmanager
async def running(classifier: Classifier, threads: int = 1) -> AsyncIterator[Engine]:
    """Run an engine inside the block."""
    engine = Engine(classifier, threads)
    try:
        yield engine
    finally:
        if isinstance(classifier, GatedClassifier):
            classifier.gate.set()
        await asyncio.to_thread(engine.close)


async def until(condition: Callable[[], object]) -> None:
    """Wait until ``condition()`` is true."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the engine's threads set no event
            await asyncio.sleep(0.001)


async def test_equals_the_classifier(classifier: Classifier) -> None:
    """Concurrent callers get the results of their own texts."""
    texts = [f"{'really ' * (i % 7)}{word} day" for i, word in enumerate(["good", "bad", "ordinary", "lovely"] * 10)]
    expected = classifier.classify(texts)
    async with running(classifier, threads=2) as engine:
        single = await asyncio.gather(*(engine.classify(text) for text in texts))
        batched = await engine.classify_in_background(texts)
        breakdown = await engine.explain("I hate this lovely day")
    for results in (single, batched):
        for one, other in zip(results, expected, strict=True):
            assert one.scores == pytest.approx(other.scores, abs=0.03)
    expected_breakdown = explain(classifier, "I hate this lovely day")
    for word, expected_word in zip(breakdown.words, expected_breakdown.words, strict=True):
        assert word.text == expected_word.text
        assert word.attribution == pytest.approx(expected_word.attribution, abs=0.03)


async def test_no_texts(gated: GatedClassifier) -> None:
    """No texts give no results, without waiting for the model."""
    async with running(gated) as engine:
        assert await engine.classify_in_background([]) == []


async def test_batching(gated: GatedClassifier) -> None:
    """Texts submitted while the model is busy share the next batch."""
    async with running(gated) as engine:
        first = asyncio.create_task(engine.classify("nice"))
        await until(lambda: gated.batches)
        tasks = [asyncio.create_task(engine.classify("bad " * (i + 4))) for i in range(4)]
        await until(lambda: engine.waiting == 4)
        gated.gate.set()
        await asyncio.gather(first, *tasks)
    assert len(gated.batches) == 2


async def test_priority(gated: GatedClassifier) -> None:
    """A text that a person waits for is classified before background texts submitted earlier."""
    async with running(gated) as engine:
        report = asyncio.create_task(engine.classify_in_background(["good bad good bad"] * 300))
        await until(lambda: gated.batches)
        background_rows = engine.waiting
        person = asyncio.create_task(engine.classify("good"))
        await until(lambda: engine.waiting > background_rows)
        gated.gate.set()
        await person
        batches_before = len(gated.batches)
        await report
    assert [len(row["input_ids"]) for row in gated.batches[1]] == [3]
    assert batches_before < len(gated.batches)


async def test_results_before_breakdowns(gated: GatedClassifier) -> None:
    """A plain result waits for at most one batch of a breakdown."""
    async with running(gated) as engine:
        breakdown = asyncio.create_task(engine.explain("good bad " * 10))
        await until(lambda: gated.batches)
        background_rows = engine.waiting
        person = asyncio.create_task(engine.classify("good"))
        await until(lambda: engine.waiting > background_rows)
        gated.gate.set()
        await asyncio.gather(person, breakdown)
    assert [len(row["input_ids"]) for row in gated.batches[1]] == [3]
    assert len(gated.batches) > 5


async def test_limit_of_pending_calls(gated: GatedClassifier) -> None:
    """A call beyond the limit fails at once; each priority has its own limit; later calls succeed again."""
    async with running(gated) as engine:
        tasks = [asyncio.create_task(engine.classify(f"good {i}")) for i in range(MAX_PENDING)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError):
            await engine.classify("one more")
        report = asyncio.create_task(engine.classify_in_background(["good"]))
        gated.gate.set()
        await asyncio.gather(*tasks, report, return_exceptions=True)
        assert (await engine.classify("one more")).label


async def test_cancelled_calls(gated: GatedClassifier) -> None:
    """The texts of a cancelled call do not reach the model."""
    async with running(gated) as engine:
        first = asyncio.create_task(engine.classify("good"))
        await until(lambda: gated.batches)
        cancelled = asyncio.create_task(engine.classify_in_background(["bad good bad good bad good"] * 100))
        await until(lambda: engine.waiting)
        cancelled.cancel()
        last = asyncio.create_task(engine.classify("nice"))
        gated.gate.set()
        await asyncio.gather(first, last)
        await asyncio.gather(engine.classify_in_background(["ugly"]), cancelled, return_exceptions=True)
    assert sum(len(batch) for batch in gated.batches) == 3


async def test_failing_text(gated: GatedClassifier) -> None:
    """If the model fails for one text of a batch, its caller gets the error and the others get their results."""
    async with running(gated) as engine:
        first = asyncio.create_task(engine.classify("good"))
        await until(lambda: gated.batches)
        others = [
            asyncio.create_task(engine.classify(text)) for text in ("bad", " ".join(["good"] * 31), "nice", "ugly good")
        ]
        await until(lambda: engine.waiting == 4)
        gated.gate.set()
        results = await asyncio.gather(first, *others, return_exceptions=True)
    assert [isinstance(result, RuntimeError) for result in results] == [False, False, True, False, False]


async def test_malformed_scores(gated: GatedClassifier) -> None:
    """Scores of the wrong shape are an error for the caller, and the engine continues."""
    gated.gate.set()
    async with running(gated) as engine:
        with pytest.raises(ValueError, match="not all labels"):
            await engine.classify(" ".join(["good"] * 32))
        assert (await engine.classify("good")).label


async def test_texts_are_released(gated: GatedClassifier) -> None:
    """No reference to a classified text remains in the engine's threads."""
    gated.gate.set()
    gc.collect()  # objects of other tests
    async with running(gated) as engine:
        await engine.classify("good")
        await until(lambda: not any(type(item) is _Call for item in gc.get_objects()))


async def test_cache(gated: GatedClassifier) -> None:
    """A repeated text is answered from the cache, which stores no text."""
    gated.gate.set()
    async with running(gated) as engine:
        first = await engine.classify("lovely day, my secret text")
        assert await engine.classify("lovely day, my secret text") == first
        assert "secret" not in repr(vars(engine))
    assert len(gated.batches) == 1


async def test_close_with_pending_calls(gated: GatedClassifier) -> None:
    """Closing finishes the current batch; calls pending at any stage get a BotError."""
    engine = Engine(gated, threads=1)
    tasks: list[asyncio.Task[object]] = []
    tasks += [asyncio.create_task(engine.classify_in_background(["good bad"] * 200)) for _ in range(3)]
    await until(lambda: gated.batches and engine.waiting >= 64)
    tasks += [asyncio.create_task(engine.explain(f"good {i}")) for i in range(50)]
    await asyncio.sleep(0)
    gated.gate.set()
    await asyncio.to_thread(engine.close)
    async with asyncio.timeout(10):
        results = await asyncio.gather(*tasks, return_exceptions=True)
        with pytest.raises(BotError, match="stopping"):
            await engine.classify("too late")
    assert {type(result) for result in results if not isinstance(result, list)} == {BotError}
