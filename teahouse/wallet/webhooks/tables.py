"""The tables of webhooks: endpoints, their secrets, messages, deliveries and tries."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS, impersonal, limit_age, personal
from teahouse.platform.db import metadata

_TOLD = "tells a shop's servers of what was paid there, without saying by whom"

wallet_webhook_endpoint = sa.Table(
    "wallet_webhook_endpoint",
    metadata,
    sa.Column("endpoint_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("shop_id", sa.Text, nullable=False, index=True, info=impersonal()),
    sa.Column("url", sa.Text, nullable=False, info=impersonal()),
    # Names with spaces between.
    sa.Column("event_types", sa.Text, nullable=False, info=impersonal()),
    sa.Column("description", sa.Text, nullable=False, info=impersonal()),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("disabled_why", sa.Text, nullable=False, info=impersonal()),
    sa.Column("failing_since", sa.BigInteger, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.CheckConstraint("status IN ('enabled', 'disabled')", name="status_known"),
)

wallet_webhook_secret = sa.Table(
    "wallet_webhook_secret",
    metadata,
    sa.Column("secret_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "endpoint_id",
        sa.Text,
        sa.ForeignKey("wallet_webhook_endpoint.endpoint_id"),
        nullable=False,
        index=True,
        info=impersonal(),
    ),
    # Sealed under a key beside the database: signing needs it in plain.
    sa.Column("sealed", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("ends_at", sa.BigInteger, info=impersonal()),
)

wallet_webhook_message = sa.Table(
    "wallet_webhook_message",
    metadata,
    sa.Column("message_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("shop_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("event_type", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "body",
        sa.Text,
        nullable=False,
        info=personal("activity", _TOLD, keep="30 days", seen_by=("counterparty",)),
    ),
    sa.Column("created_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Index(None, "shop_id", "message_id"),
)

wallet_webhook_delivery = sa.Table(
    "wallet_webhook_delivery",
    metadata,
    sa.Column("delivery_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("shop_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "message_id",
        sa.Text,
        sa.ForeignKey("wallet_webhook_message.message_id"),
        nullable=False,
        index=True,
        info=impersonal(),
    ),
    sa.Column(
        "endpoint_id",
        sa.Text,
        sa.ForeignKey("wallet_webhook_endpoint.endpoint_id"),
        nullable=False,
        index=True,
        info=impersonal(),
    ),
    sa.Column("status", sa.Text, nullable=False, info=impersonal()),
    sa.Column("try_count", sa.Integer, nullable=False, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("next_try_at", sa.BigInteger, info=impersonal()),
    sa.CheckConstraint("status IN ('waiting', 'delivered', 'failed')", name="status_known"),
    sa.CheckConstraint("(status = 'waiting') = (next_try_at IS NOT NULL)", name="waiting_has_time"),
    sa.Index(None, "shop_id", "delivery_id"),
)

wallet_webhook_try = sa.Table(
    "wallet_webhook_try",
    metadata,
    sa.Column(
        "delivery_id",
        sa.Text,
        sa.ForeignKey("wallet_webhook_delivery.delivery_id"),
        primary_key=True,
        info=impersonal(),
    ),
    sa.Column("number", sa.Integer, primary_key=True, info=impersonal()),
    sa.Column("at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("status", sa.Integer, info=impersonal()),
    sa.Column("error", sa.Text, nullable=False, info=impersonal()),
    sa.Column("took_ms", sa.Integer, nullable=False, info=impersonal()),
)

limit_age(
    wallet_webhook_message.c.created_at,
    keep="30 days",
    keep_ms=30 * DAY_MS,
    job="wallet.forget_webhooks",
)
