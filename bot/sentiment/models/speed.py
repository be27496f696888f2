"""The speed of a model."""

import timeit

from bot.sentiment.classifier import Model

SAMPLE_TEXTS, SAMPLE_TOKENS = 8, 20  # of the batch that the speed is measured with: texts, and tokens of each


def measure_speed(model: Model) -> float:
    """Return how many texts of ``SAMPLE_TOKENS`` one thread classifies per second, the best of three batches."""
    rows = [dict.fromkeys(model.columns, [0] * SAMPLE_TOKENS)] * SAMPLE_TEXTS
    seconds = timeit.repeat(lambda: model.run(rows), repeat=4, number=1)
    return SAMPLE_TEXTS / min(seconds[1:])  # the first run warms up


def describe(model: Model) -> str:
    """Return the precision and the speed, as in "int8, about 400 messages of 20 tokens a second on each core"."""
    where = "on each core" if model.device == "cpu" else f"on {model.device}"
    messages = f"{measure_speed(model):.0f} messages of {SAMPLE_TOKENS} tokens"
    return f"{model.precision}, about {messages} a second {where}"
