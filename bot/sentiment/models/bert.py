"""BERT and DistilBERT classifiers that compute only what the label depends on.

The logits equal those of transformers, in less time: the rows of a batch are concatenated without padding except for
attention; query, key and value are one multiplication; and the last layer computes only the first token, the only one
that the head reads. Not importing transformers saves seconds at start-up.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, pad, scaled_dot_product_attention

from bot.sentiment.classifier import Model, Row
from bot.sentiment.models.quantization import SCALE, Int8Embedding

ROW_MULTIPLE = 16
"""Matrices are padded to a multiple of so many rows: the matrix library prepares a kernel for each new number of rows,
which takes time once and memory for good."""

State = Mapping[str, Tensor]

_BERT_NAMES = {
    "distilbert.transformer.": "bert.encoder.",
    "distilbert.": "bert.",
    "attention.q_lin": "attention.self.query",
    "attention.k_lin": "attention.self.key",
    "attention.v_lin": "attention.self.value",
    "attention.out_lin": "attention.output.dense",
    "sa_layer_norm": "attention.output.LayerNorm",
    "ffn.lin1": "intermediate.dense",
    "ffn.lin2": "output.dense",
    "output_layer_norm": "output.LayerNorm",
    "pre_classifier": "bert.pooler.dense",
}
"""The parts of the names of DistilBERT's weights, and what BERT calls them."""


class Bert(Model):
    """A BERT or DistilBERT classifier, from its ``config.json`` and its weights as transformers names them.

    The word embeddings may be in int8, with their scales beside them; all other weights are in float32.
    """

    def __init__(self, config: Mapping[str, Any], state: State) -> None:
        super().__init__(config, ["input_ids"])
        is_bert = config["model_type"] == "bert"
        heads = config["num_attention_heads" if is_bert else "n_heads"]
        layers = config["num_hidden_layers" if is_bert else "n_layers"]
        epsilon = config.get("layer_norm_eps", 1e-12)  # fixed in DistilBERT
        state = {_bert_name(name): weight for name, weight in state.items()}
        positions = state["bert.embeddings.position_embeddings.weight"]
        types = state.get("bert.embeddings.token_type_embeddings.weight")
        self.word_embeddings = _word_embeddings(state)
        # All tokens of a single text have type 0.
        self.position_embeddings = nn.Embedding.from_pretrained(positions if types is None else positions + types[0])
        self.norm = _norm(state, "bert.embeddings.LayerNorm", epsilon)
        self.layers = nn.ModuleList(_Layer(state, f"bert.encoder.layer.{i}", heads, epsilon) for i in range(layers))
        self.pooler = _linear(state, "bert.pooler.dense")
        self.pooler_activation = torch.tanh if is_bert else torch.relu
        self.classifier = _linear(state, "classifier")
        self.requires_grad_(False)

    @staticmethod
    def supports(config: Mapping[str, Any]) -> bool:
        """Return whether ``config`` describes a model of these families with the usual options."""
        activation = {"bert": "hidden_act", "distilbert": "activation"}.get(config["model_type"])
        return activation is not None and config[activation] == "gelu" and not config.get("is_decoder", False)

    def hidden_layers(self) -> nn.Module:
        """Return the transformer layers."""
        return self.layers

    def forward(self, rows: Sequence[Row]) -> Tensor:
        """Return the logits of ``rows``, shape (rows, labels), in float32."""
        device = self.position_embeddings.weight.device
        layout = Layout([len(row["input_ids"]) for row in rows], device)
        ids = pad_rows(torch.tensor([i for row in rows for i in row["input_ids"]])).to(device)
        hidden = self.norm(self.word_embeddings(ids) + self.position_embeddings(layout.positions))
        for layer in self.layers[:-1]:
            hidden = layer(hidden, layout)
        first = self.layers[-1](hidden, layout, first_only=True)
        logits: Tensor = self.classifier(self.pooler_activation(self.pooler(first)))
        return logits[: len(rows)].float()


class Layout:
    """The positions of the tokens of a batch: concatenated, or padded to (texts, longest) for attention.

    Concatenated tokens and texts are padded to a multiple of ``ROW_MULTIPLE``; the padding is ignored.
    """

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        counts = torch.tensor(lengths)
        positions = torch.arange(max(lengths))
        is_token = positions < counts[:, None]
        self.shape = is_token.shape
        self.equal_lengths = min(lengths) == max(lengths)
        self.mask = None if self.equal_lengths else is_token[:, None, None].to(device)
        starts = counts.cumsum(0) - counts
        # For each padded position, the index of its concatenated token; the mask hides the tokens of other texts.
        self.padded_to_token = (starts[:, None] + positions).clamp(max=sum(lengths) - 1).flatten().to(device)
        self.token_to_padded = pad_rows(is_token.flatten().nonzero().squeeze(-1)).to(device)
        self.positions = pad_rows(positions.expand(self.shape)[is_token]).to(device)
        self.first = pad_rows(starts).to(device)

    def pad(self, tokens: Tensor) -> Tensor:
        """Turn (tokens, size) into (texts, longest, size)."""
        padded = tokens[: len(self.padded_to_token)] if self.equal_lengths else tokens[self.padded_to_token]
        return padded.view(*self.shape, tokens.shape[-1])

    def unpad(self, padded: Tensor) -> Tensor:
        """Turn (texts, longest, size) into (tokens, size)."""
        return padded.flatten(0, 1)[self.token_to_padded]


def pad_rows(rows: Tensor) -> Tensor:
    """Append zeros up to a multiple of ``ROW_MULTIPLE`` rows."""
    return pad(rows, (*(0, 0) * (rows.ndim - 1), 0, -len(rows) % ROW_MULTIPLE))


class _Layer(nn.Module):
    """A transformer layer: attention and two linear layers, each with a residual connection and a norm."""

    def __init__(self, state: State, prefix: str, heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = _linear(state, *(f"{prefix}.attention.self.{name}" for name in ("query", "key", "value")))
        self.attention_output = _linear(state, f"{prefix}.attention.output.dense")
        self.attention_norm = _norm(state, f"{prefix}.attention.output.LayerNorm", epsilon)
        self.intermediate = _linear(state, f"{prefix}.intermediate.dense")
        self.output = _linear(state, f"{prefix}.output.dense")
        self.output_norm = _norm(state, f"{prefix}.output.LayerNorm", epsilon)

    def forward(self, hidden: Tensor, layout: Layout, *, first_only: bool = False) -> Tensor:
        """Map (tokens, size) to (tokens, size), or to (texts, size) if only the first tokens are needed."""
        projected = layout.pad(self.qkv(hidden)).unflatten(-1, (3, self.heads, -1))
        query, key, value = projected.permute(2, 0, 3, 1, 4)  # each (texts, heads, longest, size of a head)
        if first_only:
            query, hidden = query[:, :, :1], hidden[layout.first]
        attention = scaled_dot_product_attention(query, key, value, attn_mask=layout.mask).transpose(1, 2).flatten(2)
        attention = pad_rows(attention[:, 0]) if first_only else layout.unpad(attention)
        hidden = self.attention_norm(hidden + self.attention_output(attention))
        result: Tensor = self.output_norm(hidden + self.output(gelu(self.intermediate(hidden))))
        return result


def _bert_name(name: str) -> str:
    for part, bert_part in _BERT_NAMES.items():
        name = name.replace(part, bert_part)
    return name


def _word_embeddings(state: State) -> nn.Module:
    name = "bert.embeddings.word_embeddings.weight"
    scale = state.get(name + SCALE)
    return nn.Embedding.from_pretrained(state[name]) if scale is None else Int8Embedding(state[name], scale)


def _linear(state: State, *names: str) -> nn.Linear:
    """Return one linear layer whose outputs are those of the layers ``names``, concatenated."""
    weight, bias = (torch.cat([state[f"{name}.{part}"] for name in names]) for part in ("weight", "bias"))
    layer = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    layer.load_state_dict({"weight": weight, "bias": bias}, assign=True)
    return layer


def _norm(state: State, name: str, epsilon: float) -> nn.LayerNorm:
    norm = nn.LayerNorm(len(state[f"{name}.weight"]), eps=epsilon, device="meta")
    norm.load_state_dict({part: state[f"{name}.{part}"] for part in ("weight", "bias")}, assign=True)
    return norm
