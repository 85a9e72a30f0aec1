"""Erasing a member who closed their account and asked for it.

What is theirs alone goes in the transaction of the closing itself. What they said in rooms is
much more: a job empties it, a few events at a time. Rooms keep their names, topics and rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse import accounts
from teahouse.chat.erasure.commands import erase_member

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.services import Services

__all__ = ["erase_member", "install"]


def install(services: Services) -> None:
    """Follow what accounts tell of members."""
    services.db.react(accounts.MemberDeactivated, _follow_deactivation)


def _follow_deactivation(tx: Tx, deactivated: accounts.MemberDeactivated) -> None:
    if deactivated.erase:
        erase_member(tx, deactivated.user_id)
