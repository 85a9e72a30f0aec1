"""Appending events to rooms, and emptying them."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.chat.auth_rules import (
    NotAllowed,
    PowerLevels,
    check_auth,
    read_power_levels,
    select_auth_slots,
)
from teahouse.chat.event_store.announcements import (
    EventRedacted,
    EventsAppended,
    HistoryRemoved,
)
from teahouse.chat.event_store.errors import RoomBlocked, RoomNotFound
from teahouse.chat.event_store.queries import (
    RoomHead,
    find_event,
    find_head,
    load_state,
    lock_heads,
    select_events,
    state_entry,
    stored_event,
)
from teahouse.chat.event_store.rules import (
    attention_of,
    read_relation,
    to_auth_event,
    to_stored_json,
)
from teahouse.chat.event_store.tables import (
    chat_current_state,
    chat_event,
    chat_membership,
    chat_room,
    chat_state,
)
from teahouse.chat.event_store.types import ROOM_MEMBER, RoomState, StateEntry, StoredEvent
from teahouse.chat.events.errors import EventTooLarge, NotCanonical
from teahouse.chat.events.rules import (
    build_event,
    decode_pdu,
    encode_canonical,
    redact_pdu,
    to_client_json,
)
from teahouse.chat.events.types import (
    ROOM_CREATE,
    ROOM_POWER_LEVELS,
    ROOM_REDACTION,
    ROOM_VERSIONS,
    Event,
    EventDraft,
    RoomVersion,
    SigningKey,
    StateSlot,
)
from teahouse.chat.push.rules import profile_event
from teahouse.platform.db import Tx, upsert
from teahouse.platform.errors import BadJson, Forbidden, NotFound, TooLarge
from teahouse.platform.json import JsonObject, decode_json

# A state of 10 members is about 10 kB, one of 1,000 about a megabyte.
ROOM_STATES_MAX: Final = 1000
# Some 300 bytes each; who is not among them is looked up in the database.
LAST_SENDS_MAX: Final = 10_000


class Draft(msgspec.Struct, kw_only=True, frozen=True):
    """An event as somebody wants to send it.

    Attributes:
        redacts: target of an `m.room.redaction`.
        sender_device, client_txn_id: which request sends it, where one does.
        origin_server_ts: told by an application service; the transaction's instant otherwise.
        expires_at: when it is to be destroyed, milliseconds since the epoch.
    """

    type: str
    sender: str
    content: JsonObject
    state_key: str | None = None
    redacts: str | None = None
    sender_device: str | None = None
    client_txn_id: str | None = None
    origin_server_ts: int | None = None
    expires_at: int | None = None


class RoomStore:
    """What appending needs and remembers: the signing key, and states of rooms.

    A remembered state is used only where the database names the same `state_event_id`, whose
    hash stands for the whole history: a rolled back command or another server leaves nothing
    stale behind.
    """

    def __init__(self, server_name: str, signing_key: SigningKey) -> None:
        self.server_name = server_name
        self.signing_key = signing_key
        self._states: OrderedDict[str, RoomState] = OrderedDict()
        self._last_sends: OrderedDict[tuple[str, str], tuple[int, str]] = OrderedDict()

    def state(self, tx: Tx, head: RoomHead) -> RoomState:
        """The state of a room at its head."""
        known = self._states.get(head.room_id)
        if known is None or known.state_event_id != head.state_event_id:
            known = load_state(tx, head.room_id)
            self.remember(known)
        else:
            self._states.move_to_end(head.room_id)
        return known

    def remember(self, state: RoomState) -> None:
        """Keep a state for the next command."""
        self._states[state.room_id] = state
        self._states.move_to_end(state.room_id)
        while len(self._states) > ROOM_STATES_MAX:
            self._states.popitem(last=False)

    def forget(self, room_id: str) -> None:
        """Drop the state of a room of which an event was emptied: it shows what is gone."""
        self._states.pop(room_id, None)

    def last_send(self, room_id: str, sender: str) -> tuple[int, str] | None:
        """When a member last sent in a room with slow mode, and which event, as far as known.

        The command that sent it may have been rolled back: look whether the event is there.
        """
        return self._last_sends.get((room_id, sender))

    def remember_send(self, room_id: str, sender: str, sent: tuple[int, str]) -> None:
        """Keep when a member sent last in a room with slow mode."""
        self._last_sends[(room_id, sender)] = sent
        self._last_sends.move_to_end((room_id, sender))
        while len(self._last_sends) > LAST_SENDS_MAX:
            self._last_sends.popitem(last=False)


class OpenRoom:
    """A room held for appending within one transaction.

    Attributes:
        state: after the events appended so far.
    """

    def __init__(self, appender: Appender, head: RoomHead, state: RoomState | None) -> None:
        self._appender = appender
        self.room_id = head.room_id
        self.version: RoomVersion = ROOM_VERSIONS[head.version]
        self._head_event_id = head.head_event_id
        self._head_position = head.head_position
        self._depth = head.depth
        self._state_event_id = head.state_event_id
        self._state = state

    @property
    def state(self) -> RoomState:
        """The state after what was appended."""
        assert self._state is not None, "a room without its create event has no state"
        return self._state

    def power_levels(self) -> PowerLevels:
        """The power levels in force."""
        create = self._auth_event((ROOM_CREATE, ""))
        assert create is not None
        return read_power_levels(create, self._auth_event((ROOM_POWER_LEVELS, "")), self.version)

    def append(self, draft: Draft) -> StoredEvent:
        """Check an event against the rules of the room and append it.

        Raises:
            Forbidden: the authorization rules refuse it.
            BadJson: its content is not canonical JSON.
            TooLarge: it is over the size limits.
        """
        slots = select_auth_slots(
            draft.type, draft.state_key, draft.sender, draft.content, self.version
        )
        auth_state = self._auth_state(slots)
        event, pdu = self._build(draft, [auth_state[s].event_id for s in slots if s in auth_state])
        try:
            check_auth(event, auth_state, self.version)
        except NotAllowed as refused:
            raise Forbidden(refused.reason) from None
        return self._advance(draft, event, pdu)

    def preview_room_id(self, create: Draft) -> str:
        """The id that a create event gives to a room."""
        return self._build(create, [])[0].room_id

    def _auth_state(self, slots: list[StateSlot]) -> dict[StateSlot, Event]:
        wanted = slots if (ROOM_CREATE, "") in slots else [(ROOM_CREATE, ""), *slots]
        found = {slot: self._auth_event(slot) for slot in wanted}
        return {slot: event for slot, event in found.items() if event is not None}

    def _auth_event(self, slot: StateSlot) -> Event | None:
        if self._state is None:
            return None
        entry = self._state.get(*slot)
        return None if entry is None else _to_auth_event(self.room_id, entry.json)

    def _build(self, draft: Draft, auth_event_ids: list[str]) -> tuple[Event, bytes]:
        tx = self._appender.tx
        names_room = draft.type != ROOM_CREATE or not self.version.room_id_is_create_hash
        try:
            return build_event(
                EventDraft(
                    room_id=self.room_id if names_room else None,
                    type=draft.type,
                    sender=draft.sender,
                    origin_server_ts=(
                        tx.now if draft.origin_server_ts is None else draft.origin_server_ts
                    ),
                    content=draft.content,
                    depth=self._depth + 1,
                    prev_events=[self._head_event_id] if self._head_event_id else [],
                    auth_events=auth_event_ids,
                    state_key=draft.state_key,
                    redacts=draft.redacts,
                ),
                self.version,
                self._appender.store.signing_key,
            )
        except NotCanonical as error:
            raise BadJson(error.reason) from None
        except EventTooLarge as error:
            raise TooLarge(error.reason) from None

    def _advance(self, draft: Draft, event: Event, pdu: bytes) -> StoredEvent:
        replaced = None
        if event.state_key is not None and self._state is not None:
            replaced = self._state.get(*event.slot)
        stored = _to_stored(
            draft,
            event,
            self._appender.tx.next_position(),
            replaced=replaced,
        )
        self.room_id = event.room_id
        self._head_event_id = event.event_id
        self._head_position = stored.position
        self._depth += 1
        if stored.state_key is not None:
            self._state_event_id = event.event_id
            entry = state_entry(stored)
            base = self._state or _empty_state(self.room_id, self.version)
            self._state = base.with_entry(stored.slot, entry)
        self._appender.add(stored, pdu, draft.expires_at)
        return stored

    def is_pending(self, event_id: str) -> bool:
        """Whether an event was appended and not yet written."""
        return self._appender.is_pending(event_id)

    def mark_state_changed(self, event: StoredEvent) -> None:
        """Note that `event`, no state event itself, changed the state (by redaction)."""
        self._state_event_id = event.event_id
        self._state = None

    def head_row(self) -> dict[str, Any]:
        """What the room's row is to say."""
        return {
            "key": self.room_id,
            "head_event_id": self._head_event_id,
            "head_position": self._head_position,
            "depth": self._depth,
            "state_event_id": self._state_event_id,
        }

    def known_state(self) -> RoomState | None:
        """The state, unless it must be read again."""
        return self._state


def _empty_state(room_id: str, version: RoomVersion) -> RoomState:
    return RoomState(
        room_id=room_id, version=version, position=0, state_event_id="",
        members={}, others={}, joined={},
    )  # fmt: skip


# Every send looks at the same few state events: create, power levels, the sender's membership.
@lru_cache(4096)
def _to_auth_event(room_id: str, event_json: bytes) -> Event:
    return to_auth_event(room_id, event_json)


def _to_stored(
    draft: Draft, event: Event, position: int, *, replaced: StateEntry | None
) -> StoredEvent:
    relates_to, rel_type = read_relation(event.content)
    profile = profile_event(
        {
            "type": event.type,
            "sender": event.sender,
            "content": event.content,
            **({} if event.state_key is None else {"state_key": event.state_key}),
        }
    )
    return StoredEvent(
        position=position,
        event_id=event.event_id,
        room_id=event.room_id,
        type=event.type,
        sender=event.sender,
        origin_server_ts=event.origin_server_ts,
        json=to_client_json(event, room_id=False),
        state_key=event.state_key,
        replaces_position=None if replaced is None else replaced.position,
        replaced_json=None if replaced is None else replaced.json,
        relates_to=relates_to,
        rel_type=rel_type,
        attention=attention_of(profile),
        sender_device=draft.sender_device,
        client_txn_id=draft.client_txn_id,
    )


class Appender:
    """Appends events to one or more rooms in one transaction; `flush` writes them.

    Args:
        store: the signing key and the remembered states.
        tx: the transaction.
    """

    def __init__(self, store: RoomStore, tx: Tx) -> None:
        self.store = store
        self.tx = tx
        self._rooms: list[OpenRoom] = []
        self._events: list[StoredEvent] = []
        self._rows: list[dict[str, Any]] = []
        self._new_room_rows: list[dict[str, Any]] = []

    def open(self, room_id: str) -> OpenRoom:
        """Hold a room for appending.

        Raises:
            RoomNotFound: no such room.
            RoomBlocked: the operator has shut it.
        """
        found = self.open_many([room_id])
        if room_id not in found:
            raise RoomNotFound
        room = found[room_id]
        if room is None:
            raise RoomBlocked
        return room

    def open_many(self, room_ids: Iterable[str]) -> dict[str, OpenRoom | None]:
        """Hold several rooms; unknown ones are left out, blocked ones are None."""
        opened: dict[str, OpenRoom | None] = {}
        for room_id, head in lock_heads(self.tx, room_ids).items():
            if head.is_blocked:
                opened[room_id] = None
                continue
            room = OpenRoom(self, head, self.store.state(self.tx, head))
            self._rooms.append(room)
            opened[room_id] = room
        return opened

    def create(self, room_id: str, version: str, create: Draft) -> OpenRoom:
        """Begin a room with its create event.

        Args:
            room_id: ignored in versions whose room id is the hash of the create event.
            version: the room version.
            create: the create event.
        """
        head = RoomHead(room_id, version, "", 0, 0, "", is_blocked=False)
        room = OpenRoom(self, head, None)
        room.append(self._make_unique(room, create))
        self._rooms.append(room)
        self._new_room_rows.append(
            {
                "room_id": room.room_id,
                "version": version,
                "created_at": self.tx.now,
                "head_event_id": "",
                "head_position": 0,
                "depth": 0,
                "state_event_id": "",
                "is_blocked": False,
            }
        )
        return room

    def _make_unique(self, room: OpenRoom, create: Draft) -> Draft:
        """A create event that no room begins with yet.

        Where the room id is its hash, two rooms made alike by one member within a millisecond
        would be one room.
        """
        if not room.version.room_id_is_create_hash:
            return create
        while find_head(self.tx, room.preview_room_id(create)) is not None:
            later = (create.origin_server_ts or self.tx.now) + 1
            create = msgspec.structs.replace(create, origin_server_ts=later)
        return create

    def add(self, event: StoredEvent, pdu: bytes, expires_at: int | None) -> None:
        """Take an event that a room has appended."""
        self._events.append(event)
        self._rows.append(
            {
                "position": event.position,
                "event_id": event.event_id,
                "room_id": event.room_id,
                "type": event.type,
                "state_key": event.state_key,
                "sender": event.sender,
                "origin_server_ts": event.origin_server_ts,
                "pdu": pdu,
                "replaces_position": event.replaces_position,
                "relates_to": event.relates_to,
                "rel_type": event.rel_type,
                "redacted_by": None,
                "attention": event.attention,
                "expires_at": expires_at,
                "sender_device": event.sender_device,
                "client_txn_id": event.client_txn_id,
            }
        )

    def is_pending(self, event_id: str) -> bool:
        """Whether an event was appended and not yet written."""
        return any(event.event_id == event_id for event in self._events)

    def flush(self) -> None:
        """Write what was appended, and announce it. The rooms may be appended to again."""
        if not self._events:
            return
        conn = self.tx.conn
        if self._new_room_rows:
            conn.execute(sa.insert(chat_room), self._new_room_rows)
        conn.execute(_insert_event, self._rows)
        state_events = [event for event in self._events if event.state_key is not None]
        if state_events:
            _write_state(self.tx, state_events)
        conn.execute(_update_head, [room.head_row() for room in self._rooms])
        for room in self._rooms:
            state = room.known_state()
            if state is not None:
                self.store.remember(state)
        self.tx.announce(EventsAppended(self._events))
        self._events, self._rows, self._new_room_rows = [], [], []


_insert_event = sa.insert(chat_event)
_update_head = (
    sa.update(chat_room)
    .where(chat_room.c.room_id == sa.bindparam("key"))
    .values(
        head_event_id=sa.bindparam("head_event_id"),
        head_position=sa.bindparam("head_position"),
        depth=sa.bindparam("depth"),
        state_event_id=sa.bindparam("state_event_id"),
    )
)
_upsert_current = upsert(chat_current_state, "position")
_upsert_membership = upsert(chat_membership, "membership", "position", "is_forgotten")


def _write_state(tx: Tx, events: list[StoredEvent]) -> None:
    rows = [
        {"room_id": e.room_id, "type": e.type, "state_key": e.state_key, "position": e.position}
        for e in events
    ]
    tx.conn.execute(sa.insert(chat_state), rows)
    # In one statement PostgreSQL may touch a row only once: the last of a slot counts.
    latest = {(row["room_id"], row["type"], row["state_key"]): row for row in rows}
    tx.conn.execute(_upsert_current, list(latest.values()))
    memberships = {
        (e.state_key, e.room_id): {
            "user_id": e.state_key,
            "room_id": e.room_id,
            "membership": state_entry(e).membership,
            "position": e.position,
            "is_forgotten": False,
        }
        for e in events
        if e.type == ROOM_MEMBER
    }
    if memberships:
        tx.conn.execute(_upsert_membership, list(memberships.values()))


def redact_event(tx: Tx, room: OpenRoom, *, target_id: str, redaction: StoredEvent) -> StoredEvent:
    """Empty an event, as `redaction`, appended already, demands.

    What was said is gone from the database at once; id, signatures and state stay valid.

    Raises:
        NotFound: the room has no such event.
    """
    target = find_event(tx, room.room_id, target_id)
    if target is None:
        raise NotFound("There is no such event in this room.")
    row = tx.conn.execute(
        sa.select(chat_event.c.pdu).where(chat_event.c.position == target.position)
    ).one()
    pdu = encode_canonical(redact_pdu(decode_json(row.pdu), room.version))
    tx.conn.execute(
        sa.update(chat_event)
        .where(chat_event.c.position == target.position)
        .values(
            pdu=pdu, redacted_by=redaction.event_id, relates_to=None, rel_type=None,
            attention=0,
        )
    )  # fmt: skip
    emptied = msgspec.structs.replace(
        target,
        json=to_stored_json(target.event_id, target.room_id, pdu),
        redacted_by=redaction.event_id,
        redaction_json=redaction.json,
        relates_to=None,
        rel_type=None,
        attention=0,
    )
    if target.state_key is not None:
        current = room.state.get(*target.slot)
        if current is not None and current.event_id == target_id:
            room.mark_state_changed(redaction)
    tx.announce(EventRedacted(emptied))
    return emptied


_empty = (
    sa.update(chat_event)
    .where(chat_event.c.position == sa.bindparam("at"))
    .values(
        pdu=sa.bindparam("emptied"),
        emptied_at=sa.bindparam("now"),
        relates_to=None,
        rel_type=None,
        attention=0,
        expires_at=None,
    )
)


def empty_events(tx: Tx, positions: Sequence[int]) -> dict[str, int]:
    """Destroy what events say, without a redaction; edits go with what they edit.

    The rows stay in the redacted form: ids, signatures, the order of the room and its state
    remain valid, and what was said is gone from the database at once.

    Args:
        tx: the transaction.
        positions: of the events, a few hundred at most.

    Returns:
        How many were emptied, by room.
    """
    events = _load_with_version(tx, chat_event.c.position.in_(positions))
    edited = [event.event_id for event, _version, _pdu in events if event.state_key is None]
    edits = _load_with_version(
        tx,
        sa.and_(chat_event.c.relates_to.in_(edited), chat_event.c.rel_type == "m.replace"),
    )
    senders = {event.event_id: event.sender for event, _version, _pdu in events}
    events += [edit for edit in edits if edit[0].sender == senders[edit[0].relates_to or ""]]
    unique = {event[0].position: event for event in events}.values()
    emptied = [
        (event, encode_canonical(redact_pdu(decode_json(pdu), version)))
        for event, version, pdu in unique
    ]
    if not emptied:
        return {}
    rows = [{"at": event.position, "emptied": pdu, "now": tx.now} for event, pdu in emptied]
    tx.conn.execute(_empty, rows)
    _tell_emptied(tx, emptied)
    return dict(Counter(event.room_id for event, _pdu in emptied))


# Other events are told together with these: with what they replaced, or what redacted them.
_SHOWN_ELSEWHERE: Final = (ROOM_MEMBER, ROOM_REDACTION)


def _load_with_version(
    tx: Tx, condition: sa.ColumnElement[bool]
) -> list[tuple[StoredEvent, RoomVersion, bytes]]:
    joined = chat_event.join(chat_room, chat_room.c.room_id == chat_event.c.room_id)
    rows = tx.conn.execute(
        select_events()
        .add_columns(chat_room.c.version)
        .select_from(joined)
        .where(condition, chat_event.c.emptied_at.is_(None))
        .order_by(chat_event.c.position)
    ).all()
    return [(stored_event(row), ROOM_VERSIONS[row.version], row.pdu) for row in rows]


def _tell_emptied(tx: Tx, emptied: list[tuple[StoredEvent, bytes]]) -> None:
    shown_elsewhere: dict[str, int] = {}
    for event, pdu in emptied:
        if event.type in _SHOWN_ELSEWHERE:
            shown_elsewhere[event.room_id] = event.position
        if event.redacted_by is not None:
            continue  # it was empty before, and all were told
        left = msgspec.structs.replace(
            event,
            json=to_stored_json(event.event_id, event.room_id, pdu),
            relates_to=None,
            rel_type=None,
            attention=0,
        )
        tx.announce(EventRedacted(left))
    for room_id, position in shown_elsewhere.items():
        tx.announce(HistoryRemoved(room_id, position))


def read_event(tx: Tx, room_id: str, event_id: str) -> Event | None:
    """An event in full, for checks."""
    row = tx.conn.execute(
        sa.select(chat_event.c.pdu).where(
            chat_event.c.event_id == event_id, chat_event.c.room_id == room_id
        )
    ).first()
    return None if row is None else decode_pdu(event_id, room_id, row.pdu)
