"""What codes hold of one member: nothing after a day."""

from __future__ import annotations

from teahouse.platform.db import Tx
from teahouse.wallet.codes.commands import forget_codes_of
from teahouse.wallet.parties.queries import find_party


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase a member's codes; before their party is cut off."""
    party = find_party(tx, user_id)
    if party is not None:
        forget_codes_of(tx, party)
