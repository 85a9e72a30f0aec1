"""What wallets say about a member: for export and erasure."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.wallets.commands import forget_settings
from teahouse.wallet.wallets.queries import list_wallets, view_wallet


def export_member(read: Read, user_id: str) -> JsonObject:
    """A member's wallets and what is in them."""
    party = find_party(read, user_id)
    found = [] if party is None else [view_wallet(read, one) for one in list_wallets(read, party)]
    told: JsonObject = decode_json(encode_json({"party": party, "wallets": found}))
    return told


def erase_member(tx: Tx, user_id: str) -> None:
    """Forget what a member has chosen. Wallets stay in the books, closed, of a party of nobody's.

    It must run before the member is cut off from their party.
    """
    party = find_party(tx, user_id)
    if party is not None:
        forget_settings(tx, party)
