"""Labelled texts from ``DATA/<source>/{train,dev}.tsv`` and generated messages, as training examples in batches."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
ENGLISH_SOURCES = ("sst2", "github", "jira", "stackoverflow", "tweeteval", "tweets-rated", "amazon-rated", "nyt-rated")
TWEET_LANGUAGES = ("arabic", "french", "german", "hindi", "italian", "portuguese", "spanish")
SUBTITLE_LANGUAGES = (
    *("czech", "dutch", "finnish", "french", "german", "italian", "polish"),
    *("portuguese", "romanian", "russian", "spanish", "swedish", "turkish"),
)
TWEETS = tuple(f"tweets-{language}" for language in TWEET_LANGUAGES)
SUBTITLES = tuple(f"subtitles-{language}" for language in SUBTITLE_LANGUAGES)
TWO_CLASS = ("sst2", "reviews-korean", "comments-korean", *SUBTITLES)
"""The sources without NEUTRAL, because their annotators could not choose that label, or with hardly any."""
SOURCES = (*ENGLISH_SOURCES, "reviews-korean", "comments-korean", "reviews-indonesian", *TWEETS, *SUBTITLES)
MAX_TOKENS = 128
"""Maximum length of texts in training; in the sources with long texts, one in a hundred is longer."""


@dataclass(frozen=True)
class Example:
    """One labelled text.

    Attributes:
        ids: token ids of the text, special tokens included.
        label: index of its label in ``LABELS``.
        two_class: whether NEUTRAL is excluded from the labels that compete.
    """

    ids: list[int]
    label: int
    two_class: bool


def read_tsv(path: Path) -> list[tuple[str, str]]:
    """Read ``text<TAB>label`` rows below a header line, without quoting.

    Raises:
        SystemExit: the file is missing, or a row is malformed.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            _, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    except (OSError, ValueError, csv.Error):
        raise SystemExit(f"No data at {path}: set the folder that contains it with DATA=…") from None
    for number, row in enumerate(rows, 2):
        if len(row) != 2 or row[1] not in LABELS:
            raise SystemExit(f"{path}, line {number}: a row must be a text, a tab and one of {', '.join(LABELS)}.")
    return [(text, label) for text, label in rows]


def encode(tokenizer: Tokenizer, rows: Sequence[tuple[str, str]], *, two_class: bool = False) -> list[Example]:
    """Turn (text, label) rows into examples."""
    encodings = tokenizer.encode_batch_fast([text for text, _ in rows])
    return [
        Example(encoding.ids, LABELS.index(label), two_class and label != "NEUTRAL")
        for encoding, (_, label) in zip(encodings, rows, strict=True)
    ]


def batches_by_length(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Yield every example once, in random batches of ``size`` texts of similar length.

    Sorting within pools of 20 batches reduces padding and keeps the order random.
    """
    order = list(range(len(examples)))
    rng.shuffle(order)
    pool = 20 * size
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool], key=lambda i: len(examples[i].ids))
        batches += [part[i : i + size] for i in range(0, len(part), size)]
    rng.shuffle(batches)
    for batch in batches:
        yield [examples[i] for i in batch]
