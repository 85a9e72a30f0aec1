"""Who may change the power levels, and what they are.

Rows and tests are named by the rule as room version 11 counts it; version 12 counts one more
from rule 2 on, and has rules of its own, which are named `v12`.
"""

import msgspec
import pytest

from teahouse.chat.auth_rules import (
    CREATOR_LEVEL,
    PowerLevels,
    list_creators,
    read_power_levels,
)
from teahouse.chat.events import (
    Json,
    JsonObject,
    RoomVersion,
)
from tests.chat.auth_rules.kit import (
    ADMIN,
    BANNED,
    CREATOR,
    MEMBER,
    MOD,
    OTHER,
    V10,
    V11,
    V12,
    Row,
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

# --- Rule 9: power levels -----------------------------------------------------------------

MAX = 2**53 - 1
EVENT_LEVELS: JsonObject = {"m.room.name": 50, "m.room.locked": 100, "m.room.tea": 0}
NO_INTEGERS: list[Json] = ["50", True, [50], {}]
NO_MAPS_OF_INTEGERS: list[Json] = [[], 7, {"m.a": "50"}, {"m.a": True}, {"m.a": None}]
NO_USERS: list[Json] = [
    [],
    7,
    {MEMBER: "50"},
    {MEMBER: False},
    {"member": 50},
    {"@member": 50},
]
LEVEL_ROWS = [
    Row("9.10 nothing changed", make_levels(), None),
    *(
        Row(f"9.1 {key} {value!r}", make_levels(ADMIN, **{key: value}), "an integer")
        for key in (
            "users_default",
            "events_default",
            "state_default",
            "ban",
            "redact",
            "kick",
            "invite",
        )
        for value in NO_INTEGERS
    ),
    *(
        Row(f"9.2 {key} {value!r}", make_levels(ADMIN, **{key: value}), "names to integers")
        for key in ("events", "notifications")
        for value in NO_MAPS_OF_INTEGERS
    ),
    *(
        Row(f"9.3 {value!r}", make_levels(ADMIN, users=value), "user ids to integers")
        for value in NO_USERS
    ),
    # 9.5: single levels
    Row("9.5 changed within", make_levels(kick=50), None),
    Row("9.5 added within", make_levels(ban=None), None),
    Row("9.5.2 raised above", make_levels(kick=51), "new level of kick"),
    Row("9.5.2 users_default raised above", make_levels(users_default=MAX), "users_default"),
    # 9.6 and 9.7: events and notifications
    Row("9.7 event added within", make_levels(events={**EVENT_LEVELS, "m.x": 50}), None),
    Row("9.7.1 event added above", make_levels(events={**EVENT_LEVELS, "m.x": 51}), "new"),
    Row("9.6 events removed within", make_levels(events={"m.room.locked": 100}), None),
    Row("9.6.1 event removed above", make_levels(events={"m.room.name": 50}), "m.room.locked"),
    Row("9.6.1 all removed", make_levels(events=None), "m.room.locked"),
    Row(
        "9.6.1 event lowered from above",
        make_levels(events={**EVENT_LEVELS, "m.room.locked": 50}),
        "m.room.locked is above",
    ),
    Row("9.7 notification changed", make_levels(notifications={"room": 20}), None),
    Row("9.7.1 notification raised above", make_levels(notifications={"room": 51}), "room"),
    Row("9.6 notification removed", make_levels(notifications={}), None),
    # 9.8 and 9.9: users
    Row("9.8 own level lowered", make_levels(users={ADMIN: 100, MOD: 10}), None),
    Row("9.8 own level removed", make_levels(users={ADMIN: 100}), None),
    Row("9.9.1 own level raised", make_levels(users={ADMIN: 100, MOD: 51}), f"level of {MOD}"),
    Row("9.8.1 higher lowered", make_levels(users={ADMIN: 50, MOD: 50}), f"of {ADMIN}"),
    Row("9.8.1 higher removed", make_levels(users={MOD: 50}), f"of {ADMIN}"),
    Row("9.9 added within", make_levels(users={ADMIN: 100, MOD: 50, MEMBER: 50}), None),
    Row("9.9.1 added above", make_levels(users={ADMIN: 100, MOD: 50, MEMBER: 51}), MEMBER),
    Row("9.9 admin raises an equal to the top", make_levels(ADMIN, users={ADMIN: 100}), None),
    Row("7 by member", make_levels(MEMBER), "level 50 is needed"),
]


@unpack(LEVEL_ROWS)
def test_9_power_levels(row: Row, version: RoomVersion) -> None:
    assert_outcome(why_not(row.event, make_state(version), version), row.expected)


@versions
@pytest.mark.parametrize(
    ("earlier", "new", "expected"),
    [
        ({"ban": 60}, {"ban": 40}, "level of ban is above"),
        ({"ban": 60}, {"ban": None}, "level of ban is above"),
        ({"ban": 50}, {"ban": None}, None),
        ({"ban": None}, {"ban": 50}, None),
        ({"ban": None}, {"ban": 51}, "new level of ban"),
        ({"notifications": {"room": 60}}, {"notifications": None}, "level of room is above"),
        ({"notifications": {"room": 60}}, {"notifications": {"room": 60}}, None),
        (
            {"users": {MOD: 50, MEMBER: 50}},
            {"users": {MOD: 50, MEMBER: 0}},
            f"not above that of {MEMBER}",
        ),
        ({"users": {MOD: 50, MEMBER: 50}}, {"users": {MOD: 50}}, f"not above that of {MEMBER}"),
        ({"users": {MOD: 50, MEMBER: 49}}, {"users": {MOD: 50, MEMBER: 50}}, None),
        ({"users": {MOD: 50, MEMBER: 49}}, {"users": {MOD: 50}}, None),
    ],
)
def test_9_5_to_9_9_changes(
    version: RoomVersion, earlier: JsonObject, new: JsonObject, expected: str | None
) -> None:
    state = make_state(version, levels=make_levels(ADMIN, **earlier))
    event = make_levels(MOD, **{**earlier, **new})
    assert_outcome(why_not(event, state, version), expected)


@versions
def test_9_4_the_first_levels_may_be_any(version: RoomVersion) -> None:
    state = make_state(version)
    del state[("m.room.power_levels", "")]
    event = make_levels(CREATOR, users={ADMIN: 1000}, ban=5000)
    assert why_not(event, state, version) is None
    assert_outcome(why_not(make_levels(ADMIN), state, version), "level 50 is needed")


def test_9_1_strings_pass_in_versions_without_the_rule() -> None:
    older = msgspec.structs.replace(V10, integer_power_levels=False)
    state = make_state(older)
    del state[("m.room.power_levels", "")]
    assert why_not(make_levels(CREATOR, ban="50"), state, older) is None


@pytest.mark.parametrize("listed", [CREATOR, OTHER])
def test_10_4_v12_creators_may_not_be_listed(listed: str) -> None:
    create: JsonObject = {"additional_creators": [OTHER]}
    event = make_levels(CREATOR, users={listed: 100})
    assert_outcome(why_not(event, make_state(V12, create=create), V12), "Creators stand above")
    for version in (V10, V11):
        state = make_state(version, create=create)
        outcome = why_not(make_levels(ADMIN, users={ADMIN: 100, listed: 100}), state, version)
        assert outcome is None


@pytest.mark.parametrize("creator", [CREATOR, OTHER])
def test_v12_creators_may_do_anything(creator: str) -> None:
    levels = make_levels(ADMIN, users={ADMIN: MAX}, ban=MAX, kick=MAX, events={"m.room.x": MAX})
    create: JsonObject = {"additional_creators": [OTHER]}
    state = make_state(V12, levels=levels, create=create)
    for event in (
        make_event("m.room.x", creator, state_key=""),
        make_member(ADMIN, "leave", creator),
        make_member(ADMIN, "ban", creator),
        make_member(BANNED, "leave", creator),
        make_levels(creator, users={}, ban=0),
    ):
        assert why_not(event, state, V12) is None


def test_v12_creators_may_not_be_removed_even_by_one_another() -> None:
    state = make_state(V12, create={"additional_creators": [OTHER]})
    for sender, target in ((CREATOR, OTHER), (OTHER, CREATOR), (ADMIN, CREATOR)):
        for membership in ("leave", "ban"):
            event = make_member(target, membership, sender)
            assert_outcome(why_not(event, state, V12), "not above")


# --- Levels as read -----------------------------------------------------------------------


def test_levels_without_an_event_give_the_creator_100_and_since_12_more() -> None:
    for version, level in ((V10, 100), (V11, 100), (V12, CREATOR_LEVEL)):
        levels = read_power_levels(make_create(version), None, version)
        assert levels.of(CREATOR) == level
        assert levels.of(ADMIN) == 0
        assert levels.needed_to_send("m.room.topic", is_state=True) == 50


def test_a_creator_without_a_level_has_the_default_before_12() -> None:
    for version, level in ((V10, 10), (V11, 10), (V12, CREATOR_LEVEL)):
        levels = read_power_levels(make_create(version), make_levels(ADMIN), version)
        assert levels.of(CREATOR) == level


@versions
def test_levels_are_read_from_their_event(version: RoomVersion) -> None:
    levels = read_power_levels(make_create(version), make_levels(ADMIN), version)
    assert msgspec.structs.replace(levels, creators=frozenset()) == PowerLevels(
        users={ADMIN: 100, MOD: 50},
        users_default=10,
        events={"m.room.name": 50, "m.room.locked": 100, "m.room.tea": 0},
        events_default=10,
        state_default=50,
        ban=50,
        kick=40,
        redact=50,
        invite=10,
        notifications={"room": 50},
    )


def test_creators_are_named_as_the_version_has_it() -> None:
    content: JsonObject = {"creator": ADMIN, "additional_creators": [OTHER, 7]}
    create = msgspec.structs.replace(make_create(V11), content=content)
    assert list_creators(create, V10) == {ADMIN}
    assert list_creators(create, V11) == {CREATOR}
    assert list_creators(create, V12) == {CREATOR, OTHER}
    bare = msgspec.structs.replace(create, content={})
    assert list_creators(bare, V10) == frozenset()
    assert list_creators(bare, V12) == {CREATOR}
