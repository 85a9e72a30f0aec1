"""Which state, which members and in which form: the pure parts of `/sync`."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.event_store.queries import MembershipRow
from teahouse.chat.event_store.types import RoomState, StoredEvent
from teahouse.chat.filters.types import EventFilter, RoomEventFilter
from teahouse.chat.rooms.rules import visible_stretches
from teahouse.chat.sync.rules import (
    HEROES_MAX,
    apply_lazy_loading,
    choose_heroes,
    client_event,
    filter_entries,
    filter_events,
    is_window_visible,
    state_before,
    stripped_state,
)
from teahouse.chat.sync.types import SyncToken, parse_room_token, parse_sync_token, room_token
from teahouse.platform.errors import InvalidParam
from tests.chat.sync.kit import ROOM, make_event, make_line, make_member, make_state

ADA, BEN, EVE = "@ada:teahouse.test", "@ben:teahouse.test", "@eve:teahouse.test"
VISIBILITY = "m.room.history_visibility"

_step: st.SearchStrategy[tuple[str, str | None, dict[str, Any]]] = st.one_of(
    st.just(("m.room.message", None, {})),
    st.tuples(
        st.sampled_from(["m.room.name", "m.room.topic"]),
        st.just(""),
        st.integers(0, 3).map(lambda n: {"n": n}),
    ),
    st.tuples(
        st.just("m.room.member"),
        st.sampled_from([ADA, BEN]),
        st.sampled_from(["join", "leave", "invite"]).map(lambda m: {"membership": m}),
    ),
)
_line = st.lists(_step, max_size=20).map(make_line)


def slots_of(state: RoomState) -> dict[tuple[str, str], str]:
    found = {slot: entry.event_id for slot, entry in state.others.items()}
    return found | {("m.room.member", user): e.event_id for user, e in state.members.items()}


@given(events=_line, data=st.data())
def test_state_and_timeline_together_lead_to_the_state_of_now(
    events: list[StoredEvent], data: st.DataObject
) -> None:
    """The contract of the specification, for any cut: what a client knows, then `state`, then the
    timeline, each in its order, is the state of the room."""
    after = data.draw(st.integers(-1, len(events)), label="after")
    first = data.draw(st.integers(max(after, 0), len(events)), label="first")
    known = slots_of(make_state([e for e in events if e.position <= after]))
    timeline = events[first:]
    before = state_before(make_state(events), timeline, after=after, up_to=len(events))
    for entry in before:
        said = msgspec.json.decode(entry.json)
        known[said["type"], said["state_key"]] = entry.event_id
        assert after < entry.position <= first
    assert known == slots_of(make_state(events[:first]))
    for event in timeline:
        if event.state_key is not None:
            known[event.slot] = event.event_id
    assert known == slots_of(make_state(events))


@given(events=_line, values=st.lists(st.sampled_from(["shared", "joined", "invited",
       "world_readable"]), max_size=4), data=st.data())  # fmt: skip
def test_a_window_is_called_visible_only_where_every_event_is(
    events: list[StoredEvent], values: list[str], data: st.DataObject
) -> None:
    steps = [(e.type, e.state_key, msgspec.json.decode(e.json)["content"]) for e in events]
    for value in values:
        at = data.draw(st.integers(0, len(steps)))
        steps.insert(at, (VISIBILITY, "", {"history_visibility": value}))
    steps.append(("m.room.member", ADA, {"membership": "join"}))
    line = make_line(steps)
    line += [make_event(len(line) + 1)] * data.draw(st.integers(0, 1))
    mine = [e for e in line if e.type == "m.room.member" and e.state_key == ADA]
    row = MembershipRow(ROOM, "join", mine[-1].position, is_forgotten=False)
    window = line[data.draw(st.integers(0, len(line))) :]
    if is_window_visible(make_state(line), row, window):
        stretches = visible_stretches(
            [(e.position, msgspec.json.decode(e.json)["content"]["history_visibility"])
             for e in line if e.type == VISIBILITY],
            [(e.position, msgspec.json.decode(e.json)["content"]["membership"]) for e in mine],
        )  # fmt: skip
        assert all(any(e.position in s for s in stretches) for e in window)


def members(*ids: str, name: bool = False) -> RoomState:
    events = [make_member(number, user_id, "join") for number, user_id in enumerate(ids, 1)]
    if name:
        events.append(make_event(50, "m.room.name", {"name": "Tea"}, state_key=""))
    return make_state(events)


def test_lazy_loading_sends_who_spoke_and_each_of_them_once() -> None:
    state = members(ADA, BEN, EVE, name=True)
    said = [make_event(60, sender=BEN), make_event(61, sender=BEN)]
    first, told = apply_lazy_loading(state, state.entries(), said, me=ADA, known=set())
    assert [e.sender for e in first if e.membership] == [BEN, ADA]
    assert [e.membership for e in first] == ["", "join", "join"], "other state is not left out"
    assert told == {ADA, BEN}
    again = apply_lazy_loading(state, [], [make_event(62, sender=BEN)], me=None, known=told)
    assert again == ([], set())
    redundant, _ = apply_lazy_loading(state, [], [make_event(62, sender=BEN)], me=None, known=set())
    assert [e.sender for e in redundant] == [BEN]
    stranger = apply_lazy_loading(state, [], [make_event(63, sender="@x:y")], me=None, known=told)
    assert stranger == ([], set())


def test_lazy_loading_leaves_out_no_membership_that_has_changed() -> None:
    state = members(ADA, BEN, EVE)
    gone = state.members[EVE]
    changed, told = apply_lazy_loading(state, [gone], [], me=None, known={ADA, BEN, EVE})
    assert (changed, told) == ([gone], {EVE})
    came = make_member(70, EVE, "join")
    new, _ = apply_lazy_loading(state, state.entries(), [came], me=ADA, known=set())
    assert {e.sender for e in new} >= {ADA, EVE}


def test_heroes_name_a_room_that_has_no_name() -> None:
    many = [f"@m{number}:teahouse.test" for number in range(9)]
    found = choose_heroes(members(ADA, *many), ADA)
    assert found["m.heroes"] == many[:HEROES_MAX]
    assert found["m.joined_member_count"] == 10
    assert "m.heroes" not in choose_heroes(members(ADA, BEN, name=True), ADA)
    alone = make_state([make_member(1, ADA, "join"), make_member(2, BEN, "leave")])
    assert choose_heroes(alone, ADA)["m.heroes"] == [BEN], "who left last names an empty room"
    assert "m.heroes" not in choose_heroes(members(ADA), ADA)


def test_an_invited_member_is_told_which_room_it_is_and_nothing_else() -> None:
    events = [
        make_member(1, BEN, "join"),
        make_event(2, "m.room.name", {"name": "Tea"}, state_key=""),
        make_event(3, "m.room.secret", {}, state_key=""),
        make_member(4, EVE, "join"),
    ]
    own = make_event(5, "m.room.member", {"membership": "invite"}, sender=BEN, state_key=ADA)
    state = make_state([*events, own])
    told = msgspec.json.decode(msgspec.json.encode(stripped_state(state, state.members[ADA])))
    assert [(e["type"], e["state_key"]) for e in told] == [
        ("m.room.name", ""), ("m.room.member", BEN), ("m.room.member", ADA),
    ]  # fmt: skip
    assert all(set(e) == {"type", "state_key", "sender", "content"} for e in told)


def rendered(event: StoredEvent, **options: Any) -> Any:
    return msgspec.json.decode(client_event(event, now=100, **options))


def test_only_the_sending_device_is_told_its_transaction_id() -> None:
    event = make_event(1, sender_device="A", client_txn_id='t"1')
    assert rendered(event, own_device="A")["unsigned"]["transaction_id"] == 't"1'
    for other in ("B", "", None):
        assert "transaction_id" not in rendered(event, own_device=other)["unsigned"]


def test_an_event_tells_what_it_replaced_and_what_emptied_it() -> None:
    before = make_event(1, "m.room.topic", {"topic": "tea"}, sender=BEN, state_key="")
    event = make_event(2, "m.room.topic", {"topic": "milk"}, state_key="", replaced=before)
    redaction = make_event(3, "m.room.redaction", {"redacts": "$2"}, sender=EVE)
    event = msgspec.structs.replace(event, redaction_json=redaction.json)
    unsigned = rendered(event, room_id=ROOM)["unsigned"]
    assert unsigned["age"] == 98
    assert (unsigned["prev_content"], unsigned["prev_sender"]) == ({"topic": "tea"}, BEN)
    assert unsigned["replaces_state"] == "$1"
    assert unsigned["redacted_because"]["event_id"] == "$3"
    assert unsigned["redacted_because"]["room_id"] == ROOM
    assert rendered(make_event(500))["unsigned"]["age"] == 0, "never negative"
    assert rendered(event, bundle=b'{"m.thread":{}}')["unsigned"]["m.relations"] == {"m.thread": {}}
    assert set(rendered(event, fields=["content.topic"])) == {"content"}


def test_a_filter_leaves_out_what_it_does_not_name() -> None:
    events = [make_event(1, sender=ADA), make_event(2, "m.room.topic", state_key="")]
    assert filter_events(RoomEventFilter(types=("m.room.*",)), events) == events
    assert filter_events(RoomEventFilter(not_senders=frozenset({ADA})), events) == events[1:]
    assert filter_events(RoomEventFilter(limit=1), events) == events
    assert filter_events(RoomEventFilter(rooms=frozenset({"!other"})), events) == []
    entries: list[Any] = [{"type": "m.tag"}, {"type": "m.direct"}]
    assert filter_entries(EventFilter(types=("m.tag",)), entries) == entries[:1]
    assert filter_entries(EventFilter(), entries) == entries


@given(st.integers(0, 10**18 - 1), st.integers(0, 10**18 - 1), st.integers(0, 10**18 - 1))
def test_tokens_come_back_as_they_were(position: int, ephemeral: int, to_device: int) -> None:
    token = SyncToken(position, ephemeral, to_device)
    assert parse_sync_token(str(token)) == token
    assert parse_room_token(str(token)) == position
    assert parse_room_token(room_token(position)) == position


@pytest.mark.parametrize(
    "text",
    ["", "s", "s1", "s1_2", "s1_2_3_4", "s-1_2_3", "s1_2_x", " s1_2_3", "s1_2_3\n", "t", "t-1",
     "t1\n", "s" + "1" * 19 + "_0_0", "t" + "1" * 19, "s١_0_0", "t١"],
)  # fmt: skip
def test_what_is_no_token_is_refused(text: str) -> None:
    for parse in (parse_sync_token, parse_room_token):
        with pytest.raises(InvalidParam):
            parse(text)
