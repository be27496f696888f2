"""Cost of a message: by its length, by queue length, with repeated texts, and by number of replicas.

More than two replicas are simulated, assuming that every replica is as fast as the measured one, that all batches are
in the queue, and that the bot sends them one after the other, each at the measured cost.
"""

import argparse
import asyncio
import heapq
import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib.util import find_spec

from benchmarks.contenders import engine_run
from benchmarks.results import keep, plot_lines, show
from benchmarks.texts import as_in_chat, of_length
from bot.sentiment.classifier import MAX_BATCH_TOKENS, Classifier
from bot.sentiment.cluster.client import MAX_CONCURRENT_CALLS, connect
from bot.sentiment.engine.engine import Engine, count_cores
from bot.sentiment.models.loading import load

LENGTHS = (5, 10, 20, 40, 80, 160, 320, 512)
QUEUE_LENGTHS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
REPLICAS = (1, 2, 4, 8, 16, 32, 64)
TOKENS = 20

Workload = Callable[[Sequence[str]], object]
"""What is timed: it takes texts, and its result does not matter."""


def seconds(workload: Workload, texts: Sequence[str], rounds: int) -> float:
    """Return the median duration of ``workload`` for all ``texts``, after one warm-up round."""
    durations = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        workload(texts)
        durations.append(time.perf_counter() - started)
    return statistics.median(durations[1:])


def background_workload(engine: Engine) -> Workload:
    """Return a workload that classifies like a report: all texts at once, in the background."""
    return lambda texts: asyncio.run(engine.classify_in_background(texts))


def measure_cache(classifier: Classifier, rounds: int) -> dict[str, float]:
    """Return messages per second, without and with the cache, if a third of the texts are among 50 common ones."""
    rng = random.Random(0)
    common, rare = of_length(TOKENS, 50, seed=1), of_length(TOKENS, 1200, seed=2)
    texts = [rng.choice(common) if rng.random() < 1 / 3 else text for text in rare]
    rates = {}
    for name, cache_size in (("cache off", 0), ("cache on", 4096)):
        durations = []
        for _ in range(rounds):
            engine = Engine(classifier, cache_size=cache_size)
            started = time.perf_counter()
            engine_run(engine)(texts)
            durations.append(time.perf_counter() - started)
            engine.close()
        rates[name] = len(texts) / statistics.median(durations)
    return rates


def measure_replicas(count: int) -> tuple[dict[int, float], float, float]:
    """Measure a cluster of one and of two nodes on this machine, each with one core.

    Returns:
        Messages per second by number of replicas; seconds per full batch on a replica, and of the bot's CPU.
    """
    from ray.cluster_utils import Cluster

    from bot.sentiment.cluster.node import deploy

    texts = of_length(TOKENS, count)
    rows_per_batch = MAX_BATCH_TOKENS // TOKENS
    rates = {}
    for nodes in (1, 2):
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        for _ in range(nodes - 1):
            cluster.add_node(num_cpus=1)
        deploy(cluster.address, None, None, "auto", replicas=nodes)
        with closing(connect(load(), cluster.address)) as remote:
            engine = Engine(remote, MAX_CONCURRENT_CALLS, cache_size=0)
            rates[nodes] = count / seconds(background_workload(engine), texts, 3)
            if nodes == 1:
                started = time.process_time()
                background_workload(engine)(texts)
                sending = (time.process_time() - started) * rows_per_batch / count
                rows = [remote.row(encoding) for encoding in remote.encode(texts[:rows_per_batch])]
                service = seconds(lambda _, rows=rows, run=remote.run: run(rows), texts, 20)  # type: ignore[misc]  # mypy cannot infer the types of a lambda's defaults
            engine.close()
        cluster.shutdown()  # type: ignore[no-untyped-call]  # Ray has no types here
    return rates, service, sending


def simulate(replicas: int, batches: int, service: float, sending: float) -> float:
    """Return batches per second if each goes to the replica that is free first, one after the other."""
    rng = random.Random(0)
    free = [0.0] * replicas
    sent = 0.0
    for _ in range(batches):
        sent += sending
        start = max(sent, heapq.heappop(free))
        heapq.heappush(free, start + service * rng.uniform(0.9, 1.1))
    return batches / max(free)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no cluster")
    args = parser.parse_args()
    rounds = 1 if args.quick else 3
    classifier = load(threads=count_cores())
    engine = Engine(classifier, cache_size=0)

    per_token = {}
    for length in LENGTHS:
        texts = of_length(length, max(4 * count_cores(), 4096 // length))
        per_token[length] = seconds(background_workload(engine), texts, rounds) / len(texts) / length
    show(
        f"Cost by length, {classifier.model.precision}",
        ("tokens", "µs per token", "messages/s"),
        [(str(n), f"{1e6 * cost:.1f}", f"{1 / cost / n:.0f}") for n, cost in per_token.items()],
    )
    by_queue_length = {}
    for count in QUEUE_LENGTHS:
        texts = as_in_chat(count)
        by_queue_length[count] = seconds(background_workload(engine), texts, rounds) / count
    show(
        "Cost by queue length, with chat lengths",
        ("in the queue", "ms per message", "messages/s"),
        [(str(n), f"{1e3 * cost:.2f}", f"{1 / cost:.0f}") for n, cost in by_queue_length.items()],
    )
    engine.close()
    cached = measure_cache(classifier, rounds)
    show(
        "With one message in three repeated",
        ("", "messages/s"),
        [(name, f"{rate:.0f}") for name, rate in cached.items()],
    )
    plot_lines(
        "scaling",
        "Cost of a message",
        ("tokens, or messages in the queue", "seconds"),
        {
            "per token, by length": list(per_token.items()),
            "per message, by queue length": list(by_queue_length.items()),
        },
        wide=True,
    )
    figures: dict[str, object] = {"per token": per_token, "by waiting": by_queue_length, "repeats": cached}
    if find_spec("ray") and not args.quick:
        measured, service, sending = measure_replicas(2000)
        per_batch = MAX_BATCH_TOKENS // TOKENS
        expected = {n: per_batch * simulate(n, 4000, service, sending) for n in REPLICAS}
        show(
            f"Replicas; a batch takes {1e3 * service:.1f} ms there and {1e3 * sending:.2f} ms of the bot's CPU",
            ("replicas", "measured, messages/s", "simulated"),
            [(str(n), f"{measured[n]:.0f}" if n in measured else "", f"{rate:.0f}") for n, rate in expected.items()],
        )
        plot_lines(
            "replicas",
            "Messages per second (simulated: equal machines, full queue, one bot)",
            ("replicas", "messages/s"),
            {"simulated": list(expected.items()), "measured, this machine's cores shared": list(measured.items())},
            wide=True,
        )
        figures |= {"replicas": measured, "simulated": expected, "service": service, "handing out": sending}
    elif not args.quick:
        print('Replicas were not measured: pip install -e ".[cluster]"')
    keep("scaling", figures)


if __name__ == "__main__":
    main()
