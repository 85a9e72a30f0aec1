"""What was imposed on a member, for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import sqlalchemy as sa

from teahouse.chat.sanctions.tables import chat_sanction

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject

_EXPORT_LIMIT: Final = 10_000
_s = chat_sanction.c


def export_member(read: Read, user_id: str) -> JsonObject:
    """Sanctions against a member, with their appeals."""
    rows = read.conn.execute(
        sa.select(chat_sanction)
        .where(_s.user_id == user_id)
        .order_by(_s.sanction_id)
        .limit(_EXPORT_LIMIT)
    )
    return cast("JsonObject", {"sanctions": [dict(row) for row in rows.mappings()]})


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what was imposed on a member, and their name where they imposed or decided."""
    tx.conn.execute(sa.delete(chat_sanction).where(_s.user_id == user_id))
    tx.conn.execute(sa.update(chat_sanction).where(_s.by_user_id == user_id).values(by_user_id=""))
    tx.conn.execute(
        sa.update(chat_sanction).where(_s.decided_by == user_id).values(decided_by=None)
    )
