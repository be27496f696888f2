"""The signature, verified as the documentation says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.webhooks.signature import sign

SECRET = "0123456789abcdef"
BODY = b'{"id": "d1"}'
NOW = 1_800_000_000


def documented_verification() -> Callable[[str, bytes, str, float], bool]:
    """Return the function in docs/webhooks.md."""
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - ours
    verify: Callable[[str, bytes, str, float], bool] = names["is_from_the_bot"]
    return verify


VERIFY = documented_verification()


def test_known_signature() -> None:
    """The signature is HMAC-SHA256 of the time, a full stop and the body, as any other tool computes it."""
    # printf '1800000000.{"id": "d1"}' | openssl dgst -sha256 -hmac 0123456789abcdef
    assert sign(SECRET, NOW, BODY) == f"t={NOW},v1=29827fd8567285645a314f40590935f6aa85aff032ef05f6113062cd76b02c4e"


@pytest.mark.parametrize(("seconds", "valid"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_replay(seconds: int, valid: bool) -> None:
    """A recorded request is refused after five minutes, and one from a wrong clock too."""
    assert VERIFY(sign(SECRET, NOW, BODY), BODY, SECRET, NOW + seconds) is valid


def test_forgery() -> None:
    """A change of body, time or secret is noticed."""
    header = sign(SECRET, NOW, BODY)
    assert not VERIFY(header, BODY + b" ", SECRET, NOW)
    assert not VERIFY(header.replace(f"t={NOW}", f"t={NOW + 1}"), BODY, SECRET, NOW)
    assert not VERIFY(header, BODY, SECRET + "0", NOW)
    assert not VERIFY(f"{header},v1=00", BODY, SECRET, NOW)


@given(st.text())
def test_any_header(header: str) -> None:
    """Whatever else is in the header is refused without an error."""
    assert not VERIFY(header, BODY, SECRET, NOW)
