"""What must hold of every transaction. Pure: no database, no clock, no chance."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from teahouse.ledger.errors import (
    AccountClosed,
    AccountFrozen,
    AlreadyReversed,
    AmountTooLarge,
    BadTransaction,
    CurrencyMismatch,
    HoldExpired,
    HoldNotPending,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidAmount,
    NotReversible,
    Unbalanced,
    UnknownAccount,
    UnknownHold,
    UnknownTransaction,
)
from teahouse.ledger.types import (
    ACCOUNT,
    HOLD,
    HOLD_ENDS,
    INSTANT_MAX,
    TRANSACTION,
    Accounts,
    AccountStatus,
    Action,
    Entered,
    Head,
    HoldPosting,
    HoldVoiding,
    Leg,
    OpenAccount,
    Order,
    PostingRow,
    Reversal,
    Said,
    TransactionDraft,
    TransactionId,
    TransactionRow,
    make_id,
    read_id,
)
from teahouse.platform.errors import Refusal
from teahouse.platform.money import MINOR_MAX, allocate

POSTINGS_MIN = 2
# A batch of payouts in one transaction; more is several transactions.
POSTINGS_MAX = 128
KEY_LENGTH_MAX = 255
KIND_LENGTH_MAX = 64
TEXT_LENGTH_MAX = 255
# The ledger's own keys, for what no caller asks for, begin so; callers' keys may not.
OWN_KEY_PREFIX = "ledger:"
# A hundred of the largest amounts; sums of 90 such balances still fit a column.
BALANCE_MAX = 10**17
# Every so many postings of an account, one is entered in the index of marks.
MARK_EVERY = 64
# Linked orders of one item: a payment with all that belongs to it is a handful.
LINKED_MAX = 32
# What the first transaction's hash extends.
FIRST_HASH = bytes(32)


# Transactions


def check_draft(draft: TransactionDraft) -> None:
    """Check what can be said of a draft without its accounts.

    Raises:
        BadTransaction: a text is empty, too long or not text; too few or too many postings.
        InvalidAmount: a posting of zero.
        AmountTooLarge: a posting beyond `MINOR_MAX`.
    """
    if not is_key(draft.key) or not draft.kind or not _is_text(draft.kind + draft.reference):
        raise BadTransaction
    if len(draft.kind) > KIND_LENGTH_MAX or len(draft.reference) > TEXT_LENGTH_MAX:
        raise BadTransaction(
            f"A kind has at most {KIND_LENGTH_MAX} characters, a reference {TEXT_LENGTH_MAX}."
        )
    if not POSTINGS_MIN <= len(draft.postings) <= POSTINGS_MAX:
        raise BadTransaction(f"A transaction has {POSTINGS_MIN} to {POSTINGS_MAX} postings.")
    for posting in draft.postings:
        amount = posting.amount
        assert type(amount) is int
        if amount == 0:
            raise InvalidAmount("A posting moves something.")
        if amount > MINOR_MAX or amount < -MINOR_MAX:
            raise AmountTooLarge


def check_key(key: str) -> None:
    """Check a caller's idempotency key.

    Raises:
        BadTransaction: empty, too long, not text, or one of the ledger's own.
    """
    if not is_key(key):
        raise BadTransaction("A transaction has an idempotency key of 1 to 255 characters.")


def is_key(key: str) -> bool:
    """Whether a text can be a caller's idempotency key."""
    return (
        0 < len(key) <= KEY_LENGTH_MAX
        and (key.isascii() or _is_encodable(key))
        and "\0" not in key
        and not key.startswith(OWN_KEY_PREFIX)
    )


def check_text(text: str, *, longest: int, what: str) -> None:
    """Check that a text can be stored on every database and encoded by everybody.

    Raises:
        BadTransaction: too long, with a NUL, or with half of a surrogate pair.
    """
    if len(text) > longest or not _is_text(text):
        raise BadTransaction(f"The {what} is longer than {longest} characters, or not text.")


def _is_text(text: str) -> bool:
    # An ASCII text is the usual case, and quick to see.
    return (text.isascii() or _is_encodable(text)) and "\0" not in text


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_balanced(legs: Sequence[Leg]) -> None:
    """Check that the legs sum to zero in each currency.

    Raises:
        Unbalanced: they do not sum to zero.
        CurrencyMismatch: they do, but only across currencies.
    """
    currency = legs[0][0].currency
    total = 0
    for account, amount, pending in legs:
        if account.currency != currency:
            return _check_each_currency(legs)
        total += amount + pending
    if total:
        raise Unbalanced
    return None


def _check_each_currency(legs: Sequence[Leg]) -> None:
    sums: dict[str, int] = {}
    for account, amount, pending in legs:
        sums[account.currency] = sums.get(account.currency, 0) + amount + pending
    if any(sums.values()):
        raise CurrencyMismatch if sum(sums.values()) == 0 else Unbalanced


def check_open(legs: Iterable[Leg]) -> None:
    """Check that accounts take transactions.

    Raises:
        AccountClosed: one is closed.
        AccountFrozen: one is frozen.
    """
    for leg in legs:
        if not leg[0].is_open:
            raise AccountClosed if leg[0].status == "closed" else AccountFrozen


def share_out(legs: Sequence[int], amount: int | None) -> list[int]:
    """What each leg moves where a hold is posted in part: debits and credits in proportion.

    Args:
        legs: of the hold, all of one currency.
        amount: how much of the sum of debits; None: all.

    Returns:
        For each leg its share, which may be zero; they sum to zero, the debits to `amount`.

    Raises:
        InvalidAmount: not positive.
        AmountTooLarge: more than the hold.
    """
    whole = _debits(legs)
    if amount is None or amount == whole:
        return list(legs)
    assert type(amount) is int
    if amount <= 0:
        raise InvalidAmount("What is posted of a hold is more than nothing.")
    if amount > whole:
        raise AmountTooLarge(f"The hold reserves no more than {whole} minor units.")
    debits = allocate(amount, [max(leg, 0) for leg in legs])
    credits_ = allocate(amount, [max(-leg, 0) for leg in legs])
    return [debit - credit for debit, credit in zip(debits, credits_, strict=True)]


# The chain

_encode = msgspec.json.Encoder().encode


def chain(previous: bytes, content: Sequence[object]) -> bytes:
    """The hash of a transaction: it extends that of the one before.

    Args:
        previous: the hash of the transaction before, `FIRST_HASH` for the first.
        content: number, action, key, kind, reference, valued_on, booked_at, expires_at,
            number of the target, and for each posting account number, amount and pending.

    Returns:
        SHA-256 of `previous` and the content as compact JSON.
    """
    return hashlib.sha256(previous + _encode(content)).digest()


def describe_account(owner: str, currency: str, kind: str, code: str, overdraft: int | None) -> str:
    """What the chain says of an account that is opened: compact JSON."""
    return _encode((owner, currency, kind, code, overdraft)).decode()


def day_of(instant: int) -> dt.date:
    """The day of an instant, UTC."""
    return dt.datetime.fromtimestamp(instant / 1000, tz=dt.UTC).date()


# The books in memory


# What a named tuple's own constructor calls, in half the time.
_make_row = tuple.__new__


class Books:
    """The end of the books: what orders are applied to, one after the other, and what they add.

    Args:
        head: where the books end.
        now: the instant. Time in the books never runs backwards, whatever a machine's clock does.
        accounts: those known already, as they are at this end of the books.
    """

    def __init__(self, head: Head, now: int, accounts: Accounts | None = None) -> None:
        self.head = head
        known = accounts or Accounts()
        self.known = known
        self.booked_at = max(now, head.booked_at)
        self.transaction_no = head.transaction_no
        self.posting_no = head.posting_no
        self.hash = head.hash
        # What was read: accounts by id and number, transactions by key and number.
        self.accounts = known.by_id
        self.numbered = known.by_number
        self.by_key: dict[str, Entered] = {}
        self.targets: dict[int, Entered] = {}
        # What is to be written.
        self.transactions: list[TransactionRow] = []
        # Rows of `ledger_posting`; plain tuples, which are made in half the time.
        self.postings: list[tuple[int, ...]] = []
        self.marks: list[tuple[int, int]] = []

    def apply_linked(self, orders: Sequence[Order]) -> tuple[TransactionId, ...] | Refusal:
        """Apply orders that belong together: all or none.

        Returns:
            The ids of their transactions, or the refusal of the first that cannot be applied.
        """
        count = len(self.transactions)
        try:
            if len(orders) == 1:
                return (self._apply(orders[0]),)
            if not 1 <= len(orders) <= LINKED_MAX:
                raise BadTransaction(f"1 to {LINKED_MAX} orders can be linked.")
            return tuple([self._apply(order) for order in orders])
        except Refusal as refusal:
            self._undo(count)
            return refusal

    def expire(self, no: int) -> TransactionId:
        """End a hold whose time is over.

        Returns:
            The transaction that the hold is.
        """
        key = f"{OWN_KEY_PREFIX}expire:{no}"
        target = self.targets[no]
        legs = [(self.numbered[account], 0, leg) for account, _, leg in target.legs]
        self._enter("expire_hold", key, target, legs)
        return TransactionId(make_id(TRANSACTION, target.row.booked_at, no))

    def note(self, action: Action, account_no: int, text: str = "") -> None:
        """Write what became of an account, so that the chain covers it."""
        no = self.transaction_no = self.transaction_no + 1
        key = f"{OWN_KEY_PREFIX}{action}:{account_no}:{no}"
        said: Said = (no, action, key, "account", text, None, self.booked_at, None, None)
        self.hash = chain(self.hash, (*said, ()))
        self.transactions.append(TransactionRow(*said, self.posting_no + 1, 0, self.hash))

    def _apply(self, order: Order) -> TransactionId:
        if isinstance(order, TransactionDraft):
            check_draft(order)
        else:
            check_key(order.key)
        earlier = self.by_key.get(order.key)
        if earlier is not None:
            if not self._is_same(order, earlier):
                raise IdempotencyConflict
            row = earlier.row
        elif isinstance(order, TransactionDraft):
            row = self._post(order)
        else:
            row = self._follow(order)
        return TransactionId(make_id(TRANSACTION, row.booked_at, row.no))

    def _is_same(self, order: Order, earlier: Entered) -> bool:
        """Whether a transaction is what an order asks for."""
        row = earlier.row
        if isinstance(order, TransactionDraft):
            legs = [(read_id(leg.account, ACCOUNT), leg.amount) for leg in order.postings]
            return (row.kind, row.reference, row.valued_on, row.expires_at, row.target_no) == (
                order.kind,
                order.reference,
                order.valued_on,
                order.hold_until,
                None,
            ) and [(no, amount + pending) for no, amount, pending in earlier.legs] == [
                (parts and parts[1], amount) for parts, amount in legs
            ]
        target = self._find_target(order)
        if target is None or row.target_no != target.row.no:
            return False
        if isinstance(order, HoldPosting):
            whole = _debits(leg for _, _, leg in target.legs)
            moved = _debits(amount for _, amount, _ in earlier.legs)
            wanted = whole if order.amount is None else order.amount
            return row.action == "post_hold" and moved == wanted
        return row.action == ("void_hold" if isinstance(order, HoldVoiding) else "reverse")

    def _post(self, draft: TransactionDraft) -> TransactionRow:
        is_hold = draft.hold_until is not None
        if draft.hold_until is not None and not self.booked_at < draft.hold_until <= INSTANT_MAX:
            raise HoldExpired
        accounts = self.accounts
        legs: list[Leg] = []
        for posting in draft.postings:
            account = accounts.get(posting.account)
            if account is None:
                raise UnknownAccount
            amount = posting.amount
            legs.append((account, 0, amount) if is_hold else (account, amount, 0))
        check_open(legs)
        check_balanced(legs)
        return self._enter("hold" if is_hold else "post", draft.key, draft, legs)

    def _follow(self, order: HoldPosting | HoldVoiding | Reversal) -> TransactionRow:
        target = self._find_target(order)
        if isinstance(order, Reversal):
            return self._reverse(order, target)
        if target is None or target.row.action != "hold":
            raise UnknownHold
        if target.is_ended:
            raise HoldNotPending
        if isinstance(order, HoldVoiding):
            legs = [(self.numbered[no], 0, leg) for no, _, leg in target.legs]
            return self._enter("void_hold", order.key, target, legs)
        assert target.row.expires_at is not None
        if target.row.expires_at <= self.booked_at:
            raise HoldExpired
        shares = self._share_out(target, order.amount)
        legs = [
            (self.numbered[no], share, leg)
            for share, (no, _, leg) in zip(shares, target.legs, strict=True)
        ]
        check_open(legs)
        return self._enter("post_hold", order.key, target, legs)

    def _share_out(self, target: Entered, amount: int | None) -> list[int]:
        legs = [leg for _, _, leg in target.legs]
        if amount is not None and len({self.numbered[no].currency for no, _, _ in target.legs}) > 1:
            raise CurrencyMismatch("A hold in several currencies is posted as a whole.")
        return share_out(legs, amount)

    def _reverse(self, order: Reversal, target: Entered | None) -> TransactionRow:
        if target is None:
            raise UnknownTransaction
        legs = [(self.numbered[no], -amount, 0) for no, amount, _ in target.legs if amount]
        if not legs:
            raise NotReversible
        if target.is_ended:
            raise AlreadyReversed
        check_open(legs)
        return self._enter("reverse", order.key, target, legs)

    def _find_target(self, order: HoldPosting | HoldVoiding | Reversal) -> Entered | None:
        parts = target_of(order)
        target = None if parts is None else self.targets.get(parts[1])
        return target if parts and target and target.row.booked_at == parts[0] else None

    def _enter(
        self, action: Action, key: str, source: TransactionDraft | Entered, legs: Sequence[Leg]
    ) -> TransactionRow:
        """Move the legs, and write the transaction; or leave all as it was.

        Raises:
            InsufficientFunds: an account would fall below its bound.
            AmountTooLarge: a balance would grow beyond what can be kept.
        """
        first = self.posting_no + 1
        factor = 1 if action == "hold" else -1
        numbers = self._move(legs, factor=factor)
        refusal = _find_refusal(legs, is_hold=action == "hold")
        if refusal is not None:
            self._undo_move(len(legs), factor=factor)
            raise refusal
        no = self.transaction_no = self.transaction_no + 1
        said: Said
        if isinstance(source, Entered):
            source.is_ended = True
            kind, reference, target_no = source.row.kind, source.row.reference, source.row.no
            said = (no, action, key, kind, reference, None, self.booked_at, None, target_no)
        else:
            text = (source.kind, source.reference, source.valued_on)
            said = (no, action, key, *text, self.booked_at, source.hold_until, None)
        self.hash = chain(self.hash, (*said, numbers))
        row = _make_row(TransactionRow, (*said, first, len(legs), self.hash))
        self.transactions.append(row)
        self.by_key[key] = self.targets[no] = Entered(row, numbers)
        return row

    def _move(self, legs: Sequence[Leg], *, factor: int) -> list[tuple[int, int, int]]:
        """Write the postings of the next transaction.

        Returns:
            The number of the account, amount and pending of each.
        """
        no = self.posting_no
        transaction_no = self.transaction_no + 1
        numbers = []
        for account, amount, pending in legs:
            no += 1
            account.posted += amount
            if pending > 0:
                account.pending_debit += factor * pending
            elif pending:
                account.pending_credit -= factor * pending
            numbers.append((account.no, amount, pending))
            self.postings.append(
                (
                    no,
                    transaction_no,
                    account.no,
                    amount,
                    pending,
                    account.posted,
                    account.pending_debit,
                    account.pending_credit,
                    account.last_posting_no,
                )
            )
            account.last_posting_no = no
            account.posting_count += 1
            if not account.posting_count % MARK_EVERY:
                self.marks.append((account.no, no))
        self.posting_no = no
        return numbers

    def _undo(self, count: int) -> None:
        """Take back all but the first `count` transactions entered."""
        while len(self.transactions) > count:
            row = self.transactions.pop()
            del self.by_key[row.key], self.targets[row.no]
            if row.target_no is not None:
                self.targets[row.target_no].is_ended = False
            self._undo_move(row.posting_count, factor=1 if row.action == "hold" else -1)
            self.transaction_no -= 1
        self.hash = self.transactions[-1].hash if self.transactions else self.head.hash

    def _undo_move(self, count: int, *, factor: int) -> None:
        for _ in range(count):
            row = PostingRow._make(self.postings.pop())
            account = self.numbered[row.account_no]
            account.posted -= row.amount
            if row.pending > 0:
                account.pending_debit -= factor * row.pending
            else:
                account.pending_credit += factor * row.pending
            if account.posting_count % MARK_EVERY == 0:
                self.marks.pop()
            account.last_posting_no = row.previous_no
            account.posting_count -= 1
            self.posting_no -= 1


def _find_refusal(
    legs: Sequence[Leg], *, is_hold: bool
) -> InsufficientFunds | AmountTooLarge | None:
    for account, amount, pending in legs:
        if (
            not -BALANCE_MAX <= account.posted <= BALANCE_MAX
            or account.pending_debit > BALANCE_MAX
            or account.pending_credit > BALANCE_MAX
        ):
            return AmountTooLarge("The balance would be larger than this server can keep.")
        # Only what goes against the normal side takes from what is available.
        if account.overdraft is None or (amount + pending > 0) == (account.sign > 0):
            continue
        available = account.available()
        if available + account.overdraft < 0:
            change = _change_of(account, legs, is_hold=is_hold)
            if change < 0:
                return InsufficientFunds(
                    available=available - change,
                    overdraft=account.overdraft,
                    currency=account.currency,
                )
    return None


def _change_of(account: OpenAccount, legs: Sequence[Leg], *, is_hold: bool) -> int:
    """What a transaction changes of an account's available balance.

    An account that is below its bound already may be touched by what does not take more: a hold
    that was let through before is posted, or legs of the same account make up for each other.
    """
    change = 0
    for one, amount, pending in legs:
        if one is account:
            change += account.sign * amount
            if (pending > 0) != (account.sign > 0):
                change += -abs(pending) if is_hold else abs(pending)
    return change


def _debits(amounts: Iterable[int]) -> int:
    return sum(amount for amount in amounts if amount > 0)


def target_of(order: HoldPosting | HoldVoiding | Reversal) -> tuple[int, int] | None:
    """The instant and the number of the transaction that an order ends or reverses."""
    if isinstance(order, Reversal):
        return read_id(order.transaction, TRANSACTION)
    return read_id(order.hold, HOLD)


# What `teahouse check` recomputes


_STATUSES: dict[Action, AccountStatus] = {
    "open_account": "open",
    "freeze_account": "frozen",
    "unfreeze_account": "open",
    "close_account": "closed",
}


class ChainAudit:
    """Follows the journal from its beginning, apart from the code that wrote it.

    Args:
        currencies: of the accounts, by number.
    """

    def __init__(self, currencies: Mapping[int, str]) -> None:
        self._currencies = currencies
        self._no = 0
        self._posting_no = 0
        self._booked_at = 0
        self._hash = FIRST_HASH
        self._holds: dict[int, list[tuple[int, int]]] = {}
        self._opened: dict[int, str] = {}
        self._statuses: dict[int, AccountStatus] = {}

    def follow(self, row: TransactionRow, postings: Sequence[PostingRow]) -> Iterator[str]:
        """What is wrong with the next transaction."""
        name = f"transaction {row.no}"
        if row.no != self._no + 1 or row.first_posting_no != self._posting_no + 1:
            yield f"{name} does not follow transaction {self._no} and posting {self._posting_no}"
        if row.booked_at < self._booked_at:
            yield f"{name} was booked before the transaction before it"
        if len(postings) != row.posting_count:
            yield f"{name} has {len(postings)} postings instead of {row.posting_count}"
        if any(posting.transaction_no != row.no for posting in postings):
            yield f"{name} has a posting that names another transaction"
        legs = [(leg.account_no, leg.amount, leg.pending) for leg in postings]
        expected = chain(self._hash, (*row[:9], legs))
        if expected != row.hash:
            yield f"{name} or its postings are not what its hash says"
        yield from self._check_sums(row, legs)
        self._note(row)
        self._no = row.no
        self._posting_no = row.first_posting_no + row.posting_count - 1
        self._booked_at = row.booked_at
        # The chain goes on from what is stored: one wrong row is told once.
        self._hash = row.hash

    def _check_sums(
        self, row: TransactionRow, legs: Sequence[tuple[int, int, int]]
    ) -> Iterator[str]:
        sums: dict[str, int] = {}
        for no, amount, pending in legs:
            currency = self._currencies.get(no)
            if currency is None:
                yield f"transaction {row.no} has a posting of account {no}, which is not there"
                continue
            sums[currency] = sums.get(currency, 0) + amount
            sums[f"pending {currency}"] = sums.get(f"pending {currency}", 0) + pending
        for what, sum_ in sums.items():
            if sum_:
                yield f"transaction {row.no} sums to {sum_} {what} instead of zero"
        reserved = [(no, pending) for no, _, pending in legs]
        if row.action == "hold":
            self._holds[row.no] = reserved
        elif row.action in HOLD_ENDS and self._holds.pop(row.target_no or 0, None) != reserved:
            yield f"transaction {row.no} does not end what a pending hold reserves"

    def _note(self, row: TransactionRow) -> None:
        status = _STATUSES.get(row.action)
        if status is not None and row.key.startswith(f"{OWN_KEY_PREFIX}{row.action}:"):
            account_no = int(row.key.split(":")[2])
            self._statuses[account_no] = status
            if row.action == "open_account":
                self._opened[account_no] = row.reference

    def finish_account(self, no: int, status: str, text: str) -> Iterator[str]:
        """What is wrong with an account itself; `text` as by `describe_account`."""
        if self._opened.pop(no, None) != text or self._statuses.get(no) != status:
            yield f"account {no} is not what the journal says"

    def finish(self, head: Head) -> Iterator[str]:
        """What is wrong with the end of the books."""
        for no in self._opened:
            yield f"account {no} was opened and is not there"
        if (self._no, self._posting_no, self._hash) != (
            head.transaction_no,
            head.posting_no,
            head.hash,
        ):
            yield (
                f"the books end with transaction {self._no} and posting {self._posting_no}, not"
                f" with {head.transaction_no} and {head.posting_no} as the head says"
            )


class BalanceAudit:
    """Adds postings up, apart from the code that wrote the balances."""

    def __init__(self) -> None:
        # posted, pending_debit, pending_credit, last_posting_no, posting_count
        self._accounts: dict[int, list[int]] = {}
        self._marks: set[tuple[int, int]] = set()
        self._holds: dict[int, int | None] = {}

    def follow(self, row: TransactionRow, postings: Sequence[PostingRow]) -> Iterator[str]:
        """What is wrong with the balances after the next transaction."""
        factor = 1 if row.action == "hold" else -1
        for posting in postings:
            account = self._accounts.setdefault(posting.account_no, [0, 0, 0, 0, 0])
            if posting.previous_no != account[3]:
                yield f"posting {posting.no} does not follow posting {account[3]}"
            account[0] += posting.amount
            account[1] += factor * max(posting.pending, 0)
            account[2] += factor * max(-posting.pending, 0)
            account[3] = posting.no
            account[4] += 1
            if account[4] % MARK_EVERY == 0:
                self._marks.add((posting.account_no, posting.no))
            if account[:3] != [posting.posted, posting.pending_debit, posting.pending_credit]:
                yield f"the balances after posting {posting.no} are not the sum of its account's"
        if row.action == "hold":
            self._holds[row.no] = row.expires_at
        elif row.action in HOLD_ENDS:
            self._holds.pop(row.target_no or 0, None)

    def finish_account(self, no: int, balances: Sequence[int]) -> Iterator[str]:
        """What is wrong with an account's own balances."""
        expected = self._accounts.pop(no, [0, 0, 0, 0, 0])
        if expected != list(balances):
            yield f"account {no} has other balances than its postings make"

    def finish(
        self, *, marks: AbstractSet[tuple[int, int]], holds: Mapping[int, int]
    ) -> Iterator[str]:
        """What is wrong with the index of marks and the list of pending holds."""
        for account_no, posting_no in sorted(marks ^ self._marks):
            yield f"the mark of account {account_no} at posting {posting_no} is missing or wrong"
        for no in sorted(holds.keys() | self._holds.keys()):
            if holds.get(no) != self._holds.get(no):
                yield f"hold {no} is pending in the journal or in the list, but not alike in both"
