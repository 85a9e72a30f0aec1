"""Nouns of disputes."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.platform.money import Money
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.types import PaymentId
from teahouse.wallet.shops.types import ShopId

DisputeId = NewType("DisputeId", str)

Cause: TypeAlias = Literal[
    "not_received",
    "not_as_described",
    "charged_twice",
    "wrong_amount",
    "cancelled",
    "not_authorised",
    "other",
]
# What is awaited: the shop's answer; a decision; a second officer; an appeal or its end. Two ends.
Status: TypeAlias = Literal[
    "awaiting_shop", "in_review", "proposed", "decided", "closed", "withdrawn"
]
Side: TypeAlias = Literal["payer", "shop"]
Author: TypeAlias = Literal["payer", "shop", "house"]

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
_File = Annotated[str, msgspec.Meta(pattern=r"^mxc://[^/\s]{1,255}/[A-Za-z0-9_-]{1,255}$")]
_Files = Annotated[tuple[_File, ...], msgspec.Meta(max_length=10)]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a dispute has come: all that its rules look at. Amounts in minor units.

    Attributes:
        status: what is awaited.
        claim: what the payer wants back.
        deadline: when what is awaited is decided by default; None once it has ended.
        refund: what was decided to be given back.
        proposed: what an officer proposes to give back.
        decided_by: who decided, or proposed to: the same officer does not look twice.
        appealed_by: who appealed; only one side can, once.
        is_borne_by_house: whether the house pays, because it let its own deadline pass.
    """

    status: Status
    claim: int
    deadline: int | None
    refund: int | None = None
    proposed: int | None = None
    decided_by: tuple[str, ...] = ()
    appealed_by: Side | None = None
    is_borne_by_house: bool = False


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute as it is kept.

    Attributes:
        dispute_id: its id.
        payment_id: the purchase.
        payer: who wants money back.
        shop_id: from whom.
        cause: why, in a word.
        claim: how much.
        standing: how far it has come.
        hold_id: the payment that keeps the claim in the shop's wallet; None: it had not got it.
        refund_payment_id: the payment that gave money back.
        opened_at: milliseconds since the epoch.
        closed_at: when it ended.
    """

    dispute_id: DisputeId
    payment_id: PaymentId
    payer: PartyId
    shop_id: ShopId
    cause: Cause
    claim: Money
    standing: Standing
    hold_id: PaymentId | None
    refund_payment_id: PaymentId | None
    opened_at: int
    closed_at: int | None


class NewDispute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payer opens a dispute with.

    Attributes:
        payment_id: the purchase.
        cause: why, in a word.
        amount: how much they want back; left out: all.
        text: what happened.
        files: pictures and papers, uploaded before (`mxc:` addresses).
    """

    payment_id: Annotated[str, msgspec.Meta(max_length=64)]
    cause: Cause
    amount: Money | None = None
    text: _Text
    files: _Files = ()


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a side says.

    Attributes:
        text: in words.
        files: pictures and papers, uploaded before (`mxc:` addresses).
    """

    text: _Text
    files: _Files = ()


class Ruling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer decides, or proposes to.

    Attributes:
        refund: what the payer gets back: from nothing to all they claim.
        text: why, as both sides are told.
    """

    refund: Money
    text: _Text


class Said(msgspec.Struct, frozen=True):
    """Something said in a dispute.

    Attributes:
        at: milliseconds since the epoch.
        author: which side; the house's officers are not named to the sides.
        text: empty once its author was erased.
        files: `mxc:` addresses.
    """

    at: int
    author: Author
    text: str
    files: list[str]


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute as both sides see it.

    Attributes:
        dispute_id: its id.
        payment_id: the purchase.
        shop_id: from whom money is wanted.
        shop_name: what it is called.
        cause: why, in a word.
        claim: how much is wanted.
        status: what is awaited; a proposal within the house is told as a review.
        deadline: when what is awaited is decided by default.
        by_default: what is then decided, in words, by language.
        refund: what was decided to be given back.
        can_appeal: whether the side that asks can appeal now.
        is_borne_by_house: whether the house pays.
        opened_at: milliseconds since the epoch.
        closed_at: when it ended.
        said: all that was said, the first first.
    """

    dispute_id: DisputeId
    payment_id: PaymentId
    shop_id: ShopId
    shop_name: str
    cause: Cause
    claim: Money
    status: Status
    deadline: int | None
    by_default: dict[str, str]
    refund: Money | None
    can_appeal: bool
    is_borne_by_house: bool
    opened_at: int
    closed_at: int | None
    said: list[Said]


class StaffDispute(msgspec.Struct, frozen=True):
    """A dispute as officers see it.

    Attributes:
        view: as the sides see it.
        status: what is awaited.
        proposed: what another officer proposes to give back.
        decided_by: who proposed and decided.
        has_hold: whether the claim is kept in the shop's wallet.
    """

    view: DisputeView
    status: Status
    proposed: Money | None
    decided_by: list[str]
    has_hold: bool
