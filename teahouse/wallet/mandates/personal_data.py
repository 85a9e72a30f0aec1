"""What mandates say about a member: for export and erasure."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject
from teahouse.wallet.mandates.commands import cancel_all_of
from teahouse.wallet.mandates.queries import export_mandates
from teahouse.wallet.parties.queries import find_party


def export_member(read: Read, user_id: str) -> JsonObject:
    """The mandates that a member gave, and what was charged by them."""
    party = find_party(read, user_id)
    return {"mandates": [] if party is None else export_mandates(read, party)}


def erase_member(tx: Tx, user_id: str) -> None:
    """End a member's mandates. What was charged stays with a party that is nobody's any more."""
    party = find_party(tx, user_id)
    if party is not None:
        cancel_all_of(tx, party)
