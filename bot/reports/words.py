"""Words that go along with a label: not the model's reasons for one message, but what many people's have in common."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt

from bot.reports.intervals import normal_quantile
from bot.reports.windows import MIN_PEOPLE

MOST_WORDS = 50_000
"""How many different words are counted at once; when there are more, those of one person are forgotten."""

# No words, and what comes next would take the square of their length for them.
_RUN = re.compile(r"\S{101,}")
_LEFT_OUT = re.compile(
    r"\w+://\S+|\S+@\S+"  # links and addresses
    r"|[@#]\S+"  # people and channels
    r"|:[\w+'-]+:"  # names of emoji
    r"|[\w-]+(?:\.[\w-]+)+\S*"  # hosts, files
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SHORTEST, _LONGEST = 3, 30
_SENTENCE_ENDS = '.!?:…\n"“”()[]•-–—*>'


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A word that goes along with a label.

    Attributes:
        word: in lower case.
        label: the label.
        count: how many messages have the word.
        share: how many of them have the label, 0 to 1.
        otherwise: the same of the messages without the word.
    """

    word: str
    label: str
    count: int
    share: float
    otherwise: float


@dataclass(slots=True)
class _Counts:
    labels: dict[str, int] = field(default_factory=dict)
    # Of each label who wrote it, as numbers, and no more of them than it takes.
    people: dict[str, tuple[int, ...]] = field(default_factory=dict)
    within: int = 0  # inside sentences
    capital: int = 0  # inside sentences, with a capital letter


class WordCounter:
    """Counts in how many messages of each label words occur, in bounded memory."""

    def __init__(self) -> None:
        self._words: dict[str, _Counts] = {}
        self._messages: dict[str, int] = {}

    def add(self, text: str, label: str, person: int | None) -> None:
        """Count a message.

        Args:
            text: its words.
            label: how it reads.
            person: a number for who wrote it; None if nobody knows.
        """
        self._messages[label] = self._messages.get(label, 0) + 1
        seen: set[str] = set()
        for word, inside, capital in _words(text):
            counts = self._words.setdefault(word, _Counts())
            counts.within += inside
            counts.capital += inside and capital
            if word in seen:
                continue
            seen.add(word)
            counts.labels[label] = counts.labels.get(label, 0) + 1
            people = counts.people.get(label, ())
            if person is not None and len(people) < MIN_PEOPLE and person not in people:
                counts.people[label] = (*people, person)
        if len(self._words) > MOST_WORDS:
            several = {word: one for word, one in self._words.items() if len(set().union(*one.people.values())) > 1}
            # Words of many people that are too many all the same: the commoner half.
            kept = sorted(several, key=lambda word: -sum(several[word].labels.values()))[: MOST_WORDS // 2]
            self._words = {word: several[word] for word in kept}

    def weights(self, labels: Sequence[str], names: Collection[str] = (), each: int = 6) -> list[WordWeight]:
        """Return for each of ``labels`` the words that go along with it, the clearest first.

        A word counts as such if the label's share in the messages with it exceeds that in the messages without by more
        than chance does, all words considered; of two labels it counts for the clearer one. It must stand in messages
        of that label by ``FEWEST_PEOPLE`` people. Left out are people's names: those given, and words that mostly begin
        with a capital inside a sentence.

        Args:
            labels: the labels.
            names: of people, as they are written.
            each: how many words of a label.
        """
        known = {word for name in names for word, _, _ in _words(name)}
        clearest: dict[str, tuple[float, str]] = {}
        for label in labels:
            fit = [
                word
                for word, one in self._words.items()
                if len(one.people.get(label, ())) >= MIN_PEOPLE
                and word not in known
                and word.removesuffix("'s") not in known
                and 2 * one.capital <= one.within
            ]
            least = normal_quantile(len(fit)) if fit else 0.0
            for word in fit:
                score = self._score(word, label)
                if score > max(least, clearest.get(word, (0.0, ""))[0]):
                    clearest[word] = score, label
        found: list[WordWeight] = []
        for label in labels:
            scored = sorted(((score, word) for word, (score, one) in clearest.items() if one == label), reverse=True)
            found += [self._weight(word, label) for _, word in scored[:each]]
        return found

    def _weight(self, word: str, label: str) -> WordWeight:
        counts = self._words[word].labels
        count, whole = sum(counts.values()), sum(self._messages.values())
        other = self._messages[label] - counts[label]
        return WordWeight(word, label, count, counts[label] / count, other / max(1, whole - count))

    def _score(self, word: str, label: str) -> float:
        """Return by how many standard errors the label's share is higher with the word than without."""
        weight = self._weight(word, label)
        whole = sum(self._messages.values())
        pooled = self._messages[label] / whole
        variance = pooled * (1 - pooled) * (1 / weight.count + 1 / max(1, whole - weight.count))
        return (weight.share - weight.otherwise) / sqrt(variance) if variance else 0.0


def _words(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield the words in lower case, whether they stand inside a sentence, and whether with a capital letter."""
    text = _LEFT_OUT.sub(" . ", _RUN.sub(" . ", text))
    end = 0
    for match in _WORD.finditer(text):
        before = text[end : match.start()]
        inside = end > 0 and not any(mark in _SENTENCE_ENDS for mark in before)
        end = match.end()
        word = match[0]
        if _SHORTEST <= len(word) <= _LONGEST:
            capital = word[0].isupper() and not word.isupper()
            yield word.lower().replace("’", "'"), inside, capital
