"""What changes the books.

Orders are applied in memory, one after the other, to what was read of their accounts, and written
together. Every order is checked in one way: shape, sameness (its key), rules, change.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse.ledger.announcements import HoldsExpired
from teahouse.ledger.errors import (
    AccountClosed,
    AccountNotEmpty,
    BadTransaction,
    HeadingInUse,
    UnknownAccount,
)
from teahouse.ledger.queries import list_expired_holds, load_accounts, load_entered
from teahouse.ledger.rules import (
    FIRST_HASH,
    TEXT_LENGTH_MAX,
    Books,
    check_text,
    describe_account,
    is_key,
    target_of,
)
from teahouse.ledger.tables import (
    ledger_account,
    ledger_head,
    ledger_heading,
    ledger_mark,
    ledger_pending_hold,
    ledger_posting,
    ledger_transaction,
)
from teahouse.ledger.types import (
    ACCOUNT,
    HOLD_ENDS,
    NEVER,
    AccountId,
    AccountKind,
    Accounts,
    AccountStatus,
    Action,
    Head,
    HoldId,
    HoldPosting,
    HoldVoiding,
    OpenAccount,
    Order,
    Overdraft,
    PostingRow,
    Reversal,
    TransactionDraft,
    TransactionId,
    hold_of,
    make_id,
    read_id,
)
from teahouse.platform.db import Tx, upsert
from teahouse.platform.driver import (
    delete_rows,
    insert_rows,
    run_statement,
    select_among,
    update_rows,
)
from teahouse.platform.errors import Refusal
from teahouse.platform.money import MINOR_MAX, Currency, parse_currency

# A run of the job ends so many holds, some 50 ms; it comes again at once while there are more.
EXPIRED_AT_ONCE_MAX = 500

# Some 8 MB; with more accounts at a time they are read anew.
ACCOUNTS_REMEMBERED_MAX = 20_000

_HEAD = "main"
_MEMORY = "ledger.accounts"
_head = ledger_head.c
# In the driver's hands, as all that a transfer writes: 60 microseconds less for each batch.
_UPDATE_HEAD = (
    "UPDATE ledger_head SET transaction_no = ?, posting_no = ?, booked_at = ?, hash = ?"
    " WHERE name = 'main'"
)
_BALANCES = ("posted", "pending_debit", "pending_credit", "last_posting_no", "posting_count")
_ACCOUNT_NO = PostingRow._fields.index("account_no")
_account = ledger_account.c
_update_account_no = (
    sa.update(ledger_head).where(_head.name == _HEAD).values(account_no=sa.bindparam("account_no"))
)


# Accounts


def open_account(
    tx: Tx,
    *,
    owner: str,
    currency: Currency,
    kind: AccountKind,
    code: str = "",
    overdraft: Overdraft = NEVER,
) -> AccountId:
    """Open an account with nothing in it.

    Args:
        tx: the transaction it becomes part of.
        owner: an opaque id of whose it is, 1 to 255 characters.
        currency: of all its amounts.
        kind: decides the normal side.
        code: its heading in the chart of accounts.
        overdraft: how far its available balance may fall below zero.

    Raises:
        UnknownCurrency: no currency of ISO 4217.
        BadTransaction: owner or code are no such texts.
        HeadingInUse: the heading is one of another kind.
    """
    parse_currency(currency)
    check_text(owner, longest=TEXT_LENGTH_MAX, what="owner")
    check_text(code, longest=TEXT_LENGTH_MAX, what="code")
    if not owner:
        raise BadTransaction("An account has an owner.")
    assert overdraft.limit is None or 0 <= overdraft.limit <= MINOR_MAX
    _check_heading(tx, code, kind)
    books = _open_books(tx)
    no = books.head.account_no + 1
    about = (owner, currency, kind, code, overdraft.limit)
    books.note("open_account", no, describe_account(*about))
    balances = (0, 0, 0, 0, 0)
    insert_rows(tx.conn, ledger_account, [(no, *about, "open", books.booked_at, *balances)])
    _write(tx, books)
    tx.conn.execute(_update_account_no, {"account_no": no})
    return AccountId(make_id(ACCOUNT, books.booked_at, no))


def name_heading(tx: Tx, *, code: str, kind: AccountKind, name: str) -> None:
    """Give a heading of the chart of accounts its name, or another one.

    Args:
        tx: the transaction it becomes part of.
        code: 1 to 255 characters; headings are listed in the order of their codes.
        kind: of all its accounts.
        name: 1 to 255 characters.

    Raises:
        BadTransaction: code or name are no such texts.
        HeadingInUse: it has accounts of another kind.
    """
    check_text(code, longest=TEXT_LENGTH_MAX, what="code")
    check_text(name, longest=TEXT_LENGTH_MAX, what="name")
    if not code or not name:
        raise BadTransaction("A heading has a code and a name.")
    others = sa.exists().where(_account.code == code, _account.kind != kind)
    if tx.conn.execute(sa.select(others)).scalar_one():
        raise HeadingInUse
    tx.conn.execute(upsert(ledger_heading, "kind", "name").values(code=code, kind=kind, name=name))


def _check_heading(tx: Tx, code: str, kind: AccountKind) -> None:
    statement = sa.select(ledger_heading.c.kind).where(ledger_heading.c.code == code)
    found = tx.conn.execute(statement).scalar_one_or_none()
    if found is not None and found != kind:
        raise HeadingInUse


def freeze_account(tx: Tx, account_id: str) -> None:
    """Let nothing into an account or out of it. Holds on it can be voided and expire.

    Raises:
        UnknownAccount: there is no such account.
        AccountClosed: it is closed.
    """
    _set_status(tx, *_find_to_change(tx, account_id), "frozen")


def unfreeze_account(tx: Tx, account_id: str) -> None:
    """Let transactions into an account again.

    Raises:
        UnknownAccount: there is no such account.
        AccountClosed: it is closed.
    """
    _set_status(tx, *_find_to_change(tx, account_id), "open")


def close_account(tx: Tx, account_id: str) -> None:
    """Close an empty account, for good; closing it again changes nothing.

    Raises:
        UnknownAccount: there is no such account.
        AccountNotEmpty: it has a balance or a hold.
    """
    try:
        books, account = _find_to_change(tx, account_id)
    except AccountClosed:
        return
    if account.posted or account.pending_debit or account.pending_credit:
        raise AccountNotEmpty
    _set_status(tx, books, account, "closed")


def _find_to_change(tx: Tx, account_id: str) -> tuple[Books, OpenAccount]:
    parts = read_id(account_id, ACCOUNT)
    # Without what is remembered, which is as it was before the change.
    tx.memory.pop(_MEMORY, None)
    books = Books(_take_head(tx), tx.now)
    load_accounts(tx, books, [parts[1]] if parts else [])
    account = books.accounts.get(account_id)
    if account is None:
        raise UnknownAccount
    if account.status == "closed":
        raise AccountClosed
    return books, account


_NOTES: dict[AccountStatus, Action] = {
    "open": "unfreeze_account",
    "frozen": "freeze_account",
    "closed": "close_account",
}


def _set_status(tx: Tx, books: Books, account: OpenAccount, status: AccountStatus) -> None:
    if account.status == status:
        return
    account.set_status(status)
    books.note(_NOTES[status], account.no)
    tx.conn.execute(
        sa.update(ledger_account).where(_account.no == account.no).values(status=status)
    )
    _write(tx, books)


# Transactions


def post_transaction(tx: Tx, draft: TransactionDraft) -> TransactionId:
    """Enter a transaction in the books, once per idempotency key.

    Args:
        tx: the transaction it becomes part of.
        draft: what is entered; with `hold_until` it is a hold.

    Returns:
        Its id: the earlier one where the same draft is repeated.

    Raises:
        BadTransaction: not the shape of a transaction.
        IdempotencyConflict: the key was used before for something else.
        UnknownAccount: one of the accounts is not there.
        AccountClosed, AccountFrozen: one of the accounts takes no transactions.
        Unbalanced, CurrencyMismatch: the legs do not sum to zero in each currency.
        InsufficientFunds: an account would fall below its bound.
        AmountTooLarge, InvalidAmount: amounts out of bounds.
    """
    return apply_order(tx, draft)


def hold(tx: Tx, draft: TransactionDraft) -> HoldId:
    """Reserve what a draft moves, until it is posted or voided or expires.

    Args:
        tx: the transaction it becomes part of.
        draft: with `hold_until`, an instant that is not over.

    Raises:
        HoldExpired: its time is over already.
        Refusal: all that `post_transaction` refuses.
    """
    assert draft.hold_until is not None
    return hold_of(apply_order(tx, draft))


def post_hold(tx: Tx, *, key: str, hold: HoldId, amount: int | None = None) -> TransactionId:
    """Move what a hold reserves, in full or in part; the rest is given back.

    Args:
        tx: the transaction it becomes part of.
        key: the idempotency key.
        hold: which.
        amount: how much of the sum of its debits, minor units; None: all. Every leg moves its
            proportion of it (`share_out`).

    Raises:
        IdempotencyConflict: the key was used before for something else.
        UnknownHold: there is no such hold.
        HoldNotPending: it has ended.
        HoldExpired: its time is over.
        AccountClosed, AccountFrozen: one of its accounts takes no transactions.
        InvalidAmount, AmountTooLarge: not between one unit and what it reserves.
        CurrencyMismatch: a part of a hold in several currencies.
    """
    return apply_order(tx, HoldPosting(key=key, hold=hold, amount=amount))


def void_hold(tx: Tx, *, key: str, hold: HoldId) -> TransactionId:
    """Give back what a hold reserves.

    Raises:
        IdempotencyConflict: the key was used before for something else.
        UnknownHold: there is no such hold.
        HoldNotPending: it has ended.
    """
    return apply_order(tx, HoldVoiding(key=key, hold=hold))


def reverse_transaction(tx: Tx, *, key: str, transaction_id: TransactionId) -> TransactionId:
    """Undo a transaction by one with the opposite postings, once.

    Raises:
        IdempotencyConflict: the key was used before for something else.
        UnknownTransaction: there is no such transaction.
        NotReversible: it moved nothing.
        AlreadyReversed: it was reversed before.
        AccountClosed, AccountFrozen: one of its accounts takes no transactions.
        InsufficientFunds: what it brought is no longer there.
    """
    return apply_order(tx, Reversal(key=key, transaction=transaction_id))


def apply_order(tx: Tx, order: Order) -> TransactionId:
    """Apply one order; raises what it refuses."""
    outcome = post_transactions(tx, [(order,)])[0]
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome[0]


def expire_holds(tx: Tx) -> list[HoldId]:
    """End the holds whose time is over, at most `EXPIRED_AT_ONCE_MAX` of them.

    Announces `HoldsExpired`.

    Returns:
        The holds that it ended.
    """
    books = _open_books(tx)
    # By the time in the books, as `post_hold` judges it: a machine's clock may have gone back.
    numbers = list_expired_holds(tx, at=books.booked_at, limit=EXPIRED_AT_ONCE_MAX)
    load_entered(tx, books, numbers=numbers)
    load_accounts(tx, books, _accounts_of(books))
    ended = [hold_of(books.expire(no)) for no in numbers]
    _write(tx, books)
    if ended:
        tx.announce(HoldsExpired(tuple(ended)))
    return ended


def post_transactions(
    tx: Tx, items: Sequence[tuple[Order, ...]]
) -> list[tuple[TransactionId, ...] | Refusal]:
    """Apply orders that arrived side by side; for `Database.write_batched`.

    The orders of one item are linked: all of them are applied or none. Items that come later see
    what the earlier ones did.

    Args:
        tx: the transaction.
        items: each of 1 to `rules.LINKED_MAX` orders.

    Returns:
        For each item the ids of its transactions, or the refusal of the first of its orders that
        cannot be applied.
    """
    books = _open_books(tx)
    _load(tx, books, [order for item in items for order in item])
    outcomes = [books.apply_linked(item) for item in items]
    _write(tx, books)
    return outcomes


def _take_head(tx: Tx) -> Head:
    """Where the books end; nobody else changes them until the commit."""
    rows = select_among(tx.conn, ledger_head, "name", (_HEAD,), lock=True)
    if not rows:
        first = dict.fromkeys(Head._fields, 0) | {"name": _HEAD, "hash": FIRST_HASH}
        tx.conn.execute(upsert(ledger_head).values(first))
        rows = select_among(tx.conn, ledger_head, "name", (_HEAD,), lock=True)
    return Head._make(rows[0][1:])


class _Memory:
    """The accounts as they were at some end of the books.

    Whatever changes them extends the chain of hashes. So they are as they were as long as the
    chain ends with the same hash, whoever else wrote and whatever was rolled back since.
    """

    __slots__ = ("accounts", "hash")

    def __init__(self, hash_: bytes, accounts: Accounts) -> None:
        self.hash = hash_
        self.accounts = accounts


def _open_books(tx: Tx) -> Books:
    head = _take_head(tx)
    # Taken away while orders are applied: should that fail, what they changed is forgotten.
    memory = tx.memory.pop(_MEMORY, None)
    if isinstance(memory, _Memory) and memory.hash == head.hash:
        return Books(head, tx.now, memory.accounts)
    return Books(head, tx.now)


def _remember(tx: Tx, books: Books) -> None:
    if len(books.numbered) <= ACCOUNTS_REMEMBERED_MAX:
        tx.memory[_MEMORY] = _Memory(books.hash, books.known)


def _load(tx: Tx, books: Books, orders: Sequence[Order]) -> None:
    """Read all that the orders need."""
    targets: set[int] = set()
    accounts: set[int] = set()
    for order in orders:
        if isinstance(order, TransactionDraft):
            for posting in order.postings:
                if posting.account not in books.accounts and (
                    parts := read_id(posting.account, ACCOUNT)
                ):
                    accounts.add(parts[1])
        elif target := target_of(order):
            targets.add(target[1])
    keys = {order.key for order in orders if is_key(order.key)}
    load_entered(tx, books, keys=keys, numbers=targets)
    load_accounts(tx, books, accounts | _accounts_of(books))


def _accounts_of(books: Books) -> set[int]:
    """The accounts of transactions that may be ended or reversed."""
    return {no for entered in books.targets.values() for no, _, _ in entered.legs}


def _write(tx: Tx, books: Books) -> None:
    """Write what the orders added."""
    if not books.transactions:
        _remember(tx, books)
        return
    insert_rows(tx.conn, ledger_transaction, books.transactions)
    insert_rows(tx.conn, ledger_posting, books.postings)
    insert_rows(tx.conn, ledger_mark, books.marks)
    _write_holds(tx, books)
    numbered = books.numbered
    changed = sorted({row[_ACCOUNT_NO] for row in books.postings})
    rows = [(*numbered[no].balances(), no) for no in changed]
    update_rows(tx.conn, ledger_account, _BALANCES, rows)
    end = (books.transaction_no, books.posting_no, books.booked_at, books.hash)
    run_statement(tx.conn, _UPDATE_HEAD, end)
    _remember(tx, books)


def _write_holds(tx: Tx, books: Books) -> None:
    others = [row for row in books.transactions if row.action != "post"]
    began = [(row.no, row.expires_at) for row in others if row.action == "hold"]
    insert_rows(tx.conn, ledger_pending_hold, began)
    ended = [row.target_no for row in others if row.action in HOLD_ENDS and row.target_no]
    delete_rows(tx.conn, ledger_pending_hold, ended)
