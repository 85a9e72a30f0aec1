"""What is remembered of a room, against the whole of it."""

from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.event_store.types import StoredEvent
from teahouse.chat.sync.live import EVENTS_PER_ROOM, LiveRoom
from tests.chat.sync.kit import ROOM, make_event, make_line, make_state


@given(
    floor=st.integers(0, 8),
    later=st.integers(0, 8),
    prefilled=st.integers(0, 8),
    forgotten=st.integers(0, 4),
    asked=st.integers(-1, 20),
    count=st.integers(1, 20),
)
def test_what_is_remembered_is_complete_or_not_told(
    floor: int, later: int, prefilled: int, forgotten: int, asked: int, count: int
) -> None:
    """Events 1 to `floor` were there before; others come; some older ones are read again."""
    everything = [make_event(position) for position in range(1, floor + later + 1)]
    room = LiveRoom(ROOM, floor)
    for event in everything[floor:]:
        room.append(event)
    older = everything[max(0, floor - prefilled) :]
    room.prefill(older, complete_after=max(0, floor - prefilled), related=set())
    for _ in range(min(forgotten, len(room.events))):
        room.forget_oldest()

    after = room.events_after(asked)
    assert after is None or after == [event for event in everything if event.position > asked]
    latest = room.latest(count)
    assert latest is None or latest == everything[-count:]
    if asked >= room.complete_after:
        assert after is not None


def test_a_new_room_is_remembered_from_its_beginning() -> None:
    room = LiveRoom(ROOM, 99)
    create = make_event(100, "m.room.create", state_key="")
    room.append(create)
    assert room.latest(10) == [create]
    assert room.events_after(0) == [create]


def test_a_busy_room_forgets_its_oldest() -> None:
    room = LiveRoom(ROOM, 0)
    for position in range(1, EVENTS_PER_ROOM + 3):
        room.append(make_event(position))
    assert len(room.events) == EVENTS_PER_ROOM
    assert room.events_after(0) is None
    assert room.events_after(2) == list(room.events)


def test_a_state_follows_what_is_appended_and_not_what_it_holds_already() -> None:
    line = make_line([("m.room.name", "", {"name": str(n)}) for n in range(3)])
    room = LiveRoom(ROOM, 0)
    room.state = make_state(line[:2])
    for event in line:
        room.append(event)
    assert room.state is not None
    assert room.state.content("m.room.name") == {"name": "2"}
    changes = room.state_changes
    emptied = make_event(3, "m.room.name", state_key="")
    room.replace(emptied)
    assert room.state is None, "a redacted state event must be read anew"
    assert room.state_changes > changes
    assert room.events_after(2) == [emptied]


def test_what_is_related_to_is_known() -> None:
    room = LiveRoom(ROOM, 0)
    events: list[StoredEvent] = [make_event(1), make_event(2, relates_to="$1", rel_type="m.thread")]
    for event in events:
        room.append(event)
    assert room.related == {"$1"}
    assert room.latest_of({"m.room.message"}) == 2
    assert room.latest_of({"m.sticker"}) == 0
