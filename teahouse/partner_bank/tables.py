"""The bank's own books, in a database of its own that nobody else reads."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

bank_setting = sa.Table(
    "bank_setting",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

bank_account = sa.Table(
    "bank_account",
    metadata,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("is_iban", sa.Boolean, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("minor", sa.BigInteger, nullable=False),
    sa.Column("is_customer", sa.Boolean, nullable=False),
    sa.Column("opened_minor", sa.BigInteger, nullable=False),
    sa.Column("opened_day", sa.BigInteger, nullable=False),
)

# Every file that came in, by its id and by what it said.
bank_received = sa.Table(
    "bank_received",
    metadata,
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
)

bank_order = sa.Table(
    "bank_order",
    metadata,
    sa.Column("end_to_end_id", sa.Text, primary_key=True),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("customer", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    # More than zero comes in to the customer, less than zero goes out.
    sa.Column("minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("give_back", sa.Text, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.CheckConstraint(
        "status IN ('accepted', 'rejected', 'silent', 'booked', 'returned')", name="status_known"
    ),
    sa.Index(None, "status", "due_at"),
)

# The lines of customers' accounts.
bank_line = sa.Table(
    "bank_line",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("customer", sa.Text, nullable=False),
    sa.Column("day", sa.BigInteger, nullable=False),
    sa.Column("minor", sa.BigInteger, nullable=False),
    sa.Column("end_to_end_id", sa.Text, nullable=False),
    sa.Column("return_reason", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("is_told", sa.Boolean, nullable=False),
    sa.Index(None, "customer", "day"),
    sqlite_autoincrement=True,
)

# What payers named who had been given a reference. In a table of its own: older banks get it too.
bank_line_reference = sa.Table(
    "bank_line_reference",
    metadata,
    sa.Column("line_id", sa.Integer, sa.ForeignKey(bank_line.c.id), primary_key=True),
    sa.Column("creditor_reference", sa.Text, nullable=False),
)

bank_statement = sa.Table(
    "bank_statement",
    metadata,
    sa.Column("customer", sa.Text, primary_key=True),
    sa.Column("day", sa.BigInteger, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("closing_minor", sa.BigInteger, nullable=False),
)

# Files to be laid into the folder: written with the books, so that none is lost or made twice.
bank_outgoing = sa.Table(
    "bank_outgoing",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("is_written", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,
)
