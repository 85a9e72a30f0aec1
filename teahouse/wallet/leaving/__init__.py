"""Leaving: what becomes of a member's wallet when their account is closed or erased.

Stands above all other subjects of the wallet, whose words about a member it erases.
"""

from __future__ import annotations

from teahouse import accounts
from teahouse.platform.db import Tx
from teahouse.platform.services import Services
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.leaving.commands import close_member, erase_member


def install(services: Services) -> None:
    """Follow what accounts tell of members who go; after `in_chat`."""
    teller = services.get(Teller)

    def follow(tx: Tx, gone: accounts.MemberDeactivated) -> None:
        close_member(tx, gone.user_id, teller)
        if gone.erase:
            erase_member(tx, gone.user_id)

    services.db.react(accounts.MemberDeactivated, follow)
