"""What transfers say about a member: for export. Their words are in the payments."""

from __future__ import annotations

from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.transfers.queries import list_transfers


def export_member(read: Read, user_id: str) -> JsonObject:
    """A member's transfers, without the payments that are exported by themselves."""
    party = find_party(read, user_id)
    found = [] if party is None else list_transfers(read, party)
    told: JsonObject = decode_json(encode_json({"transfers": found}))
    return told
