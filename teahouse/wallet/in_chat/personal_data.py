"""What is kept of rooms that were told of payments."""

from __future__ import annotations

from teahouse.platform.db import Tx
from teahouse.wallet.in_chat.commands import forget_notes
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.queries import list_messages_of


def erase_member(tx: Tx, user_id: str) -> None:
    """Forget which rooms were told of a member's payments; before `payments` forgets it."""
    party = find_party(tx, user_id)
    if party is not None:
        forget_notes(tx, list_messages_of(tx, party))
