"""Faithfulness of attributions: how far the score drops when the three strongest tokens of a method are removed.

    python -m benchmarks.explanations --data FOLDER

Runs on SST-2's dev set, for the bot's method (leave one out), gradient × input and random attributions; and measures
the cost of a breakdown relative to a plain result. Texts with fewer than six tokens are skipped.
"""

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich.progress import track

from benchmarks.results import keep, plot_bars, show
from benchmarks.texts import of_length
from bot.sentiment.classifier import Classifier, Row
from bot.sentiment.explanation import explain
from bot.sentiment.models.checkpoint import Checkpoint, as_classifier, load
from training.data import TWO_CLASS, read_tsv

REMOVED_TOKENS = 3
Method = Callable[[str], list[float]]
"""From a text to the attribution of each of its tokens to the winning label."""


def leave_one_out(classifier: Classifier) -> Method:
    """Return the bot's method."""
    return lambda text: [token.attribution for token in explain(classifier, text).tokens]


def gradient_times_input(checkpoint: Checkpoint) -> Method:
    """Return the usual fast method: one forward and one backward pass."""
    embeddings = checkpoint.model.get_input_embeddings()

    def attribute(text: str) -> list[float]:
        inputs = checkpoint.tokenizer(text, return_tensors="pt", truncation=True, max_length=checkpoint.max_tokens)
        rows = embeddings(inputs.pop("input_ids")).detach().requires_grad_()
        scores = checkpoint.model(inputs_embeds=rows, **inputs).logits[0].softmax(-1)
        (gradient,) = torch.autograd.grad(scores.max(), rows)
        attributions: list[float] = (rows * gradient).sum(-1)[0].tolist()
        return attributions

    return attribute


def random_method() -> Method:
    """Return a method with random attributions."""
    rng = random.Random(0)
    return lambda text: [rng.random() for _ in range(len(text) + 2)]


def measure_drop(classifier: Classifier, row: Row, special: list[int], attributions: list[float]) -> float:
    """Return how far the winning label's score drops without the tokens of the highest attributions."""
    tokens = [i for i, is_special in enumerate(special) if not is_special]
    strongest = set(sorted(tokens, key=lambda i: -attributions[i])[:REMOVED_TOKENS])
    without = {name: [value for i, value in enumerate(column) if i not in strongest] for name, column in row.items()}
    before, after = classifier.scores([row, without])
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
    checkpoint = load()
    classifier = as_classifier(checkpoint)
    methods = {
        "leave one out": leave_one_out(classifier),
        "gradient × input": gradient_times_input(checkpoint),
        "chance": random_method(),
    }
    drops: dict[str, list[float]] = {name: [] for name in methods}
    for text, _ in track(read_tsv(args.data / TWO_CLASS / "dev.tsv"), "explaining", transient=True):
        (encoding,) = classifier.encode([text])
        special = encoding.special_tokens_mask
        if special.count(0) < 2 * REMOVED_TOKENS:
            continue
        for name, method in methods.items():
            drops[name].append(measure_drop(classifier, classifier.row(encoding), special, method(text)))
    mean = {name: sum(values) / len(values) for name, values in drops.items()}
    show(
        f"Drop of the score without the {REMOVED_TOKENS} strongest tokens, {len(drops['chance'])} texts",
        ("", "mean drop"),
        [(name, f"{value:.3f}") for name, value in mean.items()],
    )

    torch.set_num_threads(1)
    costs = {}
    for tokens, count in ((20, 40), (500, 7)):
        texts = of_length(tokens, count)
        plain = seconds(lambda text: classifier.classify([text]), texts)
        costs[tokens] = seconds(methods["leave one out"], texts) / plain
    show(
        "Cost of a breakdown, one thread",
        ("tokens", "plain results"),
        [(str(tokens), f"{cost:.1f}") for tokens, cost in costs.items()],
    )
    keep("explanations", {"mean fall": mean, "texts": len(drops["chance"]), "cost": costs})
    plot_bars(
        "explanations",
        f"Mean drop without the {REMOVED_TOKENS} strongest tokens, in %",
        "%",
        {k: v * 100 for k, v in mean.items()},
    )


if __name__ == "__main__":
    main()
