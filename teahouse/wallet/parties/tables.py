"""The table of parties: the only place that joins books and members."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

wallet_party = sa.Table(
    "wallet_party",
    metadata,
    sa.Column(
        "party_id",
        sa.Text,
        primary_key=True,
        info=personal(
            "identifier",
            "stands for you in the books, so that they need not name you",
            keep="financial law",
            seen_by=("self", "counterparty", "auditor"),
            is_alias=True,
        ),
    ),
    sa.Column("kind", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "user_id",
        sa.Text,
        unique=True,
        info=personal("identifier", "whose money it is", keep="account", seen_by=("self",)),
    ),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("kind IN ('member', 'shop')", name="kind_known"),
    sa.CheckConstraint("kind = 'member' OR user_id IS NULL", name="shop_nobody"),
)
