"""Sealing what must not be read from a copy of the database: the tokens of workspaces.

It is Fernet, AES with a check that nobody changed anything, from the package ``cryptography``.
"""

import json
import secrets
from typing import Any

from bot.errors import ConfigurationError

WRONG_KEY = (
    "SECRETS_KEY does not open the tokens in the database. Give the key that they were sealed with, after the new one "
    "and a comma if you are changing keys."
)


class TokenCipher:
    """Seals and opens.

    Args:
        keys: one key or several with commas between them. The first seals; each opens what it sealed.

    Raises:
        ConfigurationError: cryptography is not installed.
    """

    def __init__(self, keys: str) -> None:
        try:
            from cryptography.fernet import Fernet, InvalidToken, MultiFernet
        except ModuleNotFoundError:
            raise ConfigurationError(
                'Many workspaces need the extra oauth: pip install "sentiment-bot[oauth]", '
                'or in a clone pip install -e ".[oauth]".'
            ) from None
        self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        self._unreadable = InvalidToken

    def close(self, values: dict[str, Any]) -> str:
        """Seal values that JSON has."""
        return self._fernet.encrypt(json.dumps(values).encode()).decode()

    def open(self, sealed: str) -> dict[str, Any]:
        """Return the values again.

        Raises:
            ConfigurationError: they were sealed with another key, or changed.
        """
        try:
            opened: dict[str, Any] = json.loads(self._fernet.decrypt(sealed))
        except self._unreadable:
            raise ConfigurationError(WRONG_KEY) from None
        return opened

    def again(self, sealed: str) -> str:
        """Seal with the first key what another one may have sealed.

        Raises:
            ConfigurationError: as :meth:`open`.
        """
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except self._unreadable:
            raise ConfigurationError(WRONG_KEY) from None

    def stamp(self, now: float) -> str:
        """Return a word that nobody can guess or make up, and that knows its time."""
        return self._fernet.encrypt_at_time(secrets.token_bytes(16), int(now)).decode()

    def stamped(self, word: str, now: float, within: int) -> bool:
        """Tell whether :meth:`stamp` made a word, at most so many seconds ago."""
        if not word.isascii():  # else a ValueError
            return False
        try:
            return len(self._fernet.decrypt_at_time(word, within, int(now))) == 16
        except self._unreadable:
            return False
