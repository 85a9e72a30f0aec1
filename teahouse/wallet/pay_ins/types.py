"""Nouns of paying in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, NewType

import msgspec

from teahouse.platform.money import Currency, Money

PayInId = NewType("PayInId", str)

_Reference = Annotated[str, msgspec.Meta(examples=["RF18539007547034"])]


class NewReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reference to be given.

    Attributes:
        currency: in which the member will pay in.
    """

    currency: Annotated[Currency, msgspec.Meta(examples=["EUR"])]


class PayInDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What a member types into their own bank's form, to pay in.

    Attributes:
        currency: of the account.
        name: its holder.
        number: of the account.
        is_iban: whether the number is an IBAN.
        bic: of its bank; may be empty.
        reference: the member's own (ISO 11649); None until they have asked for one.
    """

    currency: Currency
    name: Annotated[str, msgspec.Meta(examples=["Teahouse Cooperative"])]
    number: Annotated[str, msgspec.Meta(examples=["DE89370400440532013000"])]
    is_iban: bool
    bic: Annotated[str, msgspec.Meta(examples=["COBADEFFXXX"])]
    reference: _Reference | None


class PayIn(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came with a member's reference.

    Attributes:
        pay_in_id: opaque.
        amount: more than zero.
        name: who paid, as the bank says; may be empty.
        reference: that they named.
        booked_on: the bank's day.
        payment_id: in the history of payments.
        credited_at: milliseconds since the epoch.
    """

    pay_in_id: PayInId
    amount: Money
    name: Annotated[str, msgspec.Meta(examples=["Ada Lovelace"])]
    reference: _Reference
    booked_on: dt.date
    payment_id: Annotated[str, msgspec.Meta(examples=["pay_06o1m5vq8000e5j0c4m9o3aq"])]
    credited_at: Annotated[int, msgspec.Meta(examples=[1_795_521_600_000])]
