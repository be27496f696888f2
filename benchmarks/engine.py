"""Throughput of the engine and of ``pipeline()``, with the embedded model and a model of DistilBERT's size.

The large model has random weights, which cost as much as trained ones. All classify the same texts on the same cores.
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
from bot.sentiment.engine.engine import MAX_PENDING, Engine, count_cores
from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import Checkpoint, as_classifier
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare

CORES = count_cores()
MESSAGE_TOKENS = 20
"""Length of a typical message."""


def make_distilbert(tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    """Return a model of DistilBERT's size with random weights, for ``tokenizer``."""
    torch.manual_seed(0)
    model = DistilBertForSequenceClassification(DistilBertConfig(vocab_size=len(tokenizer)))
    model.eval()
    return model


def pipeline_run(model: Checkpoint, batch_size: int = 1) -> Run:
    """Return a run that classifies with ``pipeline()``, in batches of ``batch_size`` in the given order."""
    pipe: Any = pipeline("text-classification", model=model.model, tokenizer=model.tokenizer, device="cpu")  # type: ignore[call-overload]  # it is a fast tokenizer

    def run(texts: Sequence[str]) -> None:
        torch.set_num_threads(CORES)  # the engine's threads have set their own
        pipe(list(texts), batch_size=batch_size)

    return run


def engine_run(engine: Engine) -> Run:
    """Return a run that classifies with the engine, with its maximum number of concurrent callers."""

    async def classify(texts: Sequence[str]) -> None:
        semaphore = asyncio.Semaphore(MAX_PENDING)

        async def classify_one(text: str) -> None:
            async with semaphore:
                await engine.classify(text)

        await asyncio.gather(*map(classify_one, texts))

    def run(texts: Sequence[str]) -> None:
        asyncio.run(classify(texts))

    return run


def measure_peak(precision: str) -> float:
    """Return the rate of matrix multiplication on all cores of this machine, in GFLOP/s."""
    size, seconds = 1024, 1.0
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "int8": torch.int8}[precision]
    matrix = torch.randn(size, size).to(dtype)
    done = [0] * CORES

    def multiply(i: int) -> None:
        torch.set_num_threads(1)
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            if precision == "int8":
                torch._int_mm(matrix, matrix)
            else:
                matrix @ matrix
            done[i] += 1

    threads = [threading.Thread(target=multiply, args=(i,)) for i in range(CORES)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2 * size**3 * sum(done) / (time.perf_counter() - started) / 1e9


def count_gflop(model: PreTrainedModel, tokens: int) -> float:
    """Return the GFLOP of one text of ``tokens``, with the last layer computed for its first token only."""
    size: int = model.config.hidden_size
    intermediate: int = model.config.intermediate_size
    layers: int = model.config.num_hidden_layers
    whole = 4 * size * size + 2 * size * intermediate + 2 * tokens * size
    last = tokens * 2 * size * size + 2 * size * size + 2 * size * intermediate + 2 * tokens * size
    return 2 * ((layers - 1) * tokens * whole + last) / 1e9


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer texts and rounds")
    args = parser.parse_args()
    rounds, scale = (3, 1) if args.quick else (7, 3)

    small = load()
    plain = checkpoint.load()
    large = Checkpoint(make_distilbert(plain.tokenizer), plain.tokenizer, "DistilBERT's size")
    speed = prepare(small, "auto")
    large_classifier = as_classifier(large)
    prepare(large_classifier, speed.precision)
    engine, large_engine = Engine(small, cache_size=0), Engine(large_classifier, cache_size=0)
    messages, chat = of_length(MESSAGE_TOKENS, 600 * scale), as_in_chat(600 * scale)
    few = messages[: 60 * scale]
    throughputs = rates(
        {
            "DistilBERT's size, pipeline()": (pipeline_run(large), few),
            "DistilBERT's size, engine": (engine_run(large_engine), messages[: 240 * scale]),
            "bot's model, pipeline()": (pipeline_run(plain), messages[: 120 * scale]),
            "bot's model, engine": (engine_run(engine), messages),
            "chat, pipeline(batch_size=32)": (pipeline_run(plain, 32), chat[: 300 * scale]),
            "chat, engine": (engine_run(engine), chat),
        },
        rounds,
    )
    base, ours = throughputs["DistilBERT's size, pipeline()"], throughputs["bot's model, engine"]
    ceiling = measure_peak(speed.precision) / count_gflop(plain.model, MESSAGE_TOKENS)
    show(
        f"Messages per second, {CORES} cores, {speed.precision}; {MESSAGE_TOKENS} tokens each, and chat lengths",
        ("", "messages/s", "relative to the first"),
        [(name, f"{rate:.0f}", f"{rate / base:.1f} ×") for name, rate in throughputs.items()],
    )
    ratios = {
        "the bot's engine against pipeline() on DistilBERT's size": ours / base,
        "engine against pipeline(), both DistilBERT's size": throughputs["DistilBERT's size, engine"] / base,
        "engine against pipeline(), both the bot's model": ours / throughputs["bot's model, pipeline()"],
        "engine against pipeline(batch_size=32), chat": throughputs["chat, engine"]
        / throughputs["chat, pipeline(batch_size=32)"],
        "share of this machine's ceiling": ours / ceiling,
    }
    show("Ratios", ("", "ratio"), [(name, f"{ratio:.2f}") for name, ratio in ratios.items()])
    keep(
        "engine",
        {"precision": speed.precision, "cores": CORES, "rates": throughputs, "ratios": ratios, "ceiling": ceiling},
    )
    plot_bars("engine", f"Messages a second on {CORES} cores", "messages/s", throughputs)
    engine.close()
    large_engine.close()


if __name__ == "__main__":
    main()
