"""Push: what notifies whom, and how their devices hear of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse import accounts
from teahouse.chat.push.commands import remove_member

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Follow what accounts tell of members."""
    services.db.react(accounts.MemberDeactivated, _follow_deactivation)


def _follow_deactivation(tx: Tx, deactivated: accounts.MemberDeactivated) -> None:
    remove_member(tx, deactivated.user_id)
