"""Keeping up with which rooms are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from teahouse.chat.directory.queries import find_room_facts
from teahouse.chat.directory.rules import is_open
from teahouse.chat.directory.tables import chat_open_room
from teahouse.platform.db import Tx, upsert

if TYPE_CHECKING:
    from teahouse.chat.event_store.announcements import EventsAppended

_OPENING_TYPES: Final = frozenset({"m.room.join_rules", "m.room.history_visibility"})


def follow_appended(tx: Tx, appended: EventsAppended) -> None:
    """Note which rooms have opened or closed."""
    changed = {
        event.room_id
        for event in appended.events
        if event.state_key == "" and event.type in _OPENING_TYPES
    }
    if not changed:
        return
    opened = [room_id for room_id, facts in find_room_facts(tx, changed).items() if is_open(facts)]
    tx.conn.execute(sa.delete(chat_open_room).where(chat_open_room.c.room_id.in_(sorted(changed))))
    if opened:
        tx.conn.execute(upsert(chat_open_room), [{"room_id": room_id} for room_id in opened])
