"""Faithfulness of attributions: how far the score drops when the strongest words of a method are removed.

    python -m benchmarks.explanations --data FOLDER

Runs on a quarter of SST-2's dev set, for the bot's method (Shapley values), leave one out, gradient × input and random
attributions; and measures the cost of a breakdown relative to a plain result. Texts with fewer than six words are
skipped.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from rich.progress import track

from benchmarks.results import keep, plot_bars, show
from benchmarks.texts import of_length
from bot.sentiment.classifier import Classifier, Row
from bot.sentiment.explanation import explain
from bot.sentiment.models.checkpoint import Checkpoint, load
from bot.sentiment.models.embedded import load_embedded
from bot.sentiment.types import Breakdown
from training.data import read_tsv

EVERY = 4  # of how many texts of the dev set one is explained
MAX_REMOVED = 3
"""The number of words that are removed: one, and this many."""

Method = Callable[[Row, Sequence[Sequence[int]], Breakdown], Sequence[float]]
"""From a text, as token ids, the tokens of each of its words, and its breakdown, to the attributions of the words."""


def shapley(_row: Row, _words: object, breakdown: Breakdown) -> Sequence[float]:
    """Return the bot's own attributions."""
    return [word.attribution for word in breakdown.words]


def leave_one_out(classifier: Classifier) -> Method:
    """Return the method that removes one word at a time."""

    def attribute(row: Row, words: Sequence[Sequence[int]], _breakdown: object) -> Sequence[float]:
        whole, *parts = classifier.scores([row, *(remove(row, word) for word in words)])
        winner = whole.index(max(whole))
        return [whole[winner] - part[winner] for part in parts]

    return attribute


def gradient_times_input(checkpoint: Checkpoint) -> Method:
    """Return the usual fast method: one forward and one backward pass."""
    embeddings = checkpoint.model.get_input_embeddings()

    def attribute(row: Row, words: Sequence[Sequence[int]], _breakdown: object) -> Sequence[float]:
        inputs = {name: torch.tensor([column]) for name, column in row.items()}
        vectors = embeddings(inputs.pop("input_ids")).detach().requires_grad_()
        scores = checkpoint.model(inputs_embeds=vectors, **inputs).logits[0].softmax(-1)
        (gradient,) = torch.autograd.grad(scores.max(), vectors)
        by_token = (vectors * gradient).sum(-1)[0]
        return [by_token[list(word)].sum().item() for word in words]

    return attribute


def random_method() -> Method:
    """Return a method with random attributions."""
    rng = random.Random(0)
    return lambda row, words, breakdown: [rng.random() for _ in words]


def tokens_of_words(breakdown: Breakdown) -> list[list[int]]:
    """Return the indices of the tokens of each word."""
    ends = [(i, token.end) for i, token in enumerate(breakdown.tokens) if not token.special]
    return [[i for i, end in ends if word.start < end <= word.end] for word in breakdown.words]


def remove(row: Row, tokens: Sequence[int]) -> Row:
    """Return ``row`` without ``tokens``."""
    return {name: [value for i, value in enumerate(column) if i not in tokens] for name, column in row.items()}


def measure_drop(
    classifier: Classifier, row: Row, words: Sequence[Sequence[int]], attributions: Sequence[float], count: int
) -> float:
    """Return how far the winning label's score drops without the ``count`` words of the highest attributions."""
    strongest = sorted(range(len(words)), key=lambda i: -attributions[i])[:count]
    before, after = classifier.scores([row, remove(row, [token for i in strongest for token in words[i]])])
    return max(before) - after[before.index(max(before))]


def seconds(run: Callable[[str], object], texts: list[str]) -> float:
    """Return the median duration of ``run`` for one of ``texts``."""
    durations = []
    for text in texts:
        started = time.perf_counter()
        run(text)
        durations.append(time.perf_counter() - started)
    return sorted(durations)[len(durations) // 2]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that contains sst2/dev.tsv")
    args = parser.parse_args()
    classifier = load_embedded(threads=1)
    methods = {
        "Shapley values": shapley,
        "leave one out": leave_one_out(classifier),
        "gradient × input": gradient_times_input(load()),
        "chance": random_method(),
    }
    drops: dict[str, list[tuple[float, float]]] = {name: [] for name in methods}
    for text, _ in track(read_tsv(args.data / "sst2" / "dev.tsv")[::EVERY], "explaining", transient=True):
        breakdown = explain(classifier, text)
        words = tokens_of_words(breakdown)
        if len(words) < 2 * MAX_REMOVED:
            continue
        (encoding,) = classifier.encode([text])
        row = classifier.row(encoding)
        for name, method in methods.items():
            found = method(row, words, breakdown)
            one, more = (measure_drop(classifier, row, words, found, count) for count in (1, MAX_REMOVED))
            drops[name].append((one, more))
    texts = len(drops["chance"])
    mean = {name: [sum(column) / texts for column in zip(*pairs, strict=True)] for name, pairs in drops.items()}
    show(
        f"Drop of the score without the strongest words, mean of {texts} texts",
        ("", "one word", f"{MAX_REMOVED} words"),
        [(name, *(f"{value:.3f}" for value in values)) for name, values in mean.items()],
    )

    torch.set_num_threads(1)
    costs = {}
    for tokens, count in ((20, 40), (500, 7)):
        sample = of_length(tokens, count)
        plain = seconds(lambda text: classifier.classify([text]), sample)
        costs[tokens] = seconds(lambda text: explain(classifier, text), sample) / plain
    show(
        "Cost of a breakdown, one thread",
        ("tokens", "plain results"),
        [(str(tokens), f"{cost:.1f}") for tokens, cost in costs.items()],
    )
    keep("explanations", {"mean drop": mean, "texts": texts, "cost": costs})
    plot_bars(
        "explanations",
        f"Mean drop without the {MAX_REMOVED} strongest words, in %",
        "%",
        {name: more * 100 for name, (_, more) in mean.items()},
    )


if __name__ == "__main__":
    main()
