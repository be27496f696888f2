"""The model on more than one machine: each machine here is a node of Ray's own test client."""

import asyncio
import itertools
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from queue import SimpleQueue

import pytest

from bot.errors import ConfigurationError, QueueFullError
from bot.sentiment.classifier import Classifier, Scores
from bot.sentiment.cluster import client as cluster_client
from bot.sentiment.cluster import node
from bot.sentiment.cluster.client import MAX_CONCURRENT_CALLS, ClusterClient, check_address, connect
from bot.sentiment.engine.engine import Engine
from bot.sentiment.types import Sentiment
from tests.support.tiny_models import CORPUS

pytest.importorskip("ray", reason='clusters need Ray: pip install -e ".[cluster]"')

MACHINES = """
import sys, time
import ray
from ray import serve
from ray.cluster_utils import Cluster
from bot.sentiment.cluster.client import APP
from bot.sentiment.cluster.node import deploy

port, machines = int(sys.argv[1]), int(sys.argv[2])
head = {"num_cpus": 1, "gcs_server_port": port, "include_dashboard": False}
cluster = Cluster(initialize_head=True, head_node_args=head)
others = [client.add_node(num_cpus=1) for _ in range(machines - 1)]
deploy(client.address, None, None, "fp32")
print(client.address, flush=True)
for line in sys.stdin:
    ray.init(address=client.address, namespace="serve")
    while serve.status().applications[APP].deployments["Replica"].replica_states.get("RUNNING") != machines:
        time.sleep(0.1)
    ray.shutdown()
    client.remove_node(others.pop(), allow_graceful=False)
    print("removed", flush=True)
client.shutdown()
"""


class Machines:
    """Some machines with the model; a process of their own, so that they can be lost."""

    def __init__(self, count: int, port: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-c", MACHINES, str(port), str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self._said(":")

    def lose_one(self) -> None:
        """Take a machine away, all at once, as soon as each computes."""
        assert self._process.stdin
        self._process.stdin.write("lose\n")
        self._process.stdin.flush()
        self._said("removed")

    def stop(self) -> None:
        """Stop all machines."""
        self._process.communicate(timeout=60)

    def _said(self, wanted: str) -> str:
        """Return the first line with ``wanted``; Ray says things in between."""
        assert self._process.stdout
        return next(line.strip() for line in self._process.stdout if wanted in line)


@contextmanager
def machines(count: int, port: int) -> Iterator[Machines]:
    """Run machines inside the block."""
    running = Machines(count, port)
    try:
        yield running
    finally:
        running.stop()


async def ask_until(engine: Engine, texts: Sequence[str], event: Callable[[], None]) -> list[tuple[str, Sentiment]]:
    """Judge ``texts``, a hundred at a time and over again, until ``event()`` and five hundred answers more."""
    found: list[tuple[str, Sentiment]] = []
    going, rounds = True, itertools.cycle(texts)

    async def ask() -> None:
        while going:
            text = next(rounds)
            found.append((text, await engine.classify(text)))

    asking = asyncio.gather(*(ask() for _ in range(100)))
    await asyncio.to_thread(event)
    enough = len(found) + 500
    while len(found) < enough and not asking.done():  # noqa: ASYNC110 - a hundred tasks make it so, none knows when
        await asyncio.sleep(0.01)
    going = False
    await asking
    return found


def test_a_machine_is_lost(classifier: Classifier, unused_tcp_port: int) -> None:
    """When one of two machines is gone in the middle of it, every call is answered, and rightly."""
    rng = random.Random(1)
    words = " ".join(CORPUS).split()
    texts = [" ".join(rng.choices(words, k=rng.randint(1, 30))) for _ in range(500)]
    expected = dict(zip(texts, classifier.classify(texts), strict=True))
    with machines(2, unused_tcp_port) as both, closing(connect(classifier, both.address)) as remote:
        engine = Engine(remote, MAX_CONCURRENT_CALLS, remember=0)
        results = asyncio.run(ask_until(engine, texts, both.lose_one))
        engine.close()
    for text, result in results:
        assert result.scores == pytest.approx(expected[text].scores, abs=1e-3)


def test_away_and_back(classifier: Classifier, unused_tcp_port: int) -> None:
    """Without its cluster the bot is busy; when the cluster is back it answers again, without a restart."""
    first = Machines(1, unused_tcp_port)
    with closing(connect(classifier, first.address)) as remote:
        engine = Engine(remote, MAX_CONCURRENT_CALLS, remember=0)
        assert asyncio.run(engine.classify("I love this")).label == "POSITIVE"
        first.stop()

        async def together() -> list[object]:
            return await asyncio.gather(*(engine.classify(f"good {i}") for i in range(150)), return_exceptions=True)

        assert {type(result) for result in asyncio.run(together())} == {QueueFullError}

        async def back() -> str:
            async with asyncio.timeout(90):
                while True:
                    try:
                        return (await engine.classify("I love this")).label
                    except QueueFullError:
                        await asyncio.sleep(0.2)

        with machines(1, unused_tcp_port):
            assert asyncio.run(back()) == "POSITIVE"
        engine.close()


def test_no_cluster(classifier: Classifier, unused_tcp_port: int) -> None:
    """An address where nothing answers is told at once, in one line that says what to do."""
    with (
        pytest.raises(ConfigurationError, match="sentiment-bot cluster") as caught,
        closing(connect(classifier, f"127.0.0.1:{unused_tcp_port}")),
    ):
        pass
    assert "\n" not in str(caught.value)


def one_answer(_: str, pipe: Connection) -> None:
    """Stand for Ray's client where nothing of Ray matters: say what is served, and answer one batch."""
    pipe.send(("embedded", []))
    number, rows = pipe.recv()
    pipe.send((number, [[1.0] for _ in rows]))
    pipe.recv()


def test_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks in the very moment in which the connection stands is answered, not told that there is none."""
    monkeypatch.setattr(cluster_client, "_serve", one_answer)
    asked: SimpleQueue[Future[list[Scores]]] = SimpleQueue()
    with ThreadPoolExecutor(1) as pool, closing(ClusterClient("somewhere")) as client:

        def ask(_: object) -> None:
            call = pool.submit(client.call, [{"input_ids": [101, 102]}])
            wait([call], timeout=1)  # a refusal is there at once; an answer comes when this has returned
            asked.put(call)

        client.hello.add_done_callback(ask)
        assert asked.get(timeout=60).result(60) == [[1.0]]


def test_another_model(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that has another model than the bot is refused: their tokens would not mean the same."""
    monkeypatch.setattr(cluster_client, "_serve", one_answer)
    other = Classifier(classifier.model, classifier.tokenizer, "other")
    with pytest.raises(ConfigurationError, match="model embedded, this bot other"):
        connect(other, "auto")


def test_the_command(classifier: Classifier, unused_tcp_port: int) -> None:
    """`cluster` serves the model until it is told to stop, and leaves no process behind."""
    command = [sys.executable, "-m", "bot", "cluster", "--port", str(unused_tcp_port)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        assert running.stderr
        assert any("serving on port" in line for line in running.stderr)
        with closing(connect(classifier, f"127.0.0.1:{unused_tcp_port}")) as remote:
            (sentiment,) = remote.classify(["I love this"])
        assert sentiment.label == "POSITIVE"
        running.send_signal(signal.SIGTERM)
        assert any("leaving" in line for line in running.stderr)
        running.send_signal(signal.SIGTERM)  # people and supervisors press twice
        assert running.wait(30) == 0
    finally:
        running.terminate()  # where something above failed: it takes its own processes with it
        running.communicate(timeout=60)
    with pytest.raises(ConfigurationError, match="Nothing answers"):
        check_address(f"127.0.0.1:{unused_tcp_port}")


@pytest.mark.parametrize("address", ["a..b:6380", "127.0.0.1:1"])
def test_no_such_address(address: str) -> None:
    """An address that cannot be is one line."""
    with pytest.raises(ConfigurationError, match="Nothing answers") as caught:
        check_address(address)
    assert "\n" not in str(caught.value)


def test_a_deployment_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps the model from being put on a cluster is one line, not a traceback of a process of its own."""

    def broken(*_: object) -> None:
        raise RuntimeError("\nno room left\non this machine")

    monkeypatch.setattr(node, "deploy", broken)
    with pytest.raises(SystemExit) as ended:
        node._deploy_quietly("127.0.0.1:6380", None, None, "fp32")
    assert ended.value.code == "Putting the model on the cluster failed: RuntimeError no room left"
