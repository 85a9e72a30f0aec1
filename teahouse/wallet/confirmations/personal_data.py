"""What confirmations hold of one member: nothing after an hour."""

from __future__ import annotations

from teahouse.platform.db import Tx
from teahouse.wallet.confirmations.commands import forget_confirmations


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase a member's confirmations."""
    forget_confirmations(tx, user_id)
