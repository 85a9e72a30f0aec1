"""What reports and the staff log say about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import sqlalchemy as sa

from teahouse.chat.moderation.tables import chat_report, chat_staff_access

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject

# At 100 a day it takes a member months to report more; whoever has more gets the oldest.
_EXPORT_LIMIT: Final = 10_000


def export_member(read: Read, user_id: str) -> JsonObject:
    """What a member has reported, and what staff have looked at of theirs."""
    report, access = chat_report.c, chat_staff_access.c
    reports = read.conn.execute(
        sa.select(
            report.reported_at, report.room_id, report.event_id, report.user_id, report.reason
        )
        .where(report.reporter == user_id)
        .order_by(report.report_id)
        .limit(_EXPORT_LIMIT)
    )
    looks = read.conn.execute(
        sa.select(access.at, access.staff_user_id, access.deed)
        .where(access.about == user_id)
        .order_by(access.at, access.access_id)
        .limit(_EXPORT_LIMIT)
    )
    exported = {
        "reports": [dict(row) for row in reports.mappings()],
        "staff_access": [dict(row) for row in looks.mappings()],
    }
    return cast("JsonObject", exported)


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what a member has reported, and what staff have looked at of theirs.

    Reports of others about them stay until a moderator has dealt with them.
    """
    tx.conn.execute(sa.delete(chat_report).where(chat_report.c.reporter == user_id))
    tx.conn.execute(sa.delete(chat_staff_access).where(chat_staff_access.c.about == user_id))
