"""What the agent understands as a request, and what it leaves to the analysis."""

import pytest

from bot.slack.features.agent.blocks import DESCRIPTION, GREETING, PROMPTS
from bot.slack.features.agent.intents import AgentRequest, Intent, Subject, nearest_request


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("How does the channel I am looking at read?", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("how does this channel read", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("Please tell me how this channel reads, thanks!", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("How is the channel doing today?", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("What's the mood in this channel?", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("How does <#C1|general> read?", AgentRequest(Intent.READ, subject=Subject.CHANNEL, channel="C1")),
        ("Mood of <#C1>", AgentRequest(Intent.READ, subject=Subject.CHANNEL, channel="C1")),
        ("How does this read?", AgentRequest(Intent.READ)),
        ("how does it sound", AgentRequest(Intent.READ)),
        ("How does what I'm looking at read", AgentRequest(Intent.READ)),
        ("How does this message read?", AgentRequest(Intent.READ, subject=Subject.MESSAGE)),
        ("analyse this thread", AgentRequest(Intent.READ, subject=Subject.MESSAGE)),
        ("How does this thread read?", AgentRequest(Intent.READ, subject=Subject.MESSAGE)),
        ("How did the thread I am looking at go?", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("how did this thread go", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("Can you tell me how is this thread going please?", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("where did that thread turn", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("What do you keep about me?", AgentRequest(Intent.STORED)),
        ("what data do you store", AgentRequest(Intent.STORED)),
        ("What have you kept of my messages?", AgentRequest(Intent.STORED)),
        ("what do you have on me", AgentRequest(Intent.STORED)),
        ("Check a draft", AgentRequest(Intent.DRAFT)),
        ("check my draft please", AgentRequest(Intent.DRAFT)),
        ("Check a draft: I love it", AgentRequest(Intent.DRAFT, "I love it")),
        ("How does this draft read?\n\nI love\nit ", AgentRequest(Intent.DRAFT, "I love\nit")),
        ("Analyse a text", AgentRequest(Intent.ANALYZE)),
        ("analyze this text: see https://a.example: fine", AgentRequest(Intent.ANALYZE, "see https://a.example: fine")),
    ],
)
def test_requests(text: str, request_: AgentRequest) -> None:
    """A request is understood however it is put, and also if something was added to it."""
    assert AgentRequest.parse(text) == request_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "I love how this channel reads",
        "how are you?",
        "how is it going",
        "this is how it feels to be ignored",
        "How does this read? I love it",
        "What do you think about my cats",
        "well what do you know!",
        "Check the text on the door, it is awful",
        "This is what I think: check a draft",
        "how does this read" * 30,
        "optout",
        "help",
    ],
)
def test_texts(text: str) -> None:
    """Everything else is a text, although it has the words of a request."""
    assert AgentRequest.parse(text) is None
    assert nearest_request(text) is None


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("how dos this chanel read", "How does this channel read?"),
        ("how does this raed", "How does this read?"),
        ("wat do you keep about me", "What do you keep about me?"),
        ("chek a draft", "Check a draft"),
        ("analise a text", "Analyse a text"),
    ],
)
def test_mistyped_requests(text: str, phrase: str) -> None:
    """What is nearly a request is recognized; the phrase that is suggested is one."""
    assert AgentRequest.parse(text) is None
    assert nearest_request(text) == phrase
    assert AgentRequest.parse(phrase) is not None


def test_prompts() -> None:
    """The prompts are within Slack's limits, and are requests."""
    assert len(DESCRIPTION) <= 300
    assert GREETING
    assert len(PROMPTS) <= 4
    assert all(AgentRequest.parse(prompt["message"]) for prompt in PROMPTS)
