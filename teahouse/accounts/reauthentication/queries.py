"""Reads sessions, and what members can confirm with."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.members.queries import find_member
from teahouse.accounts.reauthentication.types import Factors, Session
from teahouse.accounts.tables import (
    accounts_passkey,
    accounts_totp,
    accounts_uia_session,
)
from teahouse.platform.db import Read

_s = accounts_uia_session.c


def find_session(read: Read, session_id: str) -> Session | None:
    """A session that has not expired."""
    statement = sa.select(
        _s.session_id,
        _s.operation,
        _s.request_hash,
        _s.user_id,
        _s.completed,
        _s.challenge,
        _s.registration_token,
    ).where(_s.session_id == session_id, _s.expires_at > read.now)
    row = read.conn.execute(statement).one_or_none()
    if row is None:
        return None
    return Session(
        session_id=row.session_id,
        operation=row.operation,
        request_hash=row.request_hash,
        user_id=row.user_id,
        completed=tuple(row.completed.split()),
        challenge=row.challenge,
        registration_token=row.registration_token,
    )


def find_factors(read: Read, user_id: str) -> Factors:
    """What a member can prove themself with."""
    member = find_member(read, user_id)
    passkey = accounts_passkey.c
    totp = accounts_totp.c
    with_passkey = sa.select(passkey.passkey_id).where(passkey.user_id == user_id).limit(1)
    with_totp = sa.select(totp.user_id).where(
        totp.user_id == user_id, totp.confirmed_at.is_not(None)
    )
    return Factors(
        has_password=member is not None and member.has_password,
        has_totp=read.conn.execute(with_totp).one_or_none() is not None,
        has_passkeys=read.conn.execute(with_passkey).one_or_none() is not None,
    )
