"""What account data says about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.account_data.commands import delete_all_account_data
from teahouse.chat.account_data.queries import find_account_data, to_event

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """All account data of a member, in the form of `/sync`."""
    of_none, by_room = find_account_data(read, user_id)
    return {
        "account_data": [to_event(entry) for entry in of_none],
        "rooms": {
            room_id: [to_event(entry) for entry in entries] for room_id, entries in by_room.items()
        },
    }


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase all account data of a member."""
    delete_all_account_data(tx, user_id)
