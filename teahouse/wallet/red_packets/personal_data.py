"""What red packets say about a member: for export and erasure."""

from __future__ import annotations

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.red_packets.commands import blank_words
from teahouse.wallet.red_packets.queries import export_packets


def export_member(read: Read, user_id: str) -> JsonObject:
    """The red packets that a member gave, and the shares they had."""
    party = find_party(read, user_id)
    return {"red_packets": [] if party is None else export_packets(read, party)}


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase a member's greetings and rooms. Amounts stay with a party that is nobody's any more."""
    party = find_party(tx, user_id)
    if party is not None:
        blank_words(tx, party)
