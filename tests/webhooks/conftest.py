"""A sender and a receiver of webhooks."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store.database import open_database
from bot.webhooks import deliverer
from tests.support.webhook_receiver import Receiver, create_certificate, receiver
from tests.support.webhook_sender import Sender


@pytest.fixture(autouse=True)
def fast_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for deliveries all the time."""
    monkeypatch.setattr(deliverer, "POLL_SECONDS", 0.005)


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Sender]:
    """Return a sender with an empty database."""
    with open_database(f"sqlite:///{tmp_path}/bot.db") as database:
        yield Sender(database)


@pytest.fixture
async def http() -> AsyncIterator[Receiver]:
    """Run a receiver over HTTP."""
    async with receiver() as one:
        yield one


@pytest.fixture
async def https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """Run a receiver over HTTPS, whose certificate the bot trusts."""
    context = create_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with receiver(context) as one:
        yield one
