"""The tables of one-time codes, and of tries of codes that nobody has shown."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS, impersonal, limit_age, personal
from teahouse.platform.db import metadata

_PURPOSE = "so that a shop can charge the code you show, once"

wallet_payment_code = sa.Table(
    "wallet_payment_code",
    metadata,
    sa.Column("payment_code_id", sa.Text, primary_key=True, info=impersonal()),
    # SHA-256; the code is told once and kept nowhere.
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True, info=impersonal()),
    sa.Column(
        "party", sa.Text, nullable=False, info=personal("identifier", _PURPOSE, keep="session")
    ),
    sa.Column("device_id", sa.Text, info=personal("identifier", _PURPOSE, keep="session")),
    sa.Column("created_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("used_at", sa.BigInteger, info=personal("activity", _PURPOSE, keep="session")),
    sa.Column("charge_id", sa.Text, info=personal("activity", _PURPOSE, keep="session")),
    sa.Index(None, "party", "created_at"),
)

wallet_code_miss = sa.Table(
    "wallet_code_miss",
    metadata,
    sa.Column("miss_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("shop_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Index(None, "shop_id", "at"),
)

limit_age(
    wallet_payment_code.c.created_at,
    keep="session",
    keep_ms=DAY_MS,
    job="wallet.forget_payment_codes",
)
