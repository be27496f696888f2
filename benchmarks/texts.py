"""Random texts for benchmarks: made of common words, each of which is one token; the same in every run."""

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

SPECIAL_TOKENS = 2
"""Number of tokens that the tokenizer adds: one before a text and one after it."""


def of_length(tokens: int, count: int, seed: int = 0) -> list[str]:
    """Return ``count`` texts of ``tokens`` tokens each."""
    rng = random.Random(f"{seed}/{tokens}")
    return [" ".join(rng.choices(WORDS, k=max(1, tokens - SPECIAL_TOKENS))) for _ in range(count)]


def of_lengths(shortest: int, longest: int, count: int, seed: int = 0) -> list[str]:
    """Return ``count`` texts of ``shortest`` to ``longest`` tokens, each length equally likely."""
    rng = random.Random(f"{seed}/{shortest}/{longest}")
    lengths = (rng.randint(shortest, longest) for _ in range(count))
    return [" ".join(rng.choices(WORDS, k=max(1, length - SPECIAL_TOKENS))) for length in lengths]


def as_in_chat(count: int) -> list[str]:
    """Return ``count`` texts of 1 to 200 tokens with a median of about 12, like chat messages."""
    rng = random.Random(0)
    lengths = (min(200, max(1, round(rng.lognormvariate(2.48, 0.8)))) for _ in range(count))
    return [" ".join(rng.choices(WORDS, k=max(1, length - SPECIAL_TOKENS))) for length in lengths]
