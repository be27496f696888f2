"""The embedded model in OpenVINO, in whatever Python has it installed.

    python -m benchmarks.openvino_model convert FOLDER                            # once; needs torch and NNCF too
    python -m benchmarks.openvino_model fp32|bf16|int8 FOLDER CORES MAX_TOKENS    # for the request on standard input

``convert`` reads texts as JSON from standard input, with which int8 is calibrated: the range of every activation is
fixed by them, so that no text's result depends on others in its batch. This module imports nothing of the bot.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING

from benchmarks.batching import Ids, run_in_batches
from benchmarks.processes import Run, report

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FLOAT_MODEL, INT8_MODEL = "float.xml", "int8.xml"
PRECISIONS = {"fp32": (FLOAT_MODEL, "f32"), "bf16": (FLOAT_MODEL, "bf16"), "int8": (INT8_MODEL, "bf16")}
"""The file of the model, and the type in which the operations that are not in int8 compute."""


def convert(folder: str, texts: Sequence[str]) -> None:
    """Write the transformers model in ``folder`` there in OpenVINO's format, in float32 and in int8."""
    import nncf
    import numpy as np
    import openvino
    import torch
    from transformers import AutoModelForSequenceClassification

    class Probabilities(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModelForSequenceClassification.from_pretrained(folder).eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits.softmax(-1)

    mask = torch.ones(2, 8, dtype=torch.int64)
    mask[1, 5:] = 0
    example = {"input_ids": torch.randint(5, 100, mask.shape), "attention_mask": mask}
    any_shape = openvino.PartialShape([-1, -1])
    model = openvino.convert_model(Probabilities().eval(), example_input=example, input=[any_shape] * 2)
    openvino.save_model(model, Path(folder, FLOAT_MODEL), compress_to_fp16=False)

    tokenizer, _ = _load_tokenizer(folder)
    rows = [np.array([tokenizer.encode(text).ids]) for text in texts]
    dataset = nncf.Dataset(rows, lambda ids: {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    quantized = nncf.quantize(model, dataset, model_type=nncf.ModelType.TRANSFORMER, subset_size=len(rows))
    openvino.save_model(quantized, Path(folder, INT8_MODEL), compress_to_fp16=False)


@contextmanager
def load(precision: str, folder: str, cores: int, max_tokens: int) -> Iterator[Run]:
    """Yield a run that computes one batch of ``max_tokens`` on each core at a time."""
    import numpy as np
    import openvino

    tokenizer, labels = _load_tokenizer(folder)
    file, float_type = PRECISIONS[precision]
    options = {"INFERENCE_PRECISION_HINT": float_type, "INFERENCE_NUM_THREADS": cores, "NUM_STREAMS": cores}
    model = openvino.Core().compile_model(Path(folder, file), "CPU", options)
    thread = local()

    def encode(text: str) -> Ids:
        ids: Ids = tokenizer.encode(text).ids
        return ids

    def initialize() -> None:
        thread.request = model.create_infer_request()

    def run(rows: Sequence[Ids]) -> list[list[float]]:
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)], mask[i, : len(row)] = row, 1
        scores: list[list[float]] = thread.request.infer({"input_ids": ids, "attention_mask": mask})[0].tolist()
        return scores

    with run_in_batches(encode, run, labels, threads=cores, max_tokens=max_tokens, initialize=initialize) as run_texts:
        yield run_texts


def _load_tokenizer(folder: str) -> "tuple[Tokenizer, list[str]]":
    """Return the model's tokenizer and its labels."""
    from tokenizers import Tokenizer

    config = json.loads(Path(folder, "config.json").read_text())
    tokenizer = Tokenizer.from_file(str(Path(folder, "tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.enable_truncation(config["max_position_embeddings"])
    return tokenizer, list(config["id2label"].values())


def main() -> None:
    """Convert a model, or run it as the arguments say."""
    command, folder, *options = sys.argv[1:]
    if command == "convert":
        convert(folder, json.load(sys.stdin))
        print("converted")
    else:
        cores, max_tokens = map(int, options)
        report(partial(load, command, folder, cores, max_tokens))


if __name__ == "__main__":
    main()
