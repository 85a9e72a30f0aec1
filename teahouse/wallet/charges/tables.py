"""The tables of charges and refunds."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import Viewer, impersonal, personal
from teahouse.platform.db import metadata

_BOOKS = "what you paid to a shop, as bookkeeping demands"
_SIDES: tuple[Viewer, ...] = ("self", "counterparty")

wallet_charge = sa.Table(
    "wallet_charge",
    metadata,
    sa.Column("charge_id", sa.Text, primary_key=True, info=impersonal()),
    # In the domain's own table of shops, of another subject: `teahouse check` verifies it.
    sa.Column("shop_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("code", sa.Text, nullable=False, unique=True, info=impersonal()),
    sa.Column("origin", sa.Text, nullable=False, info=impersonal()),
    sa.Column("capture", sa.Text, nullable=False, info=impersonal()),
    sa.Column("tip_mode", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "status",
        sa.Text,
        nullable=False,
        info=personal("activity", _BOOKS, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    *(
        sa.Column(
            name,
            sa.BigInteger,
            nullable=False,
            info=personal("money", _BOOKS, keep="financial law", seen_by=_SIDES),
        )
        for name in ("minor", "tip_minor", "captured_minor", "refunded_minor", "later_tip_minor")
    ),
    sa.Column("fee_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("fee_returned_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "description",
        sa.Text,
        nullable=False,
        info=personal("activity", _BOOKS, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("reference", sa.Text, nullable=False, info=impersonal()),
    sa.Column("terminal", sa.Text, nullable=False, info=impersonal()),
    sa.Column("return_url", sa.Text, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    # A party, or the id of an API key.
    sa.Column(
        "created_by",
        sa.Text,
        nullable=False,
        info=personal("identifier", "who asked for money for a shop", keep="financial law"),
    ),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=impersonal()),
    # Shops are not told.
    sa.Column("payer", sa.Text, info=personal("identifier", _BOOKS, keep="financial law")),
    sa.Column("payment_id", sa.Text, unique=True, info=impersonal()),
    sa.Column("authorised_until", sa.BigInteger, info=impersonal()),
    sa.Column(
        "paid_at",
        sa.BigInteger,
        info=personal("activity", _BOOKS, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("ended_at", sa.BigInteger, info=impersonal()),
    # The part of what was refunded that the house decided in a dispute.
    sa.Column(
        "refunded_by_house_minor",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _BOOKS, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("later_tip_payment_id", sa.Text, info=impersonal()),
    sa.Column("later_tip_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint(
        "status IN ('open', 'awaiting_member', 'authorised', 'captured', 'refunded', 'voided', "
        "'cancelled', 'declined', 'expired')",
        name="status_known",
    ),
    sa.CheckConstraint("minor > 0 AND tip_minor >= 0", name="amount_positive"),
    sa.CheckConstraint(
        "captured_minor BETWEEN 0 AND minor + tip_minor", name="captured_within_amount"
    ),
    sa.CheckConstraint(
        "refunded_minor BETWEEN 0 AND captured_minor", name="refunded_within_captured"
    ),
    sa.CheckConstraint(
        "fee_returned_minor BETWEEN 0 AND fee_minor", name="fee_returned_within_fee"
    ),
    sa.CheckConstraint(
        "(status IN ('captured', 'refunded')) = (paid_at IS NOT NULL)", name="paid_whole"
    ),
    sa.Index(None, "shop_id", "charge_id"),
    sa.Index(None, "shop_id", "paid_at"),
    sa.Index(None, "payer", "charge_id"),
    sa.Index(None, "status", "expires_at"),
)

wallet_refund = sa.Table(
    "wallet_refund",
    metadata,
    sa.Column("refund_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "charge_id",
        sa.Text,
        sa.ForeignKey("wallet_charge.charge_id"),
        nullable=False,
        index=True,
        info=impersonal(),
    ),
    sa.Column("shop_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "minor",
        sa.BigInteger,
        nullable=False,
        info=personal("money", _BOOKS, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("fee_returned_minor", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "reason",
        sa.Text,
        nullable=False,
        info=personal("activity", _BOOKS, keep="financial law", seen_by=_SIDES),
    ),
    sa.Column("payment_id", sa.Text, nullable=False, unique=True, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "created_by",
        sa.Text,
        nullable=False,
        info=personal("identifier", "who gave money back for a shop", keep="financial law"),
    ),
    sa.CheckConstraint("minor > 0", name="amount_positive"),
    sa.Index(None, "shop_id", "created_at"),
)
