"""Make the model that comes with the bot: ``make train DATA=…``.

It learns from all sources and from made-up chat messages at once, computing as int8 arithmetic would. Last, its
confidence is set right on the dev sets. What is done is kept in ``--work``, so that an interrupted run goes on
where it was.
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
from bot.sentiment.models.loading import EMBEDDED_FOLDER, PACKED_WEIGHTS, write_digests
from bot.sentiment.models.quantization import pack, unpack
from training.chat import chat_rows
from training.data import LABELS, SOURCES, TWO_CLASS, Example, batches_by_length, encode, read_tsv
from training.model import base_model, compute_in_int8, logits_of
from training.vocabulary import tie_names

SEED = 1
EPOCHS = 3  # how often each text is seen
BATCH = 64
RATE = 6e-5  # the highest learning rate
WARM_UP = 0.06
WEIGHT_DECAY = 0.01
AVERAGED_STEPS = 300  # the weights kept are a moving average over about the last so many steps
LOOKS = 2  # how often an epoch stops to look at the dev sets and to save
CHATS = 2  # how many different sets of chat messages are made

State = dict[str, Tensor]
Sets = Mapping[str, list[Example]]


def fit(model: PreTrainedModel, examples: Sequence[Example], dev: Sets, work: Path, *, bf16: bool = False) -> State:
    """Fine-tune ``model`` in place; return the averaged weights that did best on ``dev``."""
    torch.manual_seed(SEED)
    steps_per_epoch = -(-len(examples) // BATCH)
    steps = EPOCHS * steps_per_epoch
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, int(WARM_UP * steps), steps)
    average = copied(model.state_dict())
    best, best_state, done = 0.0, average, 0

    checkpoint = work / "checkpoint"
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        schedule.load_state_dict(kept["schedule"])
        torch.set_rng_state(kept["dropout"])
        average, best, best_state, done = kept["average"], kept["best"], kept["best_state"], kept["done"]

    looks = {round(i * steps_per_epoch / LOOKS) for i in range(1, LOOKS + 1)}
    model.train()
    for step, batch in enumerate(steps_of(examples, done), done + 1):
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = loss_of(model, batch)
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        for name, weight in model.state_dict().items():
            average[name].lerp_(weight, 1 / AVERAGED_STEPS)
        if (step - 1) % steps_per_epoch + 1 not in looks:
            continue
        figures = look(model, average, dev)
        mean = sum(figures.values()) / len(figures)
        note(work, epoch=step / steps_per_epoch, mean=mean, **figures)
        if mean > best:
            best, best_state = mean, copied(average)
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


def steps_of(examples: Sequence[Example], done: int) -> Iterator[list[Example]]:
    """Yield the batches of the training, behind the first ``done``, with a progress bar for each epoch."""
    steps_per_epoch = -(-len(examples) // BATCH)
    for epoch in range(done // steps_per_epoch, EPOCHS):
        batches = list(batches_by_length(examples, BATCH, random.Random(f"{SEED}/{epoch}")))
        rest = batches[max(0, done - epoch * steps_per_epoch) :]
        yield from track(rest, f"epoch {epoch + 1} of {EPOCHS}")


def loss_of(model: PreTrainedModel, batch: list[Example]) -> Tensor:
    """Return the cross-entropy of one batch against its labels."""
    return cross_entropy(logits_of(model, batch).float(), gold_of(batch))


def judged(model: PreTrainedModel, examples: Sequence[Example]) -> Tensor:
    """Return the logits of each text, shape (texts, labels)."""
    training = model.training
    model.eval()
    logits = torch.empty(len(examples), len(LABELS))
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].ids))
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            logits[rows] = logits_of(model, [examples[i] for i in rows])
    model.train(training)
    return logits


def gold_of(examples: Sequence[Example]) -> Tensor:
    """Return the index of each text's label."""
    return torch.tensor([example.label for example in examples])


def look(model: PreTrainedModel, state: State, dev: Sets) -> dict[str, float]:
    """Return the figure of each dev set for ``model`` with the weights ``state``: accuracy on SST-2, else macro-F1."""
    own = copied(model.state_dict())
    model.load_state_dict(state)
    figures = {
        source: (accuracy if source == TWO_CLASS else macro_f1)(judged(model, examples), gold_of(examples))
        for source, examples in dev.items()
    }
    model.load_state_dict(own)
    return figures


def copied(state: State) -> State:
    """Return weights that no longer change with the model they come from."""
    return {name: weight.detach().clone() for name, weight in state.items()}


def note(work: Path, **facts: str | float) -> None:
    """Print ``facts`` and add them to the run's log."""
    facts = {name: round(fact, 4) if isinstance(fact, float) else fact for name, fact in facts.items()}
    print("  ".join(f"{name} {fact}" for name, fact in facts.items()), flush=True)
    with (work / "log.jsonl").open("a") as log:
        log.write(json.dumps(facts | {"at": time.strftime("%F %T")}) + "\n")


def saved(state: State, path: Path) -> None:
    """Write weights so that an interruption leaves no half of a file."""
    part = path.with_suffix(".part")
    save_file(state, part)
    part.replace(path)


def temperature_of(model: PreTrainedModel, dev: Sets) -> float:
    """Return by how much to divide the logits so that confidence fits the dev sets best, each set weighing the same."""
    logits = {source: judged(model, examples) for source, examples in dev.items()}

    def loss(temperature: float) -> float:
        return sum(cross_entropy(logits[source] / temperature, gold_of(dev[source])).item() for source in dev)

    return min((hundredths / 100 for hundredths in range(50, 400)), key=loss)


def main() -> None:
    """Read the options, train what is not trained yet, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the sources, each with train.tsv, dev.tsv")
    parser.add_argument("--work", type=Path, default=Path("build/training"), help="where parts are kept")
    parser.add_argument("--output", type=Path, default=EMBEDDED_FOLDER, help="where the model is written")
    parser.add_argument(
        "--bf16", action="store_true", help="compute in bfloat16: faster on some processors, not on all"
    )
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    # What Adam remembers of rare words decays to numbers so small that a processor took many times longer over them.
    torch.set_flush_denormal(True)
    model, tokenizer = base_model(SEED)

    def examples_of(part: str) -> dict[str, list[Example]]:
        return {
            source: encode(tokenizer, read_tsv(args.data / source / f"{part}.tsv"), two_class=source == TWO_CLASS)
            for source in SOURCES
        }

    dev = examples_of("dev")
    compute_in_int8(model, on=True)
    path = args.work / "trained.safetensors"
    if path.exists():
        print(f"Trained before: {path}. Remove {args.work} to train anew.")
    else:
        examples = [example for source in examples_of("train").values() for example in source]
        examples += encode(tokenizer, [row for seed in range(CHATS) for row in chat_rows(random.Random(seed))])
        saved(fit(model, examples, dev, args.work, bf16=args.bf16), path)
    model.load_state_dict(load_file(path))

    tie_names(tokenizer, model)
    note(args.work, computed="int8", **look(model, model.state_dict(), dev))
    compute_in_int8(model, on=False)
    model.load_state_dict(unpack(pack(model.state_dict())))
    temperature = temperature_of(model, dev)
    with torch.no_grad():
        for parameter in model.get_submodule("classifier").parameters():
            parameter.div_(temperature)
    packed = pack(model.state_dict())
    note(args.work, computed="float32, packed", temperature=temperature, **look(model, unpack(packed), dev))

    args.output.mkdir(parents=True, exist_ok=True)
    save_file(packed, args.output / PACKED_WEIGHTS, metadata={"format": "pt"})
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(args.output)
    tokenizer.save_pretrained(args.output)
    write_digests(args.output)
    print(f"written to {args.output}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped. The same command goes on from the last half epoch.")
