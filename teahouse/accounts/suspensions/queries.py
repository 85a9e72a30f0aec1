"""Reads until when somebody is suspended."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.suspensions.tables import accounts_suspension
from teahouse.platform.db import Read

_s = accounts_suspension.c


def find_suspension(read: Read, user_id: str) -> int | None:
    """Until when a member is suspended, in milliseconds; None: they are not."""
    statement = sa.select(_s.suspended_until).where(
        _s.user_id == user_id, _s.suspended_until > read.now
    )
    found = read.conn.execute(statement).scalar()
    return None if found is None else int(found)
