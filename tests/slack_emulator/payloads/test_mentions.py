"""Mentions in messages."""

from typing import Any

from slack_emulator.payloads.mentions import mentions


def section(text: str, **more: object) -> dict[str, Any]:
    """Return a section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def test_mentions() -> None:
    """Mrkdwn and rich text elements mention; plain text, text in rich text and the text beside blocks do not."""
    hot = "<!channel> <!here|here> <@U1|ana> <!subteam^S1>"
    everybody = {"!channel", "!here", "U1", "!subteam^S1"}
    assert mentions(hot, []) == everybody
    assert mentions(hot, [{"type": "divider"}]) == set()
    assert mentions("", [section(hot)]) == everybody
    assert mentions("", [{"type": "context", "elements": [{"type": "mrkdwn", "text": hot}]}]) == everybody
    assert mentions("", [{"type": "markdown", "text": hot}]) == everybody
    assert mentions("", [{"type": "header", "text": {"type": "plain_text", "text": hot}}]) == set()
    quiet = {"type": "rich_text_section", "elements": [{"type": "text", "text": hot}]}
    assert mentions("", [{"type": "rich_text", "elements": [quiet]}]) == set()
    loud = {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "everyone"}]}
    assert mentions("", [{"type": "rich_text", "elements": [loud]}]) == {"!everyone"}
    assert mentions("&lt;!channel&gt;", []) == set()
    assert mentions("", [{"type": "divider"}], [{"text": hot}]) == everybody
