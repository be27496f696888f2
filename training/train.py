"""Train the embedded model: ``make train DATA=…``.

The model learns from all sources and from synthetic chat messages at once, simulating int8 arithmetic. Afterwards its
confidence is calibrated on the dev sets. Progress is saved in ``--work``, so that an interrupted run can be resumed.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from rich.progress import track
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel, get_linear_schedule_with_warmup

from bot.sentiment.evaluation import accuracy, macro_f1
from bot.sentiment.models.embedded import EMBEDDED_FOLDER, PACKED_WEIGHTS
from bot.sentiment.models.quantization import unpack
from training.base_model import compute_logits, load_base_model, simulate_int8
from training.data import LABELS, SOURCES, TWO_CLASS, Example, batches_by_length, encode, read_tsv
from training.packing import pack, write_digests
from training.synthetic_chat import generate_messages
from training.vocabulary import tie_names

SEED = 1
EPOCHS = 3
BATCH_SIZE = 64
LEARNING_RATE = 6e-5  # the maximum
WARM_UP_SHARE = 0.06
WEIGHT_DECAY = 0.01
AVERAGED_STEPS = 300  # the result is a moving average of the weights over about so many steps
EVALUATIONS_PER_EPOCH = 2  # how often an epoch is evaluated on the dev sets and saved
SYNTHETIC_SETS = 2  # number of sets of synthetic messages

State = dict[str, Tensor]
Sets = Mapping[str, list[Example]]


def fit(
    model: PreTrainedModel,
    examples: Sequence[Example],
    dev: Sets,
    work: Path,
    *,
    epochs: int = EPOCHS,
    bf16: bool = False,
) -> State:
    """Fine-tune ``model`` in place; return the averaged weights with the best results on ``dev``.

    Training resumes from the last checkpoint in ``work``.
    """
    torch.manual_seed(SEED)
    steps_per_epoch = -(-len(examples) // BATCH_SIZE)
    steps = epochs * steps_per_epoch
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, int(WARM_UP_SHARE * steps), steps)
    average = clone_state(model.state_dict())
    best, best_state, done = 0.0, average, 0

    checkpoint = work / "checkpoint"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        torch.set_rng_state(saved["dropout"])
        average, best, best_state, done = saved["average"], saved["best"], saved["best_state"], saved["done"]

    evaluated_steps = {round(i * steps_per_epoch / EVALUATIONS_PER_EPOCH) for i in range(1, EVALUATIONS_PER_EPOCH + 1)}
    model.train()
    for step, batch in enumerate(training_batches(examples, epochs, done), done + 1):
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = compute_loss(model, batch)
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        for name, weight in model.state_dict().items():
            average[name].lerp_(weight, 1 / AVERAGED_STEPS)
        if (step - 1) % steps_per_epoch + 1 not in evaluated_steps:
            continue
        figures = evaluate(model, average, dev)
        mean = sum(figures.values()) / len(figures)
        log(work, epoch=step / steps_per_epoch, mean=mean, **figures)
        if mean > best:
            best, best_state = mean, clone_state(average)
        part = checkpoint.with_suffix(".part")
        torch.save(
            {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "dropout": torch.get_rng_state(),
                "average": average,
                "best": best,
                "best_state": best_state,
                "done": step,
            },
            part,
        )
        part.replace(checkpoint)
    return best_state


def training_batches(examples: Sequence[Example], epochs: int, done: int) -> Iterator[list[Example]]:
    """Yield the batches of all epochs but the first ``done``, with a progress bar for each epoch."""
    steps_per_epoch = -(-len(examples) // BATCH_SIZE)
    for epoch in range(done // steps_per_epoch, epochs):
        batches = list(batches_by_length(examples, BATCH_SIZE, random.Random(f"{SEED}/{epoch}")))
        remaining = batches[max(0, done - epoch * steps_per_epoch) :]
        yield from track(remaining, f"epoch {epoch + 1} of {epochs}")


def compute_loss(model: PreTrainedModel, batch: list[Example]) -> Tensor:
    """Return the cross-entropy of one batch."""
    return cross_entropy(compute_logits(model, batch).float(), gold_labels(batch))


def predict(model: PreTrainedModel, examples: Sequence[Example]) -> Tensor:
    """Return the logits of ``examples``, shape (texts, labels), in ``eval()`` mode."""
    training = model.training
    model.eval()
    logits = torch.empty(len(examples), len(LABELS))
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].ids))
    with torch.inference_mode():
        for start in range(0, len(order), BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            logits[rows] = compute_logits(model, [examples[i] for i in rows])
    model.train(training)
    return logits


def gold_labels(examples: Sequence[Example]) -> Tensor:
    """Return the index of each text's label, shape (texts,)."""
    return torch.tensor([example.label for example in examples])


def evaluate(model: PreTrainedModel, state: State, dev: Sets) -> dict[str, float]:
    """Return the result of ``model`` with the weights ``state`` on each dev set: accuracy on SST-2, else macro-F1."""
    original = clone_state(model.state_dict())
    model.load_state_dict(state)
    figures = {
        source: (accuracy if source == TWO_CLASS else macro_f1)(predict(model, examples), gold_labels(examples))
        for source, examples in dev.items()
    }
    model.load_state_dict(original)
    return figures


def clone_state(state: State) -> State:
    """Return a copy of weights that does not change with their model."""
    return {name: weight.detach().clone() for name, weight in state.items()}


def log(work: Path, **values: str | float) -> None:
    """Print ``values`` and append them to the run's log."""
    values = {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
    print("  ".join(f"{name} {value}" for name, value in values.items()), flush=True)
    with (work / "log.jsonl").open("a") as file:
        file.write(json.dumps(values | {"at": time.strftime("%F %T")}) + "\n")


def save_weights(state: State, path: Path) -> None:
    """Write weights atomically, so that an interruption leaves no partial file."""
    part = path.with_suffix(".part")
    save_file(state, part)
    part.replace(path)


def fit_temperature(model: PreTrainedModel, dev: Sets) -> float:
    """Return the divisor of the logits that minimises the loss on the dev sets, each with the same weight."""
    logits = {source: predict(model, examples) for source, examples in dev.items()}

    def loss(temperature: float) -> float:
        return sum(cross_entropy(logits[source] / temperature, gold_labels(dev[source])).item() for source in dev)

    return min((hundredths / 100 for hundredths in range(50, 400)), key=loss)


def main() -> None:
    """Train the model unless that is done already, calibrate it and write it."""
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
    model, tokenizer = load_base_model(SEED)

    def read_examples(part: str) -> dict[str, list[Example]]:
        return {
            source: encode(tokenizer, read_tsv(args.data / source / f"{part}.tsv"), two_class=source == TWO_CLASS)
            for source in SOURCES
        }

    dev = read_examples("dev")
    simulate_int8(model, on=True)
    path = args.work / "trained.safetensors"
    if path.exists():
        print(f"Already trained: {path}. Remove {args.work} to train again.")
    else:
        examples = [example for source in read_examples("train").values() for example in source]
        messages = [row for seed in range(SYNTHETIC_SETS) for row in generate_messages(random.Random(seed))]
        examples += encode(tokenizer, messages)
        save_weights(fit(model, examples, dev, args.work, bf16=args.bf16), path)
    model.load_state_dict(load_file(path))

    tie_names(tokenizer, model)
    log(args.work, computed="int8", **evaluate(model, model.state_dict(), dev))
    simulate_int8(model, on=False)
    model.load_state_dict(unpack(pack(model.state_dict())))
    temperature = fit_temperature(model, dev)
    with torch.no_grad():
        for parameter in model.get_submodule("classifier").parameters():
            parameter.div_(temperature)
    packed = pack(model.state_dict())
    log(args.work, computed="float32, packed", temperature=temperature, **evaluate(model, unpack(packed), dev))

    args.output.mkdir(parents=True, exist_ok=True)
    save_file(packed, args.output / PACKED_WEIGHTS, metadata={"format": "pt"})
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(args.output)
    tokenizer.save_pretrained(args.output)
    write_digests(args.output)
    print(f"Model written to {args.output}.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command to resume from the last half epoch.")
