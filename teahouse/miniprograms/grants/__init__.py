"""What each member let each program do: asked, listed, and taken back as easily."""

from __future__ import annotations

from teahouse import accounts
from teahouse.miniprograms.grants.commands import forget_member
from teahouse.miniprograms.grants.live import load_signer
from teahouse.platform.db import Tx
from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Load the key that signs results, and forget members who are erased."""
    services.put(load_signer(services.settings, services.chance))

    def follow(tx: Tx, gone: accounts.MemberDeactivated) -> None:
        if gone.erase:
            forget_member(tx, gone.user_id)

    services.db.react(accounts.MemberDeactivated, follow)
