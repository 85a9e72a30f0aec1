"""What is kept of one member in mini-programs, for export and erasure."""

from __future__ import annotations

from teahouse.miniprograms.grants import personal_data as grants
from teahouse.miniprograms.orders import personal_data as orders
from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject


def export_member(read: Read, user_id: str) -> JsonObject:
    """What a member let programs do, and what they ordered by them."""
    return {**grants.export_member(read, user_id), **orders.export_member(read, user_id)}


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase it."""
    grants.erase_member(tx, user_id)
    orders.erase_member(tx, user_id)
