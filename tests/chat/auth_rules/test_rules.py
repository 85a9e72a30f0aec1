"""Who may send what: creation, messages, state, auth events, and what holds of all.

Rows and tests are named by the rule as room version 11 counts it; version 12 counts one more
from rule 2 on, and has rules of its own, which are named `v12`.
"""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.auth_rules import (
    NotAllowed,
    PowerLevels,
    check_auth_events,
    check_redaction,
    is_user_id,
    read_power_levels,
    select_auth_slots,
    server_name_of,
)
from teahouse.chat.events import (
    Event,
    EventDraft,
    Json,
    JsonObject,
    RoomVersion,
    SigningKey,
    StateSlot,
    build_event,
)
from tests.chat.auth_rules.kit import (
    ADMIN,
    ALL,
    BANNED,
    CREATOR,
    FOREIGNER,
    INVITED,
    KNOCKED,
    LEFT,
    MEMBER,
    MEMBERSHIPS,
    MOD,
    OTHER,
    STRANGER,
    V10,
    V11,
    V12,
    Row,
    State,
    assert_outcome,
    make_create,
    make_event,
    make_levels,
    make_member,
    make_state,
    unpack,
    versions,
    why_not,
)

# --- Rule 1: create -----------------------------------------------------------------------


def build_create(version: RoomVersion, **changes: object) -> Event:
    content: JsonObject = {"room_version": version.identifier}
    if version.create_has_creator:
        content["creator"] = CREATOR
    draft = EventDraft(
        room_id=None if version.room_id_is_create_hash else "!room:tea",
        type="m.room.create",
        sender=CREATOR,
        origin_server_ts=1,
        content=content,
        depth=1,
        prev_events=[],
        auth_events=[],
        state_key="",
    )
    key = SigningKey.from_seed(b"k" * 32, key_id="ed25519:1", server_name="tea")
    return build_event(msgspec.structs.replace(draft, **changes), version, key)[0]


@versions
def test_1_a_room_can_be_created(version: RoomVersion) -> None:
    assert why_not(build_create(version), {}, version) is None


@versions
def test_1_1_a_create_event_must_be_the_first(version: RoomVersion) -> None:
    event = build_create(version, prev_events=["$before"])
    assert_outcome(why_not(event, {}, version), "first event only")


@pytest.mark.parametrize("version", [V10, V11])
def test_1_2_a_room_id_must_be_of_the_creators_server(version: RoomVersion) -> None:
    event = build_create(version, room_id="!room:elsewhere")
    assert_outcome(why_not(event, {}, version), "name the server")


def test_1_2_v12_a_create_event_must_not_name_a_room() -> None:
    event = build_create(V12, room_id="!room:tea")
    assert_outcome(why_not(event, {}, V12), "must not name a room")


@versions
@pytest.mark.parametrize("identifier", ["1", "nonsense", 11, None, ["11"]])
def test_1_3_the_room_version_must_be_known(version: RoomVersion, identifier: Json) -> None:
    content: JsonObject = {"room_version": identifier, "creator": CREATOR}
    assert_outcome(why_not(build_create(version, content=content), {}, version), "not known")


@versions
def test_1_4_only_version_10_must_name_the_creator(version: RoomVersion) -> None:
    outcome = why_not(build_create(version, content={}), {}, version)
    assert_outcome(outcome, "name the creator" if version is V10 else None)


@pytest.mark.parametrize(
    ("additional", "allowed"),
    [
        ([], True),
        ([ADMIN, FOREIGNER], True),
        ("@admin:tea", False),
        (None, False),
        ({ADMIN: 1}, False),
        ([ADMIN, 7], False),
        (["admin"], False),
    ],
)
def test_1_4_v12_additional_creators_must_be_user_ids(additional: Json, *, allowed: bool) -> None:
    event = build_create(V12, content={"additional_creators": additional})
    assert_outcome(why_not(event, {}, V12), None if allowed else "list of user ids")
    older = build_create(V11, content={"additional_creators": additional})
    assert why_not(older, {}, V11) is None


# --- Rules 2 and 3: the room --------------------------------------------------------------


@versions
def test_2_nothing_happens_in_a_room_not_created(version: RoomVersion) -> None:
    state = make_state(version)
    del state[("m.room.create", "")]
    assert_outcome(why_not(make_event("m.room.message"), state, version), "not been created")


@versions
def test_2_an_event_of_another_room_is_refused(version: RoomVersion) -> None:
    event = make_event("m.room.message", room_id="!other:tea")
    assert_outcome(why_not(event, make_state(version), version), "another room")


@versions
@pytest.mark.parametrize(
    ("federate", "sender", "allowed"),
    [
        (False, FOREIGNER, False),
        (False, MEMBER, True),
        (True, FOREIGNER, True),
        (None, FOREIGNER, True),
        ("false", FOREIGNER, True),
    ],
)
def test_3_a_room_may_be_closed_to_other_servers(
    version: RoomVersion, federate: Json, sender: str, *, allowed: bool
) -> None:
    state = make_state(version, create={"m.federate": federate})
    outcome = why_not(make_event("m.room.message", sender), state, version)
    assert_outcome(outcome, None if allowed else "other servers")


# --- Rules 5 to 8: other events -----------------------------------------------------------

OTHER_ROWS = [
    *(
        Row(f"5 {user_id}", make_event("m.room.message", user_id), "not in the room")
        for user_id in (STRANGER, INVITED, KNOCKED, BANNED, LEFT)
    ),
    Row("5 joined", make_event("m.room.message", MEMBER), None),
    Row(
        "6 third-party invite at the invite level",
        make_event("m.room.third_party_invite", MEMBER, state_key="t"),
        None,
    ),
    Row("7 message", make_event("m.room.message", MEMBER), None),
    Row("7 message of a high type", make_event("m.room.locked", MOD), "level 100 is needed"),
    Row("7 state by member", make_event("m.room.topic", MEMBER, state_key=""), "level 50"),
    Row("7 state by moderator", make_event("m.room.topic", MOD, state_key=""), None),
    Row("7 named state", make_event("m.room.locked", ADMIN, state_key=""), None),
    Row("7 state of a low type", make_event("m.room.tea", MEMBER, state_key=""), None),
    Row("7 redaction is as any message", make_event("m.room.redaction", MEMBER), None),
    Row("7 aliases are as any state", make_event("m.room.aliases", MEMBER, state_key="tea"), "50"),
    Row("8 own id", make_event("m.room.tea", MEMBER, state_key=MEMBER), None),
    Row("8 other's id", make_event("m.room.tea", MEMBER, state_key=OTHER), "sender's own"),
    Row("8 holds for all levels", make_event("m.room.tea", ADMIN, state_key=OTHER), "own"),
    Row("8 no id but an @", make_event("m.room.tea", MEMBER, state_key="@"), "sender's own"),
    Row("8 _@", make_event("m.room.tea", MEMBER, state_key=f"_{OTHER}"), None),
    Row("10 a second creation", make_event("m.room.create", ADMIN, state_key=""), "first event"),
]


@unpack(OTHER_ROWS)
def test_5_to_8_other_events(row: Row, version: RoomVersion) -> None:
    assert_outcome(why_not(row.event, make_state(version), version), row.expected)


@versions
def test_6_a_third_party_invite_below_the_invite_level_is_refused(version: RoomVersion) -> None:
    levels = make_levels(ADMIN, invite=60, events={"m.room.third_party_invite": 0})
    event = make_event("m.room.third_party_invite", MOD, state_key="t")
    outcome = why_not(event, make_state(version, levels=levels), version)
    assert_outcome(outcome, "To invite, level 60 is needed; the sender has 50.")


# --- Auth events --------------------------------------------------------------------------

CREATE, POWER, RULES = ("m.room.create", ""), ("m.room.power_levels", ""), ("m.room.join_rules", "")
SENDER = ("m.room.member", MEMBER)


@pytest.mark.parametrize(
    ("event", "extra"),
    [
        (make_event("m.room.message"), []),
        (make_event("m.room.topic", state_key=""), []),
        (make_event("m.room.member"), []),
        (make_member(MEMBER, "leave"), []),
        (make_member(OTHER, "leave", MEMBER), [("m.room.member", OTHER)]),
        (make_member(OTHER, "ban", MEMBER), [("m.room.member", OTHER)]),
        (make_member(MEMBER, "join"), [RULES]),
        (make_member(MEMBER, "knock"), [RULES]),
        (make_member(OTHER, "invite", MEMBER), [("m.room.member", OTHER), RULES]),
        (
            make_member(OTHER, "invite", MEMBER, third_party_invite={"signed": {"token": "t"}}),
            [("m.room.member", OTHER), RULES, ("m.room.third_party_invite", "t")],
        ),
        (
            make_member(OTHER, "invite", MEMBER, third_party_invite={"signed": "none"}),
            [("m.room.member", OTHER), RULES],
        ),
        (
            make_member(MEMBER, "join", join_authorised_via_users_server=OTHER),
            [RULES, ("m.room.member", OTHER)],
        ),
        (make_member(MEMBER, "join", join_authorised_via_users_server=MEMBER), [RULES]),
        (make_member(MEMBER, "join", join_authorised_via_users_server=7), [RULES]),
        (make_member(MEMBER, "knock", join_authorised_via_users_server=OTHER), [RULES]),
    ],
)
def test_auth_events_are_selected(event: Event, extra: list[StateSlot]) -> None:
    for version in ALL:
        slots = select_auth_slots(event.type, event.state_key, event.sender, event.content, version)
        first = [POWER, SENDER] if version is V12 else [CREATE, POWER, SENDER]
        assert slots == [*first, *extra]


def test_a_create_event_has_no_auth_events() -> None:
    for version in ALL:
        assert select_auth_slots("m.room.create", "", CREATOR, {}, version) == []


def pick(state: State, event: Event, version: RoomVersion) -> list[Event]:
    slots = select_auth_slots(event.type, event.state_key, event.sender, event.content, version)
    return [state[slot] for slot in slots if slot in state]


@versions
def test_2_the_right_auth_events_are_accepted(version: RoomVersion) -> None:
    event = make_member(OTHER, "invite", MEMBER)
    check_auth_events(event, pick(make_state(version), event, version), version)
    check_auth_events(make_create(version), [], version)


@versions
def test_2_wrong_auth_events_are_refused(version: RoomVersion) -> None:
    event, state = make_event("m.room.message"), make_state(version)
    right = pick(state, event, version)
    foreign = msgspec.structs.replace(right[-1], room_id="!other:tea")
    for wrong, expected in (
        ([*right, right[-1]], "same place"),
        ([*right, state[RULES]], "none that this event calls for"),
        ([*right, make_event("m.room.message")], "none that this event calls for"),
        ([*right[:-1], foreign], "another room"),
    ):
        with pytest.raises(NotAllowed, match=expected):
            check_auth_events(event, wrong, version)
    with pytest.raises(NotAllowed, match="rejected"):
        check_auth_events(event, right, version, rejected={right[0].event_id})


def test_2_4_the_create_event_belongs_there_before_version_12_and_not_since() -> None:
    event = make_event("m.room.message")
    for version in (V10, V11):
        without = pick(make_state(version), event, V12)
        with pytest.raises(NotAllowed, match="create event is missing"):
            check_auth_events(event, without, version)
    with pytest.raises(NotAllowed, match="none that this event calls for"):
        check_auth_events(event, [make_create(V12)], V12)


# --- Properties ---------------------------------------------------------------------------

USERS = st.sampled_from([*MEMBERSHIPS, STRANGER])
LEVEL = st.sampled_from([0, 9, 10, 40, 50, 51, 100, 101])
LEVEL_MAPS = st.dictionaries(st.sampled_from(["m.room.name", "m.room.locked", "room"]), LEVEL)
MEMBER_EVENTS = st.builds(
    make_member,
    USERS,
    st.sampled_from(["join", "invite", "leave", "ban", "knock"]),
    sender=USERS,
)
LEVEL_EVENTS = st.builds(
    make_levels,
    USERS,
    users=st.dictionaries(st.sampled_from([ADMIN, MOD, MEMBER]), LEVEL),
    events=LEVEL_MAPS,
    notifications=LEVEL_MAPS,
    ban=LEVEL,
    kick=st.none() | LEVEL,
)
MORE_EVENTS = st.builds(
    make_event,
    st.sampled_from(["m.room.message", "m.room.name", "m.room.third_party_invite"]),
    USERS,
    state_key=st.none() | st.sampled_from(["", "t"]) | USERS,
)
EVENTS = MEMBER_EVENTS | LEVEL_EVENTS | MORE_EVENTS
JOIN_RULES = st.sampled_from(["public", "invite", "knock", "restricted", "knock_restricted"])


@versions
@given(event=EVENTS, join_rule=JOIN_RULES)
@settings(max_examples=100)
def test_only_the_selected_auth_events_decide(
    version: RoomVersion, event: Event, join_rule: str
) -> None:
    state = make_state(version, join_rule=join_rule)
    selected = {auth_event.slot: auth_event for auth_event in pick(state, event, version)}
    selected[CREATE] = state[CREATE]
    assert why_not(event, selected, version) == why_not(event, state, version)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "join", ADMIN]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["signed", "token", "mxid", "signatures"]), inner)
    ),
    max_leaves=6,
)
CONTENT_KEYS = st.sampled_from(
    [
        *("membership", "join_authorised_via_users_server", "third_party_invite", "join_rule"),
        *("room_version", "creator", "additional_creators", "users", "events", "notifications"),
        *("ban", "invite", "users_default"),
    ]
)
TYPES = st.sampled_from(
    ["m.room.member", "m.room.power_levels", "m.room.create", "m.room.join_rules", "m.tea"]
)


@versions
@given(event_type=TYPES, sender=USERS, content=st.dictionaries(CONTENT_KEYS, ANYTHING))
@settings(max_examples=100)
def test_nonsense_breaks_nothing(
    version: RoomVersion, event_type: str, sender: str, content: JsonObject
) -> None:
    for state_key in (None, "", MEMBER):
        event = make_event(event_type, sender, state_key=state_key, content=content)
        select_auth_slots(event_type, state_key, sender, content, version)
        why_not(event, make_state(version, join_rule="restricted"), version)
        why_not(event, make_state(version, create=content), version)


@versions
@given(event=EVENTS, levels=LEVEL_EVENTS, join_rule=JOIN_RULES, higher=st.integers(1, 200))
@settings(max_examples=100)
def test_who_rises_loses_no_right(
    version: RoomVersion, event: Event, levels: Event, join_rule: str, higher: int
) -> None:
    state = make_state(version, join_rule=join_rule, levels=levels)
    read = read_power_levels(state[CREATE], levels, version)
    users = {**read.users, event.sender: read.users.get(event.sender, 10) + higher}
    risen = msgspec.structs.replace(levels, content={**levels.content, "users": {**users}})
    if why_not(event, state, version) is None:
        assert why_not(event, {**state, POWER: risen}, version) is None


@versions
@given(event=LEVEL_EVENTS)
@settings(max_examples=100)
def test_nobody_gives_what_they_do_not_have(version: RoomVersion, event: Event) -> None:
    state = make_state(version)
    if why_not(event, state, version) is not None:
        return
    before = read_power_levels(state[CREATE], state[POWER], version)
    after = read_power_levels(state[CREATE], event, version)
    limit = before.of(event.sender)
    for user_id in MEMBERSHIPS:
        assert after.of(user_id) <= max(limit, before.of(user_id))
        if user_id != event.sender and before.of(user_id) >= limit:
            assert after.of(user_id) == before.of(user_id)


# --- Around the rules ---------------------------------------------------------------------


def test_a_member_redacts_their_own_and_a_moderator_what_others_sent() -> None:
    levels = PowerLevels(users={MOD: 50})
    check_redaction(levels, sender=MEMBER, target_sender=MEMBER)
    check_redaction(levels, sender=MOD, target_sender=MEMBER)
    with pytest.raises(NotAllowed, match="level 50 is needed"):
        check_redaction(levels, sender=MEMBER, target_sender=OTHER)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("@alice:tea.example", True),
        ("@alice:tea.example:8448", True),
        ("@alice:[1234:5678::abcd]:5678", True),
        ("@alice:1.2.3.4", True),
        ("@Alice Ä!:tea", True),
        ("@:tea", True),
        ("@" + "a" * 250 + ":tea", True),
        ("@" + "a" * 251 + ":tea", False),
        ("@" + "é" * 126 + ":tea", False),
        ("alice:tea", False),
        ("@alice", False),
        ("@alice:", False),
        ("@al\0ice:tea", False),
        ("@alice:tea house", False),
        ("@alice:tea:port", False),
        ("@alice:tea\n", False),
        ("!alice:tea", False),
        ("", False),
        (7, False),
        (None, False),
    ],
)
def test_user_ids_are_told_from_other_values(value: Json, *, expected: bool) -> None:
    assert is_user_id(value) is expected


def test_the_server_name_follows_the_first_colon() -> None:
    assert server_name_of("@alice:tea.example:8448") == "tea.example:8448"
    assert server_name_of("!hash") == ""
