"""In which numbers a model computes: the engine's choice between fp32, bf16 and int8.

fp32 is what checkpoints hold. bf16 halves each number, int8 quarters it; how much faster that is, and whether it is
faster at all, depends on the processor, so it is measured.
"""

import copy
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier
from bot.sentiment.model import Model
from bot.sentiment.models.quantization import quantize

# int8 is not among them: it changes 0.4 to 1.3 % of the labels of a dev set, bf16 none to 0.4 % (see the model card).
_AUTOMATIC = ("fp32", "bf16")

MEASURED_TEXTS, MEASURED_TOKENS = 8, 20
"""What the speed is measured with: so many texts at once, of so many tokens."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What a classifier computes in, and how many texts of 20 tokens one thread judges a second."""

    precision: str
    texts_per_second: float
    device: str

    def __str__(self) -> str:
        where = "on each core" if self.device == "cpu" else f"on {self.device}"
        return (
            f"{self.precision}, about {self.texts_per_second:.0f} messages of {MEASURED_TOKENS} tokens a second {where}"
        )


def prepare(classifier: Classifier, precision: str = "auto", device: str = "cpu") -> Speed:
    """Let ``classifier`` compute in ``precision`` on ``device``; it is changed in place.

    Args:
        classifier: computes in fp32 on the processor so far.
        precision: fp32, bf16, int8, or auto for the fastest that changes no more labels than it may.
        device: a device of torch's, such as cpu or cuda.

    Returns:
        What it computes in now, and how fast.

    Raises:
        ConfigurationError: this machine has no such device, or the model cannot compute so there.
    """
    place = _device(device)
    if precision == "int8" and place.type != "cpu":
        raise ConfigurationError(
            f"int8 is for processors only. Set SENTIMENT_PRECISION to bf16 for SENTIMENT_DEVICE={device}, or to auto."
        )
    candidates = _AUTOMATIC if precision == "auto" else (precision,)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the engine's threads compute
    try:
        made = {candidate: _converted(classifier.model, candidate) for candidate in candidates}
        for model in made.values():
            model.to(place)
        speeds = {candidate: _speed(model) for candidate, model in made.items()}
    # Out of memory, an architecture whose layers cannot be exchanged: torch and models raise all kinds of errors.
    except Exception as error:
        raise ConfigurationError(
            f"The model {classifier.name} does not compute in {' or '.join(candidates)} on {device} "
            f"({type(error).__name__}). Set SENTIMENT_PRECISION to fp32, or SENTIMENT_DEVICE to cpu."
        ) from error
    finally:
        torch.set_num_threads(threads)
    fastest = max(speeds, key=speeds.__getitem__)
    classifier.model = made[fastest]
    return Speed(fastest, speeds[fastest], place.type)


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.ones(1, device=device).item()
    # torch raises many kinds of error for devices that it does not know or cannot reach.
    except Exception as error:
        raise ConfigurationError(
            f"This machine has no device {name} that torch can use. Set SENTIMENT_DEVICE to cpu, or cuda for a GPU."
        ) from error
    return device


def _converted(model: Model, precision: str) -> Model:
    """Return ``model`` or a changed copy of it."""
    if precision == "bf16":
        return copy.deepcopy(model).bfloat16()
    if precision == "int8":
        model = copy.deepcopy(model)
        for parent in list(model.hidden_layers().modules()):
            for name, child in list(parent.named_children()):
                if type(child) is nn.Linear:
                    setattr(parent, name, Int8Linear(child))
    return model


def _speed(model: Model) -> float:
    """Return how many texts a second the best of three runs judged."""
    rows = [dict.fromkeys(model.columns, [0] * MEASURED_TOKENS)] * MEASURED_TEXTS
    took = []
    with torch.inference_mode():
        for _ in range(4):  # the first one warms up
            started = time.perf_counter()
            model(rows).sum().item()
            took.append(time.perf_counter() - started)
    return MEASURED_TEXTS / min(took[1:])


class Int8Linear(nn.Module):
    """A linear layer in int8 arithmetic, with a scale for each row of weights and one for each token that comes in.

    A scale of its own for each token is what keeps a text's result independent of its neighbours in a batch.
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
        result: Tensor = products.unflatten(0, inputs.shape[:-1])
        return result
