"""What disputes tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement
from teahouse.wallet.disputes.types import DisputeId, Status
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.shops.types import ShopId


class DisputeOpened(Announcement, frozen=True, kw_only=True):
    """A payer wants money back: the shop has to answer.

    Attributes:
        dispute_id: which.
        payer: who opened it.
        shop_id: who has to answer.
    """

    dispute_id: DisputeId
    payer: PartyId
    shop_id: ShopId


class DisputeMoved(Announcement, frozen=True, kw_only=True):
    """A dispute came to another status, or something was said in it.

    Attributes:
        dispute_id: which.
        payer: one side.
        shop_id: the other.
        status: from now on.
    """

    dispute_id: DisputeId
    payer: PartyId
    shop_id: ShopId
    status: Status


class DisputeDecided(Announcement, frozen=True, kw_only=True):
    """It was decided what the payer gets back; one side may appeal once.

    Attributes:
        dispute_id: which.
        payer: one side.
        shop_id: the other.
        refund: minor units, in the currency of the payment.
    """

    dispute_id: DisputeId
    payer: PartyId
    shop_id: ShopId
    refund: int
