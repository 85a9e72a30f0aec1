"""Reads sanctions: a member's own, a room's, and appeals that wait."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.chat.moderation.access import access_moderation_log
from teahouse.chat.sanctions.rules import APPEAL_MS
from teahouse.chat.sanctions.tables import chat_sanction
from teahouse.chat.sanctions.types import Sanction, SanctionPage
from teahouse.platform.db import Read
from teahouse.platform.requester import Requester

_s = chat_sanction.c
OWN_FIELDS = tuple(name for name in Sanction.__struct_fields__ if name != "appealable_until")


def find_sanction(read: Read, sanction_id: str) -> Sanction | None:
    """A sanction by its id."""
    found = _find(read, _s.sanction_id == sanction_id, before=None, limit=1)
    return found[0] if found else None


def list_own(read: Read, requester: Requester, *, before: str | None, limit: int) -> SanctionPage:
    """What was imposed on a member, newest first."""
    return _page(read, _s.user_id == requester.user_id, before=before, limit=limit)


def list_of_room(
    read: Read, requester: Requester, room_id: str, *, before: str | None, limit: int
) -> SanctionPage:
    """What was imposed in a room, newest first.

    Raises:
        NotAModerator: the requester does not moderate the room.
    """
    access_moderation_log(read, requester, room_id)
    return _page(read, _s.room_id == room_id, before=before, limit=limit)


def list_for_staff(read: Read, *, waits: bool, before: str | None, limit: int) -> SanctionPage:
    """Suspensions, and appeals against them and in rooms, newest first.

    Args:
        read: the view.
        waits: only those whose appeal waits for a decision.
        before: id of the last of the page before.
        limit: how many at most.
    """
    appealed = _s.appealed_at.is_not(None)
    where = (
        sa.and_(appealed, _s.decided_at.is_(None))
        if waits
        else sa.or_(_s.kind == "suspension", appealed)
    )
    return _page(read, where, before=before, limit=limit)


def find_standing(read: Read, kind: str, user_id: str, *, room_id: str | None) -> list[str]:
    """Ids of sanctions of a kind that hold."""
    statement = (
        sa.select(_s.sanction_id)
        .where(
            _s.user_id == user_id,
            _s.kind == kind,
            _s.room_id.is_(None) if room_id is None else _s.room_id == room_id,
            _s.ended_at.is_(None),
        )
        .order_by(_s.sanction_id)
        .limit(100)
    )
    return list(read.conn.execute(statement).scalars())


def find_due(read: Read, *, limit: int) -> list[Sanction]:
    """Sanctions whose end has come."""
    where = sa.and_(_s.ended_at.is_(None), _s.until <= read.now)
    return _find(read, where, before=None, limit=limit)


def _page(
    read: Read, where: sa.ColumnElement[bool], *, before: str | None, limit: int
) -> SanctionPage:
    found = _find(read, where, before=before, limit=limit + 1)
    page = found[:limit]
    return SanctionPage(sanctions=page, next=page[-1].sanction_id if len(found) > limit else None)


def _find(
    read: Read, where: sa.ColumnElement[bool], *, before: str | None, limit: int
) -> list[Sanction]:
    columns = [_s[name] for name in OWN_FIELDS]
    # Ids begin with the time at which they were made.
    statement = sa.select(*columns).where(where).order_by(_s.sanction_id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(_s.sanction_id < before)
    return [_sanction(row) for row in read.conn.execute(statement)]


def _sanction(row: Any) -> Sanction:  # noqa: ANN401 - a row of the statement above
    found = {name: getattr(row, name) for name in OWN_FIELDS}
    return Sanction(**found, appealable_until=row.imposed_at + APPEAL_MS)
