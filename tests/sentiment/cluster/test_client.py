"""The client of a cluster."""

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from multiprocessing.connection import Connection
from queue import SimpleQueue

import pytest

from bot.errors import ConfigurationError, QueueFullError
from bot.sentiment.classifier import Classifier, Scores
from bot.sentiment.cluster.client import MAX_CONCURRENT_CALLS, ClusterClient, check_address, connect
from bot.sentiment.engine.engine import Engine
from bot.sentiment.types import Sentiment
from tests.sentiment.cluster.machines import Machines, running_machines
from tests.support.tiny_models import CORPUS

pytest.importorskip("ray", reason='clusters need Ray: pip install -e ".[cluster]"')


async def classify_during(
    engine: Engine, texts: Sequence[str], event: Callable[[], None]
) -> list[tuple[str, Sentiment]]:
    """Classify ``texts`` repeatedly, a hundred at a time, during ``event()`` and for 500 results more."""
    results: list[tuple[str, Sentiment]] = []
    active, repeated = True, itertools.cycle(texts)

    async def call() -> None:
        while active:
            text = next(repeated)
            results.append((text, await engine.classify(text)))

    callers = asyncio.gather(*(call() for _ in range(100)))
    await asyncio.to_thread(event)
    enough = len(results) + 500
    while len(results) < enough and not callers.done():  # noqa: ASYNC110 - no single caller knows when it is enough
        await asyncio.sleep(0.01)
    active = False
    await callers
    return results


def test_lost_machine(classifier: Classifier, unused_tcp_port: int) -> None:
    """When one of two machines is lost, every call still gets the right result."""
    rng = random.Random(1)
    words = " ".join(CORPUS).split()
    texts = [" ".join(rng.choices(words, k=rng.randint(1, 30))) for _ in range(500)]
    expected = dict(zip(texts, classifier.classify(texts), strict=True))
    with (
        running_machines(2, unused_tcp_port) as machines,
        closing(connect(classifier, machines.address)) as remote,
        closing(Engine(remote, MAX_CONCURRENT_CALLS, cache_size=0)) as engine,
    ):
        results = asyncio.run(classify_during(engine, texts, machines.remove_one))
    for text, result in results:
        assert result.scores == pytest.approx(expected[text].scores, abs=0.03)


def test_lost_cluster(classifier: Classifier, unused_tcp_port: int) -> None:
    """Without its cluster the engine raises QueueFullError; when the cluster is back, it works again."""
    first = Machines(1, unused_tcp_port)
    with (
        closing(connect(classifier, first.address)) as remote,
        closing(Engine(remote, MAX_CONCURRENT_CALLS, cache_size=0)) as engine,
    ):
        assert asyncio.run(engine.classify("I love this")).label == "POSITIVE"
        first.stop()

        async def classify_many() -> list[object]:
            return await asyncio.gather(*(engine.classify(f"good {i}") for i in range(150)), return_exceptions=True)

        assert {type(result) for result in asyncio.run(classify_many())} == {QueueFullError}

        async def classify_when_back() -> str:
            async with asyncio.timeout(90):
                while True:
                    try:
                        return (await engine.classify("I love this")).label
                    except QueueFullError:
                        await asyncio.sleep(0.2)

        with running_machines(1, unused_tcp_port):
            assert asyncio.run(classify_when_back()) == "POSITIVE"


def test_no_cluster(classifier: Classifier, unused_tcp_port: int) -> None:
    """An address where nothing listens is an error of one line that names the command."""
    with pytest.raises(ConfigurationError, match="sentiment-bot cluster") as caught:
        connect(classifier, f"127.0.0.1:{unused_tcp_port}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["a..b:6380", "127.0.0.1:1"])
def test_invalid_address(address: str) -> None:
    """An invalid address is an error of one line."""
    with pytest.raises(ConfigurationError, match="Nothing answers") as caught:
        check_address(address)
    assert "\n" not in str(caught.value)


def fake_ray_client(_: str, pipe: Connection) -> None:
    """Replace Ray's client: send a description and the scores of one batch."""
    pipe.send(("embedded", []))
    number, rows = pipe.recv()
    pipe.send((number, [[1.0] for _ in rows]))
    pipe.recv()


def failing_ray_client(_: str, pipe: Connection) -> None:
    """Replace Ray's client: fail to connect."""
    pipe.send("no such cluster")


def test_call_on_connection() -> None:
    """A call made in the moment of the connection succeeds."""
    calls: SimpleQueue[Future[list[Scores]]] = SimpleQueue()
    with ThreadPoolExecutor(1) as pool, closing(ClusterClient("address", fake_ray_client)) as client:

        def call(_: object) -> None:
            future = pool.submit(client.call, [{"input_ids": [101, 102]}])
            wait([future], timeout=1)  # a refusal comes at once, a result after this callback has returned
            calls.put(future)

        client.description.add_done_callback(call)
        assert calls.get(timeout=60).result(60) == [[1.0]]


def test_different_model(classifier: Classifier) -> None:
    """A cluster with a different model than the bot's is refused, since token ids would not match."""
    other = Classifier(classifier.model, classifier.tokenizer, "other")
    with pytest.raises(ConfigurationError, match="model embedded, this bot other"):
        connect(other, "auto", fake_ray_client)


def test_failed_connection(classifier: Classifier) -> None:
    """The reason of a failed connection is in the error."""
    with pytest.raises(ConfigurationError, match="unreachable \\(no such cluster\\)"):
        connect(classifier, "auto", failing_ray_client)
