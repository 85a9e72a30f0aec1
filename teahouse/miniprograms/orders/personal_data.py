"""What is kept of one member's orders."""

from __future__ import annotations

from typing import cast

import msgspec

from teahouse.miniprograms.orders.commands import forget_member
from teahouse.miniprograms.orders.queries import list_own_orders
from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject

_EXPORTED_MAX = 100_000


def export_member(read: Read, user_id: str) -> JsonObject:
    """What a member ordered at shops."""
    orders = list_own_orders(read, user_id, program_id=None, limit=_EXPORTED_MAX)
    return cast("JsonObject", {"miniprogram_orders": msgspec.to_builtins(orders)})


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what a member ordered."""
    forget_member(tx, user_id)
