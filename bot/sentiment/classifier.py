"""Tokenizer → model → softmax → label, for a batch of texts."""

from collections.abc import Generator, Iterator, Sequence
from typing import TypeVar

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from bot.sentiment.model import Model, Row
from bot.sentiment.text import without_surrogates
from bot.sentiment.types import Sentiment

T = TypeVar("T")

Scores = list[float]
"""A score for each label, in the order of ``id2label``."""

ModelWork = Generator[list[Row], list[Scores], T]
"""Work that needs the model: it yields rows, is sent the scores of each, and returns its result. Begun with ``next``.

So the work does not know whether a :class:`Classifier` runs the model at once or an engine does, among others' rows.
"""

TOKENS_PER_BATCH = 512
"""Padded tokens that go through the model at once. More are hardly faster, and whoever comes next waits longer."""


class Classifier:
    """Any Hugging Face text-classification checkpoint, giving what ``pipeline("sentiment-analysis")`` gives.

    Args:
        model: computes the logits; in ``eval()`` mode.
        tokenizer: the model's own, which truncates where the model ends.
        name: what results call this model.
    """

    def __init__(self, model: Model, tokenizer: Tokenizer, name: str) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.id2label = model.id2label

    def close(self) -> None:
        """Let go of what computes, where that is not this process."""

    def classify(self, texts: Sequence[str]) -> list[Sentiment]:
        """Judge ``texts``, in order. A text that is too long is judged by its beginning, and says so."""
        return self.complete(classify_work(self, texts))

    def complete(self, steps: ModelWork[T]) -> T:
        """Take ``steps`` to their result, here and now."""
        try:
            rows = next(steps)
            while True:
                rows = steps.send(self.scores(rows))
        except StopIteration as done:
            result: T = done.value
            return result

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Turn texts into tokens with ids, places and word numbers, truncated where the model ends."""
        found: list[Encoding] = self.tokenizer.encode_batch([without_surrogates(text) for text in texts])
        return found

    def row(self, encoding: Encoding) -> Row:
        """Return what the model reads of one text."""
        columns = {"input_ids": encoding.ids, "token_type_ids": encoding.type_ids}
        return {name: columns[name] for name in self.model.columns}

    def scores(self, rows: Sequence[Row]) -> list[Scores]:
        """Return the scores of ``rows``, in order. Rows of about the same length share a batch."""
        found: dict[int, Scores] = {}
        for indices in self._batches(rows):
            found |= zip(indices, self.run([rows[i] for i in indices]), strict=True)
        return [found[i] for i in range(len(rows))]

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Run the model on ``rows`` as one batch, and return the scores of each."""
        with torch.inference_mode():
            scores: list[Scores] = self.probabilities(self.model(rows)).tolist()
        return scores

    def probabilities(self, logits: Tensor) -> Tensor:
        """Turn logits into scores of the same shape: softmax, or sigmoid where labels do not exclude each other."""
        return logits.sigmoid() if self.model.multi_label else logits.softmax(-1)

    def sentiment(self, scores: Scores, *, truncated: bool) -> Sentiment:
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


def classify_work(classifier: Classifier, texts: Sequence[str]) -> ModelWork[list[Sentiment]]:
    """Judge ``texts``: from their rows to their sentiments, in order."""
    encoded = classifier.encode(texts)
    scores = yield [classifier.row(encoding) for encoding in encoded]
    return [
        classifier.sentiment(each, truncated=bool(encoding.overflowing))
        for each, encoding in zip(scores, encoded, strict=True)
    ]
