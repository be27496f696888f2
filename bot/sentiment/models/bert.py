"""BERT and DistilBERT classifiers, doing only the work that a label needs.

The same logits as the classes of transformers, in less time: a row's tokens stand one behind the other with the next
row's, so that nothing but attention is computed on padding; query, key and value are one multiplication; and the last
layer is computed for the first token alone, since the head reads no other. Not importing transformers saves seconds at
the start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, pad, scaled_dot_product_attention

from bot.sentiment.model import Model, Row

STEP = 16
"""Rows of a matrix are counted in these steps: what computes it prepares itself for each number that it meets, which
takes time once and memory for good."""

State = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class _Names:
    """What a family of checkpoints calls its parts."""

    embeddings: str
    layer: str
    qkv: tuple[str, str, str]
    mixed: str
    mixed_norm: str
    inner: str
    outer: str
    norm: str
    pooler: str
    heads: str
    activation: str


_NAMES = {
    "bert": _Names(
        embeddings="bert.embeddings",
        layer="bert.encoder.layer",
        qkv=("attention.self.query", "attention.self.key", "attention.self.value"),
        mixed="attention.output.dense",
        mixed_norm="attention.output.LayerNorm",
        inner="intermediate.dense",
        outer="output.dense",
        norm="output.LayerNorm",
        pooler="bert.pooler.dense",
        heads="num_attention_heads",
        activation="hidden_act",
    ),
    "distilbert": _Names(
        embeddings="distilbert.embeddings",
        layer="distilbert.transformer.layer",
        qkv=("attention.q_lin", "attention.k_lin", "attention.v_lin"),
        mixed="attention.out_lin",
        mixed_norm="sa_layer_norm",
        inner="ffn.lin1",
        outer="ffn.lin2",
        norm="output_layer_norm",
        pooler="pre_classifier",
        heads="n_heads",
        activation="activation",
    ),
}


class Bert(Model):
    """A BERT or DistilBERT classifier.

    Args:
        config: a checkpoint's ``config.json``.
        state: its weights, called as transformers calls them.
    """

    def __init__(self, config: Mapping[str, Any], state: State) -> None:
        super().__init__(config, ["input_ids"])
        names = _NAMES[config["model_type"]]
        epsilon = config.get("layer_norm_eps", 1e-12)  # DistilBERT has it fixed
        positions = state[f"{names.embeddings}.position_embeddings.weight"]
        types = state.get(f"{names.embeddings}.token_type_embeddings.weight")
        self.words = nn.Embedding.from_pretrained(state[f"{names.embeddings}.word_embeddings.weight"])
        # A text by itself is of type 0 throughout.
        self.positions = nn.Embedding.from_pretrained(positions if types is None else positions + types[0])
        self.norm = _norm(state, f"{names.embeddings}.LayerNorm", epsilon)
        count = 1 + max(int(name.split(".")[names.layer.count(".") + 1]) for name in state if names.layer in name)
        self.layers = nn.ModuleList(
            _Layer(state, f"{names.layer}.{i}", names, config[names.heads], epsilon) for i in range(count)
        )
        self.pooler = _linear(state, names.pooler)
        self.squashed = torch.tanh if config["model_type"] == "bert" else torch.relu
        self.classifier = _linear(state, "classifier")
        self.requires_grad_(False)

    @staticmethod
    def computes(config: Mapping[str, Any]) -> bool:
        """Whether this is a model of these families, as they usually are."""
        names = _NAMES.get(config["model_type"])
        return names is not None and config[names.activation] == "gelu" and not config.get("is_decoder", False)

    def hidden_layers(self) -> nn.Module:
        """Return the layers of attention."""
        return self.layers

    def forward(self, rows: Sequence[Row]) -> Tensor:
        """Return the logits of ``rows``, in float32."""
        device = self.words.weight.device
        layout = _Layout([len(row["input_ids"]) for row in rows], device)
        ids = _up(torch.tensor([i for row in rows for i in row["input_ids"]])).to(device)
        hidden = self.norm(self.words(ids) + self.positions(layout.positions))
        for layer in self.layers[:-1]:
            hidden = layer(hidden, layout)
        first = self.layers[-1](hidden, layout, first_only=True)
        logits: Tensor = self.classifier(self.squashed(self.pooler(first)))
        return logits[: len(rows)].float()


class _Layout:
    """Where tokens stand: one text's behind the other's, or for attention in a rectangle of (texts, longest).

    Tokens and texts are counted up to a multiple of ``STEP``; what is behind them is no one's.
    """

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        counts = torch.tensor(lengths)
        steps = torch.arange(max(lengths))
        inside = steps < counts[:, None]
        self.shape = inside.shape
        self.even = min(lengths) == max(lengths)
        self.mask = None if self.even else inside[:, None, None].to(device)
        starts = counts.cumsum(0) - counts
        # Which token each place in the rectangle shows; where there is none, the mask hides what is shown.
        self.shown = (starts[:, None] + steps).clamp(max=sum(lengths) - 1).flatten().to(device)
        self.places = _up(inside.flatten().nonzero().squeeze(-1)).to(device)
        self.positions = _up(steps.expand(self.shape)[inside]).to(device)
        self.first = _up(starts).to(device)

    def rectangle(self, tokens: Tensor) -> Tensor:
        """Turn (tokens, size) into (texts, longest, size)."""
        shown = tokens[: len(self.shown)] if self.even else tokens[self.shown]
        rectangle: Tensor = shown.unflatten(0, self.shape)
        return rectangle

    def tokens(self, rectangle: Tensor) -> Tensor:
        """Turn (texts, longest, size) into (tokens, size)."""
        tokens: Tensor = rectangle.flatten(0, 1)[self.places]
        return tokens


def _up(rows: Tensor) -> Tensor:
    """Add zeros up to a multiple of ``STEP`` rows."""
    return pad(rows, (*(0, 0) * (rows.ndim - 1), 0, -len(rows) % STEP))


class _Layer(nn.Module):
    """Attention and two linear layers, each with a norm behind what it adds."""

    def __init__(self, state: State, place: str, names: _Names, heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = _linear(state, *(f"{place}.{name}" for name in names.qkv))
        self.mixed = _linear(state, f"{place}.{names.mixed}")
        self.mixed_norm = _norm(state, f"{place}.{names.mixed_norm}", epsilon)
        self.inner = _linear(state, f"{place}.{names.inner}")
        self.outer = _linear(state, f"{place}.{names.outer}")
        self.norm = _norm(state, f"{place}.{names.norm}", epsilon)

    def forward(self, hidden: Tensor, layout: _Layout, *, first_only: bool = False) -> Tensor:
        """Turn (tokens, size) into the same, or into (texts, size) where the first of each is all that is wanted."""
        projected = layout.rectangle(self.qkv(hidden)).unflatten(-1, (3, self.heads, -1))
        query, key, value = projected.permute(2, 0, 3, 1, 4)  # each (texts, heads, longest, size of a head)
        if first_only:
            query, hidden = query[:, :, :1], hidden[layout.first]
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=layout.mask).transpose(1, 2).flatten(2)
        mixed = _up(mixed[:, 0]) if first_only else layout.tokens(mixed)
        hidden = self.mixed_norm(hidden + self.mixed(mixed))
        result: Tensor = self.norm(hidden + self.outer(gelu(self.inner(hidden))))
        return result


def _linear(state: State, *names: str) -> nn.Linear:
    """Make a linear layer whose outputs are those of the layers ``names``, one behind the other."""
    weight = torch.cat([state[f"{name}.weight"] for name in names])
    layer = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    bias = torch.cat([state[f"{name}.bias"] for name in names])
    layer.load_state_dict({"weight": weight, "bias": bias}, assign=True)
    return layer


def _norm(state: State, name: str, epsilon: float) -> nn.LayerNorm:
    norm = nn.LayerNorm(len(state[f"{name}.weight"]), eps=epsilon, device="meta")
    norm.load_state_dict({part: state[f"{name}.{part}"] for part in ("weight", "bias")}, assign=True)
    return norm
