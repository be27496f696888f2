"""This machine as a node of a cluster that runs the model for bots on other machines."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

from bot.errors import BotError, ConfigurationError, port_error
from bot.sentiment.cluster.client import APP, NO_RAY, check_address
from bot.sentiment.models.loading import load

_logger = logging.getLogger(__name__)

_START_SECONDS, _STOP_SECONDS = 120, 5


async def run_node(port: int, join: str | None, *, name: str | None, revision: str | None, precision: str) -> None:
    """Start a cluster on ``port``, or join one at an address such as 10.0.0.5:6380, and run its node until cancelled.

    ``name`` and ``revision`` are those of :func:`bot.sentiment.models.loading.load`.

    Raises:
        ConfigurationError: Ray is not installed, the port is in use, or the model cannot be loaded.
        BotError: the cluster could not be started or joined, or has ended.
    """
    if find_spec("ray") is None:
        raise ConfigurationError(NO_RAY)
    if join:
        await asyncio.to_thread(check_address, join)
    else:
        try:
            socket.create_server(("", port)).close()
        except OSError as error:
            raise port_error(port, error, "--port") from error
    await asyncio.to_thread(load, name, revision, precision=precision)  # errors are reported here, not by a replica
    options = ["--address", join] if join else ["--head", "--port", str(port), "--include-dashboard=false"]
    command = ["-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats", *options]
    ray = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        if join:
            _logger.info("joined the cluster at %s; Ctrl-C leaves it", join)
        else:
            await _deploy_in_process(ray, (f"127.0.0.1:{port}", name, revision, precision))
            _logger.info(
                "serving on port %s; other machines join with `sentiment-bot cluster --join THIS-MACHINE:%s`; bots on "
                "these machines use it with SENTIMENT_CLUSTER=auto; Ctrl-C stops it",
                port,
                port,
            )
        await ray.wait()
        raise BotError(f"Ray has ended: {f'the cluster at {join} is unreachable' if join else 'see ray status'}.")
    finally:
        try:
            if ray.returncode is None:
                _logger.info("leaving the cluster")
                ray.terminate()
                with suppress(TimeoutError):
                    await asyncio.wait_for(ray.wait(), _STOP_SECONDS)
        finally:  # even if cancelled a second time
            with suppress(ProcessLookupError):
                os.killpg(ray.pid, signal.SIGKILL)


async def _deploy_in_process(ray: asyncio.subprocess.Process, deploy_args: tuple[str | None, ...]) -> None:
    """Deploy the model from a child process, since Ray ends a process that loses its cluster."""
    process = get_context("spawn").Process(target=deploy_or_exit, args=deploy_args, daemon=True)
    process.start()
    try:
        async with asyncio.timeout(_START_SECONDS):
            while process.exitcode is None and ray.returncode is None:  # noqa: ASYNC110 - processes set no event
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise BotError(f"The cluster did not start within {_START_SECONDS} seconds. Is the machine busy?") from None
    finally:
        process.kill()
    if ray.returncode is not None:
        raise BotError("Ray could not be started. See its output: ray start --head --block.")
    if process.exitcode:
        raise BotError("Ray is running, but the model could not be deployed. See its logs: ray logs.")


def deploy(address: str, name: str | None, revision: str | None, precision: str, replicas: int | None = None) -> None:
    """Deploy the model on the cluster at ``address``, where it stays until it is replaced or the cluster ends.

    The number of replicas follows the load unless ``replicas`` fixes it.
    """
    import ray
    from ray import serve

    from bot.sentiment.cluster.replica import Replica

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent process
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    deadline = time.monotonic() + _START_SECONDS
    while not ray.is_initialized():
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, namespace="serve")
        except ConnectionError:  # the cluster is still starting
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
    serve.start(proxy_location="Disabled")  # bots connect through Ray: no HTTP port is opened
    replica: Any = Replica
    app = replica.options(num_replicas=replicas) if replicas else replica
    serve.run(app.bind(name, revision, precision), name=APP, route_prefix=None)
    ray.shutdown()


def deploy_or_exit(*args: str | None, deploy: Callable[..., None] = deploy) -> None:
    """Deploy the model; on failure, exit with one line instead of a traceback. The child process's main function."""
    try:
        deploy(*args)
    # Ray raises errors of its own, of Ray Serve and of the network.
    except Exception as error:
        reason = next(filter(None, map(str.strip, str(error).splitlines())), "")
        sys.exit(f"Deploying the model failed: {type(error).__name__} {reason[:200]}".rstrip())
