"""What statements say about a member: for export and erasure. Receipts are made when read."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.statements.commands import expire_exports_of
from teahouse.wallet.statements.queries import export_exports


def export_member(read: Read, user_id: str) -> JsonObject:
    """The files that a member asked for: that they were asked for, and of what."""
    party = find_party(read, user_id)
    return {"exports": [] if party is None else export_exports(read, party)}


def erase_member(tx: Tx, user_id: str) -> None:
    """Delete a member's files."""
    party = find_party(tx, user_id)
    if party is not None:
        expire_exports_of(tx, party)
