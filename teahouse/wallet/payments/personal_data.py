"""What payments say about a member: for export and erasure."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.commands import blank_words
from teahouse.wallet.payments.queries import list_history, view_payments

# A payment every hour for eleven years.
_EXPORTED_MAX = 100_000


def export_member(read: Read, user_id: str) -> JsonObject:
    """All payments of a member, the newest first."""
    party = find_party(read, user_id)
    if party is None:
        return {"payments": []}
    found = list_history(read, party, limit=_EXPORTED_MAX).items
    told: JsonObject = decode_json(encode_json({"payments": view_payments(read, party, found)}))
    return told


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what a member said to payments; amounts stay, by law, with a party of nobody's.

    It must run before the member is cut off from their party.
    """
    party = find_party(tx, user_id)
    if party is not None:
        blank_words(tx, party)
