"""How rooms begin, and who sees which stretch of their history."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.events.types import ROOM_VERSIONS
from teahouse.chat.rooms.rules import (
    LAST,
    check_alias,
    choose_preset,
    initial_power_levels,
    merge_initial_state,
    preset_state,
    visible_stretches,
)
from teahouse.chat.rooms.types import CreateRoom, InitialState
from teahouse.platform.errors import InvalidParam

ADA, BEN = "@ada:teahouse.test", "@ben:teahouse.test"

_visibilities = st.sampled_from(["shared", "joined", "invited", "world_readable", "nonsense"])
_memberships = st.sampled_from(["join", "leave", "invite", "ban", "knock"])
_history = st.lists(
    st.one_of(
        st.tuples(st.just("visibility"), _visibilities),
        st.tuples(st.just("membership"), _memberships),
        st.tuples(st.just("said"), st.just("")),
    ),
    max_size=15,
)


def may_see(history: list[tuple[str, str]], position: int) -> bool:
    """The specification's rule for one event, word by word."""

    def values(kind: str, default: str) -> set[str]:
        earlier = [value for at, (k, value) in enumerate(history[:position]) if k == kind and at]
        before = earlier[-1] if earlier else default
        event_kind, value = history[position] if position < len(history) else ("", "")
        # Of a change of either, what stood before or what stands after may be taken.
        return {before, value} if event_kind == kind else {before}

    joins_later = ("membership", "join") in history[position:]
    return any(
        visibility == "world_readable"
        or membership == "join"
        or (visibility == "shared" and joins_later)
        or (visibility == "invited" and membership == "invite")
        for visibility in values("visibility", "shared")
        for membership in values("membership", "leave")
    )


@given(_history)
def test_who_sees_what_is_as_the_specification_says(later: list[tuple[str, str]]) -> None:
    history = [("said", ""), *later]
    stretches = visible_stretches(
        [(at, value) for at, (kind, value) in enumerate(history) if kind == "visibility"],
        [(at, value) for at, (kind, value) in enumerate(history) if kind == "membership"],
    )
    seen = [any(position in s for s in stretches) for position in range(len(history) + 1)]
    assert seen == [may_see(history, position) for position in range(len(history) + 1)]
    for one, next_one in itertools.pairwise(stretches):
        assert one.first <= one.last < next_one.first, "in order, without overlaps"
    assert all(s.last <= LAST for s in stretches)


@pytest.mark.parametrize(
    ("asked", "preset"),
    [
        ({}, "private_chat"),
        ({"visibility": "public"}, "public_chat"),
        ({"visibility": "public", "preset": "private_chat"}, "private_chat"),
        ({"preset": "trusted_private_chat"}, "trusted_private_chat"),
    ],
)
def test_the_preset_follows_the_visibility_unless_it_is_named(
    asked: dict[str, Any], preset: str
) -> None:
    assert choose_preset(CreateRoom(**asked)) == preset


@pytest.mark.parametrize("version", ["10", "11", "12"])
def test_creators_stand_above_all_in_version_12_and_at_100_before(version: str) -> None:
    room_version = ROOM_VERSIONS[version]
    trusted = CreateRoom(preset="trusted_private_chat", invite=[BEN])
    levels: Any = initial_power_levels(trusted, room_version, ADA)
    if version == "12":
        assert levels["users"] == {}
        assert levels["events"]["m.room.tombstone"] == 150
    else:
        assert levels["users"] == {ADA: 100, BEN: 100}
        assert levels["events"]["m.room.tombstone"] == 100
    assert levels["events"]["m.room.power_levels"] == 100
    public: Any = initial_power_levels(CreateRoom(preset="public_chat"), room_version, ADA)
    assert (public["invite"], levels["invite"]) == (50, 0)


def test_the_client_may_override_levels() -> None:
    asked = CreateRoom(power_level_content_override={"ban": 99, "users": {BEN: 7}})
    levels = initial_power_levels(asked, ROOM_VERSIONS["11"], ADA)
    assert (levels["ban"], levels["users"], levels["kick"]) == (99, {BEN: 7}, 50)


def test_what_the_client_names_replaces_what_the_preset_has() -> None:
    rules = InitialState("m.room.join_rules", {"join_rule": "knock"})
    asked = CreateRoom(name="Tea", topic="leaves", initial_state=[
        rules, InitialState("m.room.name", {"name": "lost"})
    ])  # fmt: skip
    merged = {
        (e.type, e.state_key): e.content
        for e in merge_initial_state(preset_state("private_chat", encrypted=True), asked)
    }
    assert merged["m.room.join_rules", ""] == {"join_rule": "knock"}
    assert merged["m.room.name", ""] == {"name": "Tea"}
    assert merged["m.room.topic", ""]["topic"] == "leaves"
    assert merged["m.room.encryption", ""]["algorithm"] == "m.megolm.v1.aes-sha2"
    assert merged["m.room.guest_access", ""] == {"guest_access": "can_join"}
    plain = {event.type for event in preset_state("public_chat", encrypted=False)}
    assert "m.room.encryption" not in plain


@pytest.mark.parametrize(
    "alias",
    ["", "#", "#:teahouse.test", "tea:teahouse.test", "#tea", "#tea:elsewhere.test",
     "#te\0a:teahouse.test", "#tea:teahouse.test:8448", "#a:b:teahouse.test", "##:teahouse.test x",
     "#" + "é" * 121 + ":teahouse.test"],
)  # fmt: skip
def test_an_alias_that_could_be_anothers_is_refused(alias: str) -> None:
    with pytest.raises(InvalidParam):
        check_alias(alias, "teahouse.test")


@pytest.mark.parametrize("alias", ["#tea:teahouse.test", "#茶:teahouse.test", "# :teahouse.test"])
def test_an_alias_of_this_server_is_one(alias: str) -> None:
    check_alias(alias, "teahouse.test")
