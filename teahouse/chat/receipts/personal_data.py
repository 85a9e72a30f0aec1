"""What receipts say about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from teahouse.chat.receipts.commands import delete_receipts_of_member
from teahouse.chat.receipts.queries import list_receipts_of_member

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """All receipts of a member."""
    return {"receipts": msgspec.to_builtins(list_receipts_of_member(read, user_id))}


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase all receipts of a member."""
    delete_receipts_of_member(tx, user_id)
