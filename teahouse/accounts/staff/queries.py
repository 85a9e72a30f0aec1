"""Reads staff roles and the log of their changes."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.staff.types import RoleGrant, StaffLogEntry
from teahouse.accounts.tables import accounts_staff_log, accounts_staff_role
from teahouse.platform.db import Read
from teahouse.platform.requester import Role

GRANTS_MAX = 1000

_r = accounts_staff_role.c
_l = accounts_staff_log.c


def list_staff(read: Read, user_id: str | None = None) -> list[RoleGrant]:
    """Who holds which role; of one member where given."""
    statement = (
        sa.select(_r.user_id, _r.role, _r.granted_at, _r.granted_by)
        .order_by(_r.user_id, _r.role)
        .limit(GRANTS_MAX)
    )
    if user_id is not None:
        statement = statement.where(_r.user_id == user_id)
    return [
        RoleGrant(
            user_id=row.user_id,
            role=row.role,
            granted_at=row.granted_at,
            granted_by=row.granted_by,
        )
        for row in read.conn.execute(statement)
    ]


def holds_role(read: Read, user_id: str, role: Role) -> bool:
    """Whether a member holds a role."""
    return any(grant.role == role for grant in list_staff(read, user_id))


def list_staff_log(read: Read, *, limit: int = 100) -> list[StaffLogEntry]:
    """The latest changes of roles, newest first."""
    statement = (
        sa.select(_l.at, _l.by_user_id, _l.user_id, _l.role, _l.change)
        .order_by(_l.entry_id.desc())
        .limit(min(limit, GRANTS_MAX))
    )
    return [
        StaffLogEntry(
            at=row.at,
            by_user_id=row.by_user_id,
            user_id=row.user_id,
            role=row.role,
            change=row.change,
        )
        for row in read.conn.execute(statement)
    ]
