"""Models that OpenVINO computes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import local
from typing import Any

import numpy as np
import openvino

from bot.sentiment.classifier import Model, Row, Scores


class OpenVinoModel(Model):
    """A graph from ids and attention mask, shape (rows, tokens), to scores, shape (rows, labels).

    It computes on one core in each of up to ``threads`` threads at a time, in int8 or, from the same weights, in fp32.
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
        # Without pinning, the operating system can move threads away from cores that other processes use.
        options = {"NUM_STREAMS": threads, "INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
        self._compiled = openvino.Core().compile_model(model, "CPU", options)
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
        scores: list[Scores] = results[0].tolist()
        return scores
