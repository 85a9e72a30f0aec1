"""What shops offer to be ordered, and what members ordered there; the shop sets the prices."""

from __future__ import annotations

from teahouse import accounts, wallet
from teahouse.miniprograms.orders.commands import follow_charge, forget_member
from teahouse.platform.db import Tx
from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Follow what becomes of orders' charges, and forget members who are erased."""

    def follow(tx: Tx, gone: accounts.MemberDeactivated) -> None:
        if gone.erase:
            forget_member(tx, gone.user_id)

    services.db.react(accounts.MemberDeactivated, follow)
    wallet.follow_charges(services, follow_charge)
