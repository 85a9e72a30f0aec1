"""Reads tokens."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.rules import compute_digest
from teahouse.accounts.tables import accounts_purpose_token
from teahouse.platform.db import Read


def find_openid_holder(read: Read, token: str) -> str | None:
    """The member an OpenID token was made for, or None where it is unknown or expired."""
    purpose = accounts_purpose_token.c
    statement = sa.select(purpose.user_id).where(
        purpose.digest == compute_digest(token),
        purpose.purpose == "openid",
        purpose.expires_at > read.now,
    )
    return read.conn.execute(statement).scalar_one_or_none()
