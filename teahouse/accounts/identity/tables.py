"""The table of identity: that a source has confirmed, never what the document says."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_PURPOSE = "so that the law's limits fit how well you are known"

accounts_identity_check = sa.Table(
    "accounts_identity_check",
    metadata,
    sa.Column("check_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column(
        "user_id",
        sa.Text,
        sa.ForeignKey("accounts_member.user_id"),
        nullable=False,
        index=True,
        info=personal(
            "identifier",
            _PURPOSE,
            keep="account",
            seen_by=("self", "bank_officer"),
            basis="legal obligation",
        ),
    ),
    sa.Column(
        "kind",
        sa.Text,
        nullable=False,
        info=personal(
            "profile",
            _PURPOSE,
            keep="account",
            seen_by=("self", "bank_officer"),
            basis="legal obligation",
        ),
    ),
    sa.Column(
        "provider",
        sa.Text,
        nullable=False,
        info=personal(
            "profile",
            _PURPOSE,
            keep="account",
            seen_by=("self", "bank_officer"),
            basis="legal obligation",
        ),
    ),
    sa.Column(
        "sealed_evidence",
        sa.LargeBinary,
        nullable=False,
        info=personal(
            "credential",
            "where the proof of a check is, for an audit; kept sealed",
            keep="account",
            seen_by=("auditor",),
            basis="legal obligation",
        ),
    ),
    # NULL: a provider, without anybody of the staff.
    sa.Column(
        "recorded_by",
        sa.Text,
        info=personal(
            "activity",
            "who of the staff recorded a check",
            keep="account",
            basis="legal obligation",
        ),
    ),
    sa.Column("confirmed_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, info=impersonal()),
    sa.Column("revoked_at", sa.BigInteger, info=impersonal()),
    sa.Column(
        "revoked_by",
        sa.Text,
        info=personal(
            "activity",
            "who of the staff took a check back",
            keep="account",
            basis="legal obligation",
        ),
    ),
    sa.Column(
        "revoked_why",
        sa.Text,
        info=personal(
            "profile", "why a check was taken back", keep="account", basis="legal obligation"
        ),
    ),
    sa.CheckConstraint("(revoked_at IS NULL) = (revoked_why IS NULL)", name="revoked_with_reason"),
)
