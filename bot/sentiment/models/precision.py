"""The precision that a model computes in: fp32, bf16 or int8.

Checkpoints are stored in fp32; bf16 halves each number and int8 quarters it. Whether and how much faster that is
depends on the processor, so it is measured.
"""

import copy
import timeit
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier, Model
from bot.sentiment.models.quantization import quantize

# Without int8, which changes up to 2.5 % of the labels of a dev set; bf16 changes up to 0.9 % (see the model card).
_AUTO_CANDIDATES = ("fp32", "bf16")
SAMPLE_TEXTS, SAMPLE_TOKENS = 8, 20  # of the batch that the speed is measured with: texts, and tokens of each


@dataclass(frozen=True, slots=True)
class Speed:
    """The precision and device of a classifier, and how many texts of 20 tokens one thread classifies per second."""

    precision: str
    texts_per_second: float
    device: str

    def __str__(self) -> str:
        where = "on each core" if self.device == "cpu" else f"on {self.device}"
        messages = f"{self.texts_per_second:.0f} messages of {SAMPLE_TOKENS} tokens"
        return f"{self.precision}, about {messages} a second {where}"


def prepare(classifier: Classifier, precision: str = "auto", device: str = "cpu") -> Speed:
    """Convert a classifier in fp32 on the CPU, in place, and return its speed.

    ``precision`` is fp32, bf16, int8, or auto for the faster of fp32 and bf16; ``device`` a torch device such as cuda.
    Raise a ConfigurationError if this machine has no such device, or the model does not support the precision.
    """
    torch_device = _find_device(device)
    if precision == "int8" and torch_device.type != "cpu":
        raise ConfigurationError(
            f"int8 works on CPUs only. Set SENTIMENT_PRECISION to bf16 for SENTIMENT_DEVICE={device}, or to auto."
        )
    candidates = _AUTO_CANDIDATES if precision == "auto" else (precision,)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in the engine's threads
    try:
        models = {candidate: _convert(classifier.model, candidate).to(torch_device) for candidate in candidates}
        speeds = {candidate: _measure_speed(model) for candidate, model in models.items()}
    # Out of memory, or an architecture whose layers cannot be replaced: torch and models raise all kinds of errors.
    except Exception as error:
        raise ConfigurationError(
            f"The model {classifier.name} does not compute in {' or '.join(candidates)} on {device} "
            f"({type(error).__name__}). Set SENTIMENT_PRECISION to fp32, or SENTIMENT_DEVICE to cpu."
        ) from error
    finally:
        torch.set_num_threads(threads)
    fastest = max(speeds, key=speeds.__getitem__)
    classifier.model = models[fastest]
    return Speed(fastest, speeds[fastest], torch_device.type)


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


def _convert(model: Model, precision: str) -> Model:
    """Return ``model`` for fp32, else a converted copy."""
    if precision == "bf16":
        return copy.deepcopy(model).bfloat16()
    if precision == "int8":
        model = copy.deepcopy(model)
        for parent in list(model.hidden_layers().modules()):
            for name, child in list(parent.named_children()):
                if type(child) is nn.Linear:
                    setattr(parent, name, Int8Linear(child))
    return model


def _measure_speed(model: Model) -> float:
    """Return texts per second, the best of three runs."""
    rows = [dict.fromkeys(model.columns, [0] * SAMPLE_TOKENS)] * SAMPLE_TEXTS
    with torch.inference_mode():
        seconds = timeit.repeat(lambda: model(rows).sum().item(), repeat=4, number=1)
    return SAMPLE_TEXTS / min(seconds[1:])  # the first run warms up


class Int8Linear(nn.Module):
    """A linear layer in int8 arithmetic, with one scale for each row of weights and one for each input token.

    The scale per token keeps a text's result independent of the other texts in its batch.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        codes, scale = quantize(linear.weight.detach())
        self.codes = nn.Buffer(codes.t())
        self.scale = nn.Buffer(scale.t())
        self.bias = linear.bias

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (…, inputs) to (…, outputs), in float32."""
        codes, scale = quantize(inputs.flatten(0, -2))
        products: Tensor = torch._int_mm(codes, self.codes).float().mul_(scale).mul_(self.scale)
        if self.bias is not None:
            products.add_(self.bias)
        return products.view(*inputs.shape[:-1], products.shape[-1])
