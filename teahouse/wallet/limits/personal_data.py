"""What limits say about a member: for export. Nothing of it is erased before the law allows."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.limits.queries import export_decisions, export_spent
from teahouse.wallet.parties.queries import find_party


def export_member(read: Read, user_id: str) -> JsonObject:
    """Every decision about a member's payments, and what counts for their limits.

    Erasing a member cuts them off from their party; what is kept here names only that.
    """
    party = find_party(read, user_id)
    if party is None:
        return {"decisions": [], "spent": []}
    told: JsonObject = decode_json(
        encode_json(
            {"decisions": export_decisions(read, party), "spent": export_spent(read, party)}
        )
    )
    return told


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase nothing: no words of a member's are kept here, and the law wants the rest."""
