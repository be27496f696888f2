"""The model on more than one machine: batches go to the replicas of a Ray Serve deployment.

    engine → [this module] → [a process of its own: Ray's client] → replicas, one a core of the cluster

Ray ends a process that has lost its cluster for a minute. So its client has a process to itself, which is started
again until the cluster is back; meanwhile people hear that the bot is busy.
"""

import itertools
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from bot.errors import ConfigurationError, QueueFullError
from bot.sentiment.classifier import Classifier, Scores
from bot.sentiment.model import Row

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

_logger = logging.getLogger(__name__)

NO_RAY = 'Clusters need Ray: pip install "sentiment-bot[cluster]", or in a clone pip install -e ".[cluster]".'

APP = "sentiment"
"""What the deployment is called in Ray Serve."""

MAX_CONCURRENT_CALLS = 16
"""How many batches may be on their way at once."""

TRIES, TRY_SECONDS = 4, 5
"""How often a batch is sent, since the machine that has it may go away, and how long each try may take."""

CONNECT_SECONDS = 20
"""How long the first connection may take before the bot gives up starting."""

_SPAWN = get_context("spawn")  # a fork would copy locks that other threads hold
_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds between tries to connect again, doubling


class RemoteClassifier(Classifier):
    """A classifier whose model computes in a cluster; tokenizing stays here.

    Args:
        classifier: the same checkpoint as the cluster's; its model is not used.
        client: the connection.
    """

    def __init__(self, classifier: Classifier, client: "ClusterClient") -> None:
        super().__init__(classifier.model, classifier.tokenizer, classifier.name)
        self._client = client

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Let the cluster run the model on ``rows``.

        Raises:
            Overloaded: the cluster cannot be reached now.
        """
        return self._client.call(list(rows))

    def close(self) -> None:
        """Let go of the cluster; batches that are on their way are given up."""
        self._client.close()


def connect(classifier: Classifier, address: str) -> RemoteClassifier:
    """Let the cluster at ``address`` compute for ``classifier``, until the result is closed.

    Raises:
        ConfigurationError: Ray is not installed, the cluster cannot be reached, or it has another model.
    """
    if find_spec("ray") is None:
        raise ConfigurationError(NO_RAY)
    check_address(address)
    client = ClusterClient(address)
    try:
        try:
            served = client.hello.result(CONNECT_SECONDS)
        except TimeoutError:
            raise _unreachable(address, f"no answer within {CONNECT_SECONDS} seconds") from None
        if isinstance(served, str):
            raise _unreachable(address, served)
        expected = (classifier.name, list(classifier.id2label.values()))
        if served != expected:
            raise ConfigurationError(
                f"The cluster has the model {served[0]}, this bot {expected[0]}: give both the same SENTIMENT_MODEL."
            )
    except BaseException:
        client.close()
        raise
    return RemoteClassifier(classifier, client)


def _unreachable(address: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"The cluster at {address} cannot be reached ({reason}). Start it with `sentiment-bot cluster`, let this "
        "machine join it with `sentiment-bot cluster --join ADDRESS`, or unset SENTIMENT_CLUSTER."
    )


def check_address(address: str) -> None:
    """See whether something listens there, since Ray itself takes a minute to say that nothing does.

    Raises:
        ConfigurationError: nothing does.
    """
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise ConfigurationError(
            f"Nothing answers at {address} ({error}). Start a cluster there with `sentiment-bot cluster`."
        ) from error


class ClusterClient:
    """Keeps a process connected to the cluster, and starts it again when it ends.

    Attributes:
        hello: what the cluster serves, (name, labels), or in words why it could not be reached the first time.
    """

    def __init__(self, address: str) -> None:
        self.hello: Future[Any] = Future()
        self._address = address
        self._ids = itertools.count()
        self._lock = threading.Lock()
        self._pending: dict[int, Future[list[Scores]]] = {}
        self._pipe: Connection | None = None
        self._process: SpawnProcess | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="cluster", daemon=True)
        self._thread.start()

    def call(self, rows: list[Row]) -> list[Scores]:
        """Return the scores of ``rows``; raises Overloaded where the cluster cannot be reached now."""
        future: Future[list[Scores]] = Future()
        with self._lock:
            if self._pipe is None:
                raise _away()
            number = next(self._ids)
            self._pending[number] = future
            with suppress(OSError):  # the process has just ended, and `_keep` tells all who wait
                self._pipe.send((number, rows))
        try:
            return future.result(TRIES * TRY_SECONDS + TRY_SECONDS)
        except TimeoutError:  # the process lives but does not answer
            self._pending.pop(number, None)
            raise _away() from None

    def close(self) -> None:
        """End the connection; who still waits hears that the bot is busy."""
        with self._lock:
            self._closing.set()
            if self._process is not None:
                self._process.kill()
        self._thread.join()

    def _keep(self) -> None:
        """Start the process, pass its answers on, and start it again when it has ended."""
        pause = _PAUSE
        while True:
            ours, theirs = _SPAWN.Pipe()
            process = _SPAWN.Process(target=_serve, args=(self._address, theirs), daemon=True)
            with self._lock:
                if self._closing.is_set():
                    return
                process.start()
                self._process = process
            theirs.close()
            with suppress(EOFError, OSError):  # the process has ended
                served = ours.recv() if ours.poll(2 * CONNECT_SECONDS) else "no answer"
                if isinstance(served, str):
                    _logger.warning("the cluster cannot be reached: %s", served)
                    self._tell(served)
                elif self.hello.done() and served != self.hello.result():
                    _logger.warning("the cluster has another model now, %s: the bot waits for its own", served[0])
                else:
                    _logger.info("connected to the cluster")
                    pause = _PAUSE
                    self._pass_on(ours, served)
            process.kill()
            process.join()
            self._closing.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _tell(self, served: object) -> None:
        if not self.hello.done():
            self.hello.set_result(served)

    def _pass_on(self, pipe: Connection, served: object) -> None:
        """Give callers their answers until the process ends; then tell those who still wait."""
        with self._lock:
            self._pipe = pipe
        self._tell(served)  # only now: who hears it may ask at once
        try:
            while True:
                number, answer = pipe.recv()
                future = self._pending.pop(number, None)
                if future is None:  # nobody waits any more
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        finally:
            with self._lock:
                self._pipe = None
                lost, self._pending = self._pending, {}
            for future in lost.values():
                future.set_exception(_away())
            if not self._closing.is_set():
                _logger.warning("the cluster is away: people hear that the bot is busy until it is back")


def _away() -> QueueFullError:
    return QueueFullError("The cluster cannot be reached. Try again in a minute.")


def _serve(address: str, pipe: Connection) -> None:
    """Pass batches on to the cluster and answers back, until the cluster is lost or the bot ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot, which then closes the pipe
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stderr.fileno())  # Ray's own words about a cluster that is away are many; ours are one line
    import ray
    from ray import serve

    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, namespace="serve")
        handle = serve.get_app_handle(APP)
        pipe.send(handle.describe.remote().result(timeout_s=CONNECT_SECONDS))
    # Ray raises errors of its own, of its serving part and of the network.
    except Exception as error:
        pipe.send(str(error).partition("\n")[0][:200] or type(error).__name__)
        return
    sending = threading.Lock()

    def ask(rows: list[Row]) -> list[Scores] | Exception:
        for _ in range(TRIES):
            response = handle.run.remote(rows)
            try:
                answer: list[Scores] | str = response.result(timeout_s=TRY_SECONDS)
                return RuntimeError(answer) if isinstance(answer, str) else answer
            except TimeoutError:
                response.cancel()  # type: ignore[no-untyped-call]  # Ray has no types here
            except Exception as error:  # the replica or its machine went away: another one may do it
                _logger.debug("asking again after %s", type(error).__name__)
        try:
            handle.describe.remote().result(timeout_s=TRY_SECONDS)
        except Exception:  # not even that: the cluster is lost
            os._exit(1)
        return _away()

    def pass_on(number: int, rows: list[Row]) -> None:
        answer = ask(rows)
        with sending:
            pipe.send((number, answer))

    with ThreadPoolExecutor(MAX_CONCURRENT_CALLS) as pool, suppress(EOFError):  # the bot has ended
        while True:
            pool.submit(pass_on, *pipe.recv())
