"""Models that transformers and torch compute, of any architecture."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Model, Row, Scores
from bot.sentiment.models.speed import measure_speed


class TransformersModel(Model):
    """A model of transformers.

    On a CPU it computes on one core in each of up to ``threads`` threads at a time; one thread alone uses all cores.
    """

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, *, threads: int = 1, precision: str = "fp32"
    ) -> None:
        columns = [name for name in tokenizer.model_input_names if name != "attention_mask"]  # pad() adds it
        super().__init__(model.config.to_dict(), columns)
        self.precision = precision
        self.device = model.device.type
        self._model = model
        self._tokenizer = tokenizer
        self._threads = threads

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Return the scores of ``rows``, which are computed as one padded batch."""
        if self._threads > 1:
            torch.set_num_threads(1)  # of the calling thread
        inputs = self._tokenizer.pad(list(rows), return_attention_mask=True, return_tensors="pt")
        with torch.inference_mode():
            logits = self._model(**inputs.to(self._model.device)).logits
        scores: list[Scores] = self.probabilities(logits.float()).tolist()
        return scores

    def probabilities(self, logits: Tensor) -> Tensor:
        """Turn logits into scores of the same shape: softmax, or sigmoid for multi-label models."""
        return logits.sigmoid() if self.multi_label else logits.softmax(-1)

    def convert(self, precision: str, device: str) -> "TransformersModel":
        """Return the model, which is in fp32 on the CPU, in another precision and on another device.

        Raises:
            ConfigurationError: this machine has no such device, or the model does not compute on it.
        """
        torch_device = _find_device(device)
        precisions = ("fp32", "bf16") if precision == "auto" else (precision,)
        speeds: dict[TransformersModel, float] = {}
        for each in precisions:
            try:
                model = self._convert(each, torch_device)
                speeds[model] = measure_speed(model)
            # Out of memory, or an architecture without bf16: torch and models raise all kinds of errors.
            except Exception as error:
                cause = error
        if not speeds:
            raise ConfigurationError(
                f"The model does not compute in {' or '.join(precisions)} on {device} ({type(cause).__name__}). Set "
                "SENTIMENT_PRECISION to fp32, or SENTIMENT_DEVICE to cpu."
            ) from cause
        return max(speeds, key=speeds.__getitem__)

    def _convert(self, precision: str, device: torch.device) -> "TransformersModel":
        if precision == "fp32" and device.type == "cpu":
            return self
        dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
        model: Any = copy.deepcopy(self._model)  # the annotations of its to() refuse what it accepts
        model.to(device, dtype)
        return TransformersModel(model, self._tokenizer, threads=self._threads, precision=precision)


def _find_device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.ones(1, device=device).item()
    # torch raises many kinds of errors for unknown or unavailable devices.
    except Exception as error:
        raise ConfigurationError(
            f"This machine has no device {name} that torch can use. Set SENTIMENT_DEVICE to cpu, or cuda for a GPU."
        ) from error
    return device
