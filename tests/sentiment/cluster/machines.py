"""A cluster of several machines: nodes of Ray's test cluster, in a process of its own so that they can be lost."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SCRIPT = """
import sys, time
import ray
from ray import serve
from ray.cluster_utils import Cluster
from bot.sentiment.cluster.client import APP
from bot.sentiment.cluster.node import deploy

port, machines = int(sys.argv[1]), int(sys.argv[2])
head = {"num_cpus": 1, "gcs_server_port": port, "include_dashboard": False}
cluster = Cluster(initialize_head=True, head_node_args=head)
others = [cluster.add_node(num_cpus=1) for _ in range(machines - 1)]
deploy(cluster.address, None, None, "fp32")
print(cluster.address, flush=True)
for line in sys.stdin:
    ray.init(address=cluster.address, namespace="serve")
    while serve.status().applications[APP].deployments["Replica"].replica_states.get("RUNNING") != machines:
        time.sleep(0.1)
    ray.shutdown()
    cluster.remove_node(others.pop(), allow_graceful=False)
    print("removed", flush=True)
cluster.shutdown()
"""


class Machines:
    """A number of machines that serve the embedded model."""

    def __init__(self, count: int, port: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-c", SCRIPT, str(port), str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self._read_line(":")

    def remove_one(self) -> None:
        """Remove a machine abruptly, as soon as every machine runs a replica."""
        assert self._process.stdin
        self._process.stdin.write("remove\n")
        self._process.stdin.flush()
        self._read_line("removed")

    def stop(self) -> None:
        """Stop all machines."""
        self._process.communicate(timeout=60)

    def _read_line(self, expected: str) -> str:
        """Return the first line that contains ``expected``, since Ray prints lines too."""
        assert self._process.stdout
        return next(line.strip() for line in self._process.stdout if expected in line)


@contextmanager
def running_machines(count: int, port: int) -> Iterator[Machines]:
    """Run machines inside the block."""
    machines = Machines(count, port)
    try:
        yield machines
    finally:
        machines.stop()
