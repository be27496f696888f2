"""What a message costs: by its length, by how many wait, by whether it was asked before, and on how many replicas.

More than two replicas are simulated. Assumed: every replica is as fast as the measured one, all batches wait already,
and the bot hands them out one after the other, each at the cost that was measured.
"""

import argparse
import asyncio
import heapq
import random
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from importlib.util import find_spec

from benchmarks.engine import CORES, through
from benchmarks.results import Run, keep, plot_lines, show
from benchmarks.texts import as_in_chat, of_length
from bot.sentiment.classifier import TOKENS_PER_BATCH, Classifier
from bot.sentiment.cluster.client import MAX_CONCURRENT_CALLS, connect
from bot.sentiment.engine.engine import Engine
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare

LENGTHS = (5, 10, 20, 40, 80, 160, 320, 512)
WAITING = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
REPLICAS = (1, 2, 4, 8, 16, 32, 64)
TOKENS = 20


def seconds(run: Run, texts: Sequence[str], rounds: int) -> float:
    """Return the median time for all of ``texts``, after a first round that warms up."""
    took = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        run(texts)
        took.append(time.perf_counter() - started)
    return statistics.median(took[1:])


def later(engine: Engine) -> Run:
    """Judge as a report does: all at once, in the background."""
    return lambda texts: asyncio.run(engine.classify_in_background(texts))


def repeats(classifier: Classifier, rounds: int) -> dict[str, float]:
    """Return messages a second where one in three is among the 50 commonest, without and with the cache."""
    rng = random.Random(0)
    common, rare = of_length(TOKENS, 50, seed=1), of_length(TOKENS, 1200, seed=2)
    texts = [rng.choice(common) if rng.random() < 1 / 3 else one for one in rare]
    found = {}
    for name, remember in (("cache off", 0), ("cache on", 4096)):
        took = []
        for _ in range(rounds):
            engine = Engine(classifier, remember=remember)
            started = time.perf_counter()
            through(engine)(texts)
            took.append(time.perf_counter() - started)
            engine.close()
        found[name] = len(texts) / statistics.median(took)
    return found


def on_replicas(count: int) -> tuple[dict[int, float], float, float]:
    """Measure a cluster on this machine, one core a node, as it gets its nodes.

    Returns:
        Messages a second by replicas; seconds that a full batch takes there, and that it takes of the bot.
    """
    from ray.cluster_utils import Cluster

    from bot.sentiment.cluster.node import deploy

    texts = of_length(TOKENS, count)
    rows_per_batch = TOKENS_PER_BATCH // TOKENS
    found = {}
    for nodes in (1, 2):
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        for _ in range(nodes - 1):
            cluster.add_node(num_cpus=1)
        deploy(cluster.address, None, None, "bf16", replicas=nodes)
        with closing(connect(load(), cluster.address)) as remote:
            engine = Engine(remote, MAX_CONCURRENT_CALLS, remember=0)
            found[nodes] = count / seconds(later(engine), texts, 3)
            if nodes == 1:
                busy = time.process_time()
                later(engine)(texts)
                handing_out = (time.process_time() - busy) * rows_per_batch / count
                rows = [remote.row(one) for one in remote.encode(texts[:rows_per_batch])]
                service = seconds(lambda _, rows=rows, run=remote.run: run(rows), texts, 20)  # type: ignore[misc]  # mypy cannot infer the types of a lambda's defaults
            engine.close()
        cluster.shutdown()  # type: ignore[no-untyped-call]  # Ray has no types here
    return found, service, handing_out


def simulated(replicas: int, batches: int, service: float, handing_out: float) -> float:
    """Return batches a second: each goes to the replica that is free first, one after the other."""
    rng = random.Random(0)
    free = [0.0] * replicas
    handed = 0.0
    for _ in range(batches):
        handed += handing_out
        start = max(handed, heapq.heappop(free))
        heapq.heappush(free, start + service * rng.uniform(0.9, 1.1))
    return batches / max(free)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no cluster")
    args = parser.parse_args()
    rounds = 1 if args.quick else 3
    classifier = load()
    speed = prepare(classifier, "auto")
    engine = Engine(classifier, remember=0)

    per_token = {}
    for length in LENGTHS:
        texts = of_length(length, max(4 * CORES, 4096 // length))
        per_token[length] = seconds(later(engine), texts, rounds) / len(texts) / length
    show(
        f"Cost by length, {speed.precision}",
        ("tokens", "µs a token", "messages/s"),
        [(str(n), f"{1e6 * cost:.1f}", f"{1 / cost / n:.0f}") for n, cost in per_token.items()],
    )
    by_waiting = {}
    for count in WAITING:
        texts = as_in_chat(count)
        by_waiting[count] = seconds(later(engine), texts, rounds) / count
    show(
        "Cost by how many wait, lengths as in chat",
        ("waiting", "ms a message", "messages/s"),
        [(str(n), f"{1e3 * cost:.2f}", f"{1 / cost:.0f}") for n, cost in by_waiting.items()],
    )
    engine.close()
    cached = repeats(classifier, rounds)
    show(
        "Where one message in three is a repeat",
        ("", "messages/s"),
        [(name, f"{rate:.0f}") for name, rate in cached.items()],
    )
    plot_lines(
        "scaling",
        "What a message costs",
        ("tokens, or messages that wait", "seconds"),
        {"a token, by length": list(per_token.items()), "a message, by how many wait": list(by_waiting.items())},
        wide=True,
    )
    figures: dict[str, object] = {"per token": per_token, "by waiting": by_waiting, "repeats": cached}
    if find_spec("ray") and not args.quick:
        measured, service, handing_out = on_replicas(2000)
        per_batch = TOKENS_PER_BATCH // TOKENS
        expected = {n: per_batch * simulated(n, 4000, service, handing_out) for n in REPLICAS}
        show(
            f"Replicas; a batch takes {1e3 * service:.1f} ms there and {1e3 * handing_out:.2f} ms of the bot",
            ("replicas", "measured, messages/s", "simulated"),
            [(str(n), f"{measured[n]:.0f}" if n in measured else "", f"{rate:.0f}") for n, rate in expected.items()],
        )
        plot_lines(
            "replicas",
            "Messages a second (simulated: equal machines, all waiting already, one bot)",
            ("replicas", "messages/s"),
            {"simulated": list(expected.items()), "measured, this machine's cores shared": list(measured.items())},
            wide=True,
        )
        figures |= {"replicas": measured, "simulated": expected, "service": service, "handing out": handing_out}
    elif not args.quick:
        print('Replicas were not measured: pip install -e ".[cluster]"')
    keep("scaling", figures)


if __name__ == "__main__":
    main()
