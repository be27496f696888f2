"""A BERT encoder with a classifier after several of its layers: one training run gives models of several sizes."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from bot.sentiment.models.bert import Bert, Layout, pad_rows

Weights = Mapping[str, Tensor]

_LAYER_PARTS = {
    "attention.output.dense": "attention_output",
    "attention.output.LayerNorm": "attention_norm",
    "intermediate.dense": "intermediate",
    "output.dense": "output",
    "output.LayerNorm": "output_norm",
}
"""What transformers calls the parts of a layer, and what the bot does."""


class MultiExitBert(nn.Module):
    """An encoder with a head after each of the layers ``exits``; the last one is the deepest.

    The heads are those of BertForSequenceClassification: the first token, a linear layer with tanh, and a linear layer.
    """

    def __init__(self, config: Mapping[str, Any], state: Weights, exits: Sequence[int]) -> None:
        super().__init__()
        size, labels = config["hidden_size"], len(config["id2label"])
        self.exits = tuple(exits)
        poolers = [nn.Linear(size, size) for _ in exits]
        classifiers = [nn.Linear(size, labels) for _ in exits]
        for pooler, classifier in zip(poolers, classifiers, strict=True):
            nn.init.eye_(pooler.weight)
            nn.init.zeros_(pooler.bias)
            nn.init.normal_(classifier.weight, std=0.02)
            nn.init.zeros_(classifier.bias)
        self.poolers, self.classifiers = nn.ModuleList(poolers), nn.ModuleList(classifiers)
        head = {
            f"{name}.{part}": getattr(layer, part)
            for name, layer in (("bert.pooler.dense", poolers[-1]), ("classifier", classifiers[-1]))
            for part in ("weight", "bias")
        }
        bert = Bert(config, {**state, **head})
        # Gradients of the rows of a batch only.
        self.words = nn.Embedding.from_pretrained(bert.word_embeddings.weight, freeze=False, sparse=True)
        self.positions, self.norm, self.layers = bert.position_embeddings, bert.norm, bert.layers[: self.exits[-1]]
        self.requires_grad_()

    def forward(self, texts: Sequence[Sequence[int]]) -> list[Tensor]:
        """Return for each exit the logits of texts of token ids, shape (texts, labels), in float32."""
        layout = Layout([len(ids) for ids in texts], torch.device("cpu"))
        hidden = self.words(pad_rows(torch.tensor([i for ids in texts for i in ids])))
        hidden = self.norm(hidden + self.positions(layout.positions))
        logits = []
        # The fused kernel is several times slower on a CPU when gradients are needed.
        with sdpa_kernel(SDPBackend.MATH):
            for number, layer in enumerate(self.layers, 1):
                if number == self.exits[-1]:
                    first = layer(hidden, layout, first_only=True)
                else:
                    hidden = layer(hidden, layout)
                    first = hidden[layout.first]
                if number in self.exits:
                    index = self.exits.index(number)
                    output = self.classifiers[index](self.poolers[index](first).tanh())
                    logits.append(output[: len(texts)].float())
        return logits

    def state_of(self, number: int) -> dict[str, Tensor]:
        """Return the weights of the classifier that ends with the exit after layer ``number``, as in transformers."""
        index = self.exits.index(number)
        size = self.words.weight.shape[1]
        state = {
            "bert.embeddings.word_embeddings.weight": self.words.weight,
            "bert.embeddings.position_embeddings.weight": self.positions.weight,
            # All tokens of a single text have type 0, whose embedding is part of the positions.
            "bert.embeddings.token_type_embeddings.weight": torch.zeros(2, size),
            **_parts("bert.embeddings.LayerNorm", self.norm),
            **_parts("bert.pooler.dense", self.poolers[index]),
            **_parts("classifier", self.classifiers[index]),
        }
        for i, layer in enumerate(self.layers[:number]):
            prefix = f"bert.encoder.layer.{i}"
            for part in ("weight", "bias"):
                projections = getattr(layer.qkv, part).chunk(3)
                for name, projection in zip(("query", "key", "value"), projections, strict=True):
                    state[f"{prefix}.attention.self.{name}.{part}"] = projection
            for name, part in _LAYER_PARTS.items():
                state |= _parts(f"{prefix}.{name}", layer.get_submodule(part))
        return {name: weight.detach().contiguous() for name, weight in state.items()}


def _parts(name: str, layer: nn.Module) -> dict[str, Tensor]:
    return {f"{name}.{part}": getattr(layer, part) for part in ("weight", "bias")}
