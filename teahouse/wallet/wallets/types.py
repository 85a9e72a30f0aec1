"""Wallets and the operator's own accounts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.ledger import AccountId, AccountKind
from teahouse.platform.money import Currency, Money
from teahouse.wallet.parties.types import PartyId

WalletId = NewType("WalletId", str)

# Members can neither pay from a frozen wallet nor to it; what the house owes it still arrives.
WalletStatus: TypeAlias = Literal["open", "frozen", "closed"]
# In which the house writes into rooms for a member.
Language: TypeAlias = Literal["en", "zh"]


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """What a party has in one currency.

    Attributes:
        id: opaque.
        party: whose it is.
        currency: of all its money.
        account: its account in the ledger, a liability of the house.
        status: what it takes part in.
        opened_at: milliseconds.
    """

    id: WalletId
    party: PartyId
    currency: Currency
    account: AccountId
    status: WalletStatus
    opened_at: int


class HouseAccount(StrEnum):
    """The operator's own accounts that the wallet moves money through, one for each currency."""

    CASH_AT_BANK = "cash_at_bank"
    TOPUPS_IN_TRANSIT = "topups_in_transit"
    WITHDRAWALS_IN_TRANSIT = "withdrawals_in_transit"
    RED_PACKETS = "red_packets"
    DISPUTES = "disputes"
    SUSPENSE = "suspense"
    FEE_INCOME = "fee_income"
    FEE_EXPENSE = "fee_expense"


class ChartLine(msgspec.Struct, frozen=True):
    """A heading of the chart of accounts.

    Attributes:
        code: four digits.
        kind: decides the normal side.
        is_bounded: whether its balance may not fall below zero.
    """

    code: str
    kind: AccountKind
    is_bounded: bool


# Wallets of members and of shops; the house owes what is in them.
MEMBER_WALLETS = "2100"
SHOP_WALLETS = "2200"

CHART: dict[HouseAccount, ChartLine] = {
    # What the bank says has happened cannot be refused here.
    HouseAccount.CASH_AT_BANK: ChartLine("1100", "asset", is_bounded=False),
    # What comes back from the bank may be told before its statement shows it.
    HouseAccount.TOPUPS_IN_TRANSIT: ChartLine("1150", "asset", is_bounded=False),
    HouseAccount.WITHDRAWALS_IN_TRANSIT: ChartLine("2150", "liability", is_bounded=False),
    HouseAccount.RED_PACKETS: ChartLine("2300", "liability", is_bounded=True),
    HouseAccount.DISPUTES: ChartLine("2400", "liability", is_bounded=True),
    # Differences of either sign wait here until somebody explains them.
    HouseAccount.SUSPENSE: ChartLine("2900", "liability", is_bounded=False),
    # Refunded fees may exceed earned ones for a while.
    HouseAccount.FEE_INCOME: ChartLine("4100", "income", is_bounded=False),
    HouseAccount.FEE_EXPENSE: ChartLine("5100", "expense", is_bounded=False),
}


class NewWallet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wallet to be opened.

    Attributes:
        currency: one of those that this house has.
    """

    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3, examples=["CNY"])]


class WalletView(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet as its owner sees it.

    Attributes:
        wallet_id: its id.
        currency: of all its money.
        status: `open`, `frozen` or `closed`.
        posted: what is in it.
        available: what can be paid now: posted without what is reserved.
        pending_in: what will come if others accept.
        pending_out: what is reserved.
        opened_at: milliseconds.
    """

    wallet_id: WalletId
    currency: Currency
    status: WalletStatus
    posted: Money
    available: Money
    pending_in: Money
    pending_out: Money
    opened_at: int


class WalletList(msgspec.Struct, frozen=True):
    """A member's wallets, and what else they can open.

    Attributes:
        wallets: by currency.
        currencies: all that this house has.
        preferred: what amounts are in unless something else is said.
        accepts_by_hand: whether money from others waits until the member accepts it.
    """

    wallets: list[WalletView]
    currencies: list[Currency]
    preferred: Currency
    accepts_by_hand: bool


class WalletSettings(msgspec.Struct, frozen=True):
    """What a member has chosen.

    Attributes:
        preferred_currency: what amounts are in unless something else is said.
        accepts_by_hand: whether money from others waits until the member accepts it.
        language: of what the house writes into rooms for the member.
    """

    preferred_currency: Annotated[Currency, msgspec.Meta(examples=["CNY"])]
    accepts_by_hand: bool
    language: Language


class SettingsChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choices to be changed; what is left out stays.

    Attributes:
        preferred_currency: one of those that this house has.
        accepts_by_hand: whether money from others waits until the member accepts it.
        language: of what the house writes into rooms for the member.
    """

    preferred_currency: Annotated[str, msgspec.Meta(examples=["EUR"])] | None = None
    accepts_by_hand: bool | None = None
    language: Language | None = None


class HouseCurrencies(msgspec.Struct, frozen=True):
    """The currencies of this house, the first being the default."""

    all: tuple[Currency, ...]
