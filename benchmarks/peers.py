"""Other software that serves text classifiers, with the weights of a folder and in whatever Python has it installed.

    python -m benchmarks.peers convert FOLDER         # once: adds the model as ONNX and for OpenVINO to the folder
    python -m benchmarks.peers NAME FOLDER CORES      # for the request on standard input

``convert`` prints which peers are installed. This module imports nothing of the bot.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.processes import Answers, Run, report

CONCURRENT_CALLS = 200
"""How many callers wait for infinity at a time, each with one text: as many as the bot's engine admits."""
BATCH_SIZE = 32


@contextmanager
def load_onnxruntime(folder: str, cores: int) -> Iterator[Run]:
    """Yield a run of transformers' ``pipeline()`` with ONNX Runtime, through optimum."""
    from onnxruntime import SessionOptions
    from optimum.onnxruntime import ORTModelForSequenceClassification

    options = SessionOptions()
    options.intra_op_num_threads = cores
    model = ORTModelForSequenceClassification.from_pretrained(
        folder, file_name="model.onnx", session_options=options, use_io_binding=False
    )
    yield _pipeline_run(model, folder)


@contextmanager
def load_openvino(folder: str, cores: int) -> Iterator[Run]:
    """Yield a run of transformers' ``pipeline()`` with OpenVINO at its own choice of precision, through optimum."""
    from optimum.intel import OVModelForSequenceClassification

    model = OVModelForSequenceClassification.from_pretrained(folder, ov_config={"INFERENCE_NUM_THREADS": str(cores)})
    yield _pipeline_run(model, folder)


@contextmanager
def load_infinity(engine_name: str, folder: str, cores: int) -> Iterator[Run]:
    """Yield a run of infinity, which forms batches of concurrent calls as the bot's engine does."""
    os.environ["HF_HUB_CACHE"] = str(Path(folder).with_name("cache"))  # it keeps its optimized ONNX model there
    os.chdir(folder)  # it finds the ONNX model of a folder only where the model's name is "."
    import torch
    from infinity_emb import AsyncEmbeddingEngine, EngineArgs

    torch.set_num_threads(cores)
    arguments = EngineArgs(
        model_name_or_path=".",
        engine=engine_name,
        device="cpu",
        batch_size=BATCH_SIZE,
        trust_remote_code=False,
        model_warmup=False,  # its texts are longer than the model's input, and only one of the two truncates
    )
    engine = AsyncEmbeddingEngine.from_args(arguments)

    async def classify(texts: Sequence[str]) -> Answers:
        semaphore = asyncio.Semaphore(CONCURRENT_CALLS)

        async def classify_one(text: str) -> tuple[str, float]:
            async with semaphore:
                predictions, _ = await engine.classify(sentences=[text])
            best = max(predictions[0], key=lambda prediction: prediction["score"])
            return best["label"], float(best["score"])

        return await asyncio.gather(*map(classify_one, texts))

    with asyncio.Runner() as runner:
        runner.run(engine.astart())
        yield lambda texts: runner.run(classify(texts))
        runner.run(engine.astop())


def _pipeline_run(model: object, folder: str) -> Run:
    import transformers

    pipeline: Any = transformers.pipeline  # its annotations list transformers' own models only
    pipe = pipeline("text-classification", model=model, tokenizer=transformers.AutoTokenizer.from_pretrained(folder))

    def run(texts: Sequence[str]) -> Answers:
        results = pipe(list(texts), batch_size=BATCH_SIZE, truncation=True)
        return [(result["label"], result["score"]) for result in results]

    return run


LOADERS: dict[str, Callable[[str, int], AbstractContextManager[Run]]] = {
    "onnxruntime": load_onnxruntime,
    "openvino": load_openvino,
    "infinity-torch": partial(load_infinity, "torch"),
    "infinity-optimum": partial(load_infinity, "optimum"),
}
_PACKAGES = {
    "onnxruntime": ("optimum.onnxruntime", "onnxruntime"),
    "openvino": ("optimum.intel", "openvino"),
    "infinity-torch": ("infinity_emb", "torch"),
    "infinity-optimum": ("infinity_emb", "optimum.onnxruntime", "onnxruntime"),
}


def convert(folder: str) -> list[str]:
    """Add the files that the installed peers read to ``folder``, and return the names of these peers."""
    installed = [name for name, packages in _PACKAGES.items() if all(map(_is_installed, packages))]
    if "onnxruntime" in installed:
        from optimum.onnxruntime import ORTModelForSequenceClassification

        ORTModelForSequenceClassification.from_pretrained(folder, export=True).save_pretrained(folder)
    if "openvino" in installed:
        from optimum.intel import OVModelForSequenceClassification

        OVModelForSequenceClassification.from_pretrained(folder, export=True, compile=False).save_pretrained(folder)
    return installed


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # its parent
        return False


def main() -> None:
    """Convert a model, or run the peer that the arguments name."""
    command, folder, *options = sys.argv[1:]
    if command == "convert":
        print("\n" + json.dumps(convert(folder)))
    else:
        report(partial(LOADERS[command], folder, int(options[0])))


if __name__ == "__main__":
    main()
