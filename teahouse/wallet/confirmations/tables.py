"""The table of confirmations. They live for minutes."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, limit_age, personal
from teahouse.platform.db import metadata

_PURPOSE = "so that only what you confirmed is paid"

wallet_confirmation = sa.Table(
    "wallet_confirmation",
    metadata,
    sa.Column("confirmation_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "party", sa.Text, nullable=False, info=personal("identifier", _PURPOSE, keep="session")
    ),
    sa.Column("device_id", sa.Text, info=personal("identifier", _PURPOSE, keep="session")),
    sa.Column("kind", sa.Text, nullable=False, info=personal("activity", _PURPOSE, keep="session")),
    sa.Column("payee_party", sa.Text, info=personal("relation", _PURPOSE, keep="session")),
    sa.Column("currency", sa.Text, info=personal("money", _PURPOSE, keep="session")),
    sa.Column("minor", sa.BigInteger, info=personal("money", _PURPOSE, keep="session")),
    sa.Column(
        "reference", sa.Text, nullable=False, info=personal("activity", _PURPOSE, keep="session")
    ),
    sa.Column("nonce", sa.LargeBinary, nullable=False, info=impersonal()),
    # Names of the factors proven so far, with spaces between.
    sa.Column(
        "factors", sa.Text, nullable=False, info=personal("activity", _PURPOSE, keep="session")
    ),
    sa.Column("attempts", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Column("used_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("(currency IS NULL) = (minor IS NULL)", name="amount_whole"),
    sa.Index(None, "party", "expires_at"),
)

# A confirmation that was used is remembered a little longer, so that it is not used twice.
limit_age(
    wallet_confirmation.c.expires_at,
    keep="session",
    keep_ms=3_600_000,
    job="wallet.forget_old_confirmations",
)
