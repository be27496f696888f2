"""The last layer of BERT computed for the first token only, since the head reads no other.

The logits stay the same, with about an eighth less computation.
"""

from types import MethodType

from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import BertForSequenceClassification, PreTrainedModel
from transformers.models.bert.modeling_bert import BertLayer


def compute_first_token_only(model: PreTrainedModel) -> None:
    """Change a BERT classifier in place, so that its last hidden state has one row per text; ignore other models."""
    if isinstance(model, BertForSequenceClassification):
        last = model.bert.encoder.layer[-1]
        last.forward = MethodType(_forward, last)


def _forward(self: BertLayer, hidden: Tensor, attention_mask: Tensor | None = None, *_: object, **__: object) -> Tensor:
    """Map hidden states of shape (texts, tokens, size) to (texts, 1, size)."""
    attention = self.attention.self
    first = hidden[:, :1]
    count = attention.num_attention_heads

    def split_heads(projected: Tensor) -> Tensor:
        heads: Tensor = projected.unflatten(-1, (count, -1))
        return heads.transpose(1, 2)

    context = scaled_dot_product_attention(
        split_heads(attention.query(first)),
        split_heads(attention.key(hidden)),
        split_heads(attention.value(hidden)),
        attn_mask=None if attention_mask is None else attention_mask[:, :, :1],
        dropout_p=attention.dropout.p if self.training else 0.0,
    )
    attention_output = self.attention.output(context.transpose(1, 2).flatten(2), first)
    output: Tensor = self.feed_forward_chunk(attention_output)
    return output
