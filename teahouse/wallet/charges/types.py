"""The nouns of charges: what a shop asks for, and what became of it."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.platform.money import Currency, Money
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.types import PaymentId
from teahouse.wallet.shops.types import ShopId, ShopPage

ChargeId = NewType("ChargeId", str)
RefundId = NewType("RefundId", str)

ChargeStatus: TypeAlias = Literal[
    "open",  # waits for anybody who pays
    "awaiting_member",  # waits for the member who showed a code to confirm it
    "authorised",  # the money is held
    "captured",  # the money is the shop's
    "refunded",  # all of it was given back
    "voided",  # the shop let the held money go
    "cancelled",  # the shop asks for it no more
    "declined",  # the member will not pay
    "expired",  # nobody paid, or captured, in time
]
Capture: TypeAlias = Literal["automatic", "manual"]
TipMode: TypeAlias = Literal["none", "ask"]
Origin: TypeAlias = Literal["shop", "shop_code", "payment_code", "order"]

_Amount = Annotated[Money, msgspec.Meta(examples=[{"minor": 2800, "currency": "CNY"}])]
_Description = Annotated[
    str, msgspec.Meta(max_length=200, examples=["Two jasmine teas", "订单 1024"])
]
# As long as a label in an EMV code may be.
_Label = Annotated[str, msgspec.Meta(max_length=25, examples=["order-1024"])]
_Url = Annotated[str, msgspec.Meta(max_length=500, examples=["https://shop.example/thanks"])]
_Confirmation = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Minor = Annotated[int, msgspec.Meta(ge=0, le=10**15, examples=[300])]


class NewCharge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a shop asks for.

    Attributes:
        amount: more than nothing, in a currency that the shop takes.
        capture: `manual`: the money is only held when it is paid, and captured later.
        tip: whether the payer is asked for a tip.
        description: what is paid for, shown to the payer.
        reference: the shop's own number of it.
        terminal: which till.
        expires_in_ms: how long it waits to be paid, a minute to a week.
        return_url: where the pay page leads afterwards; https.
    """

    amount: _Amount
    capture: Capture = "automatic"
    tip: TipMode = "none"
    description: _Description = ""
    reference: _Label = ""
    terminal: _Label = ""
    expires_in_ms: Annotated[int, msgspec.Meta(ge=60_000, le=604_800_000)] = 900_000
    return_url: _Url = ""


class PayWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a member pays a charge.

    Attributes:
        tip: minor units beside the amount, where the shop asks for a tip.
        confirmation: the id of a confirmation of this payment (amount and tip together), if one
            was needed.
    """

    tip: _Minor = 0
    confirmation: _Confirmation | None = None


class PayShopWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a member pays to a shop whose printed code they scanned.

    Attributes:
        amount: more than nothing, in a currency that the shop takes.
        tip: minor units beside it.
        confirmation: as of `PayWish`.
        description: what it is for, told to the shop.
    """

    amount: _Amount
    tip: _Minor = 0
    confirmation: _Confirmation | None = None
    description: _Description = ""


class CaptureWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of what is held shall be captured; left out: all. The rest is free again."""

    amount: _Amount | None = None


class RefundWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much shall be given back; left out: all that is left."""

    amount: _Amount | None = None
    reason: Annotated[str, msgspec.Meta(max_length=200, examples=["Tea was cold."])] = ""


class TipWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tip given after the payment."""

    amount: _Amount
    confirmation: _Confirmation | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a charge has come: all that its rules look at. Amounts in minor units.

    Attributes:
        status: where it stands.
        amount: what the shop asks for.
        tip: what the payer added.
        captured: what was paid, tip included.
        refunded: what was given back of it.
        later_tip: what the payer added after the payment; not part of `captured`.
    """

    status: ChargeStatus
    amount: int
    tip: int = 0
    captured: int = 0
    refunded: int = 0
    later_tip: int = 0


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A charge as it is kept.

    Attributes:
        charge_id: its id.
        shop_id: who asks.
        code: names it to who shall pay; cannot be guessed.
        origin: asked for by the shop; by scanning a shop's or a member's code; by an order.
        capture: as of `NewCharge`.
        tip_mode: as of `NewCharge`.
        currency: of all amounts.
        standing: how far it has come.
        fee: what the house took, minor units.
        fee_returned: what it gave back of that with refunds.
        description, reference, terminal, return_url: as of `NewCharge`.
        created_at: milliseconds.
        expires_at: until when it can be paid.
        payer: who paid, or shall confirm.
        payment_id: the payment, once there is one.
        authorised_until: until when held money can be captured.
        paid_at: when it was captured.
        ended_at: when it came to its end, unless it was paid.
    """

    charge_id: ChargeId
    shop_id: ShopId
    code: str
    origin: Origin
    capture: Capture
    tip_mode: TipMode
    currency: Currency
    standing: Standing
    fee: int
    fee_returned: int
    description: str
    reference: str
    terminal: str
    return_url: str
    created_at: int
    expires_at: int
    payer: PartyId | None
    payment_id: PaymentId | None
    authorised_until: int | None
    paid_at: int | None
    ended_at: int | None

    @property
    def status(self) -> ChargeStatus:
        """Where it stands."""
        return self.standing.status

    @property
    def amount(self) -> Money:
        """What the shop asks for."""
        return Money(self.standing.amount, self.currency)

    def money(self, minor: int) -> Money:
        """An amount in its currency."""
        return Money(minor, self.currency)


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop gave back.

    Attributes:
        refund_id: its id.
        charge_id: of which charge.
        amount: how much.
        fee_returned: what the house gave back of its fee: its share in proportion.
        reason: the shop's words to the payer.
        payment_id: the payment back.
        created_at: milliseconds.
    """

    refund_id: RefundId
    charge_id: ChargeId
    amount: Money
    fee_returned: Money
    reason: str
    payment_id: PaymentId
    created_at: int


class ShopCharge(msgspec.Struct, frozen=True, kw_only=True):
    """A charge as the shop sees it: everything but who paid.

    Attributes:
        charge_id: its id.
        code: for the pay page and the dynamic code.
        pay_path: where the pay page is on this server.
        status: where it stands.
        amount: what is asked for.
        tip: what the payer added.
        captured: what was paid, tip included.
        refunded: what was given back.
        later_tip: what the payer added afterwards.
        fee: what the house keeps of it.
        origin, capture, tip_mode, description, reference, terminal, return_url, created_at,
            expires_at, authorised_until, paid_at, ended_at: as of `Charge`.
        refunds: oldest first.
    """

    charge_id: Annotated[ChargeId, msgspec.Meta(examples=["chg_06o1m5vq8000e5j0c4m9o3aq"])]
    code: str
    pay_path: Annotated[str, msgspec.Meta(examples=["/pay/K7M2Q9X4T1B8W3ZC"])]
    status: ChargeStatus
    amount: _Amount
    tip: Money
    captured: Money
    refunded: Money
    later_tip: Money
    fee: Money
    origin: Origin
    capture: Capture
    tip_mode: TipMode
    description: str
    reference: str
    terminal: str
    return_url: str
    created_at: int
    expires_at: int
    authorised_until: int | None
    paid_at: int | None
    ended_at: int | None
    refunds: list[Refund]


class MyCharge(msgspec.Struct, frozen=True, kw_only=True):
    """A charge as its payer sees it.

    Attributes:
        charge_id: its id.
        shop: who asks, as everybody sees it.
        status: where it stands; `awaiting_member`: you are asked to confirm.
        amount, tip, captured, refunded, later_tip, tip_mode, description, reference: as of
            `ShopCharge`.
        total: amount and tip: what a confirmation must be of.
        payee: the shop's party, which a confirmation must name.
        payment_id: the payment, once there is one.
        created_at, expires_at, authorised_until, paid_at, ended_at: as of `Charge`.
        refunds: oldest first.
    """

    charge_id: ChargeId
    shop: ShopPage
    status: ChargeStatus
    amount: _Amount
    tip: Money
    total: Money
    captured: Money
    refunded: Money
    later_tip: Money
    tip_mode: TipMode
    description: str
    reference: str
    payee: PartyId
    payment_id: PaymentId | None
    created_at: int
    expires_at: int
    authorised_until: int | None
    paid_at: int | None
    ended_at: int | None
    refunds: list[Refund]


class PayPage(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody who has the code may see of a charge, before they sign in.

    Attributes:
        shop_name: who asks.
        shop_name_zh: in Chinese; may be empty.
        shop_city: where that is.
        logo: a medium of this server; may be empty.
        amount: how much.
        tip_mode: whether a tip is asked for.
        is_payable: whether it can be paid now.
        is_paid: whether it was paid.
        expires_at: until when it can be paid, milliseconds.
        return_url: where to go afterwards; may be empty.
    """

    shop_name: str
    shop_name_zh: str
    shop_city: str
    logo: str
    amount: _Amount
    tip_mode: TipMode
    is_payable: bool
    is_paid: bool
    expires_at: int
    return_url: str


TakingKind: TypeAlias = Literal["sale", "refund", "tip"]


class Taking(msgspec.Struct, frozen=True, kw_only=True):
    """One movement on a shop's wallet that its charges made, for settlements.

    Attributes:
        kind: a sale brings money, a refund takes it, a tip given later brings it.
        charge_id: of which charge.
        payment_id: the payment.
        at: when it was booked, milliseconds.
        amount: what the payer paid or got back; always more than nothing.
        tip: the part of a sale that is a tip.
        fee: of a sale: what the house took; of a refund: what it gave back; of a tip: nothing.
        reference: the shop's own number.
    """

    kind: TakingKind
    charge_id: ChargeId
    payment_id: PaymentId
    at: int
    amount: Money
    tip: Money
    fee: Money
    reference: str
