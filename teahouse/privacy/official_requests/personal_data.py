"""What the register holds of one member, for export and erasure."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject
from teahouse.privacy.official_requests.queries import list_requests_about
from teahouse.privacy.official_requests.tables import (
    privacy_official_line,
    privacy_official_look,
)


def export_member(read: Read, user_id: str) -> JsonObject:
    """Requests about a member that they may know of."""
    found: JsonObject = {
        "official_requests": msgspec.to_builtins(list_requests_about(read, user_id))
    }
    return found


def erase_member(tx: Tx, user_id: str) -> None:
    """Take a member's name out of the register; how many were asked for still counts."""
    nobody = tx.new_id("erased")
    tx.conn.execute(
        sa.update(privacy_official_line)
        .where(privacy_official_line.c.user_id == user_id)
        .values(user_id=nobody)
    )
    tx.conn.execute(
        sa.delete(privacy_official_look).where(privacy_official_look.c.user_id == user_id)
    )
