"""What filters say about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.filters.commands import delete_all_filters
from teahouse.chat.filters.queries import list_definitions
from teahouse.platform.json import decode_json

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """All filters of a member."""
    return {"filters": [decode_json(found) for found in list_definitions(read, user_id)]}


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase all filters of a member."""
    delete_all_filters(tx, user_id)
