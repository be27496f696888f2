"""What the agent understands as a request, and what it leaves to the analysis."""

import pytest

from bot.slack.features.agent.blocks import DESCRIPTION, GREETING, prompts
from bot.slack.features.agent.intents import AgentRequest, Intent, Subject, nearest_request


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("How does the channel I am looking at read?", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("how does this channel read", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("Please tell me how this channel reads, thanks!", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("How is the channel doing now?", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("what's the mood here?", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("report", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("and this?", AgentRequest(Intent.READ)),
        ("What about this one?", AgentRequest(Intent.READ)),
        ("What's the mood in this channel?", AgentRequest(Intent.READ, subject=Subject.CHANNEL)),
        ("How does <#C1|general> read?", AgentRequest(Intent.READ, subject=Subject.CHANNEL, channel="C1")),
        ("Mood of <#C1>", AgentRequest(Intent.READ, subject=Subject.CHANNEL, channel="C1")),
        ("How does this read?", AgentRequest(Intent.READ)),
        ("how does it sound", AgentRequest(Intent.READ)),
        ("How does what I'm looking at read", AgentRequest(Intent.READ)),
        ("How does this message read?", AgentRequest(Intent.READ, subject=Subject.MESSAGE)),
        ("analyse this thread", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("How does this thread read?", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("How did the thread I am looking at go?", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("how did this thread go", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("Can you tell me how is this thread going please?", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("where did that thread turn", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("thread", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
        ("How did this discussion go?", AgentRequest(Intent.THREAD, subject=Subject.MESSAGE)),
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
    ("text", "channel", "window"),
    [
        ("How does #releases read in the last 30 days?", "#releases", "30d"),
        ("How does <#C1|releases> read in the last 30 days?", "C1", "30d"),
        ("report #releases 30d", "#releases", "30d"),
        ("report 24h", "", "24h"),
        ("a report on this channel for the last quarter, please", "", "90d"),
        ("how was this channel this week?", "", "7d"),
        ("How is the channel doing today?", "", "24h"),
        ("What's the vibe in #dev-ops this month", "#dev-ops", "30d"),
        ("how did this channel read over the past 2 weeks", "", "2 weeks"),
        ("how did this channel read yesterday?", "", "yesterday"),
        ("지난 30일 이 채널 어때?", "", "30d"),
        ("이 채널 이번 주 분위기 어때요?", "", "7d"),
        ("<#C1|general>은 오늘 어때?", "C1", "24h"),
    ],
)
def test_reports(text: str, channel: str, window: str) -> None:
    """A request for a report may name its channel and its period, of which not every one is a window."""
    assert AgentRequest.parse(text) == AgentRequest(Intent.READ, "", Subject.CHANNEL, channel, window)


@pytest.mark.parametrize(
    ("text", "name", "window"),
    [
        ("How does general read?", "general", ""),
        ("how is team-happy doing this week?", "team happy", "7d"),
        ("mood in general", "general", ""),
        ("report general 90d", "general", "90d"),
        ("general 채널 분위기 어때?", "general", ""),
        ("How is life going?", "life", ""),
    ],
)
def test_plain_names(text: str, name: str, window: str) -> None:
    """The name of a channel may be given without a link; whether there is such a channel is another question."""
    assert AgentRequest.parse(text) == AgentRequest(Intent.READ, "", Subject.CHANNEL, "", window, name)


@pytest.mark.parametrize(
    ("text", "intent", "subject"),
    [
        ("이 채널 어때?", Intent.READ, Subject.CHANNEL),
        ("<#C1> 분위기 어때요?", Intent.READ, Subject.CHANNEL),
        ("여기 분위기 어때?", Intent.READ, Subject.CHANNEL),
        ("이 메시지 어떻게 읽혀?", Intent.READ, Subject.MESSAGE),
        ("이 메시지 분석해줘", Intent.READ, Subject.MESSAGE),
        ("이 대화 분위기 어때?", Intent.READ, Subject.ANY),
        ("이거 어떻게 읽혀요?", Intent.READ, Subject.ANY),
        ("나에 대해 뭘 저장해?", Intent.STORED, Subject.ANY),
        ("저에 대해 어떤 데이터를 저장하나요?", Intent.STORED, Subject.ANY),
        ("나에 대해 뭘 알고 있어?", Intent.STORED, Subject.ANY),
        ("초안 확인해 줘", Intent.DRAFT, Subject.ANY),
        ("내 초안 검토해 주세요", Intent.DRAFT, Subject.ANY),
        ("문장 분석해 줘", Intent.ANALYZE, Subject.ANY),
    ],
)
def test_korean_requests(text: str, intent: Intent, subject: Subject) -> None:
    """Requests may be in Korean."""
    found = AgentRequest.parse(text)
    assert found is not None
    assert (found.intent, found.subject, found.text) == (intent, subject, "")


def test_korean_draft() -> None:
    """A draft may follow a request in Korean."""
    assert AgentRequest.parse("초안 확인해 줘: 정말 좋아요") == AgentRequest(Intent.DRAFT, "정말 좋아요")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "I love how this channel reads",
        "how are you?",
        "how is it going",
        "how was your day?",
        "how was this week?",
        "how was the meeting?",
        "how beautiful this day is",
        "how dare you",
        "How about that!",
        "this",
        "today",
        "my week was great",
        "This report is awful",
        "report it to me, please",
        "I hate the mood in #general this week",
        "check #1",
        "오늘 기분 어때?",
        "여기 어때?",
        "이거 어때?",
        "이 채널 진짜 별로야",
        "초안이 별로야",
        "나에 대해 아무것도 모르면서 왜 그래",
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
    for channels in (True, False):
        assert len(prompts(channels=channels)) <= 4
        assert all(AgentRequest.parse(prompt["message"]) for prompt in prompts(channels=channels))
