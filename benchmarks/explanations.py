"""Are the breakdowns true? Delete the three tokens that a method calls strongest, and see how far the score falls.

    python -m benchmarks.explanations --data FOLDER

Over SST-2's dev set, for the bot's way (leave one out), for gradient × input, and for chance; and what each costs,
in times one plain result. A text must have six tokens of its own, so that something is left.
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
from bot.sentiment.classifier import Classifier
from bot.sentiment.explain import explain
from bot.sentiment.model import Row
from bot.sentiment.models.checkpoint import Checkpoint, as_classifier, load
from training.data import TWO_CLASS, read_tsv

DELETED = 3
Pushes = Callable[[str], list[float]]
"""From a text to how strongly each of its tokens pushes towards the label that won."""


def leave_one_out(classifier: Classifier) -> Pushes:
    """Return the bot's own way."""
    return lambda text: [token.attribution for token in explain(classifier, text).tokens]


def gradient_times_input(checkpoint: Checkpoint) -> Pushes:
    """Return the usual cheap way: one pass forward, one back."""
    embeddings = checkpoint.model.get_input_embeddings()

    def pushes(text: str) -> list[float]:
        inputs = checkpoint.tokenizer(text, return_tensors="pt", truncation=True, max_length=checkpoint.max_tokens)
        rows = embeddings(inputs.pop("input_ids")).detach().requires_grad_()
        scores = checkpoint.model(inputs_embeds=rows, **inputs).logits[0].softmax(-1)
        (gradient,) = torch.autograd.grad(scores.max(), rows)
        found: list[float] = (rows * gradient).sum(-1)[0].tolist()
        return found

    return pushes


def chance() -> Pushes:
    """Return pushes that know nothing."""
    rng = random.Random(0)
    return lambda text: [rng.random() for _ in range(len(text) + 2)]


def fall(classifier: Classifier, row: Row, special: list[int], pushes: list[float]) -> float:
    """Return how far the winning label's score falls without the tokens that push most."""
    own = [i for i, is_special in enumerate(special) if not is_special]
    strongest = set(sorted(own, key=lambda i: -pushes[i])[:DELETED])
    without = {name: [value for i, value in enumerate(column) if i not in strongest] for name, column in row.items()}
    before, after = classifier.scores([row, without])
    return max(before) - after[before.index(max(before))]


def seconds(run: Callable[[str], object], texts: list[str]) -> float:
    """Return the median time that ``run`` takes for one of ``texts``."""
    took = []
    for text in texts:
        started = time.perf_counter()
        run(text)
        took.append(time.perf_counter() - started)
    return sorted(took)[len(took) // 2]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds sst2/dev.tsv")
    args = parser.parse_args()
    checkpoint = load()
    classifier = as_classifier(checkpoint)
    methods = {
        "leave one out": leave_one_out(classifier),
        "gradient × input": gradient_times_input(checkpoint),
        "chance": chance(),
    }
    falls: dict[str, list[float]] = {name: [] for name in methods}
    for text, _ in track(read_tsv(args.data / TWO_CLASS / "dev.tsv"), "explaining", transient=True):
        (encoding,) = classifier.encode([text])
        special = encoding.special_tokens_mask
        if special.count(0) < 2 * DELETED:
            continue
        for name, pushes in methods.items():
            falls[name].append(fall(classifier, classifier.row(encoding), special, pushes(text)))
    mean = {name: sum(values) / len(values) for name, values in falls.items()}
    show(
        f"Fall of the winning label's score without the {DELETED} strongest tokens, {len(falls['chance'])} texts",
        ("", "mean fall"),
        [(name, f"{value:.3f}") for name, value in mean.items()],
    )

    torch.set_num_threads(1)
    costs = {}
    for tokens, count in ((20, 40), (500, 7)):
        texts = of_length(tokens, count)
        plain = seconds(lambda text: classifier.classify([text]), texts)
        costs[tokens] = seconds(methods["leave one out"], texts) / plain
    show(
        "What a breakdown costs, one thread",
        ("tokens", "plain results"),
        [(str(tokens), f"{cost:.1f}") for tokens, cost in costs.items()],
    )
    keep("explanations", {"mean fall": mean, "texts": len(falls["chance"]), "cost": costs})
    plot_bars(
        "explanations",
        f"Mean fall without the {DELETED} strongest tokens, in %",
        "%",
        {k: v * 100 for k, v in mean.items()},
    )


if __name__ == "__main__":
    main()
