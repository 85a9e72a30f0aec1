"""The tables of freezes, and of all that was done to them."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import Viewer, impersonal, personal
from teahouse.platform.db import metadata

_SEEN: tuple[Viewer, ...] = ("self", "bank_officer", "auditor")
_WHOSE = personal("identifier", "whose wallets were frozen", keep="financial law", seen_by=_SEEN)
_WHAT = personal(
    "activity", "why and when wallets were frozen", keep="financial law", seen_by=_SEEN
)
_STAFF = personal(
    "activity",
    "who froze and unfroze wallets",
    keep="financial law",
    seen_by=("bank_officer", "auditor"),
)

wallet_freeze = sa.Table(
    "wallet_freeze",
    metadata,
    sa.Column("freeze_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("party", sa.Text, nullable=False, index=True, info=_WHOSE),
    sa.Column("wallet_id", sa.Text, info=_WHAT),
    sa.Column("kind", sa.Text, nullable=False, info=_WHAT),
    sa.Column("is_total", sa.Boolean, nullable=False, info=_WHAT),
    sa.Column("status", sa.Text, nullable=False, info=_WHAT),
    sa.Column("reason", sa.Text, nullable=False, info=_WHAT),
    sa.Column("gag_until", sa.BigInteger, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=_WHAT),
    sa.Column("created_by", sa.Text, nullable=False, info=_STAFF),
    sa.Column("approved_by", sa.Text, info=_STAFF),
    sa.Column("lapses_at", sa.BigInteger, info=impersonal()),
    sa.Column("lift_proposed_by", sa.Text, info=_STAFF),
    sa.CheckConstraint("kind IN ('own', 'staff', 'emergency')", name="kind_known"),
    sa.CheckConstraint(
        "status IN ('proposed', 'in_force', 'rejected', 'lapsed', 'lifted')", name="status_known"
    ),
    # Four eyes, whatever the code does.
    sa.CheckConstraint("approved_by IS NULL OR approved_by <> created_by", name="four_eyes"),
    sa.CheckConstraint(
        "kind <> 'staff' OR status <> 'in_force' OR approved_by IS NOT NULL", name="approved"
    ),
    sa.Index(None, "status", "lapses_at"),
)

wallet_freeze_log = sa.Table(
    "wallet_freeze_log",
    metadata,
    sa.Column(
        "freeze_id",
        sa.Text,
        sa.ForeignKey("wallet_freeze.freeze_id"),
        primary_key=True,
        info=impersonal(),
    ),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, info=impersonal()),
    sa.Column("at", sa.BigInteger, nullable=False, info=_WHAT),
    sa.Column("act", sa.Text, nullable=False, info=_WHAT),
    # An officer; of what the member did, their party. NULL: time itself.
    sa.Column("by_user_id", sa.Text, info=_STAFF),
    sa.Column("note", sa.Text, nullable=False, info=_STAFF),
)
