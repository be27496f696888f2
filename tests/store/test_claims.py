"""Claims keep an effect from being done twice, in bounded memory."""

from bot.store.claims import Claims, Effect

REPLY = Effect("T1", "C1", "1.1", "reply")


def test_a_claim_is_taken_once() -> None:
    """The second to claim an effect is refused, until it is given back."""
    claims = Claims()
    assert claims.take(REPLY)
    assert not claims.take(REPLY)
    claims.release(REPLY)
    assert claims.take(REPLY)


def test_claims_differ_in_every_part() -> None:
    """Another workspace, channel, message or kind is another effect."""
    claims = Claims()
    assert claims.take(REPLY)
    assert all(
        claims.take(other)
        for other in (
            REPLY._replace(team="T2"),
            REPLY._replace(channel="C2"),
            REPLY._replace(ts="1.2"),
            REPLY._replace(kind="reaction"),
        )
    )


def test_the_oldest_claims_go_first() -> None:
    """Beyond the capacity the oldest is forgotten and the newest kept."""
    claims = Claims(capacity=2)
    for ts in ("1", "2", "3"):
        assert claims.take(REPLY._replace(ts=ts))
    assert not claims.take(REPLY._replace(ts="3"))
    assert not claims.take(REPLY._replace(ts="2"))
    assert claims.take(REPLY._replace(ts="1"))
