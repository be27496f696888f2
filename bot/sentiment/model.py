"""What the core asks of a model: rows of token ids in, logits out."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

Row = dict[str, list[int]]
"""What a model takes of one text: the columns that it reads, among ``input_ids`` and ``token_type_ids``."""


class Model(nn.Module):
    """A sequence classifier; its ``forward`` turns rows into float32 logits of shape (rows, labels).

    Attributes:
        id2label: the name of each column of the logits.
        several: whether labels do not exclude each other, so that each has a score of its own between 0 and 1.
        columns: the names of what it reads of a row.
    """

    def __init__(self, config: Mapping[str, Any], columns: Sequence[str]) -> None:
        super().__init__()
        self.id2label = {int(i): str(label) for i, label in (config.get("id2label") or {}).items()}
        self.multi_label = config.get("problem_type") == "multi_label_classification" or len(self.id2label) == 1
        self.columns = tuple(columns)

    def hidden_layers(self) -> nn.Module:
        """Return all below the head: nearly all the work, and what int8 arithmetic is for."""
        raise NotImplementedError
