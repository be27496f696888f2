"""Train the embedded model: ``make train DATA=…``.

The model learns from all sources and from synthetic chat messages at once, with a head after several of its layers. The
deepest head teaches the others, of which one is shipped with the layers below it. Afterwards its confidence is
calibrated on the dev sets. Progress is saved in ``--work``, so that an interrupted run can be resumed.
"""

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.progress import track
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div, log_softmax
from transformers import BertConfig, BertForSequenceClassification

from bot.sentiment.models.embedded import EMBEDDED_FOLDER, GRAPH, WEIGHTS, unpack
from bot.sentiment.models.openvino_model import OpenVinoModel
from training.base_model import State, load_base_model, tie_names
from training.data import LABELS, MAX_TOKENS, SOURCES, TWO_CLASS, Example, batches_by_length, encode, read_tsv
from training.exits import MultiExitBert
from training.neutral import figure
from training.packing import quantize, write_digests, write_graph
from training.synthetic_chat import generate, generate_english
from training.vocabulary import LANGUAGES

SEED = 1
EPOCHS = 2
BATCH_SIZE = 64
LEARNING_RATE = 1.2e-4  # the maximum
WARM_UP_SHARE = 0.06
WEIGHT_DECAY = 0.01
MAX_GRADIENT_NORM = 1.0
EXITS = {6: 0.3, 8: 1.0}
"""The layers that are followed by a head, each with the weight of its loss."""
SHIPPED_LAYERS = 8
"""The exit that becomes the embedded model."""
SYNTHETIC_SETS = 2  # number of sets of synthetic messages
PER_EPOCH = {"reviews-korean": 40_000}
"""The number of rows of an epoch from a source that would outnumber the others; each epoch takes other rows."""
CALIBRATION_TEXTS = 16
"""The number of texts of each source that fix the ranges of the int8 model."""
STEPS_PER_CHECKPOINT = 500

Sets = Mapping[str, list[Example]]
Forward = Callable[[list[list[int]]], list[Tensor]]
"""From texts of token ids to the logits of each exit."""


def fit(model: MultiExitBert, sources: Sets, work: Path, *, epochs: int = EPOCHS, bf16: bool = False) -> None:
    """Train ``model`` in place, from the last checkpoint in ``work`` if there is one."""
    dense = [parameter for parameter in model.parameters() if parameter is not model.words.weight]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(dense, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True),
        torch.optim.SparseAdam([model.words.weight], lr=LEARNING_RATE),
    ]
    steps = epochs * len(list(epoch_batches(sources, 0)))

    checkpoint = work / "checkpoint"
    done = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        done = saved["done"]

    losses = []
    for step, batch in enumerate(training_batches(sources, epochs, done), done + 1):
        rate = LEARNING_RATE * min(step / (WARM_UP_SHARE * steps), (steps - step + 1) / ((1 - WARM_UP_SHARE) * steps))
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = model([example.ids for example in batch])
        loss = compute_loss(logits, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(dense, MAX_GRADIENT_NORM)  # it does not support the sparse ones of the words
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad()
        losses.append(loss.item())
        if step % STEPS_PER_CHECKPOINT == 0:
            log(work, step=step, of=steps, loss=sum(losses) / len(losses))
            losses.clear()
            part = checkpoint.with_suffix(".part")
            states = [optimizer.state_dict() for optimizer in optimizers]
            torch.save({"model": model.state_dict(), "optimizers": states, "done": step}, part)
            part.replace(checkpoint)


def epoch_batches(sources: Sets, epoch: int) -> Iterator[list[Example]]:
    """Yield the batches of one epoch, with a part of each source in ``PER_EPOCH``."""
    examples: list[Example] = []
    for source, rows in sources.items():
        count = min(PER_EPOCH.get(source, len(rows)), len(rows))
        start = epoch * count % len(rows)
        examples += (rows + rows)[start : start + count]
    yield from batches_by_length(examples, BATCH_SIZE, random.Random(f"{SEED}/{epoch}"))


def training_batches(sources: Sets, epochs: int, done: int) -> Iterator[list[Example]]:
    """Yield the batches of all epochs but the first ``done``, with a progress bar for each epoch."""
    for epoch in range(epochs):
        batches = list(epoch_batches(sources, epoch))
        yield from track(batches[done:], f"epoch {epoch + 1} of {epochs}")
        done = max(0, done - len(batches))


def compute_loss(logits: Sequence[Tensor], batch: Sequence[Example]) -> Tensor:
    """Return the loss of one batch from the logits of each exit, shape (texts, labels).

    It is the cross-entropy of each exit and the divergence of each from the deepest one.
    """
    gold = gold_labels(batch)
    masked = [exclude_neutral(exit_logits, batch) for exit_logits in logits]
    teacher = log_softmax(masked[-1].detach(), -1)
    loss = torch.zeros(())
    for exit_logits, weight in zip(masked, EXITS.values(), strict=True):
        loss = loss + weight * cross_entropy(exit_logits, gold)
        if exit_logits is not masked[-1]:
            divergence = kl_div(log_softmax(exit_logits, -1), teacher, reduction="batchmean", log_target=True)
            loss = loss + weight * divergence
    return loss


def exclude_neutral(logits: Tensor, examples: Sequence[Example]) -> Tensor:
    """Return ``logits``, shape (…, texts, labels), with that of NEUTRAL near -∞ for texts of two classes."""
    is_neutral = torch.tensor([label == "NEUTRAL" for label in LABELS])
    return logits.masked_fill(torch.tensor([[example.two_class] for example in examples]) & is_neutral, -1e4)


def predict(forward: Forward, examples: Sequence[Example]) -> Tensor:
    """Return the logits of ``examples`` at each exit, shape (exits, texts, labels)."""
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].ids))
    batches = [order[start : start + BATCH_SIZE] for start in range(0, len(order), BATCH_SIZE)]
    with torch.inference_mode():
        computed = torch.cat([torch.stack(forward([examples[i].ids for i in batch])) for batch in batches], 1)
    logits = torch.empty_like(computed)
    logits[:, order] = computed
    return exclude_neutral(logits, examples)


def gold_labels(examples: Sequence[Example]) -> Tensor:
    """Return the index of each text's label, shape (texts,)."""
    return torch.tensor([example.label for example in examples])


def log(work: Path, **values: str | float) -> None:
    """Print ``values`` and append them to the run's log."""
    values = {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
    print("  ".join(f"{name} {value}" for name, value in values.items()), flush=True)
    with (work / "log.jsonl").open("a") as file:
        file.write(json.dumps(values | {"at": time.strftime("%F %T")}) + "\n")


def read_examples(tokenizer: Tokenizer, rows: Mapping[str, Sequence[tuple[str, str]]]) -> Sets:
    """Turn the rows of each source into examples."""
    return {source: encode(tokenizer, rows[source], two_class=source in TWO_CLASS) for source in rows}


def generated_messages() -> dict[str, list[tuple[str, str]]]:
    """Return the synthetic messages of each language."""
    return {f"chat-{language}": list(_generate(language)) for language in LANGUAGES}


def _generate(language: str) -> Iterator[tuple[str, str]]:
    for seed in range(SYNTHETIC_SETS):
        rng = random.Random(seed)
        yield from generate_english(rng) if language == "english" else generate(language, rng)


def check_same_examples(examples: Sets, work: Path) -> None:
    """Exit if the examples, or their token ids, are not those that the run in ``work`` began with."""
    digest, path = hashlib.sha256(repr(examples).encode()).hexdigest(), work / "examples.sha256"
    if path.exists() and path.read_text() != digest:
        sys.exit(
            f"The training data or the vocabulary changed since the run in {work} began. Remove it to begin again."
        )
    path.write_text(digest)


def save_weights(state: State, path: Path) -> None:
    """Write weights atomically, so that an interruption leaves no partial file."""
    part = path.with_suffix(".part")
    save_file({name: weight.contiguous() for name, weight in state.items()}, part)
    part.replace(path)


def fit_temperature(logits: Sequence[Tensor], gold: Sequence[Tensor]) -> float:
    """Return the divisor of the logits that minimises the loss, where each dev set has the same weight."""

    def loss(temperature: float) -> float:
        return sum(cross_entropy(a / temperature, b).item() for a, b in zip(logits, gold, strict=True))

    return min((hundredths / 100 for hundredths in range(50, 400)), key=loss)


def evaluate(forward: Forward, exits: Sequence[int], dev: Sets, work: Path) -> list[dict[str, Tensor]]:
    """Log the figures of each exit on the dev sets; return its logits by source."""
    logits = {source: predict(forward, examples) for source, examples in dev.items()}
    by_exit = [{source: each[index] for source, each in logits.items()} for index in range(len(exits))]
    for layers, each in zip(exits, by_exit, strict=True):
        figures = {source: figure(source, each[source], gold_labels(dev[source])) for source in dev}
        log(work, layers=layers, mean=sum(figures.values()) / len(figures), **figures)
    return by_exit


def write_tokenizer(tokenizer: Tokenizer, config: Mapping[str, Any], folder: Path) -> None:
    """Write the tokenizer and the configurations of the embedded model."""
    (folder / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    special = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": config["max_position_embeddings"],
        "model_input_names": ["input_ids", "attention_mask"],
        **special,
        "pad_token": "<pad>",
        "unk_token": "<unk>",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Train the model unless that is done already, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the sources, each with train.tsv, dev.tsv")
    parser.add_argument("--work", type=Path, default=Path("build/training"), help="folder for checkpoints")
    parser.add_argument("--output", type=Path, default=EMBEDDED_FOLDER, help="folder for the trained model")
    parser.add_argument(
        "--bf16", action="store_true", help="compute in bfloat16, which is faster on some processors only"
    )
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    # Adam's moments of rare words decay to denormal numbers, which a processor is many times slower with.
    torch.set_flush_denormal(True)
    torch.manual_seed(SEED)
    rows = {source: read_tsv(args.data / source / "train.tsv") for source in SOURCES} | generated_messages()
    config, state, tokenizer = load_base_model([text for examples in rows.values() for text, _ in examples])
    tokenizer.enable_truncation(MAX_TOKENS)
    examples = read_examples(tokenizer, rows)
    check_same_examples(examples, args.work)
    model = MultiExitBert(config, state, tuple(EXITS))
    path = args.work / "trained.safetensors"
    if path.exists():
        print(f"Already trained: {path}. Remove {args.work} to train again.")
    else:
        fit(model, examples, args.work, bf16=args.bf16)
        save_weights(model.state_dict(), path)
    model.load_state_dict(load_file(path))
    dev = read_examples(tokenizer, {source: read_tsv(args.data / source / "dev.tsv") for source in SOURCES})
    shipped = calibrate(model, config | {"num_hidden_layers": SHIPPED_LAYERS}, tokenizer, dev, args.work)
    args.output.mkdir(parents=True, exist_ok=True)
    write_graph(quantize(shipped, calibration_texts(examples)), shipped, args.output)
    write_tokenizer(tokenizer, config | {"num_hidden_layers": SHIPPED_LAYERS}, args.output)
    write_digests(args.output)
    shipped.load_state_dict(unpack(load_file(args.output / WEIGHTS)))  # fails if the file lacks a weight
    log(args.work, weights="int8")
    evaluate(_run_int8(args.output, config), (SHIPPED_LAYERS,), dev, args.work)
    print(f"Model written to {args.output}.")


def calibrate(
    model: MultiExitBert, config: Mapping[str, Any], tokenizer: Tokenizer, dev: Sets, work: Path
) -> BertForSequenceClassification:
    """Return the shipped exit, whose configuration is ``config``, with its logits calibrated on ``dev``."""
    logits = dict(zip(model.exits, evaluate(model, model.exits, dev, work), strict=True))[SHIPPED_LAYERS]
    temperature = fit_temperature(list(logits.values()), [gold_labels(dev[source]) for source in logits])
    log(work, temperature=temperature)
    state = model.state_of(SHIPPED_LAYERS)
    for part in ("classifier.weight", "classifier.bias"):
        state[part] = state[part] / temperature
    tie_names(tokenizer, state)
    shipped = BertForSequenceClassification(BertConfig(**config))
    shipped.load_state_dict(state)
    shipped.eval()
    return shipped


def calibration_texts(examples: Sets) -> list[list[int]]:
    """Return some texts of each source, as token ids."""
    rng = random.Random(SEED)
    return [
        example.ids for rows in examples.values() for example in rng.sample(rows, min(CALIBRATION_TEXTS, len(rows)))
    ]


def _run_int8(folder: Path, config: Mapping[str, Any]) -> Forward:
    """Return the logits of the model in ``folder``, up to a constant per text."""
    model = OpenVinoModel(folder / GRAPH, folder / WEIGHTS, config, threads=1)
    return lambda texts: [torch.tensor(model.run([{"input_ids": ids} for ids in texts])).clamp_min(1e-30).log()]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(f"Stopped. Run the same command to resume; progress is saved every {STEPS_PER_CHECKPOINT} steps.")
