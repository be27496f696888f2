"""The engine against ``pipeline()``, the way of tutorials: on the bot's model and on weights of DistilBERT's size.

The large model has random weights, which cost what trained ones do. All judge the same texts on the same cores.
"""

import argparse
import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    pipeline,
)

from benchmarks.results import Run, keep, plot_bars, rates, show
from benchmarks.texts import as_in_chat, of_length
from bot.sentiment.engine.engine import MAX_PENDING, Engine, cores
from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import Checkpoint, as_classifier
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare

CORES = cores()
MESSAGE = 20
"""Tokens of a typical message."""


def distilbert(tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    """Return a model of DistilBERT's size with random weights, for ``tokenizer``."""
    torch.manual_seed(0)
    model = DistilBertForSequenceClassification(DistilBertConfig(vocab_size=len(tokenizer)))
    model.eval()
    return model


def with_pipeline(model: Checkpoint, batch_size: int = 1) -> Run:
    """Judge with ``pipeline()``: text by text, or in batches of ``batch_size`` as they come."""
    pipe: Any = pipeline("text-classification", model=model.model, tokenizer=model.tokenizer, device="cpu")  # type: ignore[call-overload]  # it is a fast tokenizer

    def run(texts: Sequence[str]) -> None:
        torch.set_num_threads(CORES)  # the engine's threads have set their own
        pipe(list(texts), batch_size=batch_size)

    return run


def through(engine: Engine) -> Run:
    """Judge with the engine, as many callers at once as it takes."""

    async def classify(texts: Sequence[str]) -> None:
        room = asyncio.Semaphore(MAX_PENDING)

        async def ask(text: str) -> None:
            async with room:
                await engine.classify(text)

        await asyncio.gather(*map(ask, texts))

    def run(texts: Sequence[str]) -> None:
        asyncio.run(classify(texts))

    return run


def peak(precision: str) -> float:
    """Return this machine's best rate at multiplying matrices, in GFLOP/s, all cores together."""
    size, seconds = 1024, 1.0
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "int8": torch.int8}[precision]
    one = torch.randn(size, size).to(dtype)
    done = [0] * CORES

    def multiply(i: int) -> None:
        torch.set_num_threads(1)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            if precision == "int8":
                torch._int_mm(one, one)
            else:
                one @ one
            done[i] += 1

    threads = [threading.Thread(target=multiply, args=(i,)) for i in range(CORES)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2 * size**3 * sum(done) / (time.perf_counter() - started) / 1e9


def work_of(model: PreTrainedModel, tokens: int) -> float:
    """Return the GFLOP of one text of ``tokens``, the last layer's outputs for its first token only."""
    size: int = model.config.hidden_size
    inner: int = model.config.intermediate_size
    layers: int = model.config.num_hidden_layers
    whole = 4 * size * size + 2 * size * inner + 2 * tokens * size
    last = tokens * 2 * size * size + 2 * size * size + 2 * size * inner + 2 * tokens * size
    return 2 * ((layers - 1) * tokens * whole + last) / 1e9


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer texts and rounds")
    args = parser.parse_args()
    rounds, scale = (3, 1) if args.quick else (7, 3)

    small = load()
    plain = checkpoint.load()
    large = Checkpoint(distilbert(plain.tokenizer), plain.tokenizer, "DistilBERT's size")
    speed = prepare(small, "auto")
    fast = as_classifier(large)
    prepare(fast, speed.precision)
    engine, large_engine = Engine(small, remember=0), Engine(fast, remember=0)
    messages, chat = of_length(MESSAGE, 600 * scale), as_in_chat(600 * scale)
    few = messages[: 60 * scale]
    found = rates(
        {
            "DistilBERT's size, pipeline()": (with_pipeline(large), few),
            "DistilBERT's size, engine": (through(large_engine), messages[: 240 * scale]),
            "bot's model, pipeline()": (with_pipeline(plain), messages[: 120 * scale]),
            "bot's model, engine": (through(engine), messages),
            "chat, pipeline(batch_size=32)": (with_pipeline(plain, 32), chat[: 300 * scale]),
            "chat, engine": (through(engine), chat),
        },
        rounds,
    )
    base, ours = found["DistilBERT's size, pipeline()"], found["bot's model, engine"]
    ceiling = peak(speed.precision) / work_of(plain.model, MESSAGE)
    show(
        f"Messages a second, {CORES} cores, the engine in {speed.precision}; {MESSAGE} tokens each, and as in chat",
        ("", "messages/s", "against the first"),
        [(name, f"{rate:.0f}", f"{rate / base:.1f} ×") for name, rate in found.items()],
    )
    ratios = {
        "the bot's engine against pipeline() on DistilBERT's size": ours / base,
        "engine against pipeline(), both DistilBERT's size": found["DistilBERT's size, engine"] / base,
        "engine against pipeline(), both the bot's model": ours / found["bot's model, pipeline()"],
        "engine against pipeline(batch_size=32), chat": found["chat, engine"] / found["chat, pipeline(batch_size=32)"],
        "share of this machine's ceiling": ours / ceiling,
    }
    show("Ratios", ("", "ratio"), [(name, f"{ratio:.2f}") for name, ratio in ratios.items()])
    keep("engine", {"precision": speed.precision, "cores": CORES, "rates": found, "ratios": ratios, "ceiling": ceiling})
    plot_bars("engine", f"Messages a second on {CORES} cores", "messages/s", found)
    engine.close()
    large_engine.close()


if __name__ == "__main__":
    main()
