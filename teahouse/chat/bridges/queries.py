"""What of the stream an application service is to hear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.bridges.rules import Presence, is_within, presences
from teahouse.chat.bridges.tables import chat_appservice_stream
from teahouse.chat.bridges.types import Registration, matches
from teahouse.chat.event_store.queries import (
    find_memberships,
    select_events,
    stored_event,
    with_context,
)
from teahouse.chat.event_store.rules import read_membership
from teahouse.chat.event_store.tables import chat_event, chat_membership, chat_state
from teahouse.chat.event_store.types import ROOM_MEMBER, StoredEvent, splice
from teahouse.chat.keys.queries import find_key_counts, scan_device_list_changes
from teahouse.chat.keys.types import KeyCounts
from teahouse.chat.receipts.announcements import ReceiptChanged
from teahouse.chat.receipts.rules import to_receipt_content
from teahouse.chat.receipts.types import READ
from teahouse.chat.rooms.queries import find_aliases
from teahouse.chat.to_device.queries import Addressed, scan_to_device
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject, decode_json, encode_json

# Looked at in one go: some milliseconds of work for the writer.
SCANNED_ROWS_MAX: Final = 500
# Members of a namespace whose coming and going is looked at in one room. Who has been there
# longest comes first; a bridge's own user is nearly always the first.
GHOSTS_LOOKED_AT_MAX: Final = 100

_stream = chat_appservice_stream.c


class Progress(msgspec.Struct, frozen=True):
    """How far an application service has been told, and the end of the transaction under way."""

    position: int
    pending_position: int


def find_progress(read: Read, appservice_id: str) -> Progress | None:
    """How far an application service has been told; None for one that was never here."""
    row = read.conn.execute(
        sa.select(_stream.position, _stream.pending_position).where(
            _stream.appservice_id == appservice_id
        )
    ).one_or_none()
    return None if row is None else Progress(*row)


class Scan(msgspec.Struct, frozen=True):
    """A stretch of the stream.

    Attributes:
        events: those of interest.
        up_to: where the stretch ends.
        is_cut: whether there is more after it.
        to_device: messages for devices of its own members, where it takes them.
        changed: members of interest whose devices changed, where it encrypts.
    """

    events: list[StoredEvent]
    up_to: int
    is_cut: bool
    to_device: list[Addressed] = []
    changed: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.events or self.to_device or self.changed)


def scan(read: Read, registration: Registration, *, after: int, up_to: int, limit: int) -> Scan:
    """The next part of the stream that an application service is to hear.

    Args:
        read: the view.
        registration: whose interest.
        after: position before the first.
        up_to: the last position that may be looked at.
        limit: how many events at most.
    """
    found = scan_events(read, registration, after=after, up_to=up_to, limit=limit)
    end, to_device, changed = found.up_to, list[Addressed](), list[str]()
    if registration.receive_ephemeral:
        sent, end = scan_to_device(read, after=after, up_to=end, limit=SCANNED_ROWS_MAX)
        own = find_own_members(read, registration, {message.user_id for message in sent})
        to_device = [message for message in sent if message.user_id in own]
    if registration.receive_keys:
        users, end = scan_device_list_changes(read, after=after, up_to=end, limit=SCANNED_ROWS_MAX)
        changed = [user_id for user_id in users if is_of_interest(read, registration, user_id)]
    return Scan(
        [event for event in found.events if event.position <= end],
        end,
        is_cut=found.is_cut or end < found.up_to,
        to_device=[message for message in to_device if message.position <= end],
        changed=changed,
    )


def find_own_members(read: Read, registration: Registration, user_ids: Iterable[str]) -> set[str]:
    """Of some members those that an application service has made.

    A namespace alone is not enough: it may cover people, whose messages are nobody else's.
    """
    return {
        user_id
        for user_id in user_ids
        if registration.owns_user(user_id)
        and (member := accounts.find_member(read, user_id)) is not None
        and member.appservice_id == registration.id
    }


def is_of_interest(read: Read, registration: Registration, user_id: str) -> bool:
    """Whether a member lies in a namespace, or is in a room that an application service hears."""
    return registration.owns_user(user_id) or any(
        is_heard(read, registration, row.room_id)
        for row in find_memberships(read, user_id)
        if row.membership == "join"
    )


def find_counts(
    read: Read, registration: Registration, devices: Iterable[tuple[str, str]]
) -> dict[str, dict[str, KeyCounts]]:
    """How many keys devices of an application service's own members have to hand out."""
    by_user: dict[str, dict[str, KeyCounts]] = {}
    wanted = sorted(set(devices))
    own = find_own_members(read, registration, {user_id for user_id, _ in wanted})
    for user_id, device_id in wanted:
        if user_id in own:
            counts = find_key_counts(read, user_id, device_id)
            by_user.setdefault(user_id, {})[device_id] = counts
    return by_user


def scan_events(
    read: Read, registration: Registration, *, after: int, up_to: int, limit: int
) -> Scan:
    """The next events that an application service is interested in.

    Args:
        read: the view.
        registration: whose interest.
        after: position before the first.
        up_to: the last position that may be looked at.
        limit: how many events at most.

    Returns:
        The events, and the position up to which everything has been looked at.
    """
    rows = read.conn.execute(
        select_events()
        .where(chat_event.c.position > after, chat_event.c.position <= up_to)
        .order_by(chat_event.c.position)
        .limit(SCANNED_ROWS_MAX)
    ).all()
    interest = _Interest(read, registration)
    found: list[StoredEvent] = []
    for row in rows:
        if not interest.covers(row):
            continue
        found.append(stored_event(row))
        if len(found) == limit:
            return Scan(with_context(read, found), row.position, is_cut=True)
    is_cut = len(rows) == SCANNED_ROWS_MAX
    end = rows[-1].position if is_cut else up_to
    return Scan(with_context(read, found), end, is_cut=is_cut)


class _Interest:
    """What one application service is interested in, room by room, for one scan."""

    def __init__(self, read: Read, registration: Registration) -> None:
        self._read = read
        self._registration = registration
        self._stretches: dict[str, list[Presence]] = {}

    def covers(self, row: sa.Row[Any]) -> bool:
        """Whether an event is of interest.

        Source:
            Application Service API, "Registration": `sender_localpart` and `namespaces`.
        """
        mine = self._registration.owns_user
        if mine(row.sender):
            return True
        if row.type == ROOM_MEMBER and row.state_key is not None and mine(row.state_key):
            return True
        return is_within(self.stretches_of(row.room_id), row.position)

    def stretches_of(self, room_id: str) -> list[Presence]:
        """When a room was of interest."""
        if room_id not in self._stretches:
            self._stretches[room_id] = find_interest(self._read, self._registration, room_id)
        return self._stretches[room_id]


def find_interest(read: Read, registration: Registration, room_id: str) -> list[Presence]:
    """The stretches of a room's history that an application service hears.

    All of it for a room whose id or alias is in a namespace, else while a member of a namespace
    was in the room.
    """
    if matches(registration.rooms, room_id):
        return [Presence(0, None)]
    if registration.aliases and any(
        matches(registration.aliases, alias) for alias in find_aliases(read, room_id)
    ):
        return [Presence(0, None)]
    rows = read.conn.execute(
        sa.select(chat_membership.c.user_id)
        .where(chat_membership.c.room_id == room_id)
        .order_by(chat_membership.c.position)
    )
    ghosts = [row.user_id for row in rows if registration.owns_user(row.user_id)]
    return _find_presences(read, room_id, ghosts[:GHOSTS_LOOKED_AT_MAX])


def _find_presences(read: Read, room_id: str, user_ids: Sequence[str]) -> list[Presence]:
    if not user_ids:
        return []
    rows = read.conn.execute(
        select_events()
        .join_from(chat_state, chat_event, chat_state.c.position == chat_event.c.position)
        .where(
            chat_state.c.room_id == room_id,
            chat_state.c.type == ROOM_MEMBER,
            chat_state.c.state_key.in_(user_ids),
        )
        .order_by(chat_state.c.position)
    )
    by_user: dict[str, list[tuple[int, str]]] = {}
    for event in map(stored_event, rows):
        assert event.state_key is not None
        membership = read_membership(event.json)
        by_user.setdefault(event.state_key, []).append((event.position, membership))
    return [stretch for steps in by_user.values() for stretch in presences(steps)]


def render_event(event: StoredEvent, *, now: int) -> msgspec.Raw:
    """An event as application services see it."""
    unsigned: dict[str, Any] = {"age": max(0, now - event.origin_server_ts)}
    if event.replaced_json is not None:
        replaced = msgspec.json.decode(event.replaced_json)
        unsigned["prev_content"] = replaced["content"]
        unsigned["replaces_state"] = replaced["event_id"]
    if event.redaction_json is not None:
        unsigned["redacted_because"] = msgspec.Raw(
            splice(event.redaction_json, room_id=event.room_id)
        )
    return msgspec.Raw(splice(event.json, room_id=event.room_id, unsigned=encode_json(unsigned)))


def render_to_device(message: Addressed) -> JsonObject:
    """A message for a device as application services see it. Source: MSC4203."""
    event: JsonObject = decode_json(message.event)
    return event | {"to_user_id": message.user_id, "to_device_id": message.device_id}


def render_counts(counts: dict[str, dict[str, KeyCounts]]) -> dict[str, Any]:
    """How many keys are left, as application services see it. Source: MSC3202."""
    if not counts:
        return {}
    return {
        "org.matrix.msc3202.device_one_time_keys_count": {
            user_id: {device_id: found.one_time_key_counts for device_id, found in devices.items()}
            for user_id, devices in counts.items()
        },
        "org.matrix.msc3202.device_unused_fallback_key_types": {
            user_id: {
                device_id: found.unused_fallback_key_types for device_id, found in devices.items()
            }
            for user_id, devices in counts.items()
        },
    }


def choose_members(read: Read, registration: Registration, user_ids: Iterable[str]) -> list[str]:
    """Those of some members whose presence an application service hears."""
    return [user_id for user_id in user_ids if is_of_interest(read, registration, user_id)]


def choose_receipts(
    read: Read, registration: Registration, receipts: Sequence[ReceiptChanged]
) -> list[dict[str, Any]]:
    """Those of some receipts that an application service hears, as ephemeral events.

    Private ones are those of members in its namespaces only.
    """
    by_room: dict[str, list[ReceiptChanged]] = {}
    for receipt in receipts:
        if receipt.receipt_type != READ and not registration.owns_user(receipt.user_id):
            continue
        by_room.setdefault(receipt.room_id, []).append(receipt)
    return [
        {"type": "m.receipt", "room_id": room_id, "content": to_receipt_content(changed)}
        for room_id, changed in by_room.items()
        if is_heard(read, registration, room_id)
    ]


def choose_rooms(read: Read, registration: Registration, room_ids: Iterable[str]) -> list[str]:
    """Those of some rooms that an application service hears now."""
    return [room_id for room_id in room_ids if is_heard(read, registration, room_id)]


def is_heard(read: Read, registration: Registration, room_id: str) -> bool:
    """Whether an application service hears what happens in a room now."""
    return any(s.end is None for s in find_interest(read, registration, room_id))
