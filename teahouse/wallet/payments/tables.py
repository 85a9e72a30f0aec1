"""The table of payments: the history of every wallet."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.data_map import Category, impersonal, personal
from teahouse.platform.db import SortedText, metadata

_PURPOSE = "the record of a payment"


def _kept(category: Category) -> dict[Any, Any]:
    return personal(
        category,
        _PURPOSE,
        keep="financial law",
        seen_by=("self", "counterparty", "auditor"),
    )


wallet_payment = sa.Table(
    "wallet_payment",
    metadata,
    sa.Column("payment_id", SortedText, primary_key=True, info=impersonal()),
    sa.Column("kind", sa.Text, nullable=False, info=_kept("money")),
    sa.Column("status", sa.Text, nullable=False, info=_kept("money")),
    # The caller's idempotency key, and what was asked under it.
    sa.Column("key", SortedText, nullable=False, unique=True, info=impersonal()),
    sa.Column("draft_hash", sa.LargeBinary, nullable=False, info=impersonal()),
    # A party, or null for the house; the account is in the ledger either way.
    sa.Column("payer_party", sa.Text, info=_kept("relation")),
    sa.Column("payer_wallet", sa.Text, sa.ForeignKey("wallet_wallet.wallet_id"), info=impersonal()),
    sa.Column("payer_account", sa.Text, nullable=False, info=impersonal()),
    sa.Column("payee_party", sa.Text, info=_kept("relation")),
    sa.Column("payee_wallet", sa.Text, sa.ForeignKey("wallet_wallet.wallet_id"), info=impersonal()),
    sa.Column("payee_account", sa.Text, nullable=False, info=impersonal()),
    sa.Column("currency", sa.Text, nullable=False, info=_kept("money")),
    sa.Column("minor", sa.BigInteger, nullable=False, info=_kept("money")),
    sa.Column("authorised_minor", sa.BigInteger, nullable=False, info=_kept("money")),
    sa.Column("fee_minor", sa.BigInteger, nullable=False, info=_kept("money")),
    # What the payer wrote. Of its own column, because erasure blanks it.
    sa.Column(
        "message",
        sa.Text,
        nullable=False,
        info=personal(
            "content",
            "what you said to a payment",
            keep="account",
            seen_by=("self", "counterparty"),
        ),
    ),
    sa.Column("reference", SortedText, nullable=False, info=impersonal()),
    sa.Column(
        "room_id",
        sa.Text,
        info=personal(
            "relation", "the room that was told of a payment", keep="account", seen_by=("room",)
        ),
    ),
    sa.Column("transaction_id", sa.Text, unique=True, info=impersonal()),
    sa.Column("hold_id", sa.Text, unique=True, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=_kept("activity")),
    sa.Column("expires_at", sa.BigInteger, info=impersonal()),
    sa.Column("booked_at", sa.BigInteger, info=_kept("activity")),
    sa.Column("ended_at", sa.BigInteger, info=_kept("activity")),
    sa.CheckConstraint(
        "status IN ('pending', 'completed', 'voided', 'expired', 'reversed')",
        name="status_known",
    ),
    sa.CheckConstraint("minor > 0", name="amount_positive"),
    sa.CheckConstraint("minor <= authorised_minor", name="no_more_than_authorised"),
    sa.CheckConstraint("fee_minor >= 0 AND fee_minor <= minor", name="fee_below_amount"),
    sa.CheckConstraint("payer_account <> payee_account", name="no_self_payment"),
    sa.CheckConstraint(
        "(status IN ('completed', 'reversed')) = (transaction_id IS NOT NULL)",
        name="booked_once",
    ),
    sa.CheckConstraint(
        "status NOT IN ('pending', 'voided', 'expired') OR hold_id IS NOT NULL", name="held"
    ),
    # A history is read backwards from its end, one side at a time.
    sa.Index(None, "payer_party", "payment_id"),
    sa.Index(None, "payee_party", "payment_id"),
    sa.Index(None, "reference", "payment_id"),
)
