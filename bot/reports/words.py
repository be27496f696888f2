"""Keywords: words that are more frequent in messages with a label than in others.

Words are separated by spaces or punctuation, so there are none in scripts without spaces, such as Chinese and Japanese.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import lgamma, log

from bot.reports.function_words import FUNCTION_WORDS
from bot.reports.intervals import CONFIDENCE
from bot.reports.windows import MIN_PEOPLE
from bot.sentiment.text import SCRIPTS_WITHOUT_SPACES

MAX_WORDS = 50_000
"""The number of different words in memory; beyond it, words of only one author are dropped."""

# Long runs without spaces are no words, and the next expression takes quadratic time for them.
_LONG_RUN = re.compile(r"\S{101,}")
_IGNORED = re.compile(
    r"\w+://\S+|\S+@\S+"  # links and addresses
    r"|[@#]\S+"  # people and channels
    r"|:[\w+'-]+:"  # emoji names
    r"|[\w-]+(?:\.[\w-]+)+\S*"  # hosts and files
)
# Not a single character, such as ツ, and not 彡: they are parts of emoticons.
_TEXT_WITHOUT_SPACES = re.compile(rf"(?:(?!彡)[{SCRIPTS_WITHOUT_SPACES}]){{2}}")
_JAMO = "\u3131-\u318e"  # Korean letters by themselves, such as ㅋㅋ (laughter)
_LETTER = rf"[^\W\d_가-힣{_JAMO}{SCRIPTS_WITHOUT_SPACES}]"
# Vowel signs and accents, which are characters of their own, and joiners, which stand within Persian and Hindi words.
_MARK = (
    "".join(mark for mark in map(chr, range(0x300, 0x2000)) if unicodedata.category(mark)[0] == "M") + "\u200c\u200d"
)
_PART = rf"{_LETTER}+(?:[{_MARK}]+{_LETTER}*)*"
_WORD = re.compile(rf"{_PART}(?:['’]{_PART})*|[가-힣]+|[{_JAMO}]+")
_MIN_LENGTH, _MAX_LENGTH = 3, 30
_MIN_KOREAN_LENGTH = 2
_KOREAN = re.compile(rf"[가-힣{_JAMO}]")
_PARTICLE = "(?:에서?|으로|(?<!으)로)[은는의도]?|[은는이가을를의도]"
# A particle after a word in other letters, or a noun of two syllables or more with one: 회의는, 회의에서, 회의에서도.
_KOREAN_NOUN = re.compile(f"([가-힣]{{2,}}?|)(?:{_PARTICLE})")
_KOREAN_NAME = re.compile("([가-힣]{2,})[님씨]")  # with an honorific
_REPEATED_JAMO = re.compile(rf"([{_JAMO}])\1{{2,}}")
_KEYWORDS_PER_LABEL = 6
_MIN_FREQUENCY_RATIO = 3.0  # of a keyword in messages with its label to its frequency in others
_SENTENCE_ENDS = '.!?:…\n"“”()[]•-–—*>¿¡।؟'


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word, in lower case, that is more frequent in messages with a label."""

    word: str
    label: str
    label_count: int  # of messages with the word and the label
    count: int  # of messages with the word
    share: float  # of the label in messages with the word, 0 to 1
    share_without: float  # of the label in messages without the word, 0 to 1


@dataclass(slots=True)
class _WordCounts:
    labels: Counter[str] = field(default_factory=Counter)
    people: dict[str, tuple[int, ...]] = field(default_factory=dict)  # the first MIN_PEOPLE authors by label
    inside: int = 0  # occurrences inside sentences
    capitalised: int = 0  # those of them with a capital letter


class WordCounter:
    """Counts the messages of each label that contain a word, in bounded memory."""

    def __init__(self) -> None:
        self._words: dict[str, _WordCounts] = {}
        self._messages: Counter[str] = Counter()
        self.words_missing = False  # whether there was text without spaces between words, whose words are not counted

    def add(self, text: str, label: str, person: int | None) -> None:
        """Count the words of a message. ``person`` identifies its author; None if unknown."""
        self._messages[label] += 1
        self.words_missing = self.words_missing or bool(_TEXT_WITHOUT_SPACES.search(text))
        seen: set[str] = set()
        for word, inside, capitalised in _words(text):
            counts = self._words.setdefault(word, _WordCounts())
            counts.inside += inside
            counts.capitalised += inside and capitalised
            if word in seen:
                continue
            seen.add(word)
            counts.labels[label] += 1
            people = counts.people.get(label, ())
            if person is not None and len(people) < MIN_PEOPLE and person not in people:
                counts.people[label] = (*people, person)
        if len(self._words) > MAX_WORDS:
            shared = {word: one for word, one in self._words.items() if len(set().union(*one.people.values())) > 1}
            most_frequent = sorted(shared, key=lambda word: -shared[word].labels.total())[: MAX_WORDS // 2]
            self._words = {word: shared[word] for word in most_frequent}

    def keywords(self, labels: Sequence[str], names: Collection[str] = ()) -> list[Keyword]:
        """Return the keywords of each label, most significant first.

        A word is a keyword if it is at least three times as frequent in messages with the label as in others, and more
        than by chance, given the number of words. It belongs to the label with the higher significance. At least
        ``MIN_PEOPLE`` people
        must have used it in messages with the label. Function words are left out, and people's names: those in
        ``names``, and words that are mostly capitalised inside sentences, or mostly have a Korean honorific.
        """
        known_names = {word for name in names for word in _name_words(name)}
        best: dict[str, tuple[float, str]] = {}
        for label in labels:
            candidates = [
                word
                for word, counts in self._words.items()
                if word not in FUNCTION_WORDS
                and len(counts.people.get(label, ())) >= MIN_PEOPLE
                and word not in known_names
                and word.removesuffix("'s") not in known_names
                and 2 * counts.capitalised <= counts.inside
            ]
            threshold = log((1 - CONFIDENCE) / (2 * max(1, len(candidates))))  # Bonferroni correction
            for word in candidates:
                chance = self._log_chance(word, label)
                if chance < min(threshold, best.get(word, (0.0, ""))[0]) and self._is_frequent(word, label):
                    best[word] = chance, label
        found: list[Keyword] = []
        for label in labels:
            ranked = sorted((chance, word) for word, (chance, one) in best.items() if one == label)
            found += [self._keyword(word, label) for _, word in ranked[:_KEYWORDS_PER_LABEL]]
        return found

    def _keyword(self, word: str, label: str) -> Keyword:
        counts = self._words[word].labels
        count, total = counts.total(), self._messages.total()
        without = (self._messages[label] - counts[label]) / max(1, total - count)
        return Keyword(word, label, counts[label], count, counts[label] / count, without)

    def _is_frequent(self, word: str, label: str) -> bool:
        """Return whether the word is much more frequent in messages with the label than in others."""
        counts, labelled = self._words[word].labels, self._messages[label]
        others = self._messages.total() - labelled
        return counts[label] * others >= _MIN_FREQUENCY_RATIO * (counts.total() - counts[label]) * labelled

    def _log_chance(self, word: str, label: str) -> float:
        """Return the logarithm of the probability that by chance as many messages with the word have the label."""
        counts = self._words[word].labels
        return log_hypergeometric_tail(counts[label], counts.total(), self._messages[label], self._messages.total())


def log_hypergeometric_tail(count: int, drawn: int, marked: int, total: int) -> float:
    """Return the logarithm of the probability that ``count`` or more are marked of ``drawn``.

    They are drawn from ``total``, of which ``marked`` are marked. This is Fisher's exact test.
    """

    def log_ways(k: int, n: int) -> float:
        return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)

    if count * total <= drawn * marked:
        return 0.0  # no more than expected, so the probability does not matter
    first = log_ways(count, marked) + log_ways(drawn - count, total - marked) - log_ways(drawn, total)
    term = whole = 1.0  # relative to the first term; above the expected count they fall
    for k in range(count, min(drawn, marked)):
        term *= (marked - k) * (drawn - k) / ((k + 1) * (total - marked - drawn + k + 1))
        whole += term
        if term < 1e-12:
            break
    return min(0.0, first + log(whole))


def _words(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield each word in lower case, whether it is inside a sentence, and whether it is capitalised."""
    text = _IGNORED.sub(" . ", _LONG_RUN.sub(" . ", unicodedata.normalize("NFC", text)))
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        inside = end > 0 and not any(mark in _SENTENCE_ENDS for mark in between)
        end = match.end()
        word = match[0]
        if _KOREAN.match(word):
            if noun := _KOREAN_NOUN.fullmatch(word):
                word = noun[1]
            if name := _KOREAN_NAME.fullmatch(word):  # an honorific marks a name as a capital does
                yield name[1], True, True
            elif _MIN_KOREAN_LENGTH <= len(word) <= _MAX_LENGTH:
                yield _REPEATED_JAMO.sub(r"\1\1", word), inside, False
        elif _MIN_LENGTH <= len(word) <= _MAX_LENGTH:
            # A Turkish İ in lower case is an i with a dot of its own.
            lower = word.lower().replace("’", "'").replace("i\u0307", "i")
            yield lower, inside, word[0].isupper() and not word.isupper()


def _name_words(name: str) -> Iterator[str]:
    """Yield the words of a person's name: a Korean one as a whole and as its given name, whatever its last syllable."""
    for word in unicodedata.normalize("NFC", name).split():
        if _KOREAN.match(word):
            yield word
            yield word[1:]
    yield from (word for word, _, _ in _words(name))
