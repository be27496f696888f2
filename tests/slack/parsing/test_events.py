"""Parsing of events."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.parsing.events import (
    AddedReaction,
    EditedMessage,
    PostedMessage,
    is_organization_wide,
    parse_ts,
    possible_organizations,
    possible_teams,
    thread_start,
)

STRINGS = st.text(st.characters(), max_size=60)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | STRINGS
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4))
FIELDS = ("subtype", "bot_id", "channel", "user", "ts", "thread_ts", "text", "event_ts", "edited", "reaction", "item")
EVENTS = st.dictionaries(st.sampled_from(FIELDS), JSON | st.dictionaries(st.sampled_from(FIELDS), JSON))


@given(event=EVENTS, team=JSON)
def test_any_event(event: dict[str, Any], team: object) -> None:
    """An event with fields of any type is parsed to a message or reaction with strings, or to None."""
    message = PostedMessage.parse(team, event.get("channel"), event)
    reaction = AddedReaction.parse(team, event)
    if message is not None:
        fields = (message.team, message.channel, message.user, message.ts, message.text)
        assert all(isinstance(value, str) for value in fields)
        assert message.thread_ts is None or isinstance(message.thread_ts, str)
    if reaction is not None:
        assert all(isinstance(getattr(reaction, name), str) for name in reaction.__slots__)


def test_posted_message() -> None:
    """A message has the bot's workspace, not that of its author, and the text of its blocks."""
    event = {"user": "U1", "ts": "1.5", "thread_ts": "1.0", "text": "hi", "team": "T0OTHER", "subtype": "file_share"}
    message = PostedMessage.parse("T1", "C1", event)
    assert message == PostedMessage("T1", "C1", "U1", "1.5", "1.0", "hi")
    assert message.time.timestamp() == 1.5


@pytest.mark.parametrize(
    ("fields", "edited_at"),
    [
        ({"edited": {"user": "U1", "ts": "9.5"}}, 9.5),
        ({"event_ts": "9.5"}, 9.5),
        ({"event_ts": "1.5"}, None),
        ({"edited": {"user": "U1", "ts": "1e9"}}, None),
        ({"edited": "yes"}, None),
    ],
)
def test_edited_at(fields: dict[str, Any], edited_at: float | None) -> None:
    """A message tells when it was edited, or the event does."""
    message = PostedMessage.parse("T1", "C1", {"user": "U1", "ts": "1.5", "text": "hi", **fields})
    assert message is not None
    assert message.edited_at == edited_at


@pytest.mark.parametrize(
    ("event", "start"),
    [
        ({"type": "app_mention", "ts": "9.5", "thread_ts": "1.5"}, 1.5),
        ({"subtype": "message_changed", "ts": "9.5", "message": {"ts": "5.5", "thread_ts": "1.5"}}, 1.5),
        ({"type": "app_mention", "ts": "9.5"}, None),
        ({"message": "yes", "thread_ts": 1.5}, None),
        ("yes", None),
    ],
)
def test_thread_start(event: object, start: float | None) -> None:
    """An event about a reply, or about its edit, tells when the thread began."""
    assert thread_start(event) == start


@pytest.mark.parametrize(
    "fields", [{"bot_id": "B1"}, {"user": "USLACKBOT"}, {"subtype": "channel_join"}, {"user": None}, {"ts": 1.5}]
)
def test_not_posted_by_a_person(fields: dict[str, Any]) -> None:
    """Messages of bots, joins and incomplete messages are not parsed."""
    assert PostedMessage.parse("T1", "C1", {"user": "U1", "ts": "1.5", "text": "hi", **fields}) is None


@pytest.mark.parametrize(
    ("before", "changed"), [({"text": "hello"}, True), ({"text": "hi"}, False), (None, True), ("unknown", True)]
)
def test_edited_message(before: object, changed: bool) -> None:
    """An edit tells whether the text has changed, which counts as changed if the previous message is missing."""
    now = {"user": "U1", "ts": "1.5", "text": "hi"}
    event = {"channel": "C1", "subtype": "message_changed", "message": now, "previous_message": before}
    edited = EditedMessage.parse("T1", event)
    assert edited is not None
    assert (edited.message.text, edited.text_changed) == ("hi", changed)


@pytest.mark.parametrize(
    ("before", "now", "added"),
    [
        ("hi", "<@U1> hi", True),
        (None, "<@U1> hi", True),
        ("<@U1|bot> hi", "<@U1> hello", False),
        ("hi", "hello", False),
    ],
)
def test_added_mention(before: str | None, now: str, added: bool) -> None:
    """An edit tells whether it adds a mention, and when it happened, also if only the event does."""
    message = {"user": "U2", "ts": "1.5", "text": now}
    event = {"channel": "C1", "subtype": "message_changed", "message": message, "event_ts": "9.5"}
    edited = EditedMessage.parse("T1", event | ({} if before is None else {"previous_message": {"text": before}}))
    assert edited is not None
    assert edited.adds_mention("U1") == added
    assert edited.message.edited_at == 9.5


@pytest.mark.parametrize(
    "event", [{"subtype": "message_deleted"}, {"subtype": "message_changed", "message": {"bot_id": "B1"}}]
)
def test_not_an_edit(event: dict[str, Any]) -> None:
    """Deletions, and edits of messages of bots, are not parsed."""
    assert EditedMessage.parse("T1", {"channel": "C1", **event}) is None


def test_added_reaction() -> None:
    """A reaction is parsed without its skin tone, and reactions to files are not."""
    item = {"type": "message", "channel": "C1", "ts": "1.5"}
    event = {"item": item, "user": "U1", "reaction": "thumbsup::skin-tone-3", "event_ts": "2.5"}
    assert AddedReaction.parse("T1", event) == AddedReaction("T1", "C1", "1.5", "U1", 2.5, "thumbsup")
    assert AddedReaction.parse("T1", event | {"item": item | {"type": "file"}}) is None


@pytest.mark.parametrize(
    ("ts", "seconds"), [("1700000000.000100", 1700000000.0001), ("5", 5.0), ("1e5", None), ("", None), (None, None)]
)
def test_parse_ts(ts: object, seconds: float | None) -> None:
    """A malformed timestamp is None."""
    assert parse_ts(ts) == seconds


@given(JSON, JSON, JSON)
def test_possible_teams_of_any_payload(authorizations: object, event: object, team: object) -> None:
    """Workspaces are strings, each named once, whatever a payload contains."""
    teams = possible_teams({"authorizations": authorizations, "event": event, "team": team, "team_id": "T1"})
    assert "T1" in teams
    assert len(teams) == len({*teams})
    assert all(isinstance(each, str) for each in teams)


def test_possible_teams() -> None:
    """The workspace of the installation comes before those of the channel and of the author."""
    event = {"authorizations": [{"team_id": "T1"}], "context_team_id": "T2", "team_id": "T3", "event": {"team": "T4"}}
    assert possible_teams(event) == ["T1", "T2", "T3", "T4"]
    assert possible_teams({"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T2"}}) == ["T1", "T2"]
    assert possible_teams({"team": None, "view": {"app_installed_team_id": "T1", "team_id": "T2"}}) == ["T1", "T2"]
    assert possible_teams({"team": None, "user": {"team_id": "T1"}, "view": {"team_id": "T2"}}) == ["T1", "T2"]
    assert possible_teams({"team_id": None, "event": {"team_ids": ["T1", "T2"]}}) == ["T1", "T2"]


@given(JSON, JSON, JSON, JSON)
def test_organizations_of_any_payload(authorizations: object, enterprise: object, team: object, flag: object) -> None:
    """Organizations are strings, and a payload is for one or not, whatever it contains."""
    body = {"authorizations": authorizations, "enterprise": enterprise, "team_id": team, "is_enterprise_install": flag}
    assert all(isinstance(each, str) for each in possible_organizations(body))
    assert isinstance(is_organization_wide(body), bool)


def test_possible_organizations() -> None:
    """The organization of the installation comes first; commands and interactions name it elsewhere."""
    authorizations = [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]
    event = {"authorizations": authorizations, "enterprise_id": "E2", "context_enterprise_id": "E3", "team_id": "T1"}
    assert possible_organizations(event) == ["E1", "E2", "E3"]
    assert is_organization_wide(event)
    command = {"enterprise_id": "E1", "team_id": "T1", "is_enterprise_install": "true"}
    assert possible_organizations(command) == ["E1"]
    assert is_organization_wide(command)
    assert not is_organization_wide(command | {"is_enterprise_install": "false"})
    assert not is_organization_wide({"team_id": "T1", "enterprise_id": "E1"})
    assert possible_organizations({"team": {"id": "T1"}, "enterprise": {"id": "E1"}}) == ["E1"]
    assert possible_organizations({"enterprise": None}) == []
