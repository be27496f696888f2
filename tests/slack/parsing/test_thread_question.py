"""The question how a thread went."""

import pytest

from bot.slack.parsing.thread_question import asks_about_thread


@pytest.mark.parametrize(
    "text",
    [
        "thread",
        "Thread!",
        "this thread",
        "the whole thread, please",
        "how did this thread go?",
        "How is this thread going so far?",
        "how was the conversation",
        "how did that discussion go",
        "where did this thread turn?",
        "mood of this thread",
    ],
)
def test_questions(text: str) -> None:
    """A word is enough, and so are the questions that people write."""
    assert asks_about_thread(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "threads",
        "this thread is awful",
        "conversation",
        "how did this go?",
        "the thread went well, thanks",
        "how is this thread so long",
    ],
)
def test_texts(text: str) -> None:
    """Other texts about threads are texts to analyse."""
    assert not asks_about_thread(text)
