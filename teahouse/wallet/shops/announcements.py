"""What shops tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.shops.types import ShopId, ShopStatus


class ShopApplied(Announcement, frozen=True):
    """A member wants to open a shop."""

    shop_id: ShopId
    applicant: PartyId


class ShopDecided(Announcement, frozen=True):
    """The house decided about a shop.

    Attributes:
        shop_id: which.
        status: what it is from now on.
        reason: told to the shop.
    """

    shop_id: ShopId
    status: ShopStatus
    reason: str
