"""Appending, redacting and emptying against a small model, on both databases."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.event_store.announcements import EventRedacted, EventsAppended
from teahouse.chat.event_store.commands import (
    ROOM_STATES_MAX,
    Appender,
    Draft,
    RoomStore,
    empty_events,
    redact_event,
)
from teahouse.chat.event_store.queries import (
    find_event,
    find_latest_events,
    find_state_event_at,
    find_state_events,
    load_state,
)
from teahouse.chat.event_store.tables import chat_event, chat_room
from teahouse.chat.event_store.types import StoredEvent, decode_content
from teahouse.chat.events.rules import decode_pdu
from teahouse.chat.rooms.commands import RoomDefaults, create_room
from teahouse.chat.rooms.types import CreateRoom
from teahouse.platform.announcements import Announcement
from teahouse.platform.db import Database, Read, Tx
from teahouse.platform.errors import BadJson, Forbidden, NotFound, TooLarge
from tests.kit.chat_house import Guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio


class Line:
    """One room, appended to by commands."""

    def __init__(self, house: House, sender: str, version: str = "12") -> None:
        self.db: Database = house.db
        self.store = house.services.get(RoomStore)
        self.sender = sender
        defaults = RoomDefaults(version, encrypt_private=False)
        self.room: str = self.db.run(
            create_room, self.store, defaults, creator=sender, request=CreateRoom()
        )

    def append(self, *drafts: Draft) -> list[StoredEvent]:
        def command(tx: Tx) -> list[StoredEvent]:
            appender = Appender(self.store, tx)
            room = appender.open(self.room)
            events = [room.append(draft) for draft in drafts]
            appender.flush()
            return events

        return self.db.run(command)

    def draft(self, event_type: str = "m.room.message", **options: Any) -> Draft:
        content = options.pop("content", {"body": "tea"})
        return Draft(type=event_type, sender=self.sender, content=content, **options)

    def say(self, body: str, **content: Any) -> StoredEvent:
        return self.append(self.draft(content={"body": body, **content}))[0]

    def redact(self, target: str) -> StoredEvent:
        def command(tx: Tx) -> StoredEvent:
            appender = Appender(self.store, tx)
            room = appender.open(self.room)
            draft = self.draft("m.room.redaction", content={"redacts": target}, redacts=target)
            emptied = redact_event(tx, room, target_id=target, redaction=room.append(draft))
            appender.flush()
            return emptied

        return self.db.run(command)

    def content(self, event_id: str) -> Any:
        found = self.db.look(find_event, self.room, event_id)
        assert found is not None
        return decode_content(found.json)


@pytest.fixture
def line(house: House, ada: Guest) -> Line:
    return Line(house, ada.user_id)


async def test_events_follow_one_another(line: Line) -> None:
    line.append(*(line.draft() for _ in range(3)))
    line.say("one more")

    def rows(read: Read) -> list[Any]:
        query = sa.select(chat_event.c.event_id, chat_event.c.position, chat_event.c.pdu)
        found = read.conn.execute(query.where(chat_event.c.room_id == line.room)
                                  .order_by(chat_event.c.position))  # fmt: skip
        return [(row.position, decode_pdu(row.event_id, line.room, row.pdu)) for row in found]

    found = line.db.look(rows)
    assert [event.depth for _, event in found] == list(range(1, len(found) + 1))
    for (_, before), (_, event) in itertools.pairwise(found):
        assert event.prev_events == [before.event_id]
    head = line.db.look(lambda read: read.conn.execute(
        sa.select(chat_room).where(chat_room.c.room_id == line.room)).one())  # fmt: skip
    assert (head.head_event_id, head.head_position) == (found[-1][1].event_id, found[-1][0])


_changes = st.lists(
    st.tuples(st.sampled_from(["a", "b", "message"]), st.integers(0, 9)), min_size=1, max_size=8
)


@settings(max_examples=10)
@given(changes=_changes, in_one=st.booleans())
async def test_the_state_at_any_point_is_that_of_replaying(
    house: House, ada: Guest, changes: list[tuple[str, int]], *, in_one: bool
) -> None:
    line = Line(house, ada.user_id)
    start = line.say("begin").position
    drafts = [
        line.draft() if key == "message" else line.draft("org.t", state_key=key, content={"n": n})
        for key, n in changes
    ]
    events = line.append(*drafts) if in_one else [line.append(draft)[0] for draft in drafts]
    standing: dict[str, int] = {}
    for event, (key, n) in zip(events, changes, strict=True):
        if key != "message":
            standing[key] = n
        for slot in ("a", "b"):
            at = line.db.look(find_state_event_at, line.room, ("org.t", slot), event.position)
            assert (None if at is None else decode_content(at.json)["n"]) == standing.get(slot)
    # What is remembered, what is stored, and what changed since then say the same.
    state = line.db.look(load_state, line.room)
    assert {k: state.content("org.t", k)["n"] for k in standing} == standing
    remembered = line.store._states[line.room]
    assert remembered.state_event_id == state.state_event_id
    assert {k: remembered.content("org.t", k)["n"] for k in standing} == standing
    changed = line.db.look(find_state_events, line.room, after=start, up_to=events[-1].position)
    assert {e.state_key: decode_content(e.json)["n"] for e in changed} == standing


async def test_a_command_that_fails_leaves_nothing_behind(line: Line) -> None:
    before = line.db.look(load_state, line.room)
    heard: list[Announcement] = []
    line.db.listen(lambda said, _position: heard.extend(said))

    def command(tx: Tx) -> None:
        appender = Appender(line.store, tx)
        room = appender.open(line.room)
        room.append(line.draft("m.room.name", state_key="", content={"name": "lost"}))
        appender.flush()
        raise Forbidden

    with pytest.raises(Forbidden):
        line.db.run(command)
    assert heard == []
    assert line.db.look(load_state, line.room) == before
    event = line.append(line.draft("m.room.name", state_key="", content={"name": "kept"}))[0]
    assert event.replaces_position is None, "the store remembered what was rolled back"
    assert [type(said) for said in heard] == [EventsAppended]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ({"n": 1.5}, BadJson),
        ({"n": 2**53}, BadJson),
        ({"body": "x" * 65_536}, TooLarge),
    ],
)
async def test_what_cannot_be_an_event_is_refused(
    line: Line, content: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        line.append(line.draft(content=content))
    with pytest.raises(TooLarge):
        line.append(line.draft("x" * 256))
    with pytest.raises(Forbidden):
        line.append(msgspec.structs.replace(line.draft(), sender="@eve:teahouse.test"))


async def test_a_redacted_event_is_empty_and_its_room_goes_on(line: Line) -> None:
    said = line.say("spilt", **{"m.relates_to": {"rel_type": "m.thread", "event_id": "$x"}})
    topic = line.append(line.draft("m.room.topic", state_key="", content={"topic": "spilt"}))[0]
    for target in (said, topic):
        emptied = line.redact(target.event_id)
        assert decode_content(emptied.json) == {}
        assert (emptied.relates_to, emptied.rel_type, emptied.attention) == (None, None, 0)
        assert line.content(target.event_id) == {}
    assert line.db.look(load_state, line.room).content("m.room.topic") == {}
    assert line.say("on it goes").position > said.position
    # The remembered state must not show what was redacted.
    assert line.store._states[line.room].content("m.room.topic") == {}
    with pytest.raises(NotFound):
        line.redact("$nothing")


async def test_emptying_takes_the_edits_of_its_sender_along(
    line: Line,
) -> None:
    told: list[StoredEvent] = []
    line.db.listen(
        lambda said, _position: told.extend(s.event for s in said if isinstance(s, EventRedacted))
    )
    said = line.say("one")
    other = line.say("two")
    edit = {"m.relates_to": {"rel_type": "m.replace", "event_id": said.event_id}}
    edited = line.say("one, better", **edit)
    reply = line.say("three", **{"m.relates_to": {"rel_type": "m.thread",
                                                  "event_id": said.event_id}})  # fmt: skip
    assert line.db.run(empty_events, [said.position]) == {line.room: 2}
    assert [line.content(e.event_id) for e in (said, edited)] == [{}, {}]
    assert line.content(other.event_id) == {"body": "two"}
    assert line.content(reply.event_id)["body"] == "three"
    assert {event.event_id for event in told} == {said.event_id, edited.event_id}
    assert line.db.run(empty_events, [said.position]) == {}, "twice changes nothing"
    assert line.db.run(empty_events, []) == {}


async def test_the_last_events_of_a_stretch_come_oldest_first(line: Line) -> None:
    events = [line.say(str(n)) for n in range(5)]
    found = line.db.look(
        find_latest_events, line.room,
        after=events[0].position, up_to=events[3].position, limit=2,
    )  # fmt: skip
    assert [event.event_id for event in found] == [e.event_id for e in events[2:4]]


async def test_the_store_remembers_some_rooms_and_some_senders(line: Line) -> None:
    state = line.db.look(load_state, line.room)
    for number in range(ROOM_STATES_MAX + 5):
        line.store.remember(msgspec.structs.replace(state, room_id=f"!{number}:x"))
    assert len(line.store._states) == ROOM_STATES_MAX
    assert line.say("still here").position
    line.store.remember_send(line.room, line.sender, (1, "$a"))
    assert line.store.last_send(line.room, line.sender) == (1, "$a")
    assert line.store.last_send(line.room, "@eve:teahouse.test") is None
