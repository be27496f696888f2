"""Block Kit of App Home."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.report import Report
from bot.slack.features import privacy, reports
from bot.slack.features.home.blocks import home_view
from bot.slack.features.reports.reporter import MAX_HOME_REPORTS
from tests.slack.features.strategies import reports as any_report
from tests.support.blocks import assert_valid_view

CHANNEL_IDS = st.from_regex(r"C[A-Z0-9]{8,12}", fullmatch=True)


@pytest.mark.slow
@given(st.booleans(), st.none() | st.lists(CHANNEL_IDS, max_size=400, unique=True), any_report())
@settings(deadline=None)
def test_any_number_of_channels(opted_out: bool, channels: list[str] | None, report: Report) -> None:
    """App Home is valid, however many watched channels the user is a member of."""
    shown = [report] * MAX_HOME_REPORTS + [None] * 400
    watched = None if channels is None else dict(zip(channels, shown, strict=False))
    sections = [reports.blocks.watched_channels(watched), privacy.blocks.home_section(opted_out=opted_out)]
    assert_valid_view(home_view(sections))
