"""Tables of reconciliation."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import Viewer, impersonal, personal
from teahouse.platform.db import metadata

_SEEN: tuple[Viewer, ...] = ("bank_officer", "auditor")
_LINE = "the bank's statement of the house's account"
_STAFF = "who of the staff decided about money that needed explaining"

wallet_bank_statement = sa.Table(
    "wallet_bank_statement",
    metadata,
    sa.Column("statement_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("bank_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("sequence", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column("opened_on", sa.Date, nullable=False, info=impersonal()),
    sa.Column("closed_on", sa.Date, nullable=False, info=impersonal()),
    sa.Column("opening_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("closing_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("line_count", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("matched_count", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("told", sa.Text, nullable=False, info=impersonal()),
    sa.Column("received_at", sa.BigInteger, nullable=False, info=impersonal()),
    # In the order in which they were reconciled, in a currency.
    sa.Column("place", sa.Integer, info=impersonal()),
    sa.Column("reconciled_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("status IN ('waiting', 'reconciled', 'refused')", name="status_known"),
    sa.UniqueConstraint("currency", "bank_id"),
    sa.UniqueConstraint("currency", "place"),
    sa.Index(None, "status", "currency"),
)

wallet_bank_statement_line = sa.Table(
    "wallet_bank_statement_line",
    metadata,
    sa.Column(
        "statement_id",
        sa.Text,
        sa.ForeignKey(wallet_bank_statement.c.statement_id),
        primary_key=True,
        info=impersonal(),
    ),
    sa.Column("line_index", sa.Integer, primary_key=True, info=impersonal()),
    sa.Column(
        "minor",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _LINE, keep="financial law", seen_by=_SEEN),
    ),
    sa.Column("booked_on", sa.Date, nullable=False, info=impersonal()),
    sa.Column("valued_on", sa.Date, nullable=False, info=impersonal()),
    sa.Column("bank_reference", sa.Text, nullable=False, info=impersonal()),
    sa.Column("end_to_end_id", sa.Text, nullable=False, info=impersonal()),
    # Of a member's own it names them only as long as it is theirs.
    sa.Column("creditor_reference", sa.Text, nullable=False, info=impersonal()),
    sa.Column("return_reason", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "name",
        sa.Text,
        nullable=False,
        info=personal("money", _LINE, keep="financial law", seen_by=_SEEN),
    ),
    sa.Column(
        "text",
        sa.Text,
        nullable=False,
        info=personal("money", _LINE, keep="financial law", seen_by=_SEEN),
    ),
    sa.Column("match", sa.Text, nullable=False, info=impersonal()),
    # What it is: an order, or money that came with a member's reference.
    sa.Column("order_id", sa.Text, index=True, info=impersonal()),
    sa.CheckConstraint("match IN ('waiting', 'matched', 'unmatched', 'differs')", name="known"),
    sa.CheckConstraint("minor <> 0", name="not_zero"),
)

wallet_reconciliation_item = sa.Table(
    "wallet_reconciliation_item",
    metadata,
    sa.Column("item_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("kind", sa.Text, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("told", sa.Text, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, info=impersonal()),
    sa.Column("minor", sa.BigInteger, info=impersonal()),
    # What of it stands in suspense, signed as for the house's account.
    sa.Column("suspense_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("order_id", sa.Text, index=True, info=impersonal()),
    sa.Column("statement_id", sa.Text, info=impersonal()),
    sa.Column("line_index", sa.Integer, info=impersonal()),
    sa.Column("noted_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("action", sa.Text, info=impersonal()),
    sa.Column(
        "wallet_party",
        sa.Text,
        info=personal("identifier", _LINE, keep="financial law", seen_by=_SEEN),
    ),
    sa.Column("note", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "proposed_by",
        sa.Text,
        info=personal("identifier", _STAFF, keep="financial law", seen_by=_SEEN),
    ),
    sa.Column("proposed_at", sa.BigInteger, info=impersonal()),
    sa.Column(
        "decided_by",
        sa.Text,
        info=personal("identifier", _STAFF, keep="financial law", seen_by=_SEEN),
    ),
    sa.Column("decided_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("status IN ('open', 'proposed', 'resolved')", name="status_known"),
    sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
    sa.CheckConstraint("(currency IS NULL) = (minor IS NULL)", name="amount_whole"),
    sa.Index(None, "status", "item_id"),
)
