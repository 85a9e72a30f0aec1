"""What confirmations hold of one member: nothing after an hour."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.confirmations.commands import forget_confirmations
from teahouse.wallet.confirmations.queries import export_confirmations
from teahouse.wallet.parties.queries import find_party


def export_member(read: Read, user_id: str) -> JsonObject:
    """The confirmations of a member that are still kept: those of the last hour."""
    party = find_party(read, user_id)
    held = [] if party is None else export_confirmations(read, party)
    told: JsonObject = decode_json(encode_json({"confirmations": held}))
    return told


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase a member's confirmations."""
    forget_confirmations(tx, user_id)
