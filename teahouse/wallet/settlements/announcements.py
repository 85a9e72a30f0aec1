"""What settlements tell."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement
from teahouse.platform.money import Money
from teahouse.wallet.settlements.types import SettlementId
from teahouse.wallet.shops.types import ShopId


class SettlementMade(Announcement, frozen=True):
    """A shop was settled, and paid out if there was something.

    Attributes:
        settlement_id: which.
        shop_id: of which shop.
        net: what it earned.
        paid_out: what was sent to its bank.
    """

    settlement_id: SettlementId
    shop_id: ShopId
    net: Money
    paid_out: Money
