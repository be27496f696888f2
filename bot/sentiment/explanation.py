"""Leave-one-out attribution: how far the log-odds of the winning label drop when a token or word is removed.

Log-odds, unlike the score itself, also tell words apart where the score is near 1. A negation and the word that it
negates are removed together, since "bad" alone does not say what it does in "not bad".
"""

import math
from collections.abc import Mapping, Sequence

from tokenizers import Encoding

from bot.sentiment.classifier import Classifier, ModelWork, Row, Scores
from bot.sentiment.text import continues_character, continues_word, without_surrogates
from bot.sentiment.types import Breakdown, Token, Word

PASS_TOKENS = 8_192
"""Approximate number of tokens computed in each of two passes. Up to about 80 tokens, every token of a text is removed
on its own; in longer texts neighbouring words are removed together, as phrases, and the second pass splits the
strongest."""

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
    phrases, groups = _first_pass(words, limit=max(MIN_PARTS, PASS_TOKENS // len(encoding.ids)))
    whole, *parts = yield [row, *(_remove(row, group) for group in groups)]
    winner = max(range(len(whole)), key=whole.__getitem__)
    odds = _log_odds(classifier, whole, winner)
    drops = {group: odds - _log_odds(classifier, part, winner) for group, part in zip(groups, parts, strict=True)}

    splits = _split_strongest(phrases, drops, words, limit=PASS_TOKENS // len(encoding.ids))
    if splits:
        groups = [group for split in splits.values() for group in split]
        parts = yield [_remove(row, group) for group in groups]
        drops |= {group: odds - _log_odds(classifier, part, winner) for group, part in zip(groups, parts, strict=True)}
    word_groups = [group for phrase in phrases for group in splits.get(phrase, [phrase])]

    # A token that was not removed on its own gets an equal share of the drop of its word or phrase.
    token_drops = {i: drops[group] / len(group) for group in word_groups for i in group}
    token_drops |= {group[0]: drop for group, drop in drops.items() if len(group) == 1}

    offsets = encoding.offsets
    fields = zip(encoding.tokens, encoding.ids, offsets, encoding.special_tokens_mask, strict=True)
    return Breakdown(
        text,
        classifier.sentiment(whole, truncated=bool(encoding.overflowing)),
        tuple(
            Token(token.strip(), token_id, start, end, bool(special), attribution=token_drops.get(i, 0.0))
            for i, (token, token_id, (start, end), special) in enumerate(fields)
        ),
        tuple(_word(text, encoding, group, drops[group]) for group in word_groups),
    )


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


def _first_pass(words: Sequence[Group], limit: int) -> tuple[list[Group], list[Group]]:
    """Return the phrases to show and all groups of tokens to remove, about ``limit`` at most."""
    tokens = [(i,) for word in words for i in word]
    subword_words = [word for word in words if len(word) > 1]
    if len(tokens) + len(subword_words) <= limit:
        return list(words), [*tokens, *subword_words]
    phrases = _join(words, limit)
    return phrases, phrases


def _join(words: Sequence[Group], limit: int) -> list[Group]:
    """Join neighbouring words into at most ``limit`` phrases of equal length."""
    size = -(-len(words) // limit)
    return [sum(words[i : i + size], ()) for i in range(0, len(words), size)]


def _split_strongest(
    phrases: Sequence[Group], drops: Mapping[Group, float], words: Sequence[Group], limit: int
) -> dict[Group, list[Group]]:
    """Split the strongest phrases into words, or into shorter phrases, ``limit`` in all; return the parts by phrase."""
    splits: dict[Group, list[Group]] = {}
    for phrase in sorted(phrases, key=lambda phrase: -abs(drops[phrase])):
        own_words = [word for word in words if phrase[0] <= word[0] <= phrase[-1]]
        if (limit < len(own_words) and splits) or limit < MIN_PARTS:
            break
        if len(own_words) > 1:
            splits[phrase] = _join(own_words, limit)
            limit -= len(splits[phrase])
    return splits


def _remove(row: Row, group: Group) -> Row:
    """Return ``row`` without the tokens of ``group``."""
    removed = set(group)
    return {name: [value for i, value in enumerate(column) if i not in removed] for name, column in row.items()}
