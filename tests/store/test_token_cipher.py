"""Encryption, and OAuth states."""

import pytest
from cryptography.fernet import Fernet

from bot.errors import ConfigurationError
from bot.store.token_cipher import TokenCipher

CIPHER = TokenCipher(Fernet.generate_key().decode())


def test_encryption() -> None:
    """Values are decrypted unchanged; what was changed is refused."""
    encrypted = CIPHER.encrypt({"a": 1, "b": None})
    assert CIPHER.decrypt(encrypted) == {"a": 1, "b": None}
    with pytest.raises(ConfigurationError):
        CIPHER.decrypt(encrypted[:-4] + "AAA=")


def test_states() -> None:
    """A state is valid until its age exceeds the limit; other strings and other encrypted values are not."""
    state = CIPHER.create_state(1000)
    assert state != CIPHER.create_state(1000)
    assert [CIPHER.verify_state(state, now, 600) for now in (1000, 1600, 1601)] == [True, True, False]
    for other in ("", "state", "ü", CIPHER.encrypt({}), TokenCipher(Fernet.generate_key().decode()).create_state(1000)):
        assert not CIPHER.verify_state(other, 1000, 600)
