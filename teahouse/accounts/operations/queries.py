"""Reads members for the staff."""

from __future__ import annotations

from typing import cast

import sqlalchemy as sa

from teahouse.accounts.operations.types import ListedMember
from teahouse.accounts.profiles.queries import find_profiles
from teahouse.accounts.tables import accounts_member, accounts_staff_role
from teahouse.accounts.types import Profile
from teahouse.platform.db import Read
from teahouse.platform.requester import Role

_m = accounts_member.c
_r = accounts_staff_role.c


def list_members(read: Read, *, search: str, after: str, limit: int) -> list[ListedMember]:
    """Members in the order of their ids.

    Args:
        read: a view of the database.
        search: only ids that contain this.
        after: only ids behind this one.
        limit: how many at most.
    """
    statement = (
        sa.select(_m.user_id, _m.created_at, _m.deactivated_at)
        .where(_m.user_id > after, _m.user_id.contains(search.lower(), autoescape=True))
        .order_by(_m.user_id)
        .limit(limit)
    )
    rows = read.conn.execute(statement).all()
    ids = [row.user_id for row in rows]
    profiles, roles = find_profiles(read, ids), _find_roles(read, ids)
    return [
        ListedMember(
            user_id=row.user_id,
            name=profiles.get(row.user_id, Profile()).displayname,
            created_at=row.created_at,
            is_closed=row.deactivated_at is not None,
            roles=roles.get(row.user_id, []),
        )
        for row in rows
    ]


def _find_roles(read: Read, user_ids: list[str]) -> dict[str, list[Role]]:
    statement = (
        sa.select(_r.user_id, _r.role).where(_r.user_id.in_(user_ids)).order_by(_r.user_id, _r.role)
    )
    found: dict[str, list[Role]] = {}
    for row in read.conn.execute(statement):
        found.setdefault(row.user_id, []).append(cast("Role", row.role))
    return found
