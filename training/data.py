"""Labelled texts from ``DATA/<source>/{train,dev}.tsv``, and batches of them."""

import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

Example = tuple[list[int], int]
"""Token ids of one text and the index of its label."""


def read_tsv(path: Path) -> list[tuple[str, str]]:
    """Read ``text<TAB>label`` rows below a header line; nothing is quoted.

    Raises:
        SystemExit: the file is not there.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(rows)
            return [(text, label) for text, label in rows]
    except FileNotFoundError:
        raise SystemExit(f"No data at {path}: give the folder that holds it with DATA=…") from None


def batches_by_length(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Yield every example once, in random batches of ``size`` texts of about the same length.

    Sorting within pools of 20 batches leaves little padding and keeps the order random.
    """
    order = list(range(len(examples)))
    rng.shuffle(order)
    pool = 20 * size
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool], key=lambda i: len(examples[i][0]))
        batches += [part[i : i + size] for i in range(0, len(part), size)]
    rng.shuffle(batches)
    for batch in batches:
        yield [examples[i] for i in batch]
