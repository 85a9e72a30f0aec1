"""What requests and splits say about a member: for export and erasure."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject, decode_json, encode_json
from teahouse.platform.requester import Requester
from teahouse.wallet.in_chat.commands import forget_notes
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.requests.commands import blank_words
from teahouse.wallet.requests.queries import view_requests, view_splits

_EXPORTED_MAX = 10_000


def export_member(read: Read, user_id: str) -> JsonObject:
    """What a member asked for and was asked for, the newest first."""
    requester = Requester(user_id=user_id)
    requests = view_requests(
        read, requester, direction=None, status=None, cursor=None, limit=_EXPORTED_MAX
    )
    splits = view_splits(read, requester, cursor=None, limit=_EXPORTED_MAX)
    told: JsonObject = decode_json(
        encode_json({"requests": requests.items, "splits": splits.items})
    )
    return told


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what a member asked for money for; amounts stay with a party of nobody's.

    It must run before the member is cut off from their party.
    """
    party = find_party(tx, user_id)
    if party is not None:
        forget_notes(tx, blank_words(tx, party))
