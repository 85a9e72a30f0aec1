"""Suspends members, and ends it."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.announcements import SuspensionChanged
from teahouse.accounts.suspensions.tables import accounts_suspension
from teahouse.platform.db import Tx, upsert


def suspend_member(tx: Tx, user_id: str, *, until: int) -> None:
    """Keep a member from writing, joining and inviting until an instant.

    Args:
        tx: the transaction it becomes part of.
        user_id: a member.
        until: milliseconds since the epoch, in the future.
    """
    assert until > tx.now
    tx.conn.execute(
        upsert(accounts_suspension, "suspended_at", "suspended_until").values(
            user_id=user_id, suspended_at=tx.now, suspended_until=until
        )
    )
    tx.announce(SuspensionChanged(user_id))


def end_suspension(tx: Tx, user_id: str) -> None:
    """Let a member do all again; nothing happens where they could."""
    gone = sa.delete(accounts_suspension).where(accounts_suspension.c.user_id == user_id)
    if tx.conn.execute(gone).rowcount:
        tx.announce(SuspensionChanged(user_id))
