"""A node of a cluster."""

import signal
import subprocess
import sys
from contextlib import closing

import pytest

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier
from bot.sentiment.cluster.client import check_address, connect
from bot.sentiment.cluster.node import deploy_or_exit

pytest.importorskip("ray", reason='clusters need Ray: pip install -e ".[cluster]"')


def test_command(classifier: Classifier, unused_tcp_port: int) -> None:
    """`cluster` serves the model until SIGTERM and leaves no process behind."""
    command = [sys.executable, "-m", "bot", "cluster", "--port", str(unused_tcp_port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        assert process.stderr
        assert any("serving on port" in line for line in process.stderr)
        with closing(connect(classifier, f"127.0.0.1:{unused_tcp_port}")) as remote:
            (sentiment,) = remote.classify(["I love this"])
        assert sentiment.label == "POSITIVE"
        process.send_signal(signal.SIGTERM)
        assert any("leaving" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)  # people and supervisors repeat it
        assert process.wait(30) == 0
    finally:
        process.terminate()
        process.communicate(timeout=60)
    with pytest.raises(ConfigurationError, match="Nothing answers"):
        check_address(f"127.0.0.1:{unused_tcp_port}")


def test_failed_deployment() -> None:
    """A failed deployment exits with one line instead of a traceback."""

    def fail(*_: object) -> None:
        raise RuntimeError("\nno space left\non this machine")

    with pytest.raises(SystemExit) as caught:
        deploy_or_exit("127.0.0.1:6380", None, None, "fp32", deploy=fail)
    assert caught.value.code == "Deploying the model failed: RuntimeError no space left"
