"""What is kept of one member's answers to programs."""

from __future__ import annotations

from typing import cast

import msgspec

from teahouse.miniprograms.grants.commands import forget_member
from teahouse.miniprograms.grants.queries import list_grants
from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """What a member let which program do."""
    grants = msgspec.to_builtins(list_grants(read, user_id))
    return cast("JsonObject", {"miniprogram_grants": grants})


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase a member's answers and the ids programs know them by."""
    forget_member(tx, user_id)
