"""What freezes say about a member: for export and erasure."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.freezes.commands import blank_own_reasons
from teahouse.wallet.freezes.queries import list_own_freezes
from teahouse.wallet.parties.queries import find_party


def export_member(read: Read, user_id: str) -> JsonObject:
    """A member's freezes, as they may know of them."""
    told: JsonObject = decode_json(encode_json({"freezes": list_own_freezes(read, user_id)}))
    return told


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what a member wrote. That and when wallets were frozen stays, with nobody's party."""
    party = find_party(tx, user_id)
    if party is not None:
        blank_own_reasons(tx, party)
