"""What pushers say about a member: for export and erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from teahouse.chat.pushers.commands import remove_member
from teahouse.chat.pushers.queries import find_pushers

if TYPE_CHECKING:
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """A member's pushers, as the API shows them."""
    return cast("JsonObject", {"pushers": msgspec.to_builtins(find_pushers(read, user_id))})


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase a member's pushers."""
    remove_member(tx, user_id)
