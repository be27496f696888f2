"""The client of a cluster: batches are computed by the replicas of a Ray Serve deployment.

    engine → [this module] → [child process with Ray's client] → replicas, one per core of the cluster

Ray ends a process that has lost its cluster for a minute. So Ray's client runs in a child process, which is restarted
until the cluster is back; meanwhile callers get a QueueFullError.
"""

import itertools
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess

from bot.errors import ConfigurationError, QueueFullError, install_command
from bot.sentiment.classifier import Classifier, Row, Scores
from bot.sentiment.text import first_line

_logger = logging.getLogger(__name__)

NO_RAY = f"Clusters need Ray: {install_command('cluster')}"
APP = "sentiment"  # the name of the application in Ray Serve
MAX_CONCURRENT_CALLS = 16  # batches sent to the cluster at the same time
MAX_ATTEMPTS, ATTEMPT_SECONDS = 4, 5  # for each batch, since the machine that computes it may be lost
CONNECT_SECONDS = 20  # timeout of the first connection

_UNREACHABLE = "The cluster is unreachable. Try again in a minute."
_SPAWN = SpawnContext()  # a fork would copy locks that other threads hold
_MIN_PAUSE, _MAX_PAUSE = 1.0, 30.0  # seconds between attempts to reconnect, doubling

Description = tuple[str, list[str]] | str  # the name and labels of a cluster's model, or why it is unreachable


class RemoteClassifier(Classifier):
    """A classifier whose model runs in a cluster that has the same checkpoint; tokenization stays local."""

    def __init__(self, classifier: Classifier, client: "ClusterClient") -> None:
        super().__init__(classifier.model, classifier.tokenizer, classifier.name)
        self._client = client

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Run the cluster's model on ``rows``; raise a QueueFullError if the cluster is unreachable."""
        return self._client.call(list(rows))

    def close(self) -> None:
        """Disconnect from the cluster; pending batches fail."""
        self._client.close()


def run_ray_client(address: str, pipe: Connection) -> None:
    """Run Ray's client: the main function of the child process.

    It sends the cluster's Description. Then it receives (number, rows) and sends (number, scores) or (number, error)
    until the cluster is lost or the pipe is closed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent process, which then closes the pipe
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stderr.fileno())  # Ray logs a lot about a lost cluster; the parent logs one line
    import ray
    from ray import serve

    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, namespace="serve")
        handle = serve.get_app_handle(APP)
        pipe.send(handle.describe.remote().result(timeout_s=CONNECT_SECONDS))
    # Ray raises errors of its own, of Ray Serve and of the network.
    except Exception as error:
        pipe.send(first_line(error)[:200])
        return
    send_lock = threading.Lock()

    def compute(rows: list[Row]) -> list[Scores] | Exception:
        for _ in range(MAX_ATTEMPTS):
            response = handle.run.remote(rows)
            try:
                result: list[Scores] | str = response.result(timeout_s=ATTEMPT_SECONDS)
                return RuntimeError(result) if isinstance(result, str) else result
            except TimeoutError:
                response.cancel()  # type: ignore[no-untyped-call]  # Ray has no types here
            except Exception as error:  # the replica or its machine was lost: another replica may succeed
                _logger.debug("retrying after %s", type(error).__name__)
        try:
            handle.describe.remote().result(timeout_s=ATTEMPT_SECONDS)
        except Exception:  # the whole cluster is lost
            os._exit(1)
        return QueueFullError(_UNREACHABLE)

    def handle_request(number: int, rows: list[Row]) -> None:
        result = compute(rows)
        with send_lock:
            pipe.send((number, result))

    with ThreadPoolExecutor(MAX_CONCURRENT_CALLS) as pool, suppress(EOFError):  # the parent closed the pipe
        while True:
            pool.submit(handle_request, *pipe.recv())


def connect(
    classifier: Classifier, address: str, ray_client: Callable[[str, Connection], None] = run_ray_client
) -> RemoteClassifier:
    """Return a classifier like ``classifier`` that runs on the cluster at ``address``, until it is closed.

    Raise a ConfigurationError if Ray is not installed, or the cluster is unreachable or has a different model.
    """
    if find_spec("ray") is None:
        raise ConfigurationError(NO_RAY)
    check_address(address)
    client = ClusterClient(address, ray_client)
    try:
        done, _ = wait([client.description], CONNECT_SECONDS)
        found = client.description.result() if done else f"no answer within {CONNECT_SECONDS} seconds"
        if isinstance(found, str):
            raise ConfigurationError(
                f"The cluster at {address} is unreachable ({found}). Start it with `sentiment-bot cluster`, let this "
                "machine join it with `sentiment-bot cluster --join ADDRESS`, or unset SENTIMENT_CLUSTER."
            )
        expected = (classifier.name, list(classifier.id2label.values()))
        if found != expected:
            raise ConfigurationError(
                f"The cluster has the model {found[0]}, this bot {expected[0]}: set the same SENTIMENT_MODEL for both."
            )
    except BaseException:
        client.close()
        raise
    return RemoteClassifier(classifier, client)


def check_address(address: str) -> None:
    """Raise a ConfigurationError unless something listens at ``address``; Ray itself takes a minute to report it."""
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
    """A connection to the cluster through a child process, which runs ``ray_client`` and is restarted when it ends."""

    def __init__(self, address: str, ray_client: Callable[[str, Connection], None] = run_ray_client) -> None:
        self.description: Future[Description] = Future()  # of the first attempt to connect
        self._address = address
        self._ray_client = ray_client
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._pending: dict[int, Future[list[Scores]]] = {}
        self._pipe: Connection | None = None
        self._process: SpawnProcess | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="cluster", daemon=True)
        self._thread.start()

    def call(self, rows: list[Row]) -> list[Scores]:
        """Return the scores of ``rows``; raise a QueueFullError if the cluster is unreachable."""
        future: Future[list[Scores]] = Future()
        with self._lock:
            if self._pipe is None:
                raise QueueFullError(_UNREACHABLE)
            number = next(self._numbers)
            self._pending[number] = future
            with suppress(OSError):  # the process has just ended: _supervise fails all pending calls
                self._pipe.send((number, rows))
        try:
            return future.result((MAX_ATTEMPTS + 1) * ATTEMPT_SECONDS)
        except TimeoutError:  # the process runs but does not answer
            self._pending.pop(number, None)
            raise QueueFullError(_UNREACHABLE) from None

    def close(self) -> None:
        """Disconnect; pending calls get a QueueFullError."""
        with self._lock:
            self._closing.set()
            if self._process is not None:
                self._process.kill()
        self._thread.join()

    def _supervise(self) -> None:
        """Start the child process, receive its results, and restart it when it has ended."""
        pause = _MIN_PAUSE
        while True:
            pipe, child_pipe = _SPAWN.Pipe()
            process = _SPAWN.Process(target=self._ray_client, args=(self._address, child_pipe), daemon=True)
            with self._lock:
                if self._closing.is_set():
                    return
                process.start()
                self._process = process
            child_pipe.close()
            with suppress(EOFError, OSError):  # the process has ended
                found: Description = pipe.recv() if pipe.poll(2 * CONNECT_SECONDS) else "no answer"
                if isinstance(found, str):
                    _logger.warning("the cluster is unreachable: %s", found)
                    if not self.description.done():
                        self.description.set_result(found)
                elif self.description.done() and self.description.result() != found:
                    _logger.warning("the cluster has a different model now, %s: waiting for the bot's model", found[0])
                else:
                    _logger.info("connected to the cluster")
                    pause = _MIN_PAUSE
                    self._receive_results(pipe, found)
            process.kill()
            process.join()
            self._closing.wait(pause)
            pause = min(2 * pause, _MAX_PAUSE)

    def _receive_results(self, pipe: Connection, found: Description) -> None:
        """Hand results to the callers until the process ends; then fail all pending calls."""
        with self._lock:
            self._pipe = pipe
        if not self.description.done():
            self.description.set_result(found)  # after the pipe is set, since callbacks may call at once
        try:
            while True:
                number, result = pipe.recv()
                future = self._pending.pop(number, None)
                if isinstance(result, Exception) and future:
                    future.set_exception(result)
                elif future:  # otherwise the call has timed out
                    future.set_result(result)
        finally:
            with self._lock:
                self._pipe = None
                lost, self._pending = self._pending, {}
            for future in lost.values():
                future.set_exception(QueueFullError(_UNREACHABLE))
            if not self._closing.is_set():
                _logger.warning("the cluster is lost: requests fail until it is back")
