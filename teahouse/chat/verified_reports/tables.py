"""What a reporter revealed of one message, and what came of reports."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS, impersonal, limit_age, personal
from teahouse.platform.db import metadata

_CHECKED = "to check that a reported message was truly sent"
_OUTCOME = "to tell you what came of your report"

# The message is kept as it came, encrypted, beside the key that opens it: no copy of the text is
# made, and each opening is one that the log of looks knows of.
chat_report_proof = sa.Table(
    "chat_report_proof",
    metadata,
    sa.Column("report_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("verified_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "reporter",
        sa.Text,
        nullable=False,
        info=personal(
            "identifier",
            _CHECKED,
            keep="30 days",
            seen_by=("self", "moderator"),
            basis="legitimate interest",
        ),
    ),
    sa.Column(
        "sender",
        sa.Text,
        nullable=False,
        info=personal(
            "identifier",
            _CHECKED,
            keep="30 days",
            seen_by=("moderator",),
            basis="legitimate interest",
        ),
    ),
    sa.Column("session_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("sent_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("device", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "ciphertext",
        sa.Text,
        nullable=False,
        info=personal(
            "content",
            _CHECKED,
            keep="30 days",
            seen_by=("moderator",),
            basis="legitimate interest",
        ),
    ),
    sa.Column(
        "message_key",
        sa.LargeBinary,
        nullable=False,
        info=personal(
            "keys",
            _CHECKED,
            keep="30 days",
            seen_by=("moderator",),
            basis="legitimate interest",
        ),
    ),
    sa.Index(None, "reporter"),
    sa.Index(None, "sender"),
    sa.Index(None, "verified_at"),
)

chat_report_outcome = sa.Table(
    "chat_report_outcome",
    metadata,
    sa.Column("report_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "reporter",
        sa.Text,
        nullable=False,
        info=personal(
            "identifier",
            _OUTCOME,
            keep="account",
            seen_by=("self", "moderator"),
            basis="legitimate interest",
        ),
    ),
    sa.Column("decided_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "decided_by",
        sa.Text,
        nullable=False,
        info=personal(
            "identifier",
            _OUTCOME,
            keep="account",
            seen_by=("moderator",),
            basis="legitimate interest",
        ),
    ),
    sa.Column("outcome", sa.Text, nullable=False, info=impersonal()),
    sa.Column(
        "note",
        sa.Text,
        nullable=False,
        info=personal(
            "content",
            _OUTCOME,
            keep="account",
            seen_by=("self", "moderator"),
            basis="legitimate interest",
        ),
    ),
    sa.CheckConstraint("outcome IN ('acted', 'no_violation')", name="outcome_known"),
    sa.Index(None, "reporter"),
)

limit_age(
    chat_report_proof.c.verified_at,
    keep="30 days",
    keep_ms=30 * DAY_MS,
    job="chat.forget_report_proofs",
)
