"""Models that OpenVINO computes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import local
from typing import Any

import numpy as np
import openvino

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Model, Row, Scores
from bot.sentiment.text import first_line


class OpenVinoModel(Model):
    """A graph from ids and attention mask, shape (rows, tokens), to scores, shape (rows, labels).

    It computes on one core in each of up to ``threads`` threads at a time, in int8 or, from the same weights, in fp32.
    Raises a ConfigurationError if OpenVINO does not support this processor.
    """

    def __init__(
        self, graph: Path, weights: Path, config: Mapping[str, Any], *, threads: int, precision: str = "int8"
    ) -> None:
        super().__init__(config, ["input_ids"])
        self.precision = precision
        model = openvino.Core().read_model(graph, weights)
        if precision == "fp32":
            for node in model.get_ops():
                if node.get_type_name() == "FakeQuantize":  # rounds the inputs of a multiplication
                    node.output(0).replace(node.input_value(0))
        options: dict[str, Any] = {
            "NUM_STREAMS": threads,
            "INFERENCE_NUM_THREADS": threads,
            # Without pinning, the operating system can move threads away from cores that other processes use.
            "ENABLE_CPU_PINNING": False,
            # In bf16 on a processor with AMX, some scores change by up to 0.6 with the batch, and it is no faster.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        if precision == "fp32":
            options["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = 0  # which would round the other inputs of multiplications
        try:
            self._compiled = openvino.Core().compile_model(model, "CPU", options)
        except RuntimeError as error:
            raise ConfigurationError(
                f"OpenVINO cannot compute the model on this processor ({first_line(error)}). Set SENTIMENT_MODEL to "
                "another model, which torch computes."
            ) from error
        self._thread = local()

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Return the scores of ``rows``, which are computed as one padded batch."""
        if not hasattr(self._thread, "request"):
            self._thread.request = self._compiled.create_infer_request()
        ids = np.zeros((len(rows), max(len(row["input_ids"]) for row in rows)), np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            length = len(row["input_ids"])
            ids[i, :length], mask[i, :length] = row["input_ids"], 1
        results = self._thread.request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
        ids.fill(0)  # the request keeps its inputs until the next batch
        scores: list[Scores] = results[0].tolist()
        return scores
