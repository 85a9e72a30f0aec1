"""Nouns of the link to outside banks."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.iso20022 import AccountNumber
from teahouse.platform.money import Currency, Money
from teahouse.wallet.parties.types import PartyId

OutsideAccountId = NewType("OutsideAccountId", str)
OrderId = NewType("OrderId", str)
FileId = NewType("FileId", str)

AccountStatus: TypeAlias = Literal["pending", "verified", "failed", "removed"]
# wanted: the bank will be asked for the holder's name; asked: it was; match, close, different: what
# it says of the name the member gave; impossible: it cannot tell; kept: the member has said that
# their own is right, whatever the bank says.
NameCheck: TypeAlias = Literal[
    "wanted", "asked", "match", "close", "different", "impossible", "kept"
]
# No money goes there until the member has decided.
NAME_DOUBTED: frozenset[NameCheck] = frozenset({"close", "different"})
OrderKind: TypeAlias = Literal["top_up", "withdrawal", "payout", "verification"]
# requested: it will be in the next file; sent: the file lies ready for the bank; accepted: the bank
# will do it; booked: it has; rejected: it will not; returned: it has, and it came back.
OrderStatus: TypeAlias = Literal["requested", "sent", "accepted", "booked", "rejected", "returned"]
# What the bank tells of an order.
OrderEvent: TypeAlias = Literal["sent", "accepted", "booked", "rejected", "returned"]
# What follows from it for money and staff.
Effect: TypeAlias = Literal["none", "credit", "void", "give_back", "take_back", "report"]
# The bank contradicts itself or us; has moved another amount; a top-up came back that was spent;
# money came for a wallet that is closed.
ReportKind: TypeAlias = Literal["contradiction", "differs", "short_return", "unclaimed"]
FileKind: TypeAlias = Literal["transfers", "debits"]

# Orders by which money leaves the house's account.
OUTGOING: frozenset[OrderKind] = frozenset({"withdrawal", "payout", "verification"})

_AccountIdShown = Annotated[
    OutsideAccountId, msgspec.Meta(examples=["oac_06o1m5vq8000e5j0c4m9o3aq"])
]
_OrderIdShown = Annotated[OrderId, msgspec.Meta(examples=["bor_06o1m5vq8000e5j0c4m9o3aq"])]
_Last4 = Annotated[str, msgspec.Meta(examples=["3000"])]
_At = Annotated[int, msgspec.Meta(examples=[1_795_521_600_000])]
_Reason = Annotated[str, msgspec.Meta(examples=["The account is closed."])]
_ReasonCode = Annotated[str, msgspec.Meta(examples=["AC04"])]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=70)]


class OutsideAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account at another bank, as its holder sees it: never with its whole number.

    Attributes:
        outside_account_id: opaque.
        bank: the name of the bank.
        holder: the name of the holder there.
        last4: the end of its number.
        is_iban: whether the number is an IBAN.
        currency: in which it is kept.
        status: pending until the code that was sent there is told.
        allows_debits: whether the holder lets the house collect top-ups from it.
        linked_at: milliseconds since the epoch.
        verified_at: the same; None until then.
        tries_left: how often the code may still be tried.
        reason: why it cannot be used, in words, where its bank rejected the small credit.
        name_check: what its bank says of the holder's name.
        name_at_bank: the holder's name as the bank has it, where it is nearly the one given.
    """

    outside_account_id: _AccountIdShown
    bank: Annotated[str, msgspec.Meta(examples=["Commerzbank"])]
    holder: Annotated[str, msgspec.Meta(examples=["Ada Lovelace"])]
    last4: _Last4
    is_iban: bool
    currency: Currency
    status: AccountStatus
    allows_debits: bool
    linked_at: _At
    verified_at: int | None
    tries_left: int
    reason: _Reason = ""
    name_check: NameCheck = "asked"
    name_at_bank: Annotated[str, msgspec.Meta(examples=["A Lovelace"])] = ""


class NewOutsideAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account at another bank, to be linked.

    Attributes:
        number: an IBAN, or the number of an account or bank card; spaces do not matter.
        bank: the name of the bank.
        holder: the name of the holder, as the bank knows it.
        currency: in which the account is kept.
        allow_debits: whether the house may collect top-ups from it, each only when asked.
    """

    number: Annotated[
        str, msgspec.Meta(min_length=8, max_length=42, examples=["DE89 3704 0044 0532 0130 00"])
    ]
    bank: _Word
    holder: _Word
    currency: Annotated[Currency, msgspec.Meta(examples=["EUR"])]
    allow_debits: bool = False


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that came with the small credit."""

    code: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", examples=["482913"])]


class NewTopUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money to be collected from an outside account.

    Attributes:
        outside_account_id: verified, and its holder allows debits.
        amount: in the account's currency, more than zero.
    """

    outside_account_id: str
    amount: Money


class NewWithdrawal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money to be sent to an outside account.

    Attributes:
        outside_account_id: verified.
        amount: in the account's currency, more than zero.
        confirmation: the id of a confirmation of this withdrawal, where one was asked for; its
            `reference` names the outside account.
    """

    outside_account_id: str
    amount: Money
    confirmation: str | None = None


class BankOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way from or to an outside account.

    Attributes:
        order_id: opaque; with `-` for `_` it is the reference on the bank's statement.
        kind: top-up, withdrawal, payout to a shop, or the small credit of a verification.
        status: how far it is.
        amount: more than zero.
        outside_account_id: from or to where.
        last4: the end of that account's number.
        reason: why it was rejected or came back, in words.
        reason_code: the bank's own code for that (ISO 20022).
        payment_id: in the history of payments.
        return_payment_id: the payment by which it came back.
        requested_at: milliseconds since the epoch.
        sent_at: when its file lay ready for the bank.
        booked_at: when the bank had booked it.
        ended_at: when it was rejected or came back.
    """

    order_id: _OrderIdShown
    kind: OrderKind
    status: OrderStatus
    amount: Money
    outside_account_id: _AccountIdShown
    last4: _Last4
    reason: _Reason
    reason_code: _ReasonCode
    payment_id: Annotated[str, msgspec.Meta(examples=["pay_06o1m5vq8000e5j0c4m9o3aq"])]
    return_payment_id: str | None
    requested_at: _At
    sent_at: int | None
    booked_at: int | None
    ended_at: int | None


class StoredOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is kept, for those who move it on."""

    order_id: OrderId
    kind: OrderKind
    status: OrderStatus
    party: PartyId
    amount: Money
    outside_account_id: OutsideAccountId
    payment_id: str


class Step(msgspec.Struct, frozen=True):
    """What an event makes of an order.

    Attributes:
        status: the new one; the old one where nothing changes.
        effect: what follows.
    """

    status: OrderStatus
    effect: Effect


class HouseBank(msgspec.Struct, frozen=True, kw_only=True):
    """The house's accounts at the partner bank, from the settings.

    Attributes:
        name: under which the house keeps them.
        bic: the bank's; may be empty.
        creditor_id: the house's number among those who may collect; may be empty.
        accounts: by currency.
    """

    name: str
    bic: str
    creditor_id: str
    accounts: dict[Currency, AccountNumber]

    def currency_of(self, account: AccountNumber) -> Currency | None:
        """The currency of one of the house's accounts; None where it is none of them."""
        return next((one for one, mine in self.accounts.items() if mine == account), None)


class SentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of orders to the bank.

    Attributes:
        file_id: with `-` for `_` the message id.
        kind: transfers or direct debits.
        currency: of all its orders.
        created_at: milliseconds since the epoch.
        sent_at: when it lay ready for the bank.
        order_count: how many orders.
        total: their sum.
    """

    file_id: FileId
    kind: FileKind
    currency: Currency
    created_at: int
    sent_at: int | None
    order_count: int
    total: Money


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the bank told and that needs a person: handed to reconciliation.

    Attributes:
        kind: what is wrong.
        order_id: of which order; None where none is known.
        amount: signed as for the house's account; None where there is none.
        told: in words, for staff.
    """

    kind: ReportKind
    order_id: OrderId | None
    amount: Money | None
    told: str
