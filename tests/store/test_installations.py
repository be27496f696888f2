"""Installations, and the encryption of their tokens."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sql
from cryptography.fernet import Fernet

from bot.errors import ConfigurationError
from bot.store import installations
from bot.store.database import Database, open_database
from bot.store.installations import Installation, Tokens
from bot.store.schema import installations as table
from bot.store.token_cipher import TokenCipher

KEY = Fernet.generate_key().decode()
CIPHER = TokenCipher(KEY)
TOKENS = Tokens("xoxb-my-token", "xoxe-1-next", 9)
INSTALLED = Installation("T1", "B1", "U1", TOKENS, 1)


def test_installations(database: Database) -> None:
    """An installation replaces an older one of the same workspace."""
    database.run_sync(installations.add, CIPHER, Installation("T1", "B0", "U0", Tokens("xoxb-old"), 0))
    database.run_sync(installations.add, CIPHER, INSTALLED)
    assert database.run_sync(installations.get, CIPHER, "T1") == INSTALLED
    assert database.run_sync(installations.installed_at, "T1") == 1
    assert database.run_sync(installations.teams) == ["T1"]
    assert database.run_sync(installations.get, CIPHER, "T2") is None
    assert database.run_sync(installations.installed_at, "T2") is None


def test_stored_format(database: Database) -> None:
    """Rows that any earlier version wrote can be read."""
    values = {"team": "T1", "bot": "xoxb-my-token", "renewing": "xoxe-1-next", "expires_at": 9}
    insert = sql.text(
        "INSERT INTO installations (team, bot, bot_user, sealed, expires_at, installed_at, renewing_until) "
        "VALUES ('T1', 'B1', 'U1', :sealed, 9, 1, 0)"
    )
    sealed = Fernet(KEY).encrypt(json.dumps(values).encode()).decode()
    database.run_sync(lambda connection: connection.execute(insert, {"sealed": sealed}))
    assert database.run_sync(installations.get, CIPHER, "T1") == INSTALLED
    assert database.run_sync(installations.reencrypt_all, CIPHER) == 1
    assert database.run_sync(installations.get, CIPHER, "T1") == INSTALLED


def test_renewal(database: Database) -> None:
    """One process at a time renews tokens, and only the tokens that are current."""
    database.run_sync(installations.add, CIPHER, INSTALLED)
    assert database.run_sync(installations.claim_refresh, "T1", TOKENS, 0, 60)
    assert not database.run_sync(installations.claim_refresh, "T1", TOKENS, 59, 120)
    assert database.run_sync(installations.claim_refresh, "T1", TOKENS, 60, 120)
    new = Tokens("xoxb-new", "xoxe-1-newer", 99)
    database.run_sync(installations.save_refreshed_tokens, CIPHER, "T1", 60, Tokens("xoxb-late"))
    database.run_sync(installations.save_refreshed_tokens, CIPHER, "T1", 120, new)
    found = database.run_sync(installations.get, CIPHER, "T1")
    assert found is not None
    assert found.tokens == new
    assert not database.run_sync(installations.claim_refresh, "T1", TOKENS, 200, 260)


def test_keys(tmp_path: Path) -> None:
    """Tokens are encrypted; with two keys the old one can be replaced; another key decrypts nothing."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with open_database(f"sqlite:///{tmp_path}/bot.db") as database:
        database.run_sync(installations.add, TokenCipher(old), INSTALLED)
        with pytest.raises(ConfigurationError, match="SECRETS_KEY does not decrypt"):
            database.run_sync(installations.reencrypt_all, TokenCipher(new))
        assert database.run_sync(installations.reencrypt_all, TokenCipher(f"{new}, {old}")) == 1
        assert database.run_sync(installations.get, TokenCipher(new), "T1") == INSTALLED
        with pytest.raises(ConfigurationError, match="SECRETS_KEY does not decrypt"):
            database.run_sync(installations.get, TokenCipher(old), "T1")
    for file in tmp_path.iterdir():
        assert b"xoxb-my-token" not in file.read_bytes()
    assert "my-token" not in repr(INSTALLED)
    assert "xoxe" not in repr(INSTALLED)


def test_tokens_of_another_workspace(database: Database) -> None:
    """Encrypted tokens that were copied to the row of another workspace are refused."""
    for team in ("T1", "T2"):
        database.run_sync(installations.add, CIPHER, Installation(team, "B1", "U1", Tokens(f"xoxb-{team}"), 1))
    first = sql.select(table.c.sealed).where(table.c.team == "T1").scalar_subquery()
    database.run_sync(lambda connection: connection.execute(sql.update(table).values(sealed=first)))
    assert database.run_sync(installations.get, CIPHER, "T1") is not None
    with pytest.raises(ConfigurationError, match="SECRETS_KEY"):
        database.run_sync(installations.get, CIPHER, "T2")


def test_states_are_used_once(database: Database) -> None:
    """A state can be used once; the record is kept until the state expires."""
    assert database.run_sync(installations.consume_state, "s", 0, 600)
    assert not database.run_sync(installations.consume_state, "s", 600, 1200)
    assert database.run_sync(installations.consume_state, "s", 601, 1200)
