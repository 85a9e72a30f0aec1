"""The tables of shops. Who works for a shop is told by party, never by member."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_STAFF = "who works for a shop and may act for it"
_BOOKS = "who decided what about a shop"

wallet_shop = sa.Table(
    "wallet_shop",
    metadata,
    sa.Column("shop_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("party", sa.Text, nullable=False, unique=True, info=impersonal()),
    # What a shop says of itself is for the public, also where one person is the shop.
    sa.Column("name", sa.Text, nullable=False, info=impersonal()),
    sa.Column("name_zh", sa.Text, nullable=False, info=impersonal()),
    sa.Column("category_code", sa.Text, nullable=False, info=impersonal()),
    sa.Column("country", sa.Text, nullable=False, info=impersonal()),
    sa.Column("city", sa.Text, nullable=False, info=impersonal()),
    sa.Column("city_zh", sa.Text, nullable=False, info=impersonal()),
    sa.Column("postal_code", sa.Text, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, nullable=False, info=impersonal()),
    sa.Column("logo", sa.Text, nullable=False, info=impersonal()),
    sa.Column("opening_hours", sa.Text, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("status_reason", sa.Text, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint(
        "status IN ('applied', 'verified', 'refused', 'suspended', 'closed')", name="status_known"
    ),
    sa.Index(None, "status", "shop_id"),
)

wallet_shop_staff = sa.Table(
    "wallet_shop_staff",
    metadata,
    sa.Column(
        "shop_id",
        sa.Text,
        sa.ForeignKey("wallet_shop.shop_id"),
        primary_key=True,
        info=personal("relation", _STAFF, keep="account"),
    ),
    sa.Column(
        "party",
        sa.Text,
        primary_key=True,
        index=True,
        info=personal("identifier", _STAFF, keep="account"),
    ),
    sa.Column("role", sa.Text, nullable=False, info=personal("relation", _STAFF, keep="account")),
    sa.Column("added_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("role IN ('owner', 'manager', 'cashier')", name="role_known"),
)

wallet_shop_key = sa.Table(
    "wallet_shop_key",
    metadata,
    sa.Column("shop_key_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "shop_id",
        sa.Text,
        sa.ForeignKey("wallet_shop.shop_id"),
        nullable=False,
        index=True,
        info=impersonal(),
    ),
    sa.Column("name", sa.Text, nullable=False, info=impersonal()),
    sa.Column("prefix", sa.Text, nullable=False, info=impersonal()),
    # SHA-256; the key itself is told once and kept nowhere.
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True, info=impersonal()),
    sa.Column("scopes", sa.Text, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "created_by",
        sa.Text,
        nullable=False,
        info=personal("identifier", _BOOKS, keep="financial law"),
    ),
    sa.Column("last_used_at", sa.BigInteger, info=impersonal()),
    sa.Column("revoked_at", sa.BigInteger, info=impersonal()),
)

wallet_shop_fee = sa.Table(
    "wallet_shop_fee",
    metadata,
    sa.Column(
        "shop_id",
        sa.Text,
        sa.ForeignKey("wallet_shop.shop_id"),
        primary_key=True,
        info=impersonal(),
    ),
    sa.Column("currency", sa.Text, primary_key=True, info=impersonal()),
    # Rows are only ever added: the history of what a shop paid.
    sa.Column("number", sa.Integer, primary_key=True, info=impersonal()),
    sa.Column("valid_from", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("basis_points", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("fixed", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "set_by",
        sa.Text,
        nullable=False,
        info=personal("identifier", _BOOKS, keep="financial law", seen_by=("bank_officer",)),
    ),
    sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points_possible"),
    sa.CheckConstraint("fixed >= 0", name="fixed_not_negative"),
)

wallet_shop_decision = sa.Table(
    "wallet_shop_decision",
    metadata,
    sa.Column("decision_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "shop_id",
        sa.Text,
        sa.ForeignKey("wallet_shop.shop_id"),
        nullable=False,
        index=True,
        info=impersonal(),
    ),
    sa.Column("at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "by_party",
        sa.Text,
        nullable=False,
        info=personal("identifier", _BOOKS, keep="financial law", seen_by=("bank_officer",)),
    ),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("reason", sa.Text, nullable=False, info=impersonal()),
)
