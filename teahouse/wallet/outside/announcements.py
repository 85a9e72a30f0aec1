"""What the link to outside banks tells."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement
from teahouse.platform.money import Money
from teahouse.wallet.outside.types import (
    OrderId,
    OrderKind,
    OrderStatus,
    OutsideAccountId,
    Reported,
)
from teahouse.wallet.parties.types import PartyId


class OutsideAccountLinked(Announcement, frozen=True):
    """Somebody has linked an account at another bank.

    Attributes:
        outside_account_id: which.
        party: whose it is.
    """

    outside_account_id: OutsideAccountId
    party: PartyId


class BankOrderMoved(Announcement, frozen=True):
    """The bank has told something of a top-up, withdrawal or payout.

    Attributes:
        order_id: which.
        kind: of the order.
        party: whose money it is.
        amount: how much.
        status: how far it is now.
        reason: the bank's code, where it rejected or returned it.
    """

    order_id: OrderId
    kind: OrderKind
    party: PartyId
    amount: Money
    status: OrderStatus
    reason: str


class BankOrderReported(Announcement, frozen=True):
    """The bank has told something that needs a person.

    Attributes:
        reported: what.
    """

    reported: Reported
