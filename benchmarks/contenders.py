"""The contenders that need no other packages than the bot, each for a separate process.

python -m benchmarks.contenders pipeline FOLDER BATCH_SIZE
python -m benchmarks.contenders engine MODEL     # MODEL is a folder or "embedded"
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.processes import Answers, Run, report

if TYPE_CHECKING:
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
def load_engine(model: str) -> Iterator[Run]:
    """Yield a run that classifies with the engine."""
    from bot.sentiment.engine.engine import Engine, count_cores
    from bot.sentiment.models.loading import load

    classifier = load(None if model == "embedded" else model, precision="auto", threads=count_cores())
    engine = Engine(classifier, cache_size=0)
    yield engine_run(engine)
    engine.close()


def main() -> None:
    """Run the contender that the arguments name, for the request on standard input."""
    kind, model, *options = sys.argv[1:]
    loaders: dict[str, Callable[[], AbstractContextManager[Run]]] = {
        "pipeline": lambda: load_pipeline(model, int(options[0])),
        "engine": lambda: load_engine(model),
    }
    report(loaders[kind])


if __name__ == "__main__":
    main()
