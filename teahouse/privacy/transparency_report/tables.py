"""The canaries that were signed."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

privacy_canary = sa.Table(
    "privacy_canary",
    metadata,
    sa.Column("canary_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("issued_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column(
        "issued_by",
        sa.Text,
        nullable=False,
        info=personal(
            "activity",
            "who of the staff had the house's canary signed",
            keep="account",
            seen_by=("self", "operator", "auditor"),
        ),
    ),
    sa.Column("note", sa.Text, nullable=False, info=impersonal()),
)
