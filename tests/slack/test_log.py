"""Logging of failures."""

import asyncio
import logging

import pytest

from bot.errors import BotError
from bot.slack.log import RepetitionFilter, log_failure
from tests.support.processes import poll


def test_text_of_errors(caplog: pytest.LogCaptureFixture) -> None:
    """The text of the bot's own errors is logged, and of others only their kind, also within a group."""
    errors = [BotError("The disk is full."), ValueError("my secret text")]
    log_failure("a job", ExceptionGroup("my secret group", errors), {"channel": "C1"})
    assert [line.partition(" at ")[0] for line in caplog.messages] == [
        "a job failed: BotError: The disk is full.",
        "a job failed: ValueError",
    ]
    assert "secret" not in caplog.text


async def test_burst(caplog: pytest.LogCaptureFixture) -> None:
    """Of a burst of equal errors the first ones are logged, and then how many there were."""
    logger = logging.getLogger("tests.burst")
    caplog.handler.addFilter(repetitions := RepetitionFilter(3))
    try:
        for i in range(9_000):
            logger.error("%s failed: %s at %s (%s)", "analysis", "ValueError", "engine.py:9", f"channel=C{i} ts={i}.1")
            logger.info("as usual")
        logger.error("something else")
        assert len(caplog.messages) <= 12
        await poll(lambda: len(caplog.messages) > 11)
        assert caplog.messages[-1] == "analysis failed: ValueError at engine.py:9: 8990 more times within 3 s"
        await asyncio.sleep(0)
        logger.error("something else")
        assert caplog.messages[-1] == "something else"
    finally:
        caplog.handler.removeFilter(repetitions)
