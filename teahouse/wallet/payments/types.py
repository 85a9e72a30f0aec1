"""Payments as they are asked for, kept and shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, NewType, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.ledger import HoldId, TransactionId
from teahouse.platform.money import Currency, Money
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.types import HouseAccount, WalletId

PaymentId = NewType("PaymentId", str)

# Three lines on a phone; longer things belong into the chat.
MESSAGE_LENGTH_MAX = 200
REFERENCE_LENGTH_MAX = 64
KEY_LENGTH_MAX = 255

PaymentStatus: TypeAlias = Literal["pending", "completed", "voided", "expired", "reversed"]
Direction: TypeAlias = Literal["in", "out"]
# Why a pending payment came to nothing.
VoidReason: TypeAlias = Literal["declined", "cancelled", "expired", "released"]


class PaymentKind(StrEnum):
    """What a payment is for."""

    TRANSFER = "transfer"
    REQUEST_PAID = "request_paid"
    SPLIT_PAID = "split_paid"
    RED_PACKET = "red_packet"
    RED_PACKET_CLAIM = "red_packet_claim"
    RED_PACKET_RETURN = "red_packet_return"
    PURCHASE = "purchase"
    REFUND = "refund"
    TIP = "tip"
    TOPUP = "topup"
    WITHDRAWAL = "withdrawal"
    WITHDRAWAL_RETURN = "withdrawal_return"
    PAYOUT = "payout"
    PAYOUT_RETURN = "payout_return"
    MANDATE_CHARGE = "mandate_charge"
    DISPUTE_REFUND = "dispute_refund"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


# What somebody pays of their own will or by their consent. The rest is the house giving back, or
# booking what a bank did, and that happens to frozen wallets too.
PAID_BY_PARTIES = frozenset(
    {
        PaymentKind.TRANSFER,
        PaymentKind.REQUEST_PAID,
        PaymentKind.SPLIT_PAID,
        PaymentKind.RED_PACKET,
        PaymentKind.RED_PACKET_CLAIM,
        PaymentKind.PURCHASE,
        PaymentKind.TIP,
        PaymentKind.WITHDRAWAL,
        PaymentKind.PAYOUT,
        PaymentKind.MANDATE_CHARGE,
    }
)


class PaymentDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A payment to be made.

    Attributes:
        kind: what it is for.
        payer: the wallet that pays, or one of the operator's own accounts.
        payee: the wallet that is paid, or one of the operator's own accounts.
        amount: more than nothing.
        key: the caller's idempotency key, 1 to 255 characters, best beginning with a
            time-sortable id such as that of the transfer.
        fee: taken from what the payee gets, into `FEE_INCOME`; None or nothing: no fee.
        message: what the payer says to it.
        reference: the id of the transfer, charge or packet that it belongs to.
        room_id: the room that is told of it; the caller has made sure that the payer is there.
        authority: who asks, with what proof; None: the house (returns, refunds).
    """

    kind: PaymentKind
    payer: WalletId | HouseAccount
    payee: WalletId | HouseAccount
    amount: Money
    key: str
    fee: Money | None = None
    message: str = ""
    reference: str = ""
    room_id: str | None = None
    authority: Authority | None = None


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it is kept.

    Attributes:
        id: opaque, sortable by time.
        kind: what it is for.
        status: `pending` while it is a hold.
        payer_party: who pays; None: the house.
        payer_wallet: from which wallet; None: one of the house's accounts.
        payee_party: who is paid; None: the house.
        payee_wallet: to which wallet; None: one of the house's accounts.
        amount: what the payer pays; of one settled in part, what was settled.
        authorised: what was held at first; the same as `amount` else.
        fee: what the payee does not get of it.
        message: what the payer said; empty once they were erased.
        reference: what it belongs to.
        room_id: which room was told.
        transaction: in the ledger, once it is completed.
        hold: in the ledger, where it began as one.
        created_at: milliseconds.
        expires_at: when a pending one is over, milliseconds.
        booked_at: when money moved, milliseconds.
        ended_at: when it was completed, voided, expired or reversed, milliseconds.
    """

    id: PaymentId
    kind: PaymentKind
    status: PaymentStatus
    payer_party: PartyId | None
    payer_wallet: WalletId | None
    payee_party: PartyId | None
    payee_wallet: WalletId | None
    amount: Money
    authorised: Money
    fee: Money
    message: str
    reference: str
    room_id: str | None
    transaction: TransactionId | None
    hold: HoldId | None
    created_at: int
    expires_at: int | None
    booked_at: int | None
    ended_at: int | None


class HistoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which payments of a history are wanted; what is left out does not matter.

    Attributes:
        currency: only in this one.
        kinds: only of these.
        statuses: only in these.
        direction: only what came in or went out.
        counterparty: only with this party.
        since: made at or after this instant, milliseconds.
        until: made before this instant, milliseconds.
        least: minor units, at least.
        most: minor units, at most.
        text: that the message contains, in any case of letters.
        reference: only of this charge, transfer or packet.
    """

    currency: str | None = None
    kinds: tuple[PaymentKind, ...] = ()
    statuses: tuple[PaymentStatus, ...] = ()
    direction: Direction | None = None
    counterparty: str | None = None
    since: int | None = None
    until: int | None = None
    least: int | None = None
    most: int | None = None
    text: str | None = None
    reference: str | None = None


EVERYTHING = HistoryFilter()


class Counterparty(msgspec.Struct, frozen=True, omit_defaults=True):
    """The other side of a payment.

    Attributes:
        party: their id in the books; None: the house.
        user_id: the member; None for shops, the house and erased members.
        name: of a shop, where it is one.
    """

    party: PartyId | None
    user_id: str | None
    name: Annotated[str, msgspec.Meta(examples=["Morning Dew Teas, Hangzhou"])] = ""


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as one of its two sides sees it.

    Attributes:
        payment_id: its id.
        kind: what it is for.
        status: `pending`, `completed`, `voided`, `expired` or `reversed`.
        direction: `in` or `out`.
        counterparty: the other side.
        wallet_id: one's own wallet.
        amount: what the payer pays.
        fee: what the payee does not get of it; only the payee is told.
        message: what the payer said to it.
        reference: the id of the transfer, charge or packet that it belongs to.
        room_id: which room was told of it.
        created_at: milliseconds.
        expires_at: when a pending one is over.
        booked_at: when the money moved.
        ended_at: when it was completed, voided, expired or reversed.
    """

    payment_id: Annotated[PaymentId, Meta(examples=["pay_06o1m5vq8000e5j0c4m9o3aq"])]
    kind: PaymentKind
    status: PaymentStatus
    direction: Direction
    counterparty: Counterparty
    wallet_id: WalletId | None
    amount: Money
    fee: Money | None
    message: str
    reference: str
    room_id: str | None
    created_at: int
    expires_at: int | None
    booked_at: int | None
    ended_at: int | None


class PaymentStatusView(msgspec.Struct, frozen=True, kw_only=True):
    """What the members of a room that was told of a payment may know of it.

    Attributes:
        payment_id: its id.
        status: what became of it.
        room_id: the room.
    """

    payment_id: PaymentId
    status: PaymentStatus
    room_id: str


def in_currency(minor: int, currency: str) -> Money:
    """Money of two columns."""
    return Money(minor, Currency(currency))
