"""What disputes say about a member: for export and erasure."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.disputes.commands import blank_said
from teahouse.wallet.disputes.queries import export_disputes, export_said
from teahouse.wallet.parties.queries import find_party


def export_member(read: Read, user_id: str) -> JsonObject:
    """The disputes that a member opened, and what they said in any."""
    party = find_party(read, user_id)
    if party is None:
        return {"disputes": [], "said": []}
    told: JsonObject = decode_json(
        encode_json({"disputes": export_disputes(read, party), "said": export_said(read, party)})
    )
    return told


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what a member said. What was claimed and decided stays with a party of nobody's."""
    party = find_party(tx, user_id)
    if party is not None:
        blank_said(tx, party)
