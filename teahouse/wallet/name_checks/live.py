"""Tells the member of an account, while it happens, that the bank has answered."""

from __future__ import annotations

from teahouse.platform.db import Tx
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.name_checks.announcements import NameChecked
from teahouse.wallet.parties.queries import users_of


class NameTeller:
    """Follows answers, in their own transactions.

    Args:
        teller: speaks for the wallet.
    """

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def follow(self, tx: Tx, told: NameChecked) -> None:
        """Let the member's devices look again; what was said is not in the message."""
        users = users_of(tx, [told.party]).values()
        self._teller.wake(tx, users, about=told.outside_account_id)
