"""Contenders of benchmarks in processes of their own."""

import sys

import pytest

from benchmarks.processes import Contender, ContenderError, measure, share_of_labels_changed

SCRIPT = """
import contextlib, time
from benchmarks.processes import report

@contextlib.contextmanager
def load():
    print("a library that writes to standard output")
    def run(texts):
        time.sleep(0.001 * len(texts))
        return [(f"{text} of {len(texts)}", 1.0) for text in texts]
    yield run

report(load)
"""


def test_figures() -> None:
    """A contender's figures have its rate and its answers, by set of texts."""
    contender = Contender((sys.executable, "-c", SCRIPT), {"letters": ["a", "b", "c"], "words": ["one", "two"]})
    figures = measure({"ours": contender, "the same": contender}, rounds=2, repeats=2)
    assert list(figures) == ["ours", "the same"]
    ours = figures["ours"]
    assert set(ours.rates) == {"letters", "words"}
    assert all(0 < rate <= 1000 for rate in ours.rates.values())
    assert [label for label, _ in ours.answers["letters"]] == ["a of 3", "b of 3", "c of 3"]
    assert ours.seconds > 0


def test_contender_that_fails() -> None:
    """A contender that fails ends the benchmark with the end of its standard error."""
    contender = Contender((sys.executable, "-c", "raise SystemExit('no such model')"), {"letters": ["a"]})
    with pytest.raises(ContenderError, match="no such model"):
        measure({"ours": contender}, rounds=1)


def test_labels_changed() -> None:
    """Two of four labels differ."""
    reference = [("NEGATIVE", 0.9), ("NEUTRAL", 0.5), ("NEUTRAL", 0.6), ("POSITIVE", 0.7)]
    answers = [("NEGATIVE", 0.1), ("POSITIVE", 0.5), ("NEUTRAL", 0.6), ("NEUTRAL", 0.7)]
    assert share_of_labels_changed(answers, reference) == 0.5
