"""A BERT encoder with a classifier after several of its layers: one training run gives models of several sizes."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils.rnn import pad_sequence
from transformers import BertConfig, BertModel

Weights = Mapping[str, Tensor]


class MultiExitBert(nn.Module):
    """An encoder with a head after each of the layers ``exits``; layers above the last one are left out.

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
        shorter = BertConfig(
            **{
                **config,
                "num_hidden_layers": max(exits),
                "hidden_dropout_prob": 0.0,
                "attention_probs_dropout_prob": 0.0,
            }
        )
        self.encoder = BertModel(shorter, add_pooling_layer=False)
        names = self.encoder.state_dict().keys()
        self.encoder.load_state_dict({name: state[f"bert.{name}"] for name in names})
        self.encoder.embeddings.word_embeddings.sparse = True  # gradients of the rows of a batch only

    @property
    def words(self) -> nn.Embedding:
        """The word embeddings."""
        return self.encoder.embeddings.word_embeddings

    def forward(self, texts: Sequence[Sequence[int]]) -> list[Tensor]:
        """Return for each exit the logits of texts of token ids, shape (texts, labels), in float32."""
        ids = pad_sequence([torch.tensor(text) for text in texts], batch_first=True)
        mask = pad_sequence([torch.ones(len(text), dtype=torch.bool) for text in texts], batch_first=True)
        # The fused kernel is several times slower on a CPU when gradients are needed.
        with sdpa_kernel(SDPBackend.MATH):
            hidden = self.encoder(ids, attention_mask=mask, output_hidden_states=True).hidden_states
        heads = zip(self.exits, self.poolers, self.classifiers, strict=True)
        return [classifier(pooler(hidden[exit_][:, 0]).tanh()).float() for exit_, pooler, classifier in heads]

    def state_of(self, number: int) -> dict[str, Tensor]:
        """Return the weights of the classifier that ends with the exit after layer ``number``, as in transformers."""
        index = self.exits.index(number)
        left_out = tuple(f"encoder.layer.{i}." for i in range(number, max(self.exits)))
        state = {
            **{
                f"bert.{name}": weight
                for name, weight in self.encoder.state_dict().items()
                if not name.startswith(left_out)
            },
            **_parts("bert.pooler.dense", self.poolers[index]),
            **_parts("classifier", self.classifiers[index]),
        }
        return {name: weight.detach().clone() for name, weight in state.items()}


def _parts(name: str, layer: nn.Module) -> dict[str, Tensor]:
    return {f"{name}.{part}": getattr(layer, part) for part in ("weight", "bias")}
