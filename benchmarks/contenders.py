"""The contenders that need no other packages than the bot, each for a separate process.

    python -m benchmarks.contenders pipeline FOLDER BATCH_SIZE
    python -m benchmarks.contenders engine MODEL PRECISION     # MODEL is a folder or "embedded"
    python -m benchmarks.contenders forward MODEL PRECISION MAX_TOKENS

``forward`` is the engine's model and its choice of batches, without a queue or an event loop.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.processes import Answers, Run, report

if TYPE_CHECKING:
    from bot.sentiment.classifier import Classifier
    from bot.sentiment.engine.engine import Engine


def engine_run(engine: "Engine") -> Run:
    """Return a run that classifies with the engine, with its maximum number of concurrent callers."""
    from bot.sentiment.engine.engine import MAX_PENDING

    async def classify(texts: Sequence[str]) -> Answers:
        semaphore = asyncio.Semaphore(MAX_PENDING)

        async def classify_one(text: str) -> tuple[str, float]:
            async with semaphore:
                sentiment = await engine.classify(text)
                return sentiment.label, sentiment.score

        return await asyncio.gather(*map(classify_one, texts))

    return lambda texts: asyncio.run(classify(texts))


@contextmanager
def load_pipeline(folder: str, batch_size: int) -> Iterator[Run]:
    """Yield a run that classifies with ``pipeline()``, in batches of ``batch_size`` in the given order."""
    from transformers import pipeline

    pipe: Any = pipeline("text-classification", model=folder, device="cpu")

    def run(texts: Sequence[str]) -> Answers:
        results = pipe(list(texts), batch_size=batch_size, truncation=True)
        return [(result["label"], result["score"]) for result in results]

    yield run


@contextmanager
def load_engine(model: str, precision: str) -> Iterator[Run]:
    """Yield a run that classifies with the engine."""
    from bot.sentiment.engine.engine import Engine

    engine = Engine(_load_classifier(model, precision), cache_size=0)
    yield engine_run(engine)
    engine.close()


@contextmanager
def load_forward(model: str, precision: str, max_tokens: int) -> Iterator[Run]:
    """Yield a run that classifies with the engine's model, a batch of ``max_tokens`` on each core at a time."""
    classifier = _load_classifier(model, precision)
    import torch

    from benchmarks.batching import run_in_batches
    from bot.sentiment.engine.engine import count_cores

    def encode(text: str) -> list[int]:
        ids: list[int] = classifier.tokenizer.encode(text).ids
        return ids

    def run(rows: Sequence[list[int]]) -> list[list[float]]:
        return classifier.run([{"input_ids": ids} for ids in rows])

    def initialize() -> None:
        torch.set_num_threads(1)

    labels = list(classifier.id2label.values())
    with run_in_batches(
        encode, run, labels, threads=count_cores(), max_tokens=max_tokens, initialize=initialize
    ) as run_texts:
        yield run_texts


def _load_classifier(model: str, precision: str) -> "Classifier":
    from bot.sentiment.models.loading import load
    from bot.sentiment.models.precision import prepare

    classifier = load(None if model == "embedded" else model)
    prepare(classifier, precision)
    return classifier


def main() -> None:
    """Run the contender that the arguments name, for the request on standard input."""
    kind, model, *options = sys.argv[1:]
    loaders: dict[str, Callable[[], AbstractContextManager[Run]]] = {
        "pipeline": lambda: load_pipeline(model, int(options[0])),
        "engine": lambda: load_engine(model, options[0]),
        "forward": lambda: load_forward(model, options[0], int(options[1])),
    }
    report(loaders[kind])


if __name__ == "__main__":
    main()
