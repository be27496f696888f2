"""Make the model that comes with the bot: ``make train DATA=…``.

Two teachers learn first: one from all sources, one from film reviews alone. The student goes on from the first and
learns from the labels, from what the teachers think of each text, and from chat messages; it computes as int8
arithmetic would. Last, its confidence is set right on the dev sets. Each part is kept in
``--work``, so that an interrupted run goes on where it was.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from rich.progress import track
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import log_softmax
from transformers import PreTrainedModel, get_linear_schedule_with_warmup

from bot.sentiment.loading import EMBEDDED, PACKED_WEIGHTS
from bot.sentiment.packing import pack, unpack
from training.chat import chat_rows
from training.data import LABELS, SOURCES, TWO_CLASS, Example, batches_by_length, encode, read_tsv
from training.metrics import accuracy, macro_f1
from training.model import base_model, compute_in_int8, logits_of
from training.vocabulary import tie_names

BATCH = 64
WARM_UP = 0.06
WEIGHT_DECAY = 0.01
AVERAGED_STEPS = 300  # the weights kept are a moving average over about the last so many steps
LOOKS = 2  # how often an epoch stops to look at the dev sets and to save
WORSE = 0.005  # by how much a look may fall behind the best before the stage ends early
OPINION = 0.7  # the teachers' share in what the student learns from; the label has the rest
CHATS = 2  # how many different sets of chat messages are made


@dataclass(frozen=True)
class Stage:
    """One stretch of training: which sources, how often each text is seen at most, and the highest learning rate."""

    name: str
    sources: tuple[str, ...]
    epochs: int
    rate: float
    seed: int


TEACHERS = (Stage("teacher-1", SOURCES, 3, 6e-5, 1), Stage("teacher-2", (TWO_CLASS,), 2, 6e-5, 2))
STUDENT = Stage("student", SOURCES, 2, 5e-5, 3)

State = dict[str, Tensor]
Sets = Mapping[str, list[Example]]


def fit(model: PreTrainedModel, examples: Sequence[Example], dev: Sets, stage: Stage, work: Path) -> State:
    """Fine-tune ``model`` in place until ``dev`` gets clearly worse; return the averaged weights that did best."""
    torch.manual_seed(stage.seed)
    steps_per_epoch = -(-len(examples) // BATCH)
    steps = stage.epochs * steps_per_epoch
    optimizer = torch.optim.AdamW(model.parameters(), lr=stage.rate, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, int(WARM_UP * steps), steps)
    average = copied(model.state_dict())
    best, best_state, done = 0.0, average, 0

    checkpoint = work / f"{stage.name}.checkpoint"
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        schedule.load_state_dict(kept["schedule"])
        average, best, best_state, done = kept["average"], kept["best"], kept["best_state"], kept["done"]

    looks = {round(i * steps_per_epoch / LOOKS) for i in range(1, LOOKS + 1)}
    for step, batch in enumerate(steps_of(examples, stage, done), done + 1):
        loss_of(model, batch).backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        for name, weight in model.state_dict().items():
            average[name].lerp_(weight, 1 / AVERAGED_STEPS)
        if (step - 1) % steps_per_epoch + 1 not in looks:
            continue
        figures = look(model, average, {source: dev[source] for source in stage.sources})
        mean = sum(figures.values()) / len(figures)
        note(work, stage=stage.name, epoch=step / steps_per_epoch, mean=mean, **figures)
        if mean < best - WORSE:
            break
        if mean > best:
            best, best_state = mean, copied(average)
        part = checkpoint.with_suffix(".part")
        torch.save(
            {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "average": average,
                "best": best,
                "best_state": best_state,
                "done": step,
            },
            part,
        )
        part.replace(checkpoint)
    return best_state


def steps_of(examples: Sequence[Example], stage: Stage, done: int) -> Iterator[list[Example]]:
    """Yield the batches of a stage, behind the first ``done``, with a progress bar for each epoch."""
    steps_per_epoch = -(-len(examples) // BATCH)
    for epoch in range(done // steps_per_epoch, stage.epochs):
        batches = list(batches_by_length(examples, BATCH, random.Random(f"{stage.seed}/{epoch}")))
        rest = batches[max(0, done - epoch * steps_per_epoch) :]
        yield from track(rest, f"{stage.name}, epoch {epoch + 1} of {stage.epochs}")


def loss_of(model: PreTrainedModel, batch: list[Example]) -> Tensor:
    """Return the cross-entropy of one batch against its targets."""
    targets = torch.tensor([example.target for example in batch])
    return -(targets * log_softmax(logits_of(model, batch), -1)).sum(-1).mean()


def judged(model: PreTrainedModel, examples: Sequence[Example]) -> Tensor:
    """Return the logits of each text, shape (texts, labels)."""
    logits = torch.empty(len(examples), len(LABELS))
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].ids))
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            logits[rows] = logits_of(model, [examples[i] for i in rows])
    return logits


def gold_of(examples: Sequence[Example]) -> Tensor:
    """Return the index of each text's label."""
    return torch.tensor([example.target for example in examples]).argmax(-1)


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


def taught(stage: Stage, train: Sets, dev: Sets, work: Path) -> PreTrainedModel:
    """Return the teacher of ``stage``, trained now unless that was done before."""
    path = work / f"{stage.name}.safetensors"
    model, _ = base_model(stage.seed)
    if not path.exists():
        examples = [example for source in stage.sources for example in train[source]]
        saved(fit(model, examples, dev, stage, work), path)
    model.load_state_dict(load_file(path))
    return model


def opinions(train: Sets, dev: Sets, work: Path) -> dict[str, list[Example]]:
    """Train the teachers and mix what they think of each text, on average, into its target."""
    thoughts: dict[str, list[Tensor]] = {source: [] for source in train}
    for stage in TEACHERS:
        teacher = taught(stage, train, dev, work)
        for source in stage.sources:
            thoughts[source].append(judged(teacher, train[source]).softmax(-1))
    targets = {source: torch.stack(known).mean(0) for source, known in thoughts.items()}
    return {
        source: [
            replace(example, target=tuple((OPINION * opinion + (1 - OPINION) * torch.tensor(example.target)).tolist()))
            for example, opinion in zip(examples, targets[source], strict=True)
        ]
        for source, examples in train.items()
    }


def temperature_of(model: PreTrainedModel, dev: Sets) -> float:
    """Return by how much to divide the logits so that confidence fits the dev sets best, each set weighing the same."""
    logits = {source: judged(model, examples) for source, examples in dev.items()}

    def loss(temperature: float) -> float:
        return sum(
            torch.nn.functional.cross_entropy(logits[source] / temperature, gold_of(dev[source])).item()
            for source in dev
        )

    return min((hundredths / 100 for hundredths in range(50, 400)), key=loss)


def main() -> None:
    """Read the options, train what is not trained yet, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the sources, each with train.tsv, dev.tsv")
    parser.add_argument("--work", type=Path, default=Path("build/training"), help="where parts are kept")
    parser.add_argument("--output", type=Path, default=EMBEDDED, help="where the model is written")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    # What Adam remembers of rare words decays to numbers so small that a processor took many times longer over them.
    torch.set_flush_denormal(True)
    model, tokenizer = base_model(STUDENT.seed)

    def examples_of(part: str) -> dict[str, list[Example]]:
        return {
            source: encode(tokenizer, read_tsv(args.data / source / f"{part}.tsv"), two_class=source == TWO_CLASS)
            for source in SOURCES
        }

    train, dev = examples_of("train"), examples_of("dev")
    path = args.work / f"{STUDENT.name}.safetensors"
    if path.exists():
        print(f"Trained before: {path}. Remove {args.work} to train anew.")
    else:
        chats = [row for seed in range(CHATS) for row in chat_rows(random.Random(seed))]
        examples = [example for source in opinions(train, dev, args.work).values() for example in source]
        examples += encode(tokenizer, chats)
        compute_in_int8(model, on=True)
        model.load_state_dict(load_file(args.work / f"{TEACHERS[0].name}.safetensors"))
        saved(fit(model, examples, dev, STUDENT, args.work), path)
        compute_in_int8(model, on=False)
    model.load_state_dict(load_file(path))

    tie_names(tokenizer, model)
    temperature = temperature_of(model, dev)
    with torch.no_grad():
        for parameter in model.get_submodule("classifier").parameters():
            parameter.div_(temperature)
    packed = pack(model.state_dict())
    note(args.work, stage="float32", temperature=temperature, **look(model, model.state_dict(), dev))
    note(args.work, stage="packed", **look(model, unpack(packed), dev))

    args.output.mkdir(parents=True, exist_ok=True)
    save_file(packed, args.output / PACKED_WEIGHTS, metadata={"format": "pt"})
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(args.output)
    tokenizer.save_pretrained(args.output)
    print(f"written to {args.output}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped. The same command goes on from the last half epoch.")
