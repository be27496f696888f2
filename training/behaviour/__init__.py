"""Behaviour cases: Slack messages with the label that nearly every reader would choose.

They were written before the model was run, are not training data, and none was removed or reworded after seeing a
result; the English groups of people were added later. ``<language>.csv`` has messages with their labels; ``pairs.csv``
has messages and variants of them whose label must be the same.
"""

import csv
from pathlib import Path

from training.vocabulary import LANGUAGES

Cases = dict[str, list[tuple[str, str]]]


def _read(name: str) -> Cases:
    """Return for each group of a file its rows, without the group."""
    cases: Cases = {}
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for group, first, second in list(csv.reader(file))[1:]:
            cases.setdefault(group, []).append((first, second))
    return cases


def expected_labels(language: str) -> Cases:
    """Return the (label, text) cases of a language by group."""
    return _read(language)


def invariant_pairs() -> Cases:
    """Return the (text, variant) pairs by group."""
    return _read("pairs")


def all_texts() -> list[str]:
    """Return the texts of all cases."""
    texts = [text for language in LANGUAGES for rows in expected_labels(language).values() for _, text in rows]
    return texts + [text for pairs in invariant_pairs().values() for pair in pairs for text in pair]
