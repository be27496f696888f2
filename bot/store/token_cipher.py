"""Encryption of tokens and of webhooks with Fernet, so that a copy of the database does not reveal them."""

import json
import secrets
from typing import Any

from bot.errors import ConfigurationError, install_command

WRONG_KEY = (
    "SECRETS_KEY does not decrypt what is in the database. Use the key that encrypted it; to change keys, give "
    "the new one, a comma and the old one."
)


class TokenCipher:
    """Encrypts and decrypts tokens, and creates OAuth states.

    ``keys`` are separated by commas. The first one encrypts; all of them decrypt. Raises ConfigurationError if
    the package cryptography is not installed.
    """

    def __init__(self, keys: str) -> None:
        try:
            from cryptography.fernet import Fernet, InvalidToken, MultiFernet
        except ModuleNotFoundError:
            raise ConfigurationError(f"SECRETS_KEY needs the extra oauth: {install_command('oauth')}") from None
        self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        self._invalid_token = InvalidToken

    def encrypt(self, values: dict[str, Any]) -> str:
        """Encrypt values that JSON can represent."""
        return self._fernet.encrypt(json.dumps(values).encode()).decode()

    def decrypt(self, encrypted: str) -> dict[str, Any]:
        """Decrypt what :meth:`encrypt` returned; raise ConfigurationError if the key is wrong, or it was changed."""
        try:
            values: dict[str, Any] = json.loads(self._fernet.decrypt(encrypted))
        except self._invalid_token:
            raise ConfigurationError(WRONG_KEY) from None
        return values

    def create_state(self, now: float) -> str:
        """Return an unguessable OAuth state that contains its time of creation."""
        return self._fernet.encrypt_at_time(secrets.token_bytes(16), int(now)).decode()

    def verify_state(self, state: str, now: float, max_age: int) -> bool:
        """Return whether :meth:`create_state` created a state at most ``max_age`` seconds ago."""
        if not state.isascii():  # Fernet would raise ValueError
            return False
        try:
            return len(self._fernet.decrypt_at_time(state, max_age, int(now))) == 16
        except self._invalid_token:
            return False


def open_cipher(keys: str) -> TokenCipher | None:
    """Return the cipher for the setting SECRETS_KEY; None if that is empty, which it may be for one workspace."""
    return TokenCipher(keys) if keys else None
