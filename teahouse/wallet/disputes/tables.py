"""The tables of disputes."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import Viewer, impersonal, personal
from teahouse.platform.db import metadata

_PURPOSE = "to decide what you get back of a purchase"
_SIDES: tuple[Viewer, ...] = ("self", "counterparty", "bank_officer", "auditor")

wallet_dispute = sa.Table(
    "wallet_dispute",
    metadata,
    sa.Column("dispute_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("payment_id", sa.Text, nullable=False, index=True, info=impersonal()),
    sa.Column(
        "payer",
        sa.Text,
        nullable=False,
        info=personal("identifier", _PURPOSE, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("shop_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "cause",
        sa.Text,
        nullable=False,
        info=personal("activity", _PURPOSE, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    *(
        sa.Column(
            name,
            sa.BigInteger,
            nullable=is_nullable,
            info=personal("money", _PURPOSE, keep="financial law", seen_by=_SIDES),
        )
        for name, is_nullable in (("claim", False), ("refund", True), ("proposed", True))
    ),
    sa.Column(
        "status",
        sa.Text,
        nullable=False,
        info=personal("activity", _PURPOSE, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("deadline", sa.BigInteger, info=impersonal()),
    # Ids of officers with spaces between.
    sa.Column(
        "decided_by",
        sa.Text,
        nullable=False,
        info=personal(
            "activity",
            "who of the staff decided a dispute",
            keep="financial law",
            seen_by=("bank_officer", "auditor"),
        ),
    ),
    sa.Column("appealed_by", sa.Text, info=impersonal()),
    sa.Column("is_borne_by_house", sa.Boolean, nullable=False, info=impersonal()),
    sa.Column("hold_id", sa.Text, info=impersonal()),
    sa.Column("refund_payment_id", sa.Text, info=impersonal()),
    sa.Column("opened_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("closed_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint(
        "status IN ('awaiting_shop', 'in_review', 'proposed', 'decided', 'closed', 'withdrawn')",
        name="status_known",
    ),
    sa.CheckConstraint("claim > 0", name="claims_something"),
    sa.CheckConstraint("refund IS NULL OR refund BETWEEN 0 AND claim", name="refund_within_claim"),
    sa.CheckConstraint(
        "(status IN ('closed', 'withdrawn')) = (closed_at IS NOT NULL)", name="ended_whole"
    ),
    sa.Index(None, "payer", "dispute_id"),
    sa.Index(None, "shop_id", "dispute_id"),
    sa.Index(None, "status", "deadline"),
)

wallet_dispute_said = sa.Table(
    "wallet_dispute_said",
    metadata,
    sa.Column(
        "dispute_id",
        sa.Text,
        sa.ForeignKey("wallet_dispute.dispute_id"),
        primary_key=True,
        info=impersonal(),
    ),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("author", sa.Text, nullable=False, info=impersonal()),
    # The party that wrote it, for shops the person's; NULL: the house.
    sa.Column("party", sa.Text, info=personal("identifier", _PURPOSE, keep="account")),
    sa.Column(
        "text",
        sa.Text,
        nullable=False,
        info=personal("content", _PURPOSE, keep="account", seen_by=_SIDES),
    ),
    # A list of `mxc:` addresses, as JSON.
    sa.Column(
        "files",
        sa.Text,
        nullable=False,
        info=personal("content", _PURPOSE, keep="account", seen_by=_SIDES),
    ),
    sa.CheckConstraint("author IN ('payer', 'shop', 'house')", name="author_known"),
)
