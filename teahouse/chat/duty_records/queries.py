"""Gathers what was done with power in a room."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse.chat.duty_records.rules import sign_record
from teahouse.chat.duty_records.types import FORMAT, Duty, DutyRecord
from teahouse.chat.event_store.tables import chat_event, chat_room
from teahouse.chat.events import SigningKey
from teahouse.chat.moderation.queries import LAST, PAGE_MAX, find_log
from teahouse.chat.moderation.types import LogEntry
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject, decode_json
from teahouse.platform.requester import Requester

# Of each about a kilobyte is told; a busy room has as many in years.
_DUTIES_MAX: Final = 5000


def make_duty_record(read: Read, requester: Requester, room_id: str, key: SigningKey) -> JsonObject:
    """The signed record of a room, for those who may read its log.

    Raises:
        NotAModerator: the requester is none.
    """
    entries: list[LogEntry] = []
    before: int | None = LAST
    while before is not None and len(entries) < _DUTIES_MAX:
        page = find_log(read, requester, room_id, before=before, limit=PAGE_MAX)
        entries += page.entries
        before = None if page.next is None else int(page.next)
    version = read.conn.execute(
        sa.select(chat_room.c.version).where(chat_room.c.room_id == room_id)
    ).scalar_one()
    record = DutyRecord(
        format=FORMAT,
        room_id=room_id,
        room_version=version,
        made_at=read.now,
        server_name=key.server_name,
        key_id=key.key_id,
        public_key=key.public_key,
        duties=_read_duties(read, list(reversed(entries))),
        is_whole=before is None,
    )
    return sign_record(record, key)


def _read_duties(read: Read, entries: list[LogEntry]) -> list[Duty]:
    found: dict[str, tuple[bytes, bool]] = {}
    for start in range(0, len(entries), PAGE_MAX):
        some = [entry.event_id for entry in entries[start : start + PAGE_MAX]]
        rows = read.conn.execute(
            sa.select(
                chat_event.c.event_id,
                chat_event.c.pdu,
                chat_event.c.redacted_by,
                chat_event.c.emptied_at,
            ).where(chat_event.c.event_id.in_(some))
        )
        for row in rows:
            is_emptied = row.redacted_by is not None or row.emptied_at is not None
            found[row.event_id] = (row.pdu, is_emptied)
    return [
        Duty(
            event_id=entry.event_id,
            deed=entry.deed,
            event=decode_json(found[entry.event_id][0]),
            is_emptied=found[entry.event_id][1],
        )
        for entry in entries
    ]
