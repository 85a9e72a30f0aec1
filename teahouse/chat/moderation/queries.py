"""Reading reports, join requests and the log of a room."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse.chat.event_store.queries import (
    find_events,
    select_events,
    stored_event,
    with_context,
)
from teahouse.chat.event_store.tables import chat_event, chat_membership, chat_state
from teahouse.chat.event_store.types import ROOM_MEMBER, StoredEvent, decode_content
from teahouse.chat.events.types import ROOM_POWER_LEVELS, ROOM_REDACTION
from teahouse.chat.moderation.access import access_join_requests, access_moderation_log
from teahouse.chat.moderation.rules import SETTINGS, log_entry, reason_of, redaction_entry
from teahouse.chat.moderation.tables import chat_report
from teahouse.chat.moderation.types import (
    JoinRequest,
    JoinRequestPage,
    LogEntry,
    LogPage,
    Report,
    ReportPage,
)
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject, decode_json
from teahouse.platform.requester import Requester

PAGE_MAX: Final = 100
LAST: Final = 2**62
# Spelled out in the statement, or SQLite would not take the index of just these rows.
_IS_REDACTION: Final = chat_event.c.type == sa.bindparam(None, ROOM_REDACTION, literal_execute=True)


def find_reports(read: Read, *, before: str | None, limit: int) -> ReportPage:
    """Reports, newest first.

    Args:
        read: the view.
        before: id of the last report of the page before.
        limit: how many at most.
    """
    columns = [chat_report.c[name] for name in Report.__struct_fields__]
    # Ids begin with the time at which they were made.
    statement = sa.select(*columns).order_by(chat_report.c.report_id.desc()).limit(limit + 1)
    if before is not None:
        statement = statement.where(chat_report.c.report_id < before)
    found = [Report(**row._mapping) for row in read.conn.execute(statement)]  # noqa: SLF001
    page = found[:limit]
    return ReportPage(reports=page, next=page[-1].report_id if len(found) > limit else None)


def count_reports(read: Read, reporter: str, *, since: int) -> int:
    """How much a member has reported since an instant."""
    statement = sa.select(sa.func.count()).where(
        chat_report.c.reporter == reporter, chat_report.c.reported_at >= since
    )
    return int(read.conn.execute(statement.select_from(chat_report)).scalar_one())


def find_join_requests(
    read: Read, requester: Requester, room_id: str, *, after: int, limit: int
) -> JoinRequestPage:
    """Who waits to be let into a room, the longest first.

    Raises:
        NotAModerator: the requester may not let others in.
    """
    access_join_requests(read, requester, room_id)
    rows = read.conn.execute(
        select_events()
        .join_from(chat_membership, chat_event, chat_membership.c.position == chat_event.c.position)
        .where(
            chat_membership.c.room_id == room_id,
            chat_membership.c.membership == "knock",
            chat_membership.c.position > after,
        )
        .order_by(chat_membership.c.position)
        .limit(limit + 1)
    )
    events = [stored_event(row) for row in rows]
    page = events[:limit]
    return JoinRequestPage(
        join_requests=[_join_request(event) for event in page],
        next=str(page[-1].position) if len(events) > limit else None,
    )


def _join_request(event: StoredEvent) -> JoinRequest:
    content = decode_content(event.json)
    return JoinRequest(
        user_id=event.state_key or "",
        asked_at=event.origin_server_ts,
        display_name=_text(content, "displayname"),
        avatar_url=_text(content, "avatar_url"),
        reason=reason_of(content),
    )


def _text(content: JsonObject, key: str) -> str | None:
    value = content.get(key)
    return value if isinstance(value, str) else None


def find_log(read: Read, requester: Requester, room_id: str, *, before: int, limit: int) -> LogPage:
    """What was done in a room with more than a member's power, newest first.

    Args:
        read: the view.
        requester: a moderator of the room.
        room_id: the room.
        before: position of the last entry of the page before.
        limit: how many events are looked at; those of ordinary members are left out.

    Raises:
        NotAModerator: the requester is none.
    """
    access_moderation_log(read, requester, room_id)
    state = _find_state_changes(read, room_id, before=before, limit=limit)
    redactions = _find_redactions(read, room_id, before=before, limit=limit)
    events = sorted([*state, *redactions], key=lambda e: e.position, reverse=True)
    page = events[:limit]
    targets = _find_targets(read, [e for e in page if e.type == ROOM_REDACTION])
    entries: list[LogEntry] = []
    for event in page:
        if event.type == ROOM_REDACTION:
            entry = redaction_entry(event, targets.get(_redacts(event)))
        else:
            entry = log_entry(event)
        if entry is not None:
            entries.append(entry)
    is_more = len(events) > limit
    return LogPage(entries=entries, next=str(page[-1].position) if is_more else None)


def _find_state_changes(read: Read, room_id: str, *, before: int, limit: int) -> list[StoredEvent]:
    others_membership = sa.and_(
        chat_state.c.type == ROOM_MEMBER, chat_event.c.sender != chat_state.c.state_key
    )
    rows = read.conn.execute(
        select_events()
        .join_from(chat_state, chat_event, chat_state.c.position == chat_event.c.position)
        .where(
            chat_state.c.room_id == room_id,
            chat_state.c.position < before,
            sa.or_(others_membership, chat_state.c.type.in_([ROOM_POWER_LEVELS, *SETTINGS])),
        )
        .order_by(chat_state.c.position.desc())
        .limit(limit + 1)
    )
    return with_context(read, [stored_event(row) for row in rows])


def _find_redactions(read: Read, room_id: str, *, before: int, limit: int) -> list[StoredEvent]:
    rows = read.conn.execute(
        select_events()
        .where(
            chat_event.c.room_id == room_id,
            _IS_REDACTION,
            chat_event.c.position < before,
        )
        .order_by(chat_event.c.position.desc())
        .limit(limit + 1)
    )
    return [stored_event(row) for row in rows]


def _find_targets(read: Read, redactions: list[StoredEvent]) -> dict[str, StoredEvent]:
    return find_events(read, sorted({_redacts(event) for event in redactions}))


def _redacts(redaction: StoredEvent) -> str:
    # The client's form names the target at the top and in the content, in every room version.
    redacts = decode_json(redaction.json).get("redacts", "")
    return redacts if isinstance(redacts, str) else ""
