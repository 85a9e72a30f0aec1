"""Reads which second factors a member has."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.tables import accounts_recovery_code, accounts_totp
from teahouse.platform.db import Read

_t = accounts_totp.c
_c = accounts_recovery_code.c


def has_totp(read: Read, user_id: str) -> bool:
    """Whether a member must show a one-time code beside their password."""
    statement = sa.select(_t.user_id).where(_t.user_id == user_id, _t.confirmed_at.is_not(None))
    return read.conn.execute(statement).one_or_none() is not None


def count_recovery_codes(read: Read, user_id: str) -> int:
    """How many recovery codes a member has left."""
    statement = sa.select(sa.func.count()).select_from(accounts_recovery_code)
    return read.conn.execute(statement.where(_c.user_id == user_id)).scalar_one()
