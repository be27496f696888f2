"""The classifier: tokenizer → model → softmax → label, for a batch of texts."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from tokenizers import Encoding, Tokenizer

from bot.sentiment.text import without_surrogates
from bot.sentiment.types import Sentiment

T = TypeVar("T")

Row = dict[str, list[int]]  # a model's input for one text: input_ids and, for models that read them, token_type_ids
Scores = list[float]  # for one text: a score for each label, in the order of id2label

ModelWork = Generator[list[Row], list[Scores], T]
"""A computation that needs the model: it yields rows, is sent the scores of each row, and returns its result.

It does not depend on who runs the model: :meth:`Classifier.complete`, or an engine that batches the rows of many.
"""

MAX_BATCH_TOKENS = 256  # padding included; larger batches are hardly faster and delay the next caller


class Model(ABC):
    """A sequence classifier.

    ``id2label`` names the labels of its scores, and ``columns`` are those of a row that the model reads. If
    ``multi_label``, a text can have several labels, so that each label's score is independent of the others.
    """

    precision: str
    """The type of the numbers that it computes with: fp32, bf16 or int8."""
    device = "cpu"

    def __init__(self, config: Mapping[str, Any], columns: Sequence[str]) -> None:
        self.id2label = {int(i): str(label) for i, label in (config.get("id2label") or {}).items()}
        self.multi_label = config.get("problem_type") == "multi_label_classification" or len(self.id2label) == 1
        self.columns = columns

    @abstractmethod
    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Return the scores of ``rows``, computed as one batch in the calling thread."""


class Classifier:
    """A text-classification checkpoint; its results equal those of ``pipeline("sentiment-analysis")``.

    ``tokenizer`` truncates at the model's maximum length. Results carry ``name``.
    """

    def __init__(self, model: Model, tokenizer: Tokenizer, name: str) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.id2label = model.id2label

    def close(self) -> None:
        """Release the model where it runs outside this process."""

    def classify(self, texts: Sequence[str]) -> list[Sentiment]:
        """Classify ``texts``, in order. A text that is too long is truncated, and its result says so."""
        return self.complete(classify_work(self, texts))

    def complete(self, work: ModelWork[T]) -> T:
        """Run ``work`` in this thread and return its result."""
        try:
            rows = next(work)
            while True:
                rows = work.send(self.scores(rows))
        except StopIteration as stop:
            result: T = stop.value
            return result

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Tokenize texts, truncated at the model's maximum length."""
        return self.tokenizer.encode_batch([without_surrogates(text) for text in texts])

    def row(self, encoding: Encoding) -> Row:
        """Return the model's input for one encoded text."""
        columns = {"input_ids": encoding.ids, "token_type_ids": encoding.type_ids}
        return {name: columns[name] for name in self.model.columns}

    def scores(self, rows: Sequence[Row]) -> list[Scores]:
        """Return the scores of ``rows``, in order. Rows of similar length share a batch."""
        scores: dict[int, Scores] = {}
        for indices in _batches([len(row["input_ids"]) for row in rows]):
            scores |= zip(indices, self.run([rows[i] for i in indices]), strict=True)
        return [scores[i] for i in range(len(rows))]

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Run the model on ``rows`` as one batch and return the scores of each row."""
        return self.model.run(rows)

    def sentiment(self, scores: Scores, *, truncated: bool) -> Sentiment:
        """Return the result for one text from its scores, one for each label."""
        named = {self.id2label[i]: score for i, score in enumerate(scores)}
        label = max(named, key=named.__getitem__)
        return Sentiment(label, named[label], named, self.name, truncated)


def classify_work(classifier: Classifier, texts: Sequence[str]) -> ModelWork[list[Sentiment]]:
    """Classify ``texts``; the work's result holds their sentiments, in order."""
    encodings = classifier.encode(texts)
    scores = yield [classifier.row(encoding) for encoding in encodings]
    return [
        classifier.sentiment(row_scores, truncated=bool(encoding.overflowing))
        for row_scores, encoding in zip(scores, encodings, strict=True)
    ]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indices of the rows with ``lengths`` in batches of similar length, each within the token budget."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        # The rows are sorted, so the new row is the longest and all others are padded to its length.
        if batch and (len(batch) + 1) * lengths[i] > MAX_BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
