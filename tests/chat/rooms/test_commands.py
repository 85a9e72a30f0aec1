"""Making rooms and changing who is in them, by the commands themselves, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.event_store.queries import find_membership, load_state
from teahouse.chat.event_store.types import ROOM_MEMBER
from teahouse.chat.rooms.commands import (
    INVITES_MAX,
    RoomDefaults,
    change_membership,
    create_room,
    kick,
    leave_all_rooms,
    unban,
)
from teahouse.chat.rooms.errors import BadState, InvalidRoomState, UnsupportedRoomVersion
from teahouse.chat.rooms.types import CreateRoom, InitialState, MembershipChange
from teahouse.platform.db import Database, find_position
from teahouse.platform.errors import Forbidden, InvalidParam, NotFound, Refusal
from teahouse.platform.json import Json
from tests.kit.chat_house import Guest, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio


class Rooms:
    """Rooms of a house, changed by commands."""

    def __init__(self, house: House, ada: Guest, ben: Guest) -> None:
        self.db: Database = house.db
        self.store = house.services.get(RoomStore)
        self.ada, self.ben = ada.user_id, ben.user_id

    def create(self, **asked: Any) -> str:
        defaults = RoomDefaults("12", encrypt_private=True)
        request = CreateRoom(**asked)
        return self.db.run(create_room, self.store, defaults, creator=self.ada, request=request)

    def change(self, room: str, sender: str, target: str, membership: Any, **more: Any) -> Any:
        change = MembershipChange(
            room_id=room, sender=sender, target=target, membership=membership, **more
        )
        return self.db.run(change_membership, self.store, change)

    def membership(self, room: str, user_id: str) -> str | None:
        found = self.db.look(find_membership, user_id, room)
        return None if found is None else found.membership

    def content(self, room: str, event_type: str, state_key: str = "") -> Any:
        return self.db.look(load_state, room).content(event_type, state_key)


@pytest.fixture
def rooms(house: House, ada: Guest, ben: Guest) -> Rooms:
    return Rooms(house, ada, ben)


async def test_a_room_begins_with_all_that_was_asked_for(rooms: Rooms) -> None:
    for version in ("10", "11", "12"):
        room = rooms.create(
            room_version=version,
            name="Tea",
            invite=[rooms.ben],
            is_direct=True,
            initial_state=[InitialState("org.tea", {"leaf": 1}, "oolong")],
            creation_content={"type": "m.space", "creator": "@eve:teahouse.test"},
        )
        create = rooms.content(room, "m.room.create")
        assert create["type"] == "m.space"
        assert create.get("creator") == (rooms.ada if version == "10" else None)
        assert rooms.content(room, "org.tea", "oolong") == {"leaf": 1}
        assert rooms.content(room, "m.room.name") == {"name": "Tea"}
        invite = rooms.content(room, ROOM_MEMBER, rooms.ben)
        assert (invite["membership"], invite["is_direct"]) == ("invite", True)
        assert rooms.membership(room, rooms.ada) == "join"


IMPOSSIBLE: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"room_version": "1"}, UnsupportedRoomVersion),
    ({"invite": ["ben"]}, InvalidParam),
    ({"invite": ["@x:y"] * (INVITES_MAX + 1)}, InvalidParam),
    ({"invite_3pid": [{}]}, InvalidParam),
    ({"power_level_content_override": {"users": {"nobody": 1}}}, InvalidRoomState),
    ({"initial_state": [InitialState("m.room.create", {})]}, InvalidRoomState),
]


async def test_a_room_that_cannot_be_is_not_made(rooms: Rooms) -> None:
    before = rooms.db.look(find_position)
    for asked, refusal in IMPOSSIBLE:
        with pytest.raises(refusal):
            rooms.create(**asked)
    assert rooms.db.look(find_position) == before


# From which membership which step leads where, or to which refusal, in a room that ada owns.
STEPS: list[tuple[str | None, str, str, str | type[Refusal]]] = [
    (None, "ben", "join", Forbidden),
    (None, "ben", "leave", Forbidden),
    (None, "ben", "knock", Forbidden),
    (None, "ada", "invite", "invite"),
    (None, "ada", "leave", BadState),
    (None, "ada", "ban", "ban"),
    (None, "ben", "ban", Forbidden),
    ("invite", "ben", "join", "join"),
    ("invite", "ben", "leave", "leave"),
    ("invite", "ada", "invite", "invite"),
    ("invite", "ada", "leave", "leave"),
    ("join", "ben", "join", "join"),
    ("join", "ben", "knock", BadState),
    ("join", "ada", "invite", BadState),
    ("join", "ada", "leave", "leave"),
    ("join", "ben", "ban", Forbidden),
    ("leave", "ben", "leave", Forbidden),
    ("leave", "ben", "join", Forbidden),
    ("leave", "ada", "invite", "invite"),
    ("ban", "ben", "join", Forbidden),
    ("ban", "ben", "leave", Forbidden),
    ("ban", "ada", "invite", BadState),
    ("ban", "ada", "ban", "ban"),
    ("ban", "ada", "leave", "leave"),
]
_WAYS: dict[str | None, list[tuple[str, str]]] = {
    None: [],
    "invite": [("ada", "invite")],
    "join": [("ada", "invite"), ("ben", "join")],
    "leave": [("ada", "invite"), ("ben", "leave")],
    "ban": [("ada", "ban")],
}


async def test_each_step_of_a_membership(rooms: Rooms) -> None:
    who = {"ada": rooms.ada, "ben": rooms.ben}
    for now, by, step, end in STEPS:
        room = rooms.create()
        for sender, membership in _WAYS[now]:
            rooms.change(room, who[sender], rooms.ben, membership)
        told = f"{by} {step}s a member who is {now}"
        if isinstance(end, str):
            rooms.change(room, who[by], rooms.ben, step)
            assert rooms.membership(room, rooms.ben) == end, told
            continue
        with pytest.raises(end):
            rooms.change(room, who[by], rooms.ben, step)
        assert rooms.membership(room, rooms.ben) == now, told


async def test_joining_again_changes_nothing(rooms: Rooms) -> None:
    room = rooms.create()
    before = rooms.db.look(find_position)
    assert rooms.change(room, rooms.ada, rooms.ada, "join") is None
    assert rooms.db.look(find_position) == before


async def test_who_is_nobody_here_cannot_be_invited(rooms: Rooms) -> None:
    room = rooms.create()
    with pytest.raises(NotFound):
        rooms.change(room, rooms.ada, "@nobody:teahouse.test", "invite")
    for malformed in ("ben", "", "@ben", "@:teahouse.test"):
        with pytest.raises(Refusal):
            rooms.change(room, rooms.ada, malformed, "invite")


async def test_a_restricted_room_lets_in_who_is_in_the_other_one(
    rooms: Rooms, house: House
) -> None:
    hall = rooms.create(preset="public_chat")
    allow: list[Json] = [{"type": "m.room_membership", "room_id": hall}]
    rule = InitialState("m.room.join_rules", {"join_rule": "restricted", "allow": allow})
    room = rooms.create(initial_state=[rule])
    with pytest.raises(Forbidden):
        rooms.change(room, rooms.ben, rooms.ben, "join")
    rooms.change(hall, rooms.ben, rooms.ben, "join")
    rooms.change(room, rooms.ben, rooms.ben, "join")
    joined = rooms.content(room, ROOM_MEMBER, rooms.ben)
    assert joined["join_authorised_via_users_server"] == rooms.ada
    eve = (await register_guest(house, "eve")).user_id
    rooms.change(hall, rooms.ben, rooms.ben, "leave")
    rooms.change(room, rooms.ben, rooms.ben, "leave")
    for stranger in (rooms.ben, eve):
        with pytest.raises(Forbidden):
            rooms.change(room, stranger, stranger, "join")
    rooms.change(room, rooms.ada, eve, "invite")
    rooms.change(room, eve, eve, "join")
    assert "join_authorised_via_users_server" not in rooms.content(room, ROOM_MEMBER, eve)


async def test_kick_and_unban_want_somebody_to_act_on(rooms: Rooms) -> None:
    room = rooms.create(preset="public_chat")
    change = MembershipChange(
        room_id=room, sender=rooms.ada, target=rooms.ben, membership="leave", reason="spilt tea"
    )
    with pytest.raises(Forbidden):
        rooms.db.run(kick, rooms.store, change)
    with pytest.raises(BadState):
        rooms.db.run(unban, rooms.store, change)
    rooms.change(room, rooms.ben, rooms.ben, "join")
    rooms.db.run(kick, rooms.store, change)
    assert rooms.content(room, ROOM_MEMBER, rooms.ben)["reason"] == "spilt tea"
    rooms.change(room, rooms.ada, rooms.ben, "ban")
    with pytest.raises(Forbidden):
        rooms.db.run(kick, rooms.store, change)
    rooms.db.run(unban, rooms.store, change)
    assert rooms.membership(room, rooms.ben) == "leave"


async def test_who_goes_leaves_every_room_and_declines_every_invite(rooms: Rooms) -> None:
    joined, invited, left = (rooms.create(invite=[rooms.ben]) for _ in range(3))
    for room in (joined, left):
        rooms.change(room, rooms.ben, rooms.ben, "join")
    rooms.change(left, rooms.ben, rooms.ben, "leave")
    before = rooms.db.look(find_membership, rooms.ben, left)
    rooms.db.run(leave_all_rooms, rooms.store, rooms.ben)
    assert {rooms.membership(room, rooms.ben) for room in (joined, invited)} == {"leave"}
    assert rooms.db.look(find_membership, rooms.ben, left) == before
