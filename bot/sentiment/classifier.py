"""Tokenizer → model → softmax → label, for a batch of texts."""

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

from bot.errors import ConfigurationError
from bot.sentiment.text import without_surrogates
from bot.sentiment.types import Sentiment

T = TypeVar("T")

Row = dict[str, list[int]]
"""What the model takes of one text: ``input_ids``, ``attention_mask`` and, for some, ``token_type_ids``."""

Steps = Generator[list[Row], Any, T]
"""Work that needs the model: it yields rows, is sent their logits of shape (rows, labels), and returns its result.

So the work does not know whether a :class:`Classifier` runs the model at once or an engine does, among others' rows.
"""

TOKENS_PER_BATCH = 512
"""Padded tokens that go through the model at once. More are hardly faster, and whoever comes next waits longer."""

UNLIMITED = 2048
"""Where texts end for architectures that set no limit of their own (XLNet), so that memory stays bounded."""


class Classifier:
    """Any Hugging Face text-classification checkpoint, giving what ``pipeline("sentiment-analysis")`` gives.

    Not safe to call from several threads at once: fast tokenizers keep their truncation as state.

    Args:
        model: a model with a sequence-classification head, in ``eval()`` mode.
        tokenizer: its fast tokenizer, which has a padding token.
        name: what results call this model.
    """

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.id2label: dict[int, str] = {int(i): label for i, label in (model.config.id2label or {}).items()}
        self.max_tokens = min(tokenizer.model_max_length, _positions(model))

    def classify(self, texts: Sequence[str]) -> list[Sentiment]:
        """Judge ``texts``, in order. A text that is too long is judged by its beginning, and says so."""
        return self.complete(judging(self, texts))

    def complete(self, steps: Steps[T]) -> T:
        """Take ``steps`` to their result, here and now."""
        logits = None
        while True:
            try:
                rows = steps.send(logits)
            except StopIteration as done:
                result: T = done.value
                return result
            logits = self.logits(rows)

    def save(self, folder: Path) -> None:
        """Write the model and its tokenizer to ``folder``, as ``from_pretrained`` reads them.

        Raises:
            ConfigurationError: the folder holds something already or cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise ConfigurationError(f"{folder} is not empty. Name a folder that is empty or not there yet.")
            self.model.save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)
            for path in folder.glob("*.safetensors"):
                path.chmod(0o644)  # safetensors lets nobody else read them
        except (OSError, SafetensorError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ConfigurationError(f"{folder} cannot be written ({reason}). Name another folder.") from error

    def encode(self, texts: Sequence[str]) -> BatchEncoding:
        """Turn texts into token ids with places and word numbers, truncated where the model ends."""
        if not texts:
            return BatchEncoding({}, encoding=[])
        clean = [without_surrogates(text) for text in texts]
        encoded: BatchEncoding = self.tokenizer(clean, truncation=True, max_length=self.max_tokens)
        return encoded

    def logits(self, rows: Sequence[Row]) -> Tensor:
        """Run the model on ``rows``; the result has shape (rows, labels), in their order.

        Rows of about the same length share a batch, so that little is padded.
        """
        logits = torch.empty(len(rows), len(self.id2label))
        for indices in self._batches(rows):
            logits[indices] = self.run([rows[i] for i in indices])
        return logits

    def run(self, rows: Sequence[Row]) -> Tensor:
        """Run the model on ``rows`` as one padded batch; the result has shape (rows, labels)."""
        inputs = self.tokenizer.pad(list(rows), return_tensors="pt").to(self.model.device)
        with torch.inference_mode():
            logits: Tensor = self.model(**inputs).logits.float().cpu()
        return logits

    def probabilities(self, logits: Tensor) -> Tensor:
        """Turn logits into scores of the same shape: softmax, or sigmoid where labels do not exclude each other."""
        if self.model.config.problem_type == "multi_label_classification" or len(self.id2label) == 1:
            return logits.sigmoid()
        return logits.softmax(-1)

    def sentiment(self, scores: Sequence[float], *, truncated: bool) -> Sentiment:
        """Name the label that won; ``scores`` holds one number for each label."""
        named = {self.id2label[i]: score for i, score in enumerate(scores)}
        label = max(named, key=named.__getitem__)
        return Sentiment(label, named[label], named, self.name, truncated)

    def _batches(self, rows: Sequence[Row]) -> Iterator[list[int]]:
        """Yield the rows' indices in batches of similar length, each within the token budget."""
        batch: list[int] = []
        for i in sorted(range(len(rows)), key=lambda i: len(rows[i]["input_ids"])):
            # Sorted, so the row that joins is the longest and sets the padding of all.
            if batch and (len(batch) + 1) * len(rows[i]["input_ids"]) > TOKENS_PER_BATCH:
                yield batch
                batch = []
            batch.append(i)
        if batch:
            yield batch


def judging(classifier: Classifier, texts: Sequence[str]) -> Steps[list[Sentiment]]:
    """Judge ``texts``: from their rows to their sentiments, in order."""
    encoded = classifier.encode(texts)
    logits = yield rows_of(encoded)
    return [
        classifier.sentiment(scores, truncated=bool(encoding.overflowing))
        for scores, encoding in zip(classifier.probabilities(logits).tolist(), encoded.encodings or [], strict=True)
    ]


def rows_of(encoded: BatchEncoding) -> list[Row]:
    """Split an unpadded encoding into what the model takes of each text."""
    columns: dict[str, list[list[int]]] = dict(encoded.data)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _positions(model: PreTrainedModel) -> int:
    """Return how many tokens the model has positions for.

    RoBERTa and its kin count positions from behind the padding token's id, which costs them some:
    their ``position_embeddings`` carry that id as ``padding_idx``.
    """
    embeddings: Any = getattr(model.base_model, "embeddings", None)
    padding = getattr(getattr(embeddings, "position_embeddings", None), "padding_idx", None)
    # XLNet has no limit and says so with a negative number, or says nothing.
    positions = getattr(model.config, "max_position_embeddings", None) or -1
    if positions < 0:
        return UNLIMITED
    return int(positions) - (0 if padding is None else padding + 1)
