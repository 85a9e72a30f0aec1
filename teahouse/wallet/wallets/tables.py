"""Tables of wallets."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_PURPOSE = "to hold your money"

wallet_wallet = sa.Table(
    "wallet_wallet",
    metadata,
    sa.Column("wallet_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "party",
        sa.Text,
        sa.ForeignKey("wallet_party.party_id"),
        nullable=False,
        info=personal("identifier", _PURPOSE, keep="financial law", seen_by=("self", "auditor")),
    ),
    sa.Column(
        "currency", sa.Text, nullable=False, info=personal("money", _PURPOSE, keep="financial law")
    ),
    # The account in the ledger; `teahouse check` verifies it.
    sa.Column("account", sa.Text, nullable=False, unique=True, info=impersonal()),
    sa.Column(
        "status", sa.Text, nullable=False, info=personal("money", _PURPOSE, keep="financial law")
    ),
    sa.Column(
        "opened_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", _PURPOSE, keep="financial law"),
    ),
    sa.CheckConstraint("status IN ('open', 'frozen', 'closed')", name="status_known"),
    sa.UniqueConstraint("party", "currency"),
)

# The operator's own accounts; opened when they are first needed.
wallet_house_account = sa.Table(
    "wallet_house_account",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("currency", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("account", sa.Text, nullable=False, unique=True, info=impersonal()),
)

wallet_settings = sa.Table(
    "wallet_settings",
    metadata,
    sa.Column(
        "party",
        sa.Text,
        sa.ForeignKey("wallet_party.party_id"),
        primary_key=True,
        info=personal("identifier", "what you have chosen for your wallet", keep="account"),
    ),
    sa.Column(
        "preferred_currency",
        sa.Text,
        info=personal("preference", "what amounts are in", keep="account"),
    ),
    sa.Column(
        "accepts_by_hand",
        sa.Boolean,
        nullable=False,
        info=personal("preference", "whether you accept money by hand", keep="account"),
    ),
    sa.Column(
        "language",
        sa.Text,
        nullable=False,
        info=personal("preference", "the language written to rooms for you", keep="account"),
    ),
    sa.CheckConstraint("language IN ('en', 'zh')", name="language_known"),
)
