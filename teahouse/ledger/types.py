"""The nouns of the books: accounts, postings, transactions, holds, balances."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, NewType, TypeAlias

import msgspec

from teahouse.platform.money import Currency, Money

AccountId = NewType("AccountId", str)
TransactionId = NewType("TransactionId", str)
HoldId = NewType("HoldId", str)

AccountKind: TypeAlias = Literal["asset", "liability", "equity", "income", "expense"]
AccountStatus: TypeAlias = Literal["open", "frozen", "closed"]
# The prefixes of ids.
ACCOUNT, TRANSACTION, HOLD = "acc", "txn", "hld"
# An instant of the year 10889: what an id can hold.
INSTANT_MAX = 2**48 - 1
# 48 bits of time and 40 of a number: ten thousand transactions a second for three years, a hundred
# a second for three hundred.
_NUMBER_BITS = 40
_NUMBER_MASK = 2**_NUMBER_BITS - 1
_PREFIX_LETTERS = 4
_ID_FORM = re.compile(r"[a-z]{3}_[0-9a-f]{22}")

# What a transaction does. `post` and `reverse` move money; `hold` reserves it; the next three end a
# hold: by moving what it reserved, in full or part, or by giving it back. The last four are notes
# about an account, without postings, so that the chain of hashes covers them as well.
Action: TypeAlias = Literal[
    "post",
    "reverse",
    "hold",
    "post_hold",
    "void_hold",
    "expire_hold",
    "open_account",
    "freeze_account",
    "unfreeze_account",
    "close_account",
]
HoldStatus: TypeAlias = Literal["pending", "posted", "voided", "expired"]

HOLD_ENDS: frozenset[Action] = frozenset({"post_hold", "void_hold", "expire_hold"})
# The kinds of accounts that grow by debits; the others grow by credits.
DEBIT_KINDS: frozenset[AccountKind] = frozenset({"asset", "expense"})


class Overdraft(msgspec.Struct, frozen=True):
    """How far an account's available balance may fall below zero.

    Attributes:
        limit: minor units below zero, or None without a bound.
    """

    limit: int | None


NEVER = Overdraft(0)
FREE = Overdraft(None)


def up_to(minor: int) -> Overdraft:
    """An overdraft of at most so many minor units."""
    assert minor >= 0
    return Overdraft(minor)


class Posting(msgspec.Struct, frozen=True, gc=False):
    """One leg of a transaction.

    Attributes:
        account: where.
        amount: minor units of the account's currency; a debit is positive, a credit negative.
    """

    account: AccountId
    amount: int


class TransactionDraft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A transaction to be entered in the books.

    Attributes:
        key: the caller's idempotency key, 1 to 255 characters, best beginning with a time-sortable
            id: the index of keys then only grows at its end.
        postings: two or more legs that sum to zero in each currency.
        kind: what it is to the caller, 1 to 64 characters.
        reference: what it belongs to, such as the id of a payment.
        valued_on: the day from which it counts; None: the day (UTC) on which it is booked.
        hold_until: None, or it is a hold that expires at this instant, ms.
    """

    key: str
    postings: tuple[Posting, ...]
    kind: str
    reference: str = ""
    valued_on: dt.date | None = None
    hold_until: int | None = None


class HoldPosting(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A wish to post a hold.

    Attributes:
        key: the idempotency key.
        hold: which.
        amount: how much of the sum of its debits; None: all. What is left is given back.
    """

    key: str
    hold: HoldId
    amount: int | None = None


class HoldVoiding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A wish to give back all that a hold reserves."""

    key: str
    hold: HoldId


class Reversal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A wish to undo a transaction by one with the opposite postings."""

    key: str
    transaction: TransactionId


Order: TypeAlias = TransactionDraft | HoldPosting | HoldVoiding | Reversal


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account.

    Attributes:
        id: opaque.
        owner: an opaque id of whose it is; the ledger knows no members.
        currency: of all its amounts.
        kind: asset, liability, equity, income or expense.
        code: its place in the chart of accounts, or empty.
        overdraft: how far it may fall below zero.
        status: frozen and closed accounts take no transactions.
        opened_at: ms.
    """

    id: AccountId
    owner: str
    currency: Currency
    kind: AccountKind
    code: str
    overdraft: Overdraft
    status: AccountStatus
    opened_at: int

    @property
    def normal_side(self) -> Literal["debit", "credit"]:
        """The side on which it grows."""
        return "debit" if self.kind in DEBIT_KINDS else "credit"


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """A heading of the chart of accounts.

    Attributes:
        code: its place; accounts carry it.
        kind: of its accounts.
        name: as the operator calls it.
    """

    code: str
    kind: AccountKind
    name: str


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds, in terms of its normal side: more is positive.

    Attributes:
        posted: what has been booked.
        pending_in: what holds will add if they are posted.
        pending_out: what holds reserve.
        available: posted without what is reserved.
    """

    posted: Money
    pending_in: Money
    pending_out: Money
    available: Money


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction as it stands in the books, for good.

    Attributes:
        id: opaque.
        key: the idempotency key it came with.
        action: what it does.
        kind: what it is to who entered it.
        reference: what it belongs to.
        valued_on: the day from which it counts.
        booked_at: when it was entered, ms; never before an earlier transaction.
        expires_at: of a hold, when it expires.
        target: the hold that it ends, or the transaction that it reverses.
        ended_by: of a hold, the transaction that ended it; of others, the one that reversed it.
        hold_status: of a hold, what became of it.
        postings: its legs: of a hold, what it reserves; of what ends a hold, what it moved.
        hash: its link of the chain, 64 hexadecimal digits.
    """

    id: TransactionId
    key: str
    action: Action
    kind: str
    reference: str
    valued_on: dt.date
    booked_at: int
    expires_at: int | None
    target: TransactionId | None
    ended_by: TransactionId | None
    hold_status: HoldStatus | None
    postings: tuple[Posting, ...]
    hash: str


class PostingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A posting as a line of an account's statement.

    Attributes:
        cursor: its place among all postings; to page from.
        transaction: what it is a leg of.
        action: of the transaction.
        kind: of the transaction.
        reference: of the transaction.
        amount: in terms of the account's normal side: what was added.
        posted: the posted balance after it.
        valued_on: the day from which it counts.
        booked_at: when it was entered, ms.
    """

    cursor: int
    transaction: TransactionId
    action: Action
    kind: str
    reference: str
    amount: Money
    posted: Money
    valued_on: dt.date
    booked_at: int


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """An account over some time.

    Attributes:
        account: which.
        since: the first instant, ms.
        until: the first instant after, ms.
        opening: the posted balance just before `since`.
        closing: the posted balance just before `until`.
        lines: the first of what was booked between, oldest first.
        next_cursor: where to go on with `list_postings(after=...)`, or None at the end.
    """

    account: AccountId
    since: int
    until: int
    opening: Money
    closing: Money
    lines: tuple[PostingLine, ...]
    next_cursor: int | None


class TrialLine(msgspec.Struct, frozen=True, kw_only=True):
    """The sum over the accounts of one heading of the chart, in one currency.

    Attributes:
        code: the heading.
        name: of the heading, empty where the operator gave it none.
        kind: of its accounts.
        currency: of its accounts.
        debit: the sum of balances that are debits, minor units.
        credit: the sum of balances that are credits, minor units, not negative.
        accounts: how many there are.
    """

    code: str
    name: str
    kind: AccountKind
    currency: Currency
    debit: int
    credit: int
    accounts: int


class TrialBalance(msgspec.Struct, frozen=True, kw_only=True):
    """All headings at one instant; debits equal credits in every currency.

    Attributes:
        at: the instant, ms.
        lines: by code, kind and currency.
    """

    at: int
    lines: tuple[TrialLine, ...]

    def differences(self) -> dict[Currency, int]:
        """Debits less credits by currency, where they are not equal: always empty."""
        sums: dict[Currency, int] = {}
        for line in self.lines:
            sums[line.currency] = sums.get(line.currency, 0) + line.debit - line.credit
        return {currency: sum_ for currency, sum_ in sums.items() if sum_}


# The books in memory


class OpenAccount:
    """An account in memory while transactions are entered.

    Args:
        no: its number.
        currency: of all its amounts.
        kind: decides the normal side.
        overdraft: how far it may fall below zero, or None.
        status: whether it takes transactions.
        balances: posted, pending_debit, pending_credit, last_posting_no, posting_count.
    """

    __slots__ = (
        "currency",
        "is_open",
        "kind",
        "last_posting_no",
        "no",
        "overdraft",
        "pending_credit",
        "pending_debit",
        "posted",
        "posting_count",
        "sign",
        "status",
    )

    def __init__(
        self,
        no: int,
        currency: str,
        kind: AccountKind,
        overdraft: int | None,
        status: AccountStatus,
        balances: Sequence[int],
    ) -> None:
        self.no = no
        self.currency = currency
        self.kind = kind
        self.sign = 1 if kind in DEBIT_KINDS else -1
        self.overdraft = overdraft
        self.set_status(status)
        self.set_balances(balances)

    def set_status(self, status: AccountStatus) -> None:
        """Freeze it, open it or close it."""
        self.status = status
        self.is_open = status == "open"

    def balances(self) -> tuple[int, int, int, int, int]:
        """What changes: posted, pending_debit, pending_credit, last_posting_no, posting_count."""
        return (
            self.posted,
            self.pending_debit,
            self.pending_credit,
            self.last_posting_no,
            self.posting_count,
        )

    def set_balances(self, balances: Sequence[int]) -> None:
        """Put balances back as they were."""
        (
            self.posted,
            self.pending_debit,
            self.pending_credit,
            self.last_posting_no,
            self.posting_count,
        ) = balances

    def available(self) -> int:
        """What may still go out, in terms of the normal side."""
        if self.sign > 0:
            return self.posted - self.pending_credit
        return -self.posted - self.pending_debit


# An account, what is added to its posted balance, and the leg of a hold that it reserves or that
# is given back.
Leg: TypeAlias = tuple[OpenAccount, int, int]
# What a transaction says of itself, as in the row of the journal.
Said: TypeAlias = tuple[int, Action, str, str, str, dt.date | None, int, int | None, int | None]


class TransactionRow(NamedTuple):
    """A row of `ledger_transaction`."""

    no: int
    action: Action
    key: str
    kind: str
    reference: str
    valued_on: dt.date | None
    booked_at: int
    expires_at: int | None
    target_no: int | None
    first_posting_no: int
    posting_count: int
    hash: bytes


class PostingRow(NamedTuple):
    """A row of `ledger_posting`."""

    no: int
    transaction_no: int
    account_no: int
    amount: int
    pending: int
    posted: int
    pending_debit: int
    pending_credit: int
    previous_no: int


class Head(NamedTuple):
    """The row of `ledger_head`: where the books end."""

    transaction_no: int
    posting_no: int
    account_no: int
    booked_at: int
    hash: bytes


class Accounts:
    """Accounts to work with, by id and by number."""

    __slots__ = ("by_id", "by_number")

    def __init__(self) -> None:
        self.by_id: dict[str, OpenAccount] = {}
        self.by_number: dict[int, OpenAccount] = {}


class Entered:
    """A transaction that is in the books, with its legs: what repeating or ending it needs.

    Args:
        row: of the journal.
        legs: number of the account, amount, pending.
        is_ended: whether another transaction ended or reversed it.
    """

    __slots__ = ("is_ended", "legs", "row")

    def __init__(
        self, row: TransactionRow, legs: Sequence[tuple[int, int, int]], *, is_ended: bool = False
    ) -> None:
        self.row = row
        self.legs = legs
        self.is_ended = is_ended


# Ids: what callers know a row by is its time and its number, in the form of all our ids.


def make_id(prefix: str, born_at: int, number: int) -> str:
    """The id of row `number`, sortable by time.

    Args:
        prefix: three letters.
        born_at: the instant kept in the row, ms.
        number: its key.
    """
    return f"{prefix}_{born_at << _NUMBER_BITS | number:022x}"


def read_id(text: str, prefix: str) -> tuple[int, int] | None:
    """The instant and the number in an id, or None where it is none.

    The instant must be compared with that of the row: it tells a made-up id from a real one.
    """
    if _ID_FORM.fullmatch(text) is None or not text.startswith(prefix):
        return None
    both = int(text[_PREFIX_LETTERS:], 16)
    return both >> _NUMBER_BITS, both & _NUMBER_MASK


def transaction_of(hold_id: HoldId) -> TransactionId:
    """The id of the transaction that a hold is."""
    return TransactionId(f"{TRANSACTION}{hold_id.removeprefix(HOLD)}")


def hold_of(transaction_id: TransactionId) -> HoldId:
    """The id of the hold that a transaction is."""
    return HoldId(f"{HOLD}{transaction_id.removeprefix(TRANSACTION)}")
