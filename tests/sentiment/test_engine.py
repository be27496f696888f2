"""The engine: calm when too much comes at once, fair to those who wait, and it answers what the classifier answers."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError, QueueFullError
from bot.sentiment.classifier import TOKENS_PER_BATCH, Classifier, Scores
from bot.sentiment.engine.batch_queue import BatchQueue, Priority
from bot.sentiment.engine.engine import MAX_PENDING, Engine, _Call
from bot.sentiment.explain import explain
from bot.sentiment.model import Row


class Gated(Classifier):
    """A model that waits to be let through, and remembers the batches that it got."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__(classifier.model, classifier.tokenizer, "gated")
        self.gate = threading.Event()
        self.batches: list[list[Row]] = []

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Wait, then judge; a row of 33 tokens cannot be judged."""
        self.batches.append(list(rows))
        assert self.gate.wait(30)
        if any(len(row["input_ids"]) == 33 for row in rows):
            raise RuntimeError("cannot judge this")
        return super().run(rows)


@pytest.fixture
def gated(classifier: Classifier) -> Gated:
    """Make such a model."""
    return Gated(classifier)


@asynccontextmanager
async def running(classifier: Classifier, threads: int = 1) -> AsyncIterator[Engine]:
    """Run an engine inside the block."""
    engine = Engine(classifier, threads)
    try:
        yield engine
    finally:
        if isinstance(classifier, Gated):
            classifier.gate.set()
        await asyncio.to_thread(engine.close)


async def until(condition: Callable[[], object]) -> None:
    """Wait until ``condition()`` holds; other threads make it so."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - those threads set no event
            await asyncio.sleep(0.001)


async def test_answers_as_the_classifier(classifier: Classifier) -> None:
    """However many ask at once, each gets the result of their own text."""
    texts = [f"{'really ' * (i % 7)}{word} day" for i, word in enumerate(["good", "bad", "ordinary", "lovely"] * 10)]
    expected = classifier.classify(texts)
    async with running(classifier, threads=2) as engine:
        one_by_one = await asyncio.gather(*(engine.classify(text) for text in texts))
        together = await engine.classify_in_background(texts)
        breakdown = await engine.explain("I hate this lovely day")
    for found in (one_by_one, together):
        for one, other in zip(found, expected, strict=True):
            assert one.scores == pytest.approx(other.scores, abs=1e-4)
    known = explain(classifier, "I hate this lovely day")
    assert [word.text for word in breakdown.words] == [word.text for word in known.words]
    assert [w.attribution for w in breakdown.words] == pytest.approx([w.attribution for w in known.words], abs=1e-4)


async def test_nothing_asked_nothing_answered(gated: Gated) -> None:
    """No texts give no results, without waiting."""
    async with running(gated) as engine:
        assert await engine.classify_in_background([]) == []


async def test_what_waits_goes_together(gated: Gated) -> None:
    """Texts that came while the model was busy share its next batch."""
    async with running(gated) as engine:
        first = asyncio.create_task(engine.classify("nice"))
        await until(lambda: gated.batches)
        asks = [asyncio.create_task(engine.classify("bad " * (i + 4))) for i in range(4)]
        await until(lambda: engine.waiting == 4)
        gated.gate.set()
        await asyncio.gather(first, *asks)
    assert len(gated.batches) == 2


async def test_people_pass_background_work(gated: Gated) -> None:
    """A text that somebody waits for is judged before a report's texts that came earlier."""
    async with running(gated) as engine:
        report = asyncio.create_task(engine.classify_in_background(["good bad good bad"] * 300))
        await until(lambda: gated.batches)
        behind = engine.waiting
        person = asyncio.create_task(engine.classify("good"))
        await until(lambda: engine.waiting > behind)
        gated.gate.set()
        await person
        done_before = len(gated.batches)
        await report
    assert [len(row["input_ids"]) for row in gated.batches[1]] == [3]
    assert done_before < len(gated.batches)


async def test_a_breakdown_lets_plain_results_pass(gated: Gated) -> None:
    """Who wants a plain result waits for one batch of somebody's breakdown at most."""
    async with running(gated) as engine:
        breakdown = asyncio.create_task(engine.explain("good bad " * 120))
        await until(lambda: gated.batches)
        behind = engine.waiting
        person = asyncio.create_task(engine.classify("good"))
        await until(lambda: engine.waiting > behind)
        gated.gate.set()
        await asyncio.gather(person, breakdown)
    assert [len(row["input_ids"]) for row in gated.batches[1]] == [3]
    assert len(gated.batches) > 5


async def test_beyond_the_bound(gated: Gated) -> None:
    """Who comes when too many wait is told at once; background work has a bound of its own; then there is room."""
    async with running(gated) as engine:
        asks = [asyncio.create_task(engine.classify(f"good {i}")) for i in range(MAX_PENDING)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError):
            await engine.classify("one more")
        report = asyncio.create_task(engine.classify_in_background(["good"]))
        gated.gate.set()
        await asyncio.gather(*asks, report, return_exceptions=True)
        assert (await engine.classify("one more")).label


async def test_who_went_away_costs_nothing(gated: Gated) -> None:
    """The texts of a cancelled caller never reach the model."""
    async with running(gated) as engine:
        first = asyncio.create_task(engine.classify("good"))
        await until(lambda: gated.batches)
        gone = asyncio.create_task(engine.classify_in_background(["bad good bad good bad good"] * 100))
        await until(lambda: engine.waiting)
        gone.cancel()
        last = asyncio.create_task(engine.classify("nice"))
        gated.gate.set()
        await asyncio.gather(first, last)
        await asyncio.gather(engine.classify_in_background(["ugly"]), gone, return_exceptions=True)
    assert sum(len(batch) for batch in gated.batches) == 3


async def test_a_text_that_breaks_the_model_harms_no_other(gated: Gated) -> None:
    """In a batch with a text that the model stumbles over, the others are answered, and its caller gets the error."""
    async with running(gated) as engine:
        first = asyncio.create_task(engine.classify("good"))
        await until(lambda: gated.batches)
        others = [asyncio.create_task(engine.classify(text)) for text in ("bad", "good " * 31, "nice", "ugly good")]
        await until(lambda: engine.waiting == 4)
        gated.gate.set()
        results = await asyncio.gather(first, *others, return_exceptions=True)
    assert [isinstance(result, RuntimeError) for result in results] == [False, False, True, False, False]


async def test_a_model_that_answers_nonsense(gated: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result of the wrong shape is an error for who asked, and the engine goes on."""
    gated.gate.set()
    async with running(gated) as engine:
        with monkeypatch.context() as patched:
            patched.setattr(Classifier, "run", lambda *_: [[0.1] * 7])
            with pytest.raises(ValueError, match="not all labels"):
                await engine.classify("good")
        assert (await engine.classify("good")).label


async def test_what_people_wrote_is_let_go(gated: Gated) -> None:
    """Once a text is answered, nothing of it stays behind in the engine's threads."""
    gated.gate.set()
    gc.collect()  # what other tests left behind
    async with running(gated) as engine:
        await engine.classify("good")
        await until(lambda: not any(type(thing) is _Call for thing in gc.get_objects()))


async def test_repeats_are_remembered(gated: Gated) -> None:
    """The same text again is answered without the model, and no text is kept."""
    gated.gate.set()
    async with running(gated) as engine:
        first = await engine.classify("lovely day, my secret text")
        assert await engine.classify("lovely day, my secret text") == first
        assert "secret" not in repr(vars(engine))
    assert len(gated.batches) == 1


async def test_closing_with_work_waiting(gated: Gated) -> None:
    """Closing lets the batch in hand finish; whoever still waits is let go, wherever their text has got to."""
    engine = Engine(gated, threads=1)
    asks: list[asyncio.Task[object]] = []
    asks += [asyncio.create_task(engine.classify_in_background(["good bad"] * 200)) for _ in range(3)]
    await until(lambda: gated.batches and engine.waiting >= 64)
    asks += [asyncio.create_task(engine.explain(f"good {i}")) for i in range(50)]
    await asyncio.sleep(0)
    gated.gate.set()
    await asyncio.to_thread(engine.close)
    async with asyncio.timeout(10):
        results = await asyncio.gather(*asks, return_exceptions=True)
        with pytest.raises(BotError, match="stopping"):
            await engine.classify("too late")
    assert {type(result) for result in results if not isinstance(result, list)} == {BotError}


@given(st.lists(st.integers(1, TOKENS_PER_BATCH), min_size=1, max_size=600))
def test_batches_hold_texts_of_a_length(lengths: list[int]) -> None:
    """Whatever waits, each batch begins with the oldest, is within the budget and of about one length; none is lost."""
    waiting = BatchQueue[str]()
    waiting.add("somebody", lengths, Priority.BACKGROUND)
    left = list(range(len(lengths)))
    while left:
        batch = waiting.take()
        longest = max(place.length for place in batch)
        assert batch[0].row == left[0]
        assert longest * len(batch) <= TOKENS_PER_BATCH
        assert all(place.length * 4 >= longest for place in batch)
        for place in batch:
            left.remove(place.row)
    assert len(waiting) == 0


def test_a_text_longer_than_the_budget_goes_alone() -> None:
    """The longest text is a batch by itself."""
    waiting = BatchQueue[str]()
    waiting.add("huge", [TOKENS_PER_BATCH * 2], Priority.RESULT)
    waiting.add("small", [3], Priority.RESULT)
    assert [place.call for place in waiting.take()] == ["huge"]
    assert [place.call for place in waiting.take()] == ["small"]
