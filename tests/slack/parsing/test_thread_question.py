"""The question how a thread went."""

import pytest

from bot.slack.parsing.thread_question import asks_about_thread, may_ask_about_thread


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
        "tell me how this thread went",
        "what is the mood of this thread",
        "thread report",
        "/sentiment thread",
        "이 스레드 어땠어?",
        "이 스레드 분위기 어때?",
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
        "I like this thread",
        "이 스레드 진짜 별로야",
    ],
)
def test_texts(text: str) -> None:
    """Other texts about threads are texts to analyse."""
    assert not asks_about_thread(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thred", True),
        ("threads", True),
        ("how dd ths thread go", True),
        ("how did this go", False),
        ("this threat is awful", False),
        ("this report is bad", False),
    ],
)
def test_mistyped(text: str, expected: bool) -> None:
    """What would be the question if it were spelled otherwise is recognized."""
    assert not asks_about_thread(text)
    assert may_ask_about_thread(text) == expected
