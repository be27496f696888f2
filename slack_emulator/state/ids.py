"""Random ids and tokens in Slack's formats."""

import secrets
import string

_ALPHABET = string.ascii_uppercase + string.digits


def new_id(prefix: str) -> str:
    """Return a random id, such as `U024BE7LHA` for the prefix `U`."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(10))


def short_id() -> str:
    """Return a random id of five characters, as Slack gives blocks and elements."""
    return new_id("")[:5]


def random_digits(count: int) -> str:
    """Return a string of `count` random digits."""
    return "".join(secrets.choice(string.digits) for _ in range(count))


def new_code(token_bytes: int) -> str:
    """Return a trigger id or an OAuth code: two numbers and a random hexadecimal string of `token_bytes` bytes."""
    return f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(token_bytes)}"
