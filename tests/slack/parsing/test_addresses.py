"""Addresses in messages."""

import pytest

from bot.slack.parsing.mrkdwn import plain_text


@pytest.mark.parametrize(
    ("mrkdwn", "text"),
    [
        ("<https://host.example/awful-bugs/7|host.example/awful-bugs/7>", "host.example"),
        ("<https://host.example/awful-bugs/7|see https://host.example/awful>", "see host.example"),
        ("<https://host.example/ひどい>", "host.example"),
        ("see https://host.example/awful-bugs/7.", "see host.example."),
        ("(https://host.example/Hate_(film)), *https://host.example/hate*", "(host.example), host.example"),
        ("https://ana:hate@host.example:8080/?q=hate#hate!", "host.example!"),
        ("&lt;https://host.example/hate&gt; “https://host.example/hate”", "<host.example> “host.example”"),
        ("https://host.example/hate는 좋아요", "host.example는 좋아요"),
        ("https://host.example/wiki/最悪_事件は host.example/?q=ひどい", "host.example host.example"),
        ("https://host.example/最悪です", "host.example最悪です"),
        ("host.example?q=hate&r=hate, is it host.example?yes", "host.example, is it host.example?yes"),
        ("`host.example/awful` or localhost:3000/awful or 10.0.0.1/awful", "host.example or localhost or 10.0.0.1"),
        ("<git+ssh://git@host.example/awful/bugs.git>", "host.example"),
        ("git clone git@host.example:awful/bugs.git", "git clone host.example"),
        ("http://[::1]:80/awful", "[::1]"),
        ("<file:///home/awful.txt> <skype:awful?call>", "an address an address"),
        (
            "write to awful.ana@host.example, or mailto:awful@host.example?subject=awful",
            "write to an address, or an address",
        ),
        ("either/or, i.e./e.g., 3.5/4.0, react@18.2.0, 5@home", "either/or, i.e./e.g., 3.5/4.0, react@18.2.0, 5@home"),
        ("the https:// prefix", "the https:// prefix"),
    ],
)
def test_addresses(mrkdwn: str, text: str) -> None:
    """Only the host of an address is read, wherever the address stands, and nothing of a mail address."""
    assert plain_text(mrkdwn) == text
