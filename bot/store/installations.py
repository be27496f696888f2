"""OAuth installations and their tokens, which are stored encrypted."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.errors import ConfigurationError
from bot.store.schema import granted_workspaces, installations, spent_states
from bot.store.statements import insert_if_absent, upsert
from bot.store.token_cipher import WRONG_KEY, TokenCipher


@dataclass(frozen=True, slots=True)
class Tokens:
    """The bot's tokens; only apps with token rotation have a refresh token and an expiry."""

    bot_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: int | None = None  # Unix seconds


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot in a workspace, or in the workspaces that an organization grants.

    ``team`` is the id of the workspace or organization, ``scopes`` is None if the granted scopes are unknown.
    """

    team: str
    bot_id: str  # B…
    bot_user_id: str  # U…
    tokens: Tokens
    installed_at: int  # Unix seconds
    scopes: frozenset[str] | None = None
    is_organization: bool = False


def add(connection: Connection, cipher: TokenCipher, installation: Installation) -> None:
    """Store an installation, and replace an older one of the same workspace or organization."""
    scopes = installation.scopes
    row = {
        "team": installation.team,
        "bot": installation.bot_id,
        "bot_user": installation.bot_user_id,
        "installed_at": installation.installed_at,
        "scopes": None if scopes is None else ",".join(sorted(scopes)),
        "is_organization": installation.is_organization,
        **_token_columns(cipher, installation.team, installation.tokens),
    }
    upsert(connection, installations, row)


def get(connection: Connection, cipher: TokenCipher, team: str) -> Installation | None:
    """Return the installation of a workspace or organization of its own; None if there is none.

    Raises ConfigurationError if the key is wrong.
    """
    return _first(connection, cipher, sql.select(installations).filter_by(team=team))


def find(connection: Connection, cipher: TokenCipher, workspace: str) -> Installation | None:
    """Return a workspace's own installation, else that of the organization that grants the workspace.

    Returns None if there is neither; raises what :func:`get` raises.
    """
    organization = sql.select(granted_workspaces.c.organization).filter_by(workspace=workspace).scalar_subquery()
    own = (installations.c.team == workspace) & ~installations.c.is_organization
    granting = (installations.c.team == organization) & installations.c.is_organization
    return _first(
        connection, cipher, sql.select(installations).where(own | granting).order_by(installations.c.is_organization)
    )


def _first(connection: Connection, cipher: TokenCipher, query: sql.Select[tuple[object, ...]]) -> Installation | None:
    row = connection.execute(query).first()
    if row is None:
        return None
    return Installation(
        row.team,
        row.bot,
        row.bot_user,
        _decrypt_tokens(cipher, row.team, row.sealed),
        row.installed_at,
        None if row.scopes is None else frozenset(filter(None, row.scopes.split(","))),
        row.is_organization,
    )


def installed_at(connection: Connection, team: str) -> int | None:
    """Return when the bot was installed in a workspace or organization, in Unix seconds; None if it is not."""
    return connection.scalar(sql.select(installations.c.installed_at).filter_by(team=team))


def teams(connection: Connection) -> list[str]:
    """Return the workspaces with an installation of their own, or of the organization that grants them."""
    own = sql.select(installations.c.team).where(~installations.c.is_organization)
    granted = sql.select(granted_workspaces.c.workspace).where(
        granted_workspaces.c.organization.in_(sql.select(installations.c.team).filter_by(is_organization=True))
    )
    return sorted(connection.scalars(own.union(granted)))


def organizations(connection: Connection) -> list[str]:
    """Return the organizations with an installation."""
    return [*connection.scalars(sql.select(installations.c.team).filter_by(is_organization=True))]


def set_granted(connection: Connection, organization: str, workspaces: Collection[str]) -> list[str]:
    """Store which workspaces an organization grants.

    Returns those that it no longer does, and that have no installation of their own.
    """
    for workspace in workspaces:
        upsert(connection, granted_workspaces, {"workspace": workspace, "organization": organization})
    of_organization = sql.select(granted_workspaces.c.workspace).filter_by(organization=organization)
    revoked = {*connection.scalars(of_organization)} - {*workspaces}
    connection.execute(sql.delete(granted_workspaces).where(granted_workspaces.c.workspace.in_(revoked)))
    own = sql.select(installations.c.team).where(installations.c.team.in_(revoked))
    return sorted(revoked - {*connection.scalars(own)})


def claim_refresh(connection: Connection, team: str, old: Tokens, now: int, until: int) -> bool:
    """Claim the renewal of a workspace's or organization's tokens until ``until``.

    Returns False if another process has claimed it, or has replaced the tokens ``old`` already.
    """
    current = sql.update(installations).filter_by(team=team, expires_at=old.expires_at)
    unclaimed = current.where(installations.c.renewing_until <= now)
    return connection.execute(unclaimed.values(renewing_until=until)).rowcount > 0


def save_refreshed_tokens(connection: Connection, cipher: TokenCipher, team: str, until: int, tokens: Tokens) -> None:
    """Store new tokens, unless the bot was uninstalled or installed again since :func:`claim_refresh`."""
    claimed = sql.update(installations).filter_by(team=team, renewing_until=until)
    connection.execute(claimed.values(_token_columns(cipher, team, tokens)))


def reencrypt_all(connection: Connection, cipher: TokenCipher) -> int:
    """Encrypt all tokens with the first key; return their number. Raises ConfigurationError if a key is missing."""
    rows = connection.execute(sql.select(installations.c.team, installations.c.sealed)).all()
    for team, encrypted in rows:
        tokens = _decrypt_tokens(cipher, team, encrypted)
        # If another process has renewed the tokens meanwhile, it has encrypted them too.
        unchanged = sql.update(installations).filter_by(team=team, sealed=encrypted)
        connection.execute(unchanged.values(sealed=_encrypt_tokens(cipher, team, tokens)))
    return len(rows)


def consume_state(connection: Connection, state: str, now: int, until: int) -> bool:
    """Record that an OAuth state was used; return False if it was used before. The record expires at ``until``."""
    connection.execute(sql.delete(spent_states).where(spent_states.c.expires_at < now))
    hashed = hashlib.sha256(state.encode()).hexdigest()
    return insert_if_absent(connection, spent_states, state=hashed, expires_at=until)


def _token_columns(cipher: TokenCipher, team: str, tokens: Tokens) -> dict[str, object]:
    return {"sealed": _encrypt_tokens(cipher, team, tokens), "expires_at": tokens.expires_at, "renewing_until": 0}


def _encrypt_tokens(cipher: TokenCipher, team: str, tokens: Tokens) -> str:
    # The team is encrypted too, so that one row's tokens cannot be copied to another.
    values = {"team": team, "bot": tokens.bot_token, "renewing": tokens.refresh_token, "expires_at": tokens.expires_at}
    return cipher.encrypt(values)


def _decrypt_tokens(cipher: TokenCipher, team: str, encrypted: str) -> Tokens:
    values = cipher.decrypt(encrypted)
    if values.get("team") != team:
        raise ConfigurationError(WRONG_KEY)
    return Tokens(values["bot"], values["renewing"], values["expires_at"])
