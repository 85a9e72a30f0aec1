"""Tables of requests and splits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.data_map import Category, impersonal, personal
from teahouse.platform.db import SortedText, metadata


def _kept(category: Category) -> dict[Any, Any]:
    return personal(
        category,
        "the record of a request for money",
        keep="financial law",
        seen_by=("self", "counterparty", "auditor"),
    )


def _words() -> dict[Any, Any]:
    return personal(
        "content",
        "what you asked for money for",
        keep="account",
        seen_by=("self", "counterparty"),
    )


def _room() -> dict[Any, Any]:
    return personal(
        "relation", "the room that was told of a request", keep="account", seen_by=("room",)
    )


wallet_split = sa.Table(
    "wallet_split",
    metadata,
    sa.Column("split_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column("asker", sa.Text, nullable=False, info=_kept("relation")),
    # Emptied when the asker is erased.
    sa.Column("room_id", sa.Text, nullable=False, info=_room()),
    sa.Column("currency", sa.Text, nullable=False, info=_kept("money")),
    sa.Column("total_minor", sa.BigInteger, nullable=False, info=_kept("money")),
    sa.Column("own_minor", sa.BigInteger, nullable=False, info=_kept("money")),
    sa.Column("message", sa.Text, nullable=False, info=_words()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=_kept("activity")),
    sa.CheckConstraint("total_minor > own_minor AND own_minor >= 0", name="others_pay"),
    sa.Index(None, "asker", "split_id"),
)

wallet_request = sa.Table(
    "wallet_request",
    metadata,
    sa.Column("request_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column("asker", sa.Text, nullable=False, info=_kept("relation")),
    sa.Column("payer", sa.Text, nullable=False, info=_kept("relation")),
    sa.Column("currency", sa.Text, nullable=False, info=_kept("money")),
    sa.Column("minor", sa.BigInteger, nullable=False, info=_kept("money")),
    sa.Column("status", sa.Text, nullable=False, info=_kept("money")),
    sa.Column("message", sa.Text, nullable=False, info=_words()),
    sa.Column("room_id", sa.Text, info=_room()),
    sa.Column(
        "split_id",
        SortedText,
        sa.ForeignKey("wallet_split.split_id"),
        index=True,
        info=impersonal(),
    ),
    # Among the shares of a bill.
    sa.Column("place", sa.Integer, nullable=False, info=impersonal()),
    sa.Column(
        "payment_id",
        SortedText,
        sa.ForeignKey("wallet_payment.payment_id"),
        unique=True,
        info=impersonal(),
    ),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=_kept("activity")),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("ended_at", sa.BigInteger, info=_kept("activity")),
    sa.Column("reminded_at", sa.BigInteger, info=_kept("activity")),
    sa.CheckConstraint("minor > 0", name="amount_positive"),
    sa.CheckConstraint("asker <> payer", name="not_of_oneself"),
    sa.CheckConstraint(
        "status IN ('open', 'paid', 'declined', 'cancelled', 'expired')", name="status_known"
    ),
    sa.CheckConstraint("(status = 'paid') = (payment_id IS NOT NULL)", name="paid_by_payment"),
    # A list is read backwards from its end, one side at a time; what is open is counted.
    sa.Index(None, "asker", "request_id"),
    sa.Index(None, "payer", "request_id"),
    sa.Index(None, "asker", "status"),
    sa.Index(None, "status", "expires_at"),
)
