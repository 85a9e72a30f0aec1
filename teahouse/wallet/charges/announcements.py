"""What charges tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement
from teahouse.platform.money import Money
from teahouse.wallet.charges.types import ChargeId, ChargeStatus, RefundId
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.shops.types import ShopId


class ChargeMoved(Announcement, frozen=True, kw_only=True):
    """A charge came to another status; `open` for a new one.

    Attributes:
        charge_id: which.
        shop_id: whose.
        status: from now on.
    """

    charge_id: ChargeId
    shop_id: ShopId
    status: ChargeStatus


class ChargeAwaitsMember(Announcement, frozen=True, kw_only=True):
    """A till charged a member's code, and the member must confirm it on their phone.

    Attributes:
        charge_id: which.
        shop_id: who asks.
        payer: who must confirm.
        amount: how much.
    """

    charge_id: ChargeId
    shop_id: ShopId
    payer: PartyId
    amount: Money


class RefundMade(Announcement, frozen=True, kw_only=True):
    """A shop gave money back.

    Attributes:
        refund_id: which.
        charge_id: of which charge.
        shop_id: who gave it.
        payer: who got it.
        amount: how much.
    """

    refund_id: RefundId
    charge_id: ChargeId
    shop_id: ShopId
    payer: PartyId
    amount: Money


class TipGiven(Announcement, frozen=True, kw_only=True):
    """A member gave a tip after they had paid.

    Attributes:
        charge_id: for which charge.
        shop_id: to whom.
        amount: how much.
    """

    charge_id: ChargeId
    shop_id: ShopId
    amount: Money
