"""Makes members, and the tokens that let them in."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.errors import RegistrationTokenRefused
from teahouse.accounts.logins.commands import open_login
from teahouse.accounts.members.commands import add_member
from teahouse.accounts.profiles.commands import write_field
from teahouse.accounts.registration.queries import find_registration_token
from teahouse.accounts.registration.rules import check_token_grammar
from teahouse.accounts.registration.types import NewMember
from teahouse.accounts.rules import localpart_of
from teahouse.accounts.staff.rules import check_power
from teahouse.accounts.tables import (
    accounts_registration_nonce,
    accounts_registration_token,
)
from teahouse.accounts.types import Login
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.requester import Requester

# 12 letters: one in 10^16, short enough to be typed from paper.
TOKEN_LETTERS = 12
# Without l, o, 0 and 1, which are read as one another.
_TOKEN_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105
NONCE_MS = 60_000

_t = accounts_registration_token.c
_n = accounts_registration_nonce.c


def register_member(tx: Tx, new: NewMember, *, access_token_ms: int = 3_600_000) -> Login | None:
    """Make a member, and sign them in where a device is given.

    Their name is shown as the first part of their id until they set another.

    Args:
        tx: the transaction it becomes part of.
        new: who, checked and hashed.
        access_token_ms: life of the access token where the client can refresh it.

    Returns:
        The login, or None where no device is given.

    Raises:
        UserInUse: the id was given to somebody before.
        RegistrationTokenRefused: the registration token is no longer valid.
        InvalidParam: a device id or name that is empty or too long.
    """
    if new.registration_token is not None:
        _use_registration_token(tx, new.registration_token)
    add_member(
        tx,
        new.user_id,
        password_hash=new.password_hash,
        appservice_id=new.appservice_id,
    )
    write_field(tx, new.user_id, "displayname", localpart_of(new.user_id))
    if new.device is None:
        return None
    return open_login(tx, new.user_id, new.device, access_token_ms=access_token_ms)


def create_registration_token(
    tx: Tx,
    token: str | None = None,
    *,
    uses_allowed: int | None = 1,
    expires_at: int | None = None,
    by: Requester | None = None,
) -> str:
    """A token that lets somebody register.

    Args:
        tx: the transaction it becomes part of.
        token: what it shall be; None: letters by chance.
        uses_allowed: how many may use it; None: any number.
        expires_at: milliseconds since the epoch; None: never.
        by: the operator; None: the command line.

    Raises:
        Forbidden: `by` is no operator.
        InvalidParam: characters that a token cannot have, or it is there already.
    """
    if by is not None:
        check_power(by, "registration_tokens.change")
    made = token or tx.chance.secrets.letters(TOKEN_LETTERS, _TOKEN_ALPHABET)
    check_token_grammar(made)
    if find_registration_token(tx, made) is not None:
        raise InvalidParam("This registration token exists already.")
    tx.conn.execute(
        sa.insert(accounts_registration_token).values(
            token=made,
            uses_allowed=uses_allowed,
            uses=0,
            created_at=tx.now,
            expires_at=expires_at,
        )
    )
    return made


def delete_registration_token(tx: Tx, token: str, *, by: Requester | None = None) -> None:
    """Let nobody in by this token any more.

    Args:
        tx: the transaction it becomes part of.
        token: which.
        by: the operator; None: the command line.

    Raises:
        Forbidden: `by` is no operator.
        NotFound: no such token.
    """
    if by is not None:
        check_power(by, "registration_tokens.change")
    deleted = tx.conn.execute(sa.delete(accounts_registration_token).where(_t.token == token))
    if deleted.rowcount == 0:
        raise NotFound


def create_nonce(tx: Tx) -> str:
    """A nonce for one shared-secret registration within a minute."""
    nonce = tx.chance.secrets.token(32)
    tx.conn.execute(
        sa.insert(accounts_registration_nonce).values(nonce=nonce, expires_at=tx.now + NONCE_MS)
    )
    tx.conn.execute(sa.delete(accounts_registration_nonce).where(_n.expires_at <= tx.now))
    return nonce


def use_nonce(tx: Tx, nonce: str) -> bool:
    """Use a nonce up; whether it was good."""
    used = tx.conn.execute(
        sa.delete(accounts_registration_nonce).where(_n.nonce == nonce, _n.expires_at > tx.now)
    )
    return used.rowcount == 1


def _use_registration_token(tx: Tx, token: str) -> None:
    found = find_registration_token(tx, token)
    if found is None or not found.is_valid_at(tx.now):
        raise RegistrationTokenRefused
    tx.conn.execute(
        sa.update(accounts_registration_token).where(_t.token == token).values(uses=found.uses + 1)
    )
