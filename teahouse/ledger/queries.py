"""Reading the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from teahouse.ledger.errors import UnknownAccount
from teahouse.ledger.rules import (
    FIRST_HASH,
    MARK_EVERY,
    BalanceAudit,
    Books,
    ChainAudit,
    day_of,
    describe_account,
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
    DEBIT_KINDS,
    HOLD,
    TRANSACTION,
    Account,
    AccountId,
    Action,
    Balance,
    Entered,
    Head,
    Heading,
    HoldStatus,
    OpenAccount,
    Overdraft,
    Posting,
    PostingLine,
    PostingRow,
    Statement,
    Transaction,
    TransactionId,
    TransactionRow,
    TrialBalance,
    TrialLine,
    make_id,
    read_id,
)
from teahouse.platform.checks import PROBLEMS_MAX, ROWS_A_STEP, Check, count_table_steps
from teahouse.platform.db import Read
from teahouse.platform.driver import select_among
from teahouse.platform.money import Currency, Money

LINES_MAX = 500
HEADINGS_MAX = 10_000
_ACCOUNTS_MAX = 1000

_account, _transaction, _posting = ledger_account.c, ledger_transaction.c, ledger_posting.c


# Accounts


def find_account(read: Read, account_id: str) -> Account | None:
    """An account, or None where there is none of this id."""
    row = _find_account_row(read, account_id)
    return None if row is None else _read_account(row)


def list_accounts(read: Read, *, owner: str, code: str | None = None) -> list[Account]:
    """The accounts of an owner, oldest first; with `code` those of one heading of the chart."""
    statement = sa.select(ledger_account).where(_account.owner == owner)
    if code is not None:
        statement = statement.where(_account.code == code)
    rows = read.conn.execute(statement.order_by(_account.no).limit(_ACCOUNTS_MAX))
    return [_read_account(row) for row in rows]


def find_balance(read: Read, account_id: str, at: int | None = None) -> Balance:
    """What an account holds, now or as of the end of an instant.

    Args:
        read: a view.
        account_id: the account.
        at: ms; None: now.

    Raises:
        UnknownAccount: there is no such account.
    """
    row = _find_account_row(read, account_id)
    if row is None:
        raise UnknownAccount
    if at is None or at >= _find_last_instant(read):
        return _make_balance(row, row.posted, row.pending_debit, row.pending_credit)
    last_no = find_last_posting_no(read, at)
    past = _find_posting_at(read, row, last_no)
    if past is None:
        return _make_balance(row, 0, 0, 0)
    return _make_balance(row, past.posted, past.pending_debit, past.pending_credit)


def find_balances(read: Read, account_ids: Sequence[str]) -> dict[AccountId, Balance]:
    """What accounts hold now; without those that are not there."""
    found: dict[AccountId, Balance] = {}
    numbers = {one[1] for text in account_ids if (one := read_id(text, ACCOUNT))}
    rows = read.conn.execute(sa.select(ledger_account).where(_account.no.in_(numbers)))
    for row in rows:
        account_id = AccountId(make_id(ACCOUNT, row.opened_at, row.no))
        found[account_id] = _make_balance(row, row.posted, row.pending_debit, row.pending_credit)
    return {AccountId(text): found[AccountId(text)] for text in account_ids if text in found}


def _find_account_row(read: Read, account_id: str) -> sa.Row[Any] | None:
    parts = read_id(account_id, ACCOUNT)
    if parts is None:
        return None
    statement = sa.select(ledger_account).where(
        _account.no == parts[1], _account.opened_at == parts[0]
    )
    return read.conn.execute(statement).one_or_none()


def _read_account(row: sa.Row[Any]) -> Account:
    return Account(
        id=AccountId(make_id(ACCOUNT, row.opened_at, row.no)),
        owner=row.owner,
        currency=Currency(row.currency),
        kind=row.kind,
        code=row.code,
        overdraft=Overdraft(row.overdraft),
        status=row.status,
        opened_at=row.opened_at,
    )


def _make_balance(row: sa.Row[Any], posted: int, debit: int, credit: int) -> Balance:
    currency = Currency(row.currency)
    if row.kind in DEBIT_KINDS:
        coming, going, normal = debit, credit, posted
    else:
        coming, going, normal = credit, debit, -posted
    return Balance(
        posted=Money(normal, currency),
        pending_in=Money(coming, currency),
        pending_out=Money(going, currency),
        available=Money(normal - going, currency),
    )


# The chart of accounts


def list_headings(read: Read) -> list[Heading]:
    """The headings that have a name, by code."""
    heading = ledger_heading.c
    rows = read.conn.execute(
        sa.select(heading.code, heading.kind, heading.name)
        .order_by(heading.code)
        .limit(HEADINGS_MAX)
    )
    return [Heading(code=code, kind=kind, name=name) for code, kind, name in rows]


# The past


def _find_last_instant(read: Read) -> int:
    last = read.conn.execute(sa.select(ledger_head.c.booked_at)).scalar_one_or_none()
    return 0 if last is None else int(last)


def find_last_transaction_no(read: Read, at: int) -> int:
    """The last transaction booked at an instant or before it, or 0.

    `booked_at` never falls from one number to the next, so it is found by halving: 24 look-ups
    among ten million, in one statement, without an index to keep.
    """
    head = ledger_head.c
    last = sa.select(sa.func.coalesce(sa.func.max(head.transaction_no), 0)).scalar_subquery()
    halves = sa.select(sa.literal(0, sa.BigInteger).label("low"), last.label("high")).cte(
        "halves", recursive=True
    )
    middle = (halves.c.low + halves.c.high + 1) // 2
    booked_at = sa.select(_transaction.booked_at).where(_transaction.no == middle).scalar_subquery()
    is_before = booked_at <= at
    halves = halves.union_all(
        sa.select(
            sa.case((is_before, middle), else_=halves.c.low),
            sa.case((is_before, halves.c.high), else_=middle - 1),
        ).where(halves.c.low < halves.c.high)
    )
    statement = sa.select(halves.c.low).where(halves.c.low == halves.c.high)
    return int(read.conn.execute(statement).scalar_one())


def find_last_posting_no(read: Read, at: int) -> int:
    """The last posting booked at an instant or before it, or 0."""
    no = find_last_transaction_no(read, at)
    if no == 0:
        return 0
    statement = sa.select(_transaction.first_posting_no + _transaction.posting_count - 1).where(
        _transaction.no == no
    )
    return int(read.conn.execute(statement).scalar_one())


def _find_posting_at(read: Read, account: sa.Row[Any], last_no: int) -> sa.Row[Any] | None:
    """The account's last posting that is not after `last_no`."""
    start = _find_mark_after(read, account.no, last_no) or account.last_posting_no
    walk = _walk_back(start)
    statement = sa.select(walk).where(walk.c.no <= last_no).order_by(walk.c.no.desc()).limit(1)
    # The walk ends at the first posting that is early enough.
    return read.conn.execute(statement, {"until_no": last_no}).one_or_none()


def _find_mark_after(read: Read, account_no: int, posting_no: int, skip: int = 0) -> int | None:
    mark = ledger_mark.c
    statement = (
        sa.select(mark.posting_no)
        .where(mark.account_no == account_no, mark.posting_no > posting_no)
        .order_by(mark.posting_no)
        .offset(skip)
        .limit(1)
    )
    found = read.conn.execute(statement).scalar_one_or_none()
    return None if found is None else int(found)


def _walk_back(start: int) -> sa.CTE:
    """Postings of one account from `start` back to the first not after the parameter `until_no`."""
    columns = [
        _posting.no,
        _posting.transaction_no,
        _posting.amount,
        _posting.posted,
        _posting.pending_debit,
        _posting.pending_credit,
        _posting.previous_no,
    ]
    walk = sa.select(*columns).where(_posting.no == start).cte("walk", recursive=True)
    return walk.union_all(
        sa.select(*columns).where(
            _posting.no == walk.c.previous_no,
            walk.c.no > sa.bindparam("until_no", type_=sa.BigInteger),
        )
    )


# Postings and statements


def list_postings(
    read: Read,
    account_id: str,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[PostingLine]:
    """The postings of an account: the newest first, or with `after` the next ones, oldest first.

    Args:
        read: a view.
        account_id: the account.
        before: a line's cursor: only what is older.
        after: a line's cursor, or 0: only what is newer, oldest first.
        limit: at most so many lines.

    Raises:
        UnknownAccount: there is no such account.
    """
    assert 1 <= limit <= LINES_MAX
    assert before is None or after is None
    account = _find_account_row(read, account_id)
    if account is None:
        raise UnknownAccount
    if after is not None:
        return _list_after(read, account, after, limit)
    start = account.last_posting_no
    if before is not None:
        start = _find_previous(read, account.no, before)
    walk = _walk_back(start)
    rows = _select_lines(read, walk, walk.c.no.desc(), until_no=0, limit=limit)
    return [_read_line(account, row) for row in rows]


def _find_previous(read: Read, account_no: int, posting_no: int) -> int:
    statement = sa.select(_posting.previous_no).where(
        _posting.no == posting_no, _posting.account_no == account_no
    )
    return int(read.conn.execute(statement).scalar_one_or_none() or 0)


def _list_after(read: Read, account: sa.Row[Any], after: int, limit: int) -> list[PostingLine]:
    """Lines oldest first: from a mark far enough ahead back to the cursor, turned round.

    Lines of holds move nothing and are left out, so one stretch may hold too few: then the next
    follows.
    """
    lines: list[PostingLine] = []
    marks = limit // MARK_EVERY + 1
    while len(lines) < limit:
        end = _find_mark_after(read, account.no, after, skip=marks) or account.last_posting_no
        if end <= after:
            break
        walk = _walk_back(end)
        rows = _select_lines(read, walk, walk.c.no.asc(), until_no=after, limit=limit - len(lines))
        lines += [_read_line(account, row) for row in rows]
        after = end
    return lines


def _select_lines(
    read: Read, walk: sa.CTE, order: sa.ColumnElement[Any], *, until_no: int, limit: int
) -> list[sa.Row[Any]]:
    statement = (
        sa.select(
            walk.c.no,
            walk.c.transaction_no,
            walk.c.amount,
            walk.c.posted,
            _transaction.action,
            _transaction.kind,
            _transaction.reference,
            _transaction.valued_on,
            _transaction.booked_at,
        )
        .join(ledger_transaction, _transaction.no == walk.c.transaction_no)
        .where(walk.c.amount != 0, walk.c.no > until_no)
        .order_by(order)
        .limit(limit)
    )
    return list(read.conn.execute(statement, {"until_no": until_no}))


def _read_line(account: sa.Row[Any], row: sa.Row[Any]) -> PostingLine:
    sign = 1 if account.kind in DEBIT_KINDS else -1
    currency = Currency(account.currency)
    return PostingLine(
        cursor=row.no,
        transaction=TransactionId(make_id(TRANSACTION, row.booked_at, row.transaction_no)),
        action=row.action,
        kind=row.kind,
        reference=row.reference,
        amount=Money(sign * row.amount, currency),
        posted=Money(sign * row.posted, currency),
        valued_on=_read_day(row),
        booked_at=row.booked_at,
    )


def _read_day(row: sa.Row[Any]) -> dt.date:
    day: dt.date | None = row.valued_on
    return day_of(row.booked_at) if day is None else day


def make_statement(
    read: Read, account_id: str, *, since: int, until: int, limit: int = LINES_MAX
) -> Statement:
    """What happened in an account over some time, with the balances before and after.

    Args:
        read: a view.
        account_id: the account.
        since: the first instant, ms.
        until: the first instant after, ms.
        limit: at most so many lines; `next_cursor` says where the next begin.

    Raises:
        UnknownAccount: there is no such account.
    """
    opening = find_balance(read, account_id, since - 1).posted
    closing = find_balance(read, account_id, until - 1).posted
    first_no = find_last_posting_no(read, since - 1)
    lines = [
        line
        for line in list_postings(read, account_id, after=first_no, limit=limit)
        if line.booked_at < until
    ]
    return Statement(
        account=AccountId(account_id),
        since=since,
        until=until,
        opening=opening,
        closing=closing,
        lines=tuple(lines),
        next_cursor=lines[-1].cursor if len(lines) == limit else None,
    )


# Transactions


def find_transaction(read: Read, transaction_id: str) -> Transaction | None:
    """A transaction, or None where there is none of this id."""
    return _find_transaction(read, transaction_id, TRANSACTION)


def find_hold(read: Read, hold_id: str) -> Transaction | None:
    """The transaction that is a hold, or None where there is none of this id."""
    found = _find_transaction(read, hold_id, HOLD)
    return found if found is not None and found.action == "hold" else None


def _find_transaction(read: Read, text: str, prefix: str) -> Transaction | None:
    parts = read_id(text, prefix)
    if parts is None:
        return None
    statement = sa.select(ledger_transaction).where(
        _transaction.no == parts[1], _transaction.booked_at == parts[0]
    )
    row = read.conn.execute(statement).one_or_none()
    return None if row is None else _read_transaction(read, row)


def _read_transaction(read: Read, row: sa.Row[Any]) -> Transaction:
    ended = read.conn.execute(
        sa.select(_transaction.no, _transaction.booked_at, _transaction.action).where(
            _transaction.target_no == row.no
        )
    ).one_or_none()
    return Transaction(
        id=TransactionId(make_id(TRANSACTION, row.booked_at, row.no)),
        key=row.key,
        action=row.action,
        kind=row.kind,
        reference=row.reference,
        valued_on=_read_day(row),
        booked_at=row.booked_at,
        expires_at=row.expires_at,
        target=_find_transaction_id(read, row.target_no),
        ended_by=ended and TransactionId(make_id(TRANSACTION, ended.booked_at, ended.no)),
        hold_status=_hold_status(row.action, None if ended is None else ended.action),
        postings=_list_legs(read, row),
        hash=row.hash.hex(),
    )


def _hold_status(action: Action, ended: Action | None) -> HoldStatus | None:
    if action != "hold":
        return None
    statuses: dict[Action | None, HoldStatus] = {
        None: "pending",
        "post_hold": "posted",
        "void_hold": "voided",
        "expire_hold": "expired",
    }
    return statuses[ended]


def _find_transaction_id(read: Read, no: int | None) -> TransactionId | None:
    if no is None:
        return None
    statement = sa.select(_transaction.booked_at).where(_transaction.no == no)
    return TransactionId(make_id(TRANSACTION, read.conn.execute(statement).scalar_one(), no))


def _list_legs(read: Read, row: sa.Row[Any]) -> tuple[Posting, ...]:
    statement = (
        sa.select(_account.opened_at, _account.no, _posting.amount, _posting.pending)
        .join(ledger_account, _account.no == _posting.account_no)
        .where(
            _posting.no >= row.first_posting_no,
            _posting.no < row.first_posting_no + row.posting_count,
        )
        .order_by(_posting.no)
    )
    legs = [
        (AccountId(make_id(ACCOUNT, opened_at, no)), pending if row.action == "hold" else amount)
        for opened_at, no, amount, pending in read.conn.execute(statement)
    ]
    return tuple(Posting(account, amount) for account, amount in legs if amount)


def list_expired_holds(read: Read, *, at: int, limit: int) -> list[int]:
    """The numbers of holds whose time is over at `at` and that have not ended, oldest first."""
    pending = ledger_pending_hold.c
    statement = (
        sa.select(pending.transaction_no)
        .where(pending.expires_at <= at)
        .order_by(pending.expires_at, pending.transaction_no)
        .limit(limit)
    )
    return list(read.conn.execute(statement).scalars())


# The whole books


def trial_balance(read: Read, at: int | None = None) -> TrialBalance:
    """The sums of all accounts by heading of the chart, now or as of the end of an instant.

    Args:
        read: a view.
        at: ms; None: now. What was booked since is subtracted, so the cost is that of reading it.
    """
    posted: sa.ColumnElement[int] = _account.posted
    source: sa.FromClause = ledger_account
    if at is not None:
        since = (
            sa.select(_posting.account_no, sa.func.sum(_posting.amount).label("amount"))
            .where(_posting.no > find_last_posting_no(read, at))
            .group_by(_posting.account_no)
            .subquery()
        )
        posted = _account.posted - sa.func.coalesce(since.c.amount, 0)
        source = ledger_account.outerjoin(since, since.c.account_no == _account.no)
    debit = sa.func.sum(sa.case((posted > 0, posted), else_=0))
    credit = sa.func.sum(sa.case((posted < 0, -posted), else_=0))
    statement = (
        sa.select(_account.code, _account.kind, _account.currency, debit, credit, sa.func.count())
        .select_from(source)
        .group_by(_account.code, _account.kind, _account.currency)
        .order_by(_account.code, _account.kind, _account.currency)
    )
    names = {heading.code: heading.name for heading in list_headings(read)}
    lines = tuple(
        TrialLine(
            code=code,
            name=names.get(code, ""),
            kind=kind,
            currency=Currency(currency),
            debit=int(debits),
            credit=int(credits_),
            accounts=count,
        )
        for code, kind, currency, debits, credits_, count in read.conn.execute(statement)
    )
    return TrialBalance(at=read.now if at is None else at, lines=lines)


# What `teahouse check` verifies


def make_checks() -> list[Check]:
    """The checks of the books."""
    tables = (ledger_transaction,)
    return [
        Check(
            "ledger: Each transaction extends the chain of hashes and sums to zero",
            _find_broken_links,
            lambda read: count_table_steps(read, *tables),
        ),
        Check(
            "ledger: Balances and pending sums are what the postings make of them",
            _find_wrong_balances,
            lambda read: count_table_steps(read, *tables),
        ),
        Check("ledger: The trial balance sums to zero", _find_differences),
        Check("ledger: Accounts are of the kind of their heading", _find_misplaced),
    ]


def _find_broken_links(read: Read) -> Iterator[str | None]:
    currencies = {
        row.no: row.currency for row in read.conn.execute(sa.select(_account.no, _account.currency))
    }
    audit = ChainAudit(currencies)
    for found in _read_journal(read):
        if found is None:
            yield None
        else:
            yield from audit.follow(*found)
    for row in read.conn.execute(sa.select(ledger_account).order_by(_account.no)):
        text = describe_account(row.owner, row.currency, row.kind, row.code, row.overdraft)
        yield from audit.finish_account(row.no, row.status, text)
    head = _find_head(read)
    yield from audit.finish(head)
    counts = sa.select(sa.func.count(), sa.func.max(_posting.no)).select_from(ledger_posting)
    count, last = read.conn.execute(counts).one()
    if (count, last or 0) != (head.posting_no, head.posting_no):
        yield f"there are {count} postings up to {last}, not {head.posting_no} as the head says"
    yield from _find_wrong_head(read, head)


def _find_wrong_head(read: Read, head: Head) -> Iterator[str]:
    """What of the head no hash holds: its name, the last account, the last instant."""
    names = read.conn.execute(sa.select(ledger_head.c.name)).scalars().all()
    if names not in ([], ["main"]):
        yield f"the head has the name {names[0]!r}"
    last_account = read.conn.execute(sa.select(sa.func.max(_account.no))).scalar_one() or 0
    if last_account != head.account_no:
        yield f"the last account is {last_account}, not {head.account_no} as the head says"
    last = sa.select(_transaction.booked_at).order_by(_transaction.no.desc()).limit(1)
    booked_at = read.conn.execute(last).scalar_one_or_none() or 0
    if booked_at != head.booked_at:
        yield f"the last transaction is of {booked_at}, not {head.booked_at} as the head says"


def _find_wrong_balances(read: Read) -> Iterator[str | None]:
    audit = BalanceAudit()
    for found in _read_journal(read):
        if found is None:
            yield None
        else:
            yield from audit.follow(*found)
    for row in read.conn.execute(sa.select(ledger_account).order_by(_account.no)):
        balances = (
            row.posted,
            row.pending_debit,
            row.pending_credit,
            row.last_posting_no,
            row.posting_count,
        )
        yield from audit.finish_account(row.no, balances)
    mark, pending = ledger_mark.c, ledger_pending_hold.c
    marks = read.conn.execute(
        sa.select(mark.account_no, mark.posting_no).order_by(mark.account_no, mark.posting_no)
    )
    holds = read.conn.execute(
        sa.select(pending.transaction_no, pending.expires_at).order_by(pending.transaction_no)
    )
    yield from audit.finish(
        marks={(row.account_no, row.posting_no) for row in marks},
        holds={row.transaction_no: row.expires_at for row in holds},
    )


def _find_head(read: Read) -> Head:
    row = read.conn.execute(sa.select(ledger_head)).one_or_none()
    if row is None:
        return Head(0, 0, 0, 0, FIRST_HASH)
    return Head._make(row[1:])


def _read_journal(read: Read) -> Iterator[tuple[TransactionRow, list[PostingRow]] | None]:
    """Every transaction with its postings, in order; None after each stretch of them.

    Its postings are those with the numbers that it names, as far as they are there.
    """
    last = read.conn.execute(sa.select(sa.func.max(_transaction.no))).scalar_one() or 0
    for start in range(0, last, ROWS_A_STEP):
        among = _transaction.no.between(start + 1, start + ROWS_A_STEP)
        rows = [
            TransactionRow._make(row)
            for row in read.conn.execute(
                sa.select(ledger_transaction).where(among).order_by(_transaction.no)
            )
        ]
        if rows:
            legs = _read_postings(read, rows[0].first_posting_no, rows[-1])
            for row in rows:
                yield (
                    row,
                    [
                        leg
                        for no in range(
                            row.first_posting_no, row.first_posting_no + row.posting_count
                        )
                        if (leg := legs.get(no))
                    ],
                )
        yield None


def _read_postings(read: Read, first: int, last: TransactionRow) -> dict[int, PostingRow]:
    statement = sa.select(ledger_posting).where(
        _posting.no >= first, _posting.no < last.first_posting_no + last.posting_count
    )
    return {row.no: PostingRow._make(row) for row in read.conn.execute(statement)}


def _find_differences(read: Read) -> Iterator[str]:
    for currency, difference in trial_balance(read).differences().items():
        yield f"debits exceed credits by {difference} minor units of {currency}"


def _find_misplaced(read: Read) -> Iterator[str]:
    heading = ledger_heading.c
    statement = (
        sa.select(_account.no, _account.kind, heading.code, heading.kind.label("expected"))
        .join(ledger_heading, heading.code == _account.code)
        .where(heading.kind != _account.kind)
        .order_by(_account.no)
        .limit(PROBLEMS_MAX)
    )
    for row in read.conn.execute(statement):
        yield f"account {row.no} under {row.code} is {row.kind} instead of {row.expected}"


# For commands


def load_accounts(read: Read, books: Books, numbers: Collection[int]) -> None:
    """Read accounts to work with, by number; those that are known already are left out."""
    numbers = [no for no in numbers if no not in books.numbered]
    for row in select_among(read.conn, ledger_account, "no", numbers):
        no, _, currency, kind, _, overdraft, status, opened_at, *balances = row
        account = OpenAccount(no, currency, kind, overdraft, status, balances)
        books.numbered[no] = books.accounts[make_id(ACCOUNT, opened_at, no)] = account


def load_entered(
    read: Read, books: Books, *, keys: Collection[str] = (), numbers: Collection[int] = ()
) -> None:
    """Read transactions that may be repeated, by key, or ended or reversed, by number."""
    rows = _select_transactions(read, "key", keys)
    targets = {*numbers, *(row.target_no for row in rows if row.target_no is not None)}
    rows += _select_transactions(read, "no", targets)
    if not rows:
        return
    ended = {row.target_no for row in _select_transactions(read, "target_no", targets)}
    legs = _load_legs(read, rows)
    for row in rows:
        entered = Entered(row, legs[row.no], is_ended=row.no in ended)
        books.by_key[row.key] = books.targets[row.no] = entered


def _select_transactions(
    read: Read, column: str, values: Collection[int] | Collection[str]
) -> list[TransactionRow]:
    found = select_among(read.conn, ledger_transaction, column, values)
    return [TransactionRow._make(row) for row in found]


def _load_legs(read: Read, rows: Sequence[TransactionRow]) -> dict[int, list[tuple[int, int, int]]]:
    numbers = {
        no
        for row in rows
        for no in range(row.first_posting_no, row.first_posting_no + row.posting_count)
    }
    legs: dict[int, list[tuple[int, int, int]]] = {row.no: [] for row in rows}
    for found in sorted(select_among(read.conn, ledger_posting, "no", numbers)):
        leg = PostingRow._make(found)
        legs[leg.transaction_no].append((leg.account_no, leg.amount, leg.pending))
    return legs
