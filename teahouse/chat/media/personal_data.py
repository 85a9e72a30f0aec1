"""What media say about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from teahouse.chat.media.commands import delete_media_of_member
from teahouse.chat.media.queries import list_media

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """What is known of a member's newest uploads; the files are downloaded by their ids."""
    return {"media": msgspec.to_builtins(list_media(read, user_id))}


def erase_member(tx: Tx, user_id: str) -> None:
    """Delete all that a member has uploaded; a job removes the files."""
    while delete_media_of_member(tx, user_id):
        pass
