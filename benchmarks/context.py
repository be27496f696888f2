"""Context: whether the model reads a message better if it is given the previous message, too.

    python -m benchmarks.context [--model FOLDER]

Runs on the pairs in ``context.tsv``, which are made up: in half of them the label of the message depends on the message
before it, in the other half it does not. Those with use ``choose`` are for choosing the parameters of the methods that
have some, which are measured on the others. The p-value is that of McNemar's exact test; the interval is that of
Clopper and Pearson, given the number of labels that change.
"""

import argparse
import csv
import math
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from scipy.stats import binomtest

from benchmarks.results import keep, show
from bot.sentiment.classifier import Classifier, Scores
from bot.sentiment.models.loading import load

PAIRS = Path(__file__).parent / "context.tsv"
WEIGHTS = tuple(number / 10 for number in range(10))
"""Weights of the previous message that are tried."""
MAX_WORDS = (1, 2, 3, 4, 5, 10)
"""The longest messages, in words, that are tried to be read together with the previous one."""


class Pair(NamedTuple):
    """A message, what it follows, and its label there; ``kind`` is whether that depends on the previous message."""

    language: str
    use: str
    kind: str
    previous: str
    message: str
    label: str


class Readings(NamedTuple):
    """A pair, with the scores of the message and of the previous one, each read alone."""

    pair: Pair
    message: Scores
    previous: Scores

    def combined(self, weight: float, max_words: float) -> Scores:
        """Add the scores of the previous message with a weight, if the message is short."""
        part = weight if len(self.pair.message.split()) <= max_words else 0.0
        return [(1 - part) * own + part * before for own, before in zip(self.message, self.previous, strict=True)]


def pairs() -> list[Pair]:
    """Return the made-up pairs."""
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return [Pair(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def read(classifier: Classifier, texts: Sequence[str | tuple[str, str]]) -> list[Scores]:
    """Return the scores of texts, or of pairs of texts."""
    return classifier.scores([classifier.row(encoding) for encoding in classifier.tokenizer.encode_batch(texts)])


def right(classifier: Classifier, of: Sequence[Pair], scores: Sequence[Scores]) -> list[bool]:
    """Return which messages get their label by their scores."""
    results = (classifier.sentiment(each, truncated=False).label for each in scores)
    return [result == pair.label for result, pair in zip(results, of, strict=True)]


def choose(classifier: Classifier, readings: Sequence[Readings], lengths: Sequence[float]) -> tuple[float, float]:
    """Return the weight and the longest message with which most messages get their label, the lowest of several."""
    of = [each.pair for each in readings]
    return max(
        product(WEIGHTS, lengths),
        key=lambda options: sum(right(classifier, of, [each.combined(*options) for each in readings])),
    )


def row(name: str, without: Sequence[bool], given: Sequence[bool]) -> tuple[str, ...]:
    """Return a row of the table: how many messages get their label without and with the previous one."""
    gained = sum(new and not old for old, new in zip(without, given, strict=True))
    lost = sum(old and not new for old, new in zip(without, given, strict=True))
    changed, total = gained + lost, len(without)
    difference, p = "0", "1"
    if changed:
        test = binomtest(gained, changed)
        low, high = ((2 * share - 1) * changed / total for share in test.proportion_ci(method="exact"))
        difference, p = f"{(gained - lost) / total:+.1%} ({low:+.1%} to {high:+.1%})", f"{test.pvalue:.2g}"
    figures = (total, sum(without), sum(given), gained, lost)
    return (name, *map(str, figures), difference, p)


def compare(
    classifier: Classifier, readings: Sequence[Readings], scores: Sequence[Scores]
) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Return the head and the rows of the table that compares ``scores`` with the messages read alone."""
    of = [each.pair for each in readings]
    without, given = right(classifier, of, [each.message for each in readings]), right(classifier, of, scores)
    rows = [row("all", without, given)]
    for part in ("depends", "independent", "English", "Korean"):
        indices = [i for i, pair in enumerate(of) if part in (pair.kind, pair.language)]
        rows.append(row(part, [without[i] for i in indices], [given[i] for i in indices]))
    return ("", "pairs", "right without", "right with", "gained", "lost", "difference (95 %)", "p"), rows


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="folder of the checkpoint; the embedded model if there is none")
    classifier, every = load(parser.parse_args().model), pairs()
    own, previous = (read(classifier, [getattr(pair, name) for pair in every]) for name in ("message", "previous"))
    readings = [Readings(*each) for each in zip(every, own, previous, strict=True)]
    to_choose, to_measure = ([each for each in readings if each.pair.use == use] for use in ("choose", "measure"))
    results = {
        "pair of texts": (readings, read(classifier, [(pair.previous, pair.message) for pair in every])),
        "one text": (readings, read(classifier, [f"{pair.previous}\n{pair.message}" for pair in every])),
    }
    for lengths in ([math.inf], MAX_WORDS):
        weight, max_words = choose(classifier, to_choose, lengths)
        name = f"two readings, weight {weight:g} up to {max_words:g} words"
        results[name] = (to_measure, [each.combined(weight, max_words) for each in to_measure])
    tables = {}
    for name, (without, scores) in results.items():
        head, rows = compare(classifier, without, scores)
        show(f"With the previous message: {name}", head, rows)
        tables[name] = [dict(zip(head, figures, strict=True)) for figures in rows]
    keep("context", tables)


if __name__ == "__main__":
    main()
