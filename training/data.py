"""Labelled texts from ``DATA/<source>/{train,dev}.tsv``, and training batches."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
TWO_CLASS = "sst2"
"""The source without NEUTRAL: its annotators could not choose that label."""
SOURCES = (
    TWO_CLASS,
    "github",
    "jira",
    "stackoverflow",
    "tweeteval",
    "tweets-rated",
    "amazon-rated",
    "nyt-rated",
)
MAX_TOKENS = 128
"""Maximum length of texts in training; in the sources with long texts, one in a hundred is longer."""


@dataclass(frozen=True)
class Example:
    """One labelled text.

    Attributes:
        ids: token ids of the text, special tokens included.
        label: index of its label in ``LABELS``.
        two_class: whether NEUTRAL is excluded from the labels that compete.
    """

    ids: list[int]
    label: int
    two_class: bool


def read_tsv(path: Path) -> list[tuple[str, str]]:
    """Read ``text<TAB>label`` rows below a header line, without quoting.

    Raises:
        SystemExit: the file is missing, or a row is malformed.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            _, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    except (OSError, ValueError):
        raise SystemExit(f"No data at {path}: set the folder that contains it with DATA=…") from None
    for number, row in enumerate(rows, 2):
        if len(row) != 2 or row[1] not in LABELS:
            raise SystemExit(f"{path}, line {number}: a row must be a text, a tab and one of {', '.join(LABELS)}.")
    return [(text, label) for text, label in rows]


def encode(
    tokenizer: PreTrainedTokenizerBase, rows: Sequence[tuple[str, str]], *, two_class: bool = False
) -> list[Example]:
    """Turn (text, label) rows into examples."""
    ids = tokenizer([text for text, _ in rows], truncation=True, max_length=MAX_TOKENS).input_ids
    return [Example(row, LABELS.index(label), two_class) for row, (_, label) in zip(ids, rows, strict=True)]


def batches_by_length(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Yield every example once, in random batches of ``size`` texts of similar length.

    Sorting within pools of 20 batches reduces padding and keeps the order random.
    """
    order = list(range(len(examples)))
    rng.shuffle(order)
    pool = 20 * size
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool], key=lambda i: len(examples[i].ids))
        batches += [part[i : i + size] for i in range(0, len(part), size)]
    rng.shuffle(batches)
    for batch in batches:
        yield [examples[i] for i in batch]
