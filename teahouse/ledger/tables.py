"""The tables of the books. Nothing is ever deleted or changed but balances and the end of holds.

Every table but the accounts only grows at its end, and numbers are its keys: so a transaction
costs the same after ten million others, whatever accounts it touches. The ids that callers know
are made of the same numbers (`rules.py`).

How a past balance is found without an index over all postings: each posting carries the balances
after it and the number of the posting before it of the same account; every 64th posting of an
account is a mark in a small index. From the next mark it is at most 64 steps back.
"""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import SortedText, metadata

# The name INTEGER makes SQLite use a number as the row's own place; any other type costs a second
# tree, and a third of the time of a transfer.
RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_LAW = "to keep the books that the law asks for"

# One row: where the books end. Whoever changes them holds it until the commit, so transactions
# follow one another on both databases.
ledger_head = sa.Table(
    "ledger_head",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("transaction_no", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("posting_no", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("account_no", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("booked_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("hash", sa.LargeBinary, nullable=False, info=impersonal()),
)

ledger_account = sa.Table(
    "ledger_account",
    metadata,
    sa.Column("no", RowNumber, primary_key=True, autoincrement=False, info=impersonal()),
    # A party, never a member: who that is can be cut off, and the books stay whole.
    sa.Column(
        "owner",
        SortedText,
        nullable=False,
        info=personal("identifier", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column("kind", sa.Text, nullable=False, info=impersonal()),
    sa.Column("code", SortedText, nullable=False, info=impersonal()),
    # Minor units below zero; NULL: without a bound.
    sa.Column("overdraft", sa.BigInteger, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("opened_at", sa.BigInteger, nullable=False, info=impersonal()),
    # The balances after the last posting, debits positive.
    sa.Column(
        "posted",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column(
        "pending_debit",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column(
        "pending_credit",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column("last_posting_no", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("posting_count", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint(
        "kind IN ('asset', 'liability', 'equity', 'income', 'expense')", name="kind_known"
    ),
    sa.CheckConstraint("status IN ('open', 'frozen', 'closed')", name="status_known"),
    sa.CheckConstraint("overdraft >= 0", name="overdraft_not_negative"),
    sa.CheckConstraint("pending_debit >= 0 AND pending_credit >= 0", name="pending_not_negative"),
    sa.CheckConstraint(
        "status <> 'closed' OR (posted = 0 AND pending_debit = 0 AND pending_credit = 0)",
        name="closed_is_empty",
    ),
    sa.Index(None, "owner", "currency", "code"),
)

# The chart of accounts: what the codes of accounts mean.
ledger_heading = sa.Table(
    "ledger_heading",
    metadata,
    sa.Column("code", SortedText, primary_key=True, info=impersonal()),
    sa.Column("kind", sa.Text, nullable=False, info=impersonal()),
    sa.Column("name", sa.Text, nullable=False, info=impersonal()),
    sa.CheckConstraint(
        "kind IN ('asset', 'liability', 'equity', 'income', 'expense')", name="kind_known"
    ),
)

# The journal: every row is a link of the hash chain.
ledger_transaction = sa.Table(
    "ledger_transaction",
    metadata,
    sa.Column("no", RowNumber, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("action", sa.Text, nullable=False, info=impersonal()),
    sa.Column("key", SortedText, nullable=False, unique=True, info=impersonal()),
    sa.Column(
        "kind",
        sa.Text,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column(
        "reference",
        sa.Text,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    # NULL: the day on which it was booked, UTC.
    sa.Column("valued_on", sa.Date, info=impersonal()),
    sa.Column(
        "booked_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column("expires_at", sa.BigInteger, info=impersonal()),
    # What it ends (a hold) or reverses.
    sa.Column("target_no", sa.BigInteger, info=impersonal()),
    # Its postings are numbered from here on.
    sa.Column("first_posting_no", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("posting_count", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("hash", sa.LargeBinary, nullable=False, info=impersonal()),
    # In this form, the usual case first, because SQLite makes a tree of an IN list for each row:
    # three such checks were a quarter of the time of a transfer.
    sa.CheckConstraint(
        "(action = 'post' AND expires_at IS NULL AND target_no IS NULL)"
        " OR (action = 'hold' AND expires_at IS NOT NULL AND target_no IS NULL)"
        " OR ((action = 'reverse' OR action = 'post_hold' OR action = 'void_hold'"
        " OR action = 'expire_hold') AND expires_at IS NULL AND target_no IS NOT NULL)"
        " OR ((action = 'open_account' OR action = 'freeze_account' OR action = 'unfreeze_account'"
        " OR action = 'close_account') AND expires_at IS NULL AND target_no IS NULL)",
        name="action_known",
    ),
    # A hold ends once, and a transaction is reversed once.
    sa.Index(
        "uq_ledger_transaction_target_no",
        "target_no",
        unique=True,
        sqlite_where=sa.column("target_no").is_not(None),
        postgresql_where=sa.column("target_no").is_not(None),
    ),
)

# Without foreign keys: on PostgreSQL each costs a look-up for each row, and `teahouse check`
# recomputes all of this table from the journal anyway.
ledger_posting = sa.Table(
    "ledger_posting",
    metadata,
    sa.Column("no", RowNumber, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("transaction_no", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "account_no",
        sa.BigInteger,
        nullable=False,
        info=personal("identifier", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column(
        "amount",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    # The leg that a hold reserves, or that its end gives back.
    sa.Column(
        "pending",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    # The account's balances after it.
    sa.Column(
        "posted",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column(
        "pending_debit",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column(
        "pending_credit",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LAW, keep="financial law", seen_by=("self", "auditor")),
    ),
    # The posting before it of the same account, or 0.
    sa.Column("previous_no", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("amount <> 0 OR pending <> 0", name="moves_something"),
)

# Every 64th posting of an account.
ledger_mark = sa.Table(
    "ledger_mark",
    metadata,
    sa.Column("account_no", sa.BigInteger, primary_key=True, info=impersonal()),
    sa.Column("posting_no", sa.BigInteger, primary_key=True, info=impersonal()),
)

# The holds that have not ended, by when they will.
ledger_pending_hold = sa.Table(
    "ledger_pending_hold",
    metadata,
    sa.Column(
        "transaction_no",
        RowNumber,
        sa.ForeignKey("ledger_transaction.no"),
        primary_key=True,
        autoincrement=False,
        info=impersonal(),
    ),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
)
