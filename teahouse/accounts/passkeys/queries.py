"""Reads passkeys."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.passkeys.types import KnownCredential, Passkey
from teahouse.accounts.tables import accounts_passkey
from teahouse.platform.db import Read

# More than anybody's devices; the list is sent to authenticators, some of which fail on long ones.
PASSKEYS_MAX = 20

_p = accounts_passkey.c


def list_passkeys(read: Read, user_id: str) -> list[Passkey]:
    """A member's passkeys, the oldest first."""
    statement = (
        sa.select(_p.passkey_id, _p.name, _p.created_at, _p.last_used_at)
        .where(_p.user_id == user_id)
        .order_by(_p.passkey_id)
        .limit(PASSKEYS_MAX)
    )
    return [
        Passkey(
            passkey_id=row.passkey_id,
            name=row.name,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )
        for row in read.conn.execute(statement)
    ]


def list_credential_ids(read: Read, user_id: str) -> list[bytes]:
    """The authenticators' ids of a member's passkeys."""
    statement = (
        sa.select(_p.credential_id)
        .where(_p.user_id == user_id)
        .order_by(_p.passkey_id)
        .limit(PASSKEYS_MAX)
    )
    return [bytes(found) for found in read.conn.execute(statement).scalars()]


def find_credential(read: Read, credential_id: bytes) -> KnownCredential | None:
    """A passkey by the authenticator's id."""
    statement = sa.select(_p.passkey_id, _p.user_id, _p.public_key, _p.sign_count).where(
        _p.credential_id == credential_id
    )
    row = read.conn.execute(statement).one_or_none()
    if row is None:
        return None
    return KnownCredential(
        passkey_id=row.passkey_id,
        user_id=row.user_id,
        public_key=bytes(row.public_key),
        sign_count=row.sign_count,
    )
