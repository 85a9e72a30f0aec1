"""What the partner bank works with."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.iso20022 import AccountNumber
from teahouse.platform.money import Currency, Money

DAY_MS = 86_400_000

Direction: TypeAlias = Literal["out", "in"]


class Terms(msgspec.Struct, frozen=True):
    """How the bank behaves.

    Attributes:
        delay_ms: from an order until it is booked, and from the booking to a return.
        reject_rate: how many of all orders it rejects, 0 to 1.
        return_rate: how many of those it books come back later, 0 to 1.
        seed: which ones: the same orders meet the same fate under the same seed.
        day_ms: how long its day lasts; shorter ones bring statements sooner.
        outside_minor: what an account of somebody else's holds when it is first heard of.
    """

    delay_ms: int = 0
    reject_rate: float = 0.0
    return_rate: float = 0.0
    seed: int = 0
    day_ms: int = DAY_MS
    outside_minor: int = 1_000_000


class Order(msgspec.Struct, frozen=True):
    """What a customer ordered, by transfer or by direct debit.

    Attributes:
        end_to_end_id: the customer's name for it.
        direction: whether money goes out of the customer's account or comes in.
        amount: more than zero.
        account: at the other end.
        name: of its holder.
        text: what they read about it.
    """

    end_to_end_id: str
    direction: Direction
    amount: Money
    account: AccountNumber
    name: str
    text: str


class Fate(msgspec.Struct, frozen=True):
    """What becomes of an order.

    Attributes:
        reject: the reason why it is rejected; empty: it is accepted.
        give_back: the reason why it comes back after it was booked; empty: it does not.
        is_silent: the bank never answers and never books it.
    """

    reject: str = ""
    give_back: str = ""
    is_silent: bool = False


class Account(msgspec.Struct, frozen=True):
    """An account, of a customer or of somebody at another bank.

    Attributes:
        number: IBAN or another number.
        currency: the only one it is kept in.
        name: its holder.
        minor: its booked balance, minor units.
        is_customer: whether it is one of this bank's customers': they get statements.
    """

    number: str
    currency: Currency
    name: str
    minor: int
    is_customer: bool
