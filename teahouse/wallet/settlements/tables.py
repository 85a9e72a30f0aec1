"""Tables of settlements."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_PLAN = "when and where a shop is paid out"

wallet_payout_plan = sa.Table(
    "wallet_payout_plan",
    metadata,
    sa.Column("shop_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("currency", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("schedule", sa.Text, nullable=False, info=impersonal()),
    sa.Column("weekday", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("minimum_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("outside_account_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("next_at", sa.BigInteger, index=True, info=impersonal()),
    sa.Column(
        "changed_by",
        sa.Text,
        nullable=False,
        info=personal("identifier", _PLAN, keep="financial law", seen_by=("auditor",)),
    ),
    sa.Column("changed_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("schedule IN ('daily', 'weekly', 'manual')", name="schedule_known"),
    sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_known"),
    sa.CheckConstraint("minimum_minor > 0", name="minimum_positive"),
)

wallet_settlement = sa.Table(
    "wallet_settlement",
    metadata,
    sa.Column("settlement_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("shop_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    # The ledger's account and the stretch of its postings: after the first, up to the last.
    sa.Column("account", sa.Text, nullable=False, info=impersonal()),
    sa.Column("cursor_after", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("cursor_last", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("since", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("until", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("opening", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("gross", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("tips", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("refunds", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("fees", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("other", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("paid_out", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("returned", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("closing", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("posting_count", sa.Integer, nullable=False, info=impersonal()),
    # Ids of orders to the bank, with spaces between.
    sa.Column("payouts", sa.Text, nullable=False, info=impersonal()),
    sa.Column("problem", sa.Text, nullable=False, info=impersonal()),
    sa.UniqueConstraint("account", "cursor_after"),
    sa.CheckConstraint(
        "opening + gross + tips - refunds - fees + other + returned - paid_out = closing",
        name="adds_up",
    ),
    sa.Index(None, "shop_id", "settlement_id"),
)
