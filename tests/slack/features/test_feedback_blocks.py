"""Block Kit of feedback."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.features import feedback
from bot.slack.features.feedback.blocks import RatedResult
from tests.slack.features.strategies import TEXTS
from tests.support.blocks import assert_valid_view


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=300, unique=True), st.data())
@settings(deadline=None)
def test_correction_view(labels: list[str], data: st.DataObject) -> None:
    """The modal that asks for the right label is valid, whatever the labels of the checkpoint."""
    rated = RatedResult("model", data.draw(st.sampled_from(labels))[:100], "")
    assert_valid_view(feedback.blocks.correction_view(rated, labels, ["T0TEAM", "C0CHANNEL", "1700000000.000100"]))
