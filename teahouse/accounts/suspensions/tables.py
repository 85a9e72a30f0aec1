"""Who is suspended, and until when."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

accounts_suspension = sa.Table(
    "accounts_suspension",
    metadata,
    sa.Column(
        "user_id",
        sa.Text,
        sa.ForeignKey("accounts_member.user_id"),
        primary_key=True,
        info=personal(
            "identifier",
            "to keep a member from writing while the house has suspended them",
            keep="account",
            seen_by=("self", "moderator"),
            basis="legitimate interest",
        ),
    ),
    sa.Column("suspended_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("suspended_until", sa.BigInteger, nullable=False, info=impersonal()),
)
