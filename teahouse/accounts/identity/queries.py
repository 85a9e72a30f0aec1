"""Reads how well members are known."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.identity.rules import compute_steps, compute_tier
from teahouse.accounts.identity.tables import accounts_identity_check
from teahouse.accounts.identity.types import Identity, IdentityCheck, Tier
from teahouse.platform.db import Read

# Ten kinds, renewed each year for a life.
CHECKS_MAX = 500

_i = accounts_identity_check.c


def list_checks(read: Read, user_id: str) -> list[IdentityCheck]:
    """All checks of a member, the oldest first; those taken back too."""
    statement = (
        sa.select(
            _i.check_id,
            _i.kind,
            _i.provider,
            _i.confirmed_at,
            _i.expires_at,
            _i.revoked_at,
        )
        .where(_i.user_id == user_id)
        .order_by(_i.check_id)
        .limit(CHECKS_MAX)
    )
    return [
        IdentityCheck(
            check_id=row.check_id,
            kind=row.kind,
            provider=row.provider,
            confirmed_at=row.confirmed_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )
        for row in read.conn.execute(statement)
    ]


def find_tier(read: Read, user_id: str) -> Tier:
    """A member's tier now."""
    return compute_tier(list_checks(read, user_id), read.now)


def find_identity(read: Read, user_id: str) -> Identity:
    """A member's tier, what it follows from, and what raises it."""
    checks = list_checks(read, user_id)
    return Identity(compute_tier(checks, read.now), checks, compute_steps(checks, read.now))
