"""Nouns of settlements."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.platform.money import MINOR_MAX, Currency, Money
from teahouse.wallet.outside.types import OutsideAccountId
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.shops.types import ShopId

SettlementId = NewType("SettlementId", str)

Schedule: TypeAlias = Literal["daily", "weekly", "manual"]
LineKind: TypeAlias = Literal["sale", "tip", "refund", "fee", "payout", "payout_return", "other"]

_IdShown = Annotated[SettlementId, msgspec.Meta(examples=["stl_06o1m5vq8000e5j0c4m9o3aq"])]
_At = Annotated[int, msgspec.Meta(examples=[1_795_521_600_000])]
_Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
_Minor = Annotated[int, msgspec.Meta(ge=1, le=MINOR_MAX)]


class PayoutPlan(msgspec.Struct, frozen=True, kw_only=True):
    """When and where a shop is paid out, in a currency.

    Attributes:
        shop_id: which shop.
        currency: which of its wallets.
        schedule: every day, once a week, or only when asked for.
        weekday: 1 for Monday to 7 for Sunday, of `weekly`.
        minimum: with less than this in the wallet nothing is paid out.
        outside_account_id: to which account.
        next_at: when the next settlement is made, milliseconds; None: when asked for.
    """

    shop_id: ShopId
    currency: Currency
    schedule: Schedule
    weekday: int
    minimum: Money
    outside_account_id: OutsideAccountId
    next_at: int | None


class PlanChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When and where a shop shall be paid out.

    Attributes:
        schedule: every day, once a week, or only when asked for.
        weekday: 1 for Monday to 7 for Sunday, of `weekly`.
        minimum_minor: with less than this in the wallet nothing is paid out, minor units.
        outside_account_id: one of the shop's outside accounts, verified.
    """

    schedule: Schedule
    weekday: _Weekday = 1
    minimum_minor: _Minor = 1
    outside_account_id: str


class PayoutWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payout now, of all that is there.

    Attributes:
        currency: of which wallet.
    """

    currency: Annotated[Currency, msgspec.Meta(examples=["EUR"])]


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over some postings, minor units; all but `other` are counted as their names say.

    Attributes:
        gross: what was sold, without tips.
        tips: what payers added.
        refunds: what was given back.
        fees: what the house took, less what it gave back.
        other: what else came (or, below zero, went).
        paid_out: what was sent to the bank.
        returned: what came back from there.
        count: how many postings.
    """

    gross: int = 0
    tips: int = 0
    refunds: int = 0
    fees: int = 0
    other: int = 0
    paid_out: int = 0
    returned: int = 0
    count: int = 0

    @property
    def net(self) -> int:
        """What the shop earned."""
        return self.gross + self.tips - self.refunds - self.fees + self.other

    @property
    def change(self) -> int:
        """By how much the wallet has changed."""
        return self.net + self.returned - self.paid_out


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop earned in a period, and what was paid out.

    `opening + net + returned - paid_out = closing`, to the unit.

    Attributes:
        settlement_id: opaque.
        shop_id: of which shop.
        since: when the first posting was booked, milliseconds.
        until: when the settlement was made.
        opening: what the wallet held before.
        gross: what was sold, without tips.
        tips: what payers added.
        refunds: what was given back.
        fees: what the house took, less what it gave back.
        other: what else came or went.
        net: what the shop earned.
        returned: payouts that came back.
        paid_out: what was sent to the bank in this settlement.
        closing: what the wallet holds after.
        posting_count: how many postings.
        payouts: the orders by which it was paid out; with `-` for `_` they stand on the shop's
            bank statement.
        problem: why nothing was paid out although something was there; empty else.
    """

    settlement_id: _IdShown
    shop_id: ShopId
    since: _At
    until: _At
    opening: Money
    gross: Money
    tips: Money
    refunds: Money
    fees: Money
    other: Money
    net: Money
    returned: Money
    paid_out: Money
    closing: Money
    posting_count: int
    payouts: list[str]
    problem: str


class SettlementLine(msgspec.Struct, frozen=True, kw_only=True):
    """A posting of the shop's wallet.

    Attributes:
        cursor: its place among them.
        kind: what it is.
        at: when it was booked, milliseconds.
        payment_id: in the history of payments.
        reference: the charge, mandate or payout it belongs to.
        amount: what the payer paid; below zero it went out.
        tip: the part of it that is a tip.
        fee: what the house took of it.
        net: what the wallet got.
    """

    cursor: int
    kind: LineKind
    at: int
    payment_id: str
    reference: str
    amount: Money
    tip: Money
    fee: Money
    net: Money


class StoredPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan whose time has come."""

    shop_id: ShopId
    party: PartyId
    currency: Currency
