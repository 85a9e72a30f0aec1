"""Reads members for operators."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.administration.types import UserPage, UserRow
from teahouse.accounts.members.queries import find_member
from teahouse.accounts.profiles.queries import find_profiles
from teahouse.accounts.tables import accounts_member, accounts_staff_role
from teahouse.accounts.types import Member, Profile
from teahouse.platform.db import Read

PAGE_MAX = 1000

_m = accounts_member.c


def find_user_page(
    read: Read, *, start: int, limit: int, name_contains: str, with_deactivated: bool
) -> UserPage:
    """A page of members in the order of their ids.

    Args:
        read: a view of the database.
        start: how many to pass over; pages are by number because the tools' are.
        limit: how many at most, up to 1,000.
        name_contains: only ids that contain this.
        with_deactivated: closed accounts too.
    """
    where: list[sa.ColumnElement[bool]] = []
    if name_contains:
        where.append(_m.user_id.contains(name_contains.lower(), autoescape=True))
    if not with_deactivated:
        where.append(_m.deactivated_at.is_(None))
    count = sa.select(sa.func.count()).select_from(accounts_member).where(*where)
    total = read.conn.execute(count).scalar_one()
    page = sa.select(_m.user_id).where(*where).order_by(_m.user_id).offset(start)
    ids = list(read.conn.execute(page.limit(min(limit, PAGE_MAX))).scalars())
    end = start + len(ids)
    return UserPage(
        users=_rows(read, ids), total=total, next_token=str(end) if end < total else None
    )


def find_user(read: Read, user_id: str) -> UserRow | None:
    """One member."""
    found = _rows(read, [user_id])
    return found[0] if found else None


def _rows(read: Read, user_ids: list[str]) -> list[UserRow]:
    members = [found for one in user_ids if (found := find_member(read, one)) is not None]
    profiles = find_profiles(read, user_ids)
    operators = _find_operators(read, user_ids)
    return [
        _row(
            member,
            profile=profiles.get(member.user_id, Profile()),
            is_operator=member.user_id in operators,
        )
        for member in members
    ]


def _row(member: Member, *, profile: Profile, is_operator: bool) -> UserRow:
    return UserRow(
        name=member.user_id,
        displayname=profile.displayname,
        avatar_url=profile.avatar_url,
        admin=is_operator,
        deactivated=not member.is_active,
        erased=member.erased,
        creation_ts=member.created_at,
        appservice_id=member.appservice_id,
    )


def _find_operators(read: Read, user_ids: list[str]) -> set[str]:
    role = accounts_staff_role.c
    statement = (
        sa.select(role.user_id)
        .where(role.user_id.in_(user_ids), role.role == "operator")
        .order_by(role.user_id)
        .limit(PAGE_MAX)
    )
    return set(read.conn.execute(statement).scalars())
