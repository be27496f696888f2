"""Attribution of a result to the words of its text, by Shapley values of the log-odds of the winning label.

The Shapley value of a word is how far the log-odds rise when it is added to some of the other words, on average over
the orders in which the words may be added. Removing one word at a time, which needs fewer rows, finds nothing where two
words say the same: without either of them, the result is the same. The values are exact for a few words, and otherwise
an average over random orders, each with its reverse, which lowers the variance
(https://doi.org/10.1016/j.cor.2008.04.004).

Log-odds, unlike the score itself, also tell words apart where the score is near 1. A negation and the word that it
negates are added together, since "bad" alone does not say what it does in "not bad".
"""

import math
import random
from collections.abc import Sequence
from itertools import pairwise, permutations

from tokenizers import Encoding

from bot.sentiment.classifier import Classifier, ModelWork, Row, Scores
from bot.sentiment.text import continues_character, continues_word, without_surrogates
from bot.sentiment.types import Breakdown, Token, Word

PASS_TOKENS = 8_192
"""Approximate number of tokens computed in the first of two passes. In texts of more than about 60 tokens neighbouring
words form phrases, and the second pass, of up to twice as many tokens, splits the strongest."""

MAX_PARTS_EXACT = 5
MIN_PAIRS, MAX_PAIRS = 2, 4  # of an order and its reverse
MIN_PARTS = 4  # into which even the longest text is split
_NEGATIONS = (
    "aldrig bez cannot chưa değil geen hardly ingen inte kein keine keinen không ne nem never nicht nie niet no non "
    "nooit not nothing nunca não ohne pas sans sem senza sin tanpa tidak bukan without yok без не нет 안 못"
)
"""Words that turn the meaning of a word after them, in some of the languages that the embedded model reads."""
_BETWEEN = "a all an any ein eine quite really sehr so that the too très un une very"
"""Words that may stand between a negation and what it negates."""
_MIN_REST = 1e-6  # of a score, so that log-odds are finite

Group = tuple[int, ...]  # indices of tokens that are removed together


def explain(classifier: Classifier, text: str) -> Breakdown:
    """Classify ``text`` and attribute the result to its tokens and words."""
    return classifier.complete(explain_work(classifier, text))


def explain_work(classifier: Classifier, text: str) -> ModelWork[Breakdown]:
    """Classify ``text`` and attribute the result to its tokens and words."""
    text = without_surrogates(text)
    (encoding,) = classifier.encode([text])
    row = classifier.row(encoding)
    words = _join_negations(text, encoding, _group_by_word(text, encoding))
    limit = max(MIN_PARTS, PASS_TOKENS // (MIN_PAIRS * len(encoding.ids)))
    parts = _join(words, limit)
    scores, attributions = yield from _attribute(classifier, row, parts)
    if len(parts) < len(words):
        parts = _split_strongest(parts, attributions, words, limit)
        scores, attributions = yield from _attribute(classifier, row, parts)

    token_attributions = {
        i: attribution / len(part) for part, attribution in zip(parts, attributions, strict=True) for i in part
    }
    fields = zip(encoding.tokens, encoding.ids, encoding.offsets, encoding.special_tokens_mask, strict=True)
    return Breakdown(
        text,
        classifier.sentiment(scores, truncated=bool(encoding.overflowing)),
        tuple(
            Token(token.strip(), token_id, start, end, bool(special), token_attributions.get(i, 0.0))
            for i, (token, token_id, (start, end), special) in enumerate(fields)
        ),
        tuple(_word(text, encoding, part, attribution) for part, attribution in zip(parts, attributions, strict=True)),
    )


def _attribute(classifier: Classifier, row: Row, parts: Sequence[Group]) -> ModelWork[tuple[Scores, list[float]]]:
    """Return the scores of ``row``, and the Shapley value of each part for the label with the highest score."""
    pairs = PASS_TOKENS // max(1, len(parts) * len(row["input_ids"]))
    orders = _orders(len(parts), min(max(pairs, MIN_PAIRS), MAX_PAIRS))
    # What is missing before each part is added, and after the last; many orders have some of these sets in common.
    chains = [[frozenset(order[i:]) for i in range(len(order) + 1)] for order in orders]
    missing = list(dict.fromkeys(each for chain in chains for each in chain))
    computed = dict(zip(missing, (yield [_remove(row, parts, each) for each in missing]), strict=True))
    whole = computed[frozenset()]
    winner = max(range(len(whole)), key=whole.__getitem__)
    odds = {each: _log_odds(classifier, scores, winner) for each, scores in computed.items()}
    attributions = [0.0] * len(parts)
    for order, chain in zip(orders, chains, strict=True):
        for part, (before, after) in zip(order, pairwise(chain), strict=True):
            attributions[part] += (odds[after] - odds[before]) / len(orders)
    return whole, attributions


def _orders(count: int, pairs: int) -> list[tuple[int, ...]]:
    """Return all orders of a few parts, otherwise ``pairs`` random ones with their reverses, always the same."""
    if count <= MAX_PARTS_EXACT:
        return list(permutations(range(count)))
    rng = random.Random(count)  # noqa: S311 - not used for security
    drawn = [tuple(rng.sample(range(count), count)) for _ in range(pairs)]
    return [*drawn, *(order[::-1] for order in drawn)]


def _log_odds(classifier: Classifier, scores: Scores, label: int) -> float:
    """Return the logarithm of the score of a label over that of all others together."""
    score = scores[label]
    # The others are summed because 1 - score would lose their digits where the score is near 1.
    rest = 1 - score if classifier.model.multi_label else sum(scores[:label] + scores[label + 1 :])
    return math.log(max(score, _MIN_REST) / max(rest, _MIN_REST))


def _word(text: str, encoding: Encoding, group: Group, attribution: float) -> Word:
    start, end = encoding.offsets[group[0]][0], encoding.offsets[group[-1]][1]
    written = text[start:end]
    start += len(written) - len(written.lstrip())
    return Word(written.strip(), start, start + len(written.strip()), attribution)


def _join_negations(text: str, encoding: Encoding, words: Sequence[Group]) -> list[Group]:
    """Join each negation with the word that it negates, and with up to two words between them."""
    texts = [_word(text, encoding, word, 0).text.lower().replace("’", "'") for word in words]
    negations, between = _NEGATIONS.split(), _BETWEEN.split()
    joined: list[Group] = []
    i = 0
    while i < len(words):
        last = i
        if texts[i] in negations or texts[i].endswith("n't"):
            while last + 1 < len(words) and last < i + 2 and texts[last + 1] in between:
                last += 1
            if last + 1 < len(words) and texts[last + 1][0].isalnum():
                last += 1
        joined.append(sum(words[i : last + 1], ()))
        i = last + 1
    return joined


def _group_by_word(text: str, encoding: Encoding) -> list[Group]:
    """Group the tokens by the words of ``text``, in order, without special tokens.

    The tokenizer's words are split further at punctuation and, in scripts without spaces, at each token, by the tokens'
    offsets in the text. A token without visible text, such as a ``▁`` alone, belongs to the next word.
    """
    words: list[list[int]] = []
    waiting: list[int] = []  # tokens without visible text
    previous: int | None = None  # the tokenizer's word of the last visible token, which ends at previous_end
    previous_end = 0
    for i, (word_id, (start, end)) in enumerate(zip(encoding.word_ids, encoding.offsets, strict=True)):
        if word_id is None:
            continue
        visible = text[start:end].lstrip()
        if not visible:
            waiting.append(i)
            continue
        begin = end - len(visible)
        # Tokens overlap if a character became several tokens.
        same_word = word_id == previous and (begin < previous_end or continues_word(text, begin))
        if words and not waiting and (same_word or (begin == previous_end and continues_character(text, begin))):
            words[-1].append(i)
        else:
            words.append([*waiting, i])
            waiting = []
        previous, previous_end = word_id, end
    if words:
        words[-1] += waiting
    return [tuple(word) for word in words]


def _join(words: Sequence[Group], limit: int) -> list[Group]:
    """Join neighbouring words into at most ``limit`` phrases of equal length."""
    size = max(1, -(-len(words) // limit))
    return [sum(words[i : i + size], ()) for i in range(0, len(words), size)]


def _split_strongest(
    phrases: Sequence[Group], attributions: Sequence[float], words: Sequence[Group], limit: int
) -> list[Group]:
    """Return the phrases with the strongest ones split into words, or into shorter phrases, ``limit`` in all."""
    splits: dict[Group, list[Group]] = {}
    for phrase, _ in sorted(zip(phrases, attributions, strict=True), key=lambda pair: -abs(pair[1])):
        own_words = [word for word in words if phrase[0] <= word[0] <= phrase[-1]]
        if (limit < len(own_words) and splits) or limit < MIN_PARTS:
            break
        if len(own_words) > 1:
            splits[phrase] = _join(own_words, limit)
            limit -= len(splits[phrase])
    return [part for phrase in phrases for part in splits.get(phrase, [phrase])]


def _remove(row: Row, parts: Sequence[Group], missing: frozenset[int]) -> Row:
    """Return ``row`` without the tokens of the ``missing`` parts."""
    removed = {token for part in missing for token in parts[part]}
    return {name: [value for i, value in enumerate(column) if i not in removed] for name, column in row.items()}
