"""Tokenizing texts and running them in batches of similar length on several threads, for any runtime.

This is what the engine does, without a queue, an event loop or any package.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks.processes import Answers, Run

Ids = list[int]
MAX_WAITING = 512
"""Batches are chosen among so many texts."""


@contextmanager
def run_in_batches(
    encode: Callable[[str], Ids],
    run: Callable[[Sequence[Ids]], Sequence[Sequence[float]]],
    labels: Sequence[str],
    *,
    threads: int,
    max_tokens: int,
    initialize: Callable[[], object] = lambda: None,
) -> Iterator[Run]:
    """Yield a run that tokenizes with ``encode`` in this thread and computes scores with ``run`` on ``threads``.

    A batch has at most ``max_tokens``, padding included. Each thread calls ``initialize`` first.
    """
    sys.setswitchinterval(0.0005)  # as the engine does
    with ThreadPoolExecutor(threads, initializer=initialize) as pool:

        def classify(texts: Sequence[str]) -> Answers:
            pending: list[tuple[list[int], Future[Sequence[Sequence[float]]]]] = []
            for start in range(0, len(texts), MAX_WAITING):
                rows = {start + i: encode(text) for i, text in enumerate(texts[start : start + MAX_WAITING])}
                batches = choose_batches({i: len(row) for i, row in rows.items()}, max_tokens)
                pending += [(batch, pool.submit(run, [rows[i] for i in batch])) for batch in batches]
            answers = {}
            for batch, future in pending:
                for i, scores in zip(batch, future.result(), strict=True):
                    best = max(range(len(labels)), key=scores.__getitem__)
                    answers[i] = (labels[best], float(scores[best]))
            return [answers[i] for i in range(len(texts))]

        yield classify


def choose_batches(lengths: dict[int, int], max_tokens: int) -> Iterator[list[int]]:
    """Yield the keys of ``lengths`` in batches of similar length, each within ``max_tokens`` unless it has one row."""
    batch: list[int] = []
    for i in sorted(lengths, key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[i] > max_tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
