"""What a person is looking at, and for how long it is remembered."""

from bot.slack.client.slack_client import MessageRef
from bot.slack.features.agent.context import Context, ContextMemory

CHANNEL = {"type": "slack#/types/channel_id", "value": "C1", "team_id": "T1"}
MESSAGE = {"type": "slack#/types/message_context", "value": {"message_ts": "1.5", "channel_id": "C2"}}


def test_entities() -> None:
    """The first channel and the first message count, in their order."""
    canvas = {"type": "slack#/types/canvas_id", "value": "F1"}
    message = MessageRef("C2", "1.5")
    assert Context.parse({"context": {"entities": [canvas, CHANNEL]}}) == Context("C1")
    assert Context.parse({"context": {"entities": [MESSAGE, CHANNEL]}}) == Context("C2", message, message_first=True)
    assert Context.parse({"app_context": {"entities": [CHANNEL, MESSAGE]}}) == Context("C1", message)


def test_missing_context() -> None:
    """An empty context is one; a missing one is none."""
    assert Context.parse({}) is None
    assert Context.parse({"context": None, "app_context": []}) is None
    assert Context.parse({"context": {}}) == Context()


def test_memory() -> None:
    """The last context of each person is remembered, for an hour."""
    now = 0.0
    memory = ContextMemory(lambda: now)
    memory.save("T1", "U1", Context("C1"))
    memory.save("T1", "U1", Context("C2"))
    memory.save("T2", "U1", Context("C3"))
    assert memory.get("T1", "U1") == Context("C2")
    assert memory.get("T1", "U2") == Context()
    now += memory.SECONDS + 1
    assert memory.get("T1", "U1") == Context()


def test_memory_is_bounded() -> None:
    """Only so many people are remembered, the latest."""
    memory = ContextMemory()
    for i in range(memory.PEOPLE + 1):
        memory.save("T1", f"U{i}", Context("C1"))
        memory.save("T1", "U0", Context("C0"))
    assert memory.get("T1", "U0") == Context("C0")
    assert memory.get("T1", "U1") == Context()
    assert memory.get("T1", "U2") == Context("C1")


def test_old_contexts_are_deleted() -> None:
    """An old context is deleted as soon as anything is remembered or looked up, not only hidden."""
    now = 0.0
    memory = ContextMemory(lambda: now)
    memory.save("T1", "U1", Context("C1"))
    now += memory.SECONDS - 1
    memory.save("T1", "U2", Context("C2"))
    assert len(memory) == 2
    now += 2
    assert memory.get("T1", "U3") == Context()
    assert len(memory) == 1
    now += memory.SECONDS
    memory.save("T1", "U3", Context("C3"))
    assert len(memory) == 1
