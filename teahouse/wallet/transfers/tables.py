"""The table of transfers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.data_map import Category, impersonal, personal
from teahouse.platform.db import SortedText, metadata


def _kept(category: Category) -> dict[Any, Any]:
    return personal(
        category,
        "the record of a transfer",
        keep="financial law",
        seen_by=("self", "counterparty", "auditor"),
    )


wallet_transfer = sa.Table(
    "wallet_transfer",
    metadata,
    sa.Column("transfer_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column("payer", sa.Text, nullable=False, info=_kept("relation")),
    sa.Column("payee", sa.Text, nullable=False, info=_kept("relation")),
    sa.Column(
        "payment_id",
        SortedText,
        sa.ForeignKey("wallet_payment.payment_id"),
        nullable=False,
        unique=True,
        info=impersonal(),
    ),
    sa.Column("status", sa.Text, nullable=False, info=_kept("money")),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=_kept("activity")),
    sa.Column("expires_at", sa.BigInteger, info=impersonal()),
    sa.Column("ended_at", sa.BigInteger, info=_kept("activity")),
    sa.CheckConstraint(
        "status IN ('completed', 'pending', 'declined', 'cancelled', 'expired')",
        name="status_known",
    ),
    sa.CheckConstraint("payer <> payee", name="not_to_oneself"),
    # A list is read backwards from its end, one side at a time; what waits is counted.
    sa.Index(None, "payer", "transfer_id"),
    sa.Index(None, "payee", "transfer_id"),
    sa.Index(None, "payer", "status"),
)
