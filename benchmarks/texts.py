"""Texts to measure with: made of common words, so that each word is one token; the same in every run."""

import random

_COMMON = """
    the a this that we you they it is was are has had will can not very really just still again now
    today build release test team people work time day week code page report meeting plan idea thing
    place number name part good great nice fine happy love like bad slow late wrong hate broken sad old
    new long short open closed big small first last next other same own few more most and but or so
    because when where who what why how with without from to in on at by for of about after before over
    under between through
"""
WORDS = _COMMON.split()

SPECIAL = 2
"""Tokens that the tokenizer adds: [CLS] and [SEP]."""


def of_length(tokens: int, count: int, seed: int = 0) -> list[str]:
    """Return ``count`` different texts of ``tokens`` tokens each."""
    rng = random.Random(f"{seed}/{tokens}")
    return [" ".join(rng.choices(WORDS, k=max(1, tokens - SPECIAL))) for _ in range(count)]


def as_in_chat(count: int) -> list[str]:
    """Return texts of 1 to 200 tokens with a median near 12, as messages in chats have."""
    rng = random.Random(0)
    lengths = (min(200, max(1, round(rng.lognormvariate(2.48, 0.8)))) for _ in range(count))
    return [" ".join(rng.choices(WORDS, k=max(1, length - SPECIAL))) for length in lengths]
