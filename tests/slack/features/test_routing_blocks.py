"""Block Kit and input of routing rules."""

from dataclasses import replace

from bot.slack.blocks import Reply
from bot.slack.features.home.blocks import home_view
from bot.slack.features.routing.blocks import home_section, routed, target_text
from bot.slack.features.routing.rules import is_quiet
from bot.slack.features.routing.samples import samples
from bot.store.channels.routes import Match, Route
from slack_emulator.payloads.mentions import mentions
from tests.support.blocks import assert_valid_reply, assert_valid_view


def test_samples() -> None:
    """Every notice, routed message and window is valid, and what is routed mentions nobody."""
    for sample in samples():
        if isinstance(sample, Reply):
            assert_valid_reply(sample)
            if "In <#" in str(sample.blocks):
                assert mentions(sample.text, sample.blocks, []) <= {"U1"}
        else:
            assert_valid_view(sample)


def route(start: str, end: str) -> Route:
    """Return a rule with quiet hours in Berlin, where the tested times of January are an hour ahead of UTC."""
    return Route("T1", "C1", "1", "U1", 0, "message", 0.9, "channel", "C2", "", start, end, "Europe/Berlin")


def test_quiet_hours() -> None:
    """Quiet hours are in the zone of the rule, may span midnight, and end at their end."""
    at = {f"{hour:02}": hour * 3600.0 - 3600.0 for hour in range(24)}  # 1 January 1970, by Berlin's clock
    assert [hour for hour, time in at.items() if is_quiet(route("22:00", "02:00"), time)] == ["00", "01", "22", "23"]
    assert [hour for hour, time in at.items() if is_quiet(route("09:00", "11:00"), time)] == ["09", "10"]
    assert not any(is_quiet(route("", ""), time) for time in at.values())


def test_host_is_escaped() -> None:
    """The host of a webhook, which somebody has entered, mentions nobody."""
    assert "<!channel>" not in target_text(replace(route("", ""), target_kind="webhook", host="<!channel>.example"))


def test_many_rules_in_app_home() -> None:
    """App Home is valid however many rules the channels of a user have, and says how many it leaves out."""
    section = home_section([route("", "")] * 500)
    assert_valid_view(home_view([section]))
    assert "480 more" in str(section)


def test_summary_of_days() -> None:
    """Days that a rule summarises are called days, and there are no links to count."""
    matches = [Match(f"{day}.000000", 1.0, None) for day in range(2)]
    reply = routed(replace(route("", ""), condition="alert"), "0.000000", matches, {})
    assert "2 days met this rule" in str(reply.blocks)
    assert "more" not in str(reply.blocks)
