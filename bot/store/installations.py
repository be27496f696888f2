"""Where the bot was installed by OAuth, and with which tokens, which are sealed in the database."""

import hashlib
from dataclasses import asdict, dataclass, field

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.errors import ConfigurationError
from bot.store.schema import insert, installations, spent_states, where
from bot.store.token_cipher import WRONG_KEY, TokenCipher


@dataclass(frozen=True, slots=True)
class Tokens:
    """What lets the bot into a workspace.

    Attributes:
        bot: the bot's token.
        renewing: what gets the next one, where the app's tokens are renewed.
        expires_at: when the token ends, in seconds since 1970; None for never.
    """

    bot: str = field(repr=False)
    renewing: str | None = field(default=None, repr=False)
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot in one workspace.

    Attributes:
        bot: its bot id, ``B…``.
        bot_user: its user id, ``U…``.
        installed_at: when, in seconds since 1970.
    """

    team: str
    bot: str
    bot_user: str
    tokens: Tokens
    installed_at: int


def add(connection: Connection, seal: TokenCipher, installation: Installation) -> None:
    """Keep an installation, in place of an older one of the same workspace."""
    row = insert(connection, installations).values(
        team=installation.team,
        bot=installation.bot,
        bot_user=installation.bot_user,
        installed_at=installation.installed_at,
        **_sealed(seal, installation.team, installation.tokens),
    )
    names = ("bot", "bot_user", "sealed", "expires_at", "installed_at", "renewing_until")
    connection.execute(
        row.on_conflict_do_update(index_elements=["team"], set_={name: row.excluded[name] for name in names})
    )


def get(connection: Connection, seal: TokenCipher, team: str) -> Installation | None:
    """Return how the bot is installed in a workspace; None if it is not.

    Raises:
        ConfigurationError: the tokens were sealed with another key.
    """
    row = connection.execute(sql.select(installations).where(*where(installations, team=team))).first()
    if row is None:
        return None
    return Installation(row.team, row.bot, row.bot_user, _opened(seal, row.team, row.sealed), row.installed_at)


def installed_at(connection: Connection, team: str) -> int | None:
    """Return when the bot was installed in a workspace, in seconds since 1970; None if it is not."""
    return connection.scalar(sql.select(installations.c.installed_at).where(*where(installations, team=team)))


def teams(connection: Connection) -> list[str]:
    """Return the workspaces where the bot is installed."""
    return [*connection.scalars(sql.select(installations.c.team).order_by(installations.c.team))]


def claim_renewal(connection: Connection, team: str, old: Tokens, now: int, until: int) -> bool:
    """Tell whether the caller is to renew a workspace's tokens, and nobody else in any process before ``until``.

    False as well where ``old``, which the caller has read, is no longer what is kept.
    """
    nobody = installations.c.renewing_until <= now
    same = installations.c.expires_at == old.expires_at
    row = sql.update(installations).where(*where(installations, team=team), nobody, same)
    return bool(connection.execute(row.values(renewing_until=until)).rowcount)


def save_renewed_tokens(connection: Connection, seal: TokenCipher, team: str, until: int, tokens: Tokens) -> None:
    """Keep new tokens, unless the workspace has been installed again or has gone since ``may_renew``."""
    still = installations.c.renewing_until == until
    values = _sealed(seal, team, tokens)
    connection.execute(sql.update(installations).where(*where(installations, team=team), still).values(**values))


def reencrypt_all(connection: Connection, seal: TokenCipher) -> int:
    """Seal all tokens with the first key, and return of how many workspaces there are some.

    Raises:
        ConfigurationError: a key is missing.
    """
    rows = connection.execute(sql.select(installations.c.team, installations.c.sealed)).all()
    for team, sealed in rows:
        _opened(seal, team, sealed)
        # Another process may have renewed the tokens meanwhile: then it has sealed them too.
        unchanged = installations.c.sealed == sealed
        row = sql.update(installations).where(*where(installations, team=team), unchanged)
        connection.execute(row.values(sealed=seal.again(sealed)))
    return len(rows)


def use_state(connection: Connection, state: str, now: int, until: int) -> bool:
    """Take note that a state was used; False if it was used before. It is forgotten after ``until``."""
    connection.execute(sql.delete(spent_states).where(spent_states.c.expires_at < now))
    row = insert(connection, spent_states).values(state=hashlib.sha256(state.encode()).hexdigest(), expires_at=until)
    return connection.execute(row.on_conflict_do_nothing().returning(spent_states.c.state)).first() is not None


def _sealed(seal: TokenCipher, team: str, tokens: Tokens) -> dict[str, object]:
    # The team goes in with them, so that no row can be given the tokens of another.
    return {
        "sealed": seal.close({"team": team, **asdict(tokens)}),
        "expires_at": tokens.expires_at,
        "renewing_until": 0,
    }


def _opened(seal: TokenCipher, team: str, sealed: str) -> Tokens:
    values = seal.open(sealed)
    if values.pop("team", None) != team:
        raise ConfigurationError(WRONG_KEY)
    return Tokens(**values)
