"""This machine as part of a cluster that computes for bots on other machines."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

from bot.errors import BotError, ConfigurationError
from bot.sentiment.cluster.client import APP, NO_RAY, check_address
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare

_logger = logging.getLogger(__name__)

_START_SECONDS, _STOP_SECONDS = 120, 5


async def run_node(port: int, join: str | None, *, name: str | None, revision: str | None, precision: str) -> None:
    """Start a cluster that has the model, or join one, and stay in it until cancelled.

    Args:
        port: where a new cluster listens.
        join: address of the cluster to join, such as 10.0.0.5:6380; None starts one.
        name: the model, as :func:`bot.sentiment.loading.load` takes it.
        revision: its commit.
        precision: what each replica computes in.

    Raises:
        ConfigurationError: Ray is not installed, or the model cannot be had.
        BotError: the cluster could not be started or joined, or has ended.
    """
    if find_spec("ray") is None:
        raise ConfigurationError(NO_RAY)
    if join:
        await asyncio.to_thread(check_address, join)
    else:
        _check_port(port)
    classifier = await asyncio.to_thread(load, name, revision)  # so that a mistake is told here, not by a replica
    await asyncio.to_thread(prepare, classifier, precision)
    place = ["--address", join] if join else ["--head", "--port", str(port), "--include-dashboard=false"]
    command = ["-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats", *place]
    ray = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        if join:
            _logger.info("taking part in the cluster at %s; Ctrl-C leaves it", join)
        else:
            await _deployed(ray, f"127.0.0.1:{port}", name, revision, precision)
            _logger.info(
                "serving on port %s; other machines join with `sentiment-bot cluster --join THIS-MACHINE:%s`; bots on "
                "machines that take part find it with SENTIMENT_CLUSTER=auto; Ctrl-C ends it",
                port,
                port,
            )
        await ray.wait()
        raise BotError(f"Ray has ended: {f'the cluster at {join} cannot be reached' if join else 'see ray status'}.")
    finally:
        try:
            if ray.returncode is None:
                _logger.info("leaving the cluster")
                ray.terminate()
                with suppress(TimeoutError):
                    await asyncio.wait_for(ray.wait(), _STOP_SECONDS)
        finally:  # also when told to stop a second time
            with suppress(ProcessLookupError):
                os.killpg(ray.pid, signal.SIGKILL)


def _check_port(port: int) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("", port))
    except OSError as error:
        raise ConfigurationError(f"Port {port} cannot be used ({error.strerror}). Name another with --port.") from error


async def _deployed(
    ray: asyncio.subprocess.Process, address: str, name: str | None, revision: str | None, precision: str
) -> None:
    """Put the model on the cluster, from a process of its own: Ray ends one that loses its cluster."""
    deploying = get_context("spawn").Process(
        target=_deploy_quietly, args=(address, name, revision, precision), daemon=True
    )
    deploying.start()
    try:
        async with asyncio.timeout(_START_SECONDS):
            while deploying.exitcode is None and ray.returncode is None:  # noqa: ASYNC110 - processes set no event
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise BotError(f"The cluster was not up within {_START_SECONDS} seconds. Is the machine very busy?") from None
    finally:
        deploying.kill()
    if ray.returncode is not None:
        raise BotError("Ray could not be started here. Its own words: ray start --head --block.")
    if deploying.exitcode:
        raise BotError("Ray runs, but the model could not be put on it. Its own words: ray logs.")


def _deploy_quietly(address: str, name: str | None, revision: str | None, precision: str) -> None:
    """Put the model on the cluster; what goes wrong is one line, from the process that started this one another."""
    try:
        deploy(address, name, revision, precision)
    # Ray raises errors of its own, of its serving part and of the network.
    except Exception as error:
        reason = next(filter(None, map(str.strip, str(error).splitlines())), "")
        sys.exit(f"Putting the model on the cluster failed: {type(error).__name__} {reason[:200]}".rstrip())


def deploy(address: str, name: str | None, revision: str | None, precision: str, replicas: int | None = None) -> None:
    """Put the model on the cluster at ``address``, where it stays until it is replaced or the cluster ends.

    ``replicas`` fixes how many compute; None lets that follow the load.
    """
    import ray
    from ray import serve

    from bot.sentiment.cluster.replica import Replica

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    until = time.monotonic() + _START_SECONDS
    while not ray.is_initialized():  # until the cluster is up
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, namespace="serve")
        except ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(1)
    serve.start(proxy_location="Disabled")  # bots come by Ray's own ways: no port for HTTP is opened
    replica: Any = Replica
    app = replica.options(num_replicas=replicas) if replicas else replica
    serve.run(app.bind(name, revision, precision), name=APP, route_prefix=None)
    ray.shutdown()
