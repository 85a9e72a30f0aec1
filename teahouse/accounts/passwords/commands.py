"""Changes passwords."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.tables import accounts_member
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound


def set_password_hash(tx: Tx, user_id: str, password_hash: str | None) -> None:
    """Keep the hash of a new password; None: no password opens the account any more.

    Raises:
        NotFound: no such account, or it is closed.
    """
    changed = tx.conn.execute(
        sa.update(accounts_member)
        .where(
            accounts_member.c.user_id == user_id,
            accounts_member.c.deactivated_at.is_(None),
        )
        .values(password_hash=password_hash)
    )
    if changed.rowcount == 0:
        raise NotFound
