"""Upgrading rooms over HTTP, on both databases."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.kit.chat_house import Guest, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio


async def _upgrade(guest: Guest, room_id: str, version: str, **body: Any) -> str:
    path = f"/rooms/{quote(room_id)}/upgrade"
    done = await guest.change("POST", path, {"new_version": version, **body})
    return str(done["replacement_room"])


async def _state(guest: Guest, room_id: str, event_type: str, state_key: str = "") -> Any:
    return await guest.get(f"/rooms/{quote(room_id)}/state/{event_type}/{quote(state_key)}")


@pytest.mark.parametrize(("old", "new"), [("10", "11"), ("11", "12"), ("12", "12"), ("12", "10")])
async def test_the_replacement_has_the_old_room_s_state_names_and_place(
    house: House, ada: Guest, ben: Guest, old: str, new: str
) -> None:
    cleo = await register_guest(house, "cleo")
    room_id = await ada.create_room(
        room_version=old, visibility="public", room_alias_name="tea", name="Tea", topic="Green",
        power_level_content_override={"users_default": 1},
    )  # fmt: skip
    await ada.change("POST", f"/rooms/{quote(room_id)}/ban", {"user_id": cleo.user_id})
    await ben.join(room_id)

    new_id = await _upgrade(ada, room_id, new)

    create = await _state(ada, new_id, "m.room.create")
    assert create["room_version"] == new
    assert create["predecessor"]["room_id"] == room_id
    tombstone = await _state(ben, room_id, "m.room.tombstone")
    assert tombstone["replacement_room"] == new_id
    for event_type in ("m.room.name", "m.room.topic", "m.room.join_rules", "m.room.guest_access",
                       "m.room.history_visibility"):  # fmt: skip
        assert await _state(ada, new_id, event_type) == await _state(ben, room_id, event_type)
    levels = await _state(ada, new_id, "m.room.power_levels")
    assert levels["users_default"] == 1
    assert levels["users"] == ({} if new == "12" else {ada.user_id: 100})
    assert (await _state(ada, new_id, "m.room.member", cleo.user_id))["membership"] == "ban"
    alias = "#tea:teahouse.test"
    assert (await ben.get(f"/directory/room/{quote(alias)}"))["room_id"] == new_id
    assert await _state(ada, new_id, "m.room.canonical_alias") == {"alias": alias}
    assert await _state(ada, room_id, "m.room.canonical_alias") == {}
    listed = await ben.get("/publicRooms")
    assert [room["room_id"] for room in listed["chunk"]] == [new_id]
    closed = await _state(ada, room_id, "m.room.power_levels")
    assert (closed["events_default"], closed["invite"]) == (50, 50)
    said = await ben.call(
        "PUT", f"/rooms/{quote(room_id)}/send/m.room.message/1", {"body": "x", "msgtype": "m.text"}
    )
    assert said.status_code == 403
    await ben.join(new_id)
    await ben.say(new_id, "Here")


async def test_a_moderator_upgrades_where_the_room_lets_them(ada: Guest, ben: Guest) -> None:
    override = {"users": {ada.user_id: 100, ben.user_id: 50}, "events": {"m.room.tombstone": 50}}
    room_id = await ada.create_room(room_version="11", power_level_content_override=override)
    await ada.set_state(room_id, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    await ben.join(room_id)

    new_id = await _upgrade(ben, room_id, "11")

    assert (await _state(ben, new_id, "m.room.power_levels"))["users"] == override["users"]
    assert (await _state(ben, new_id, "m.room.encryption"))["algorithm"] == "m.megolm.v1.aes-sha2"


async def test_a_space_keeps_its_rooms_and_its_type(ada: Guest) -> None:
    space = await ada.create_room(creation_content={"type": "m.space"}, room_version="11")
    child = await ada.create_room()
    await ada.set_state(space, "m.space.child", {"via": ["teahouse.test"]}, child)

    new_id = await _upgrade(ada, space, "12")

    assert (await _state(ada, new_id, "m.room.create"))["type"] == "m.space"
    assert await _state(ada, new_id, "m.space.child", child) == {"via": ["teahouse.test"]}


async def test_additional_creators_are_named_anew(ada: Guest, ben: Guest) -> None:
    room_id = await ada.create_room(creation_content={"additional_creators": [ben.user_id]})

    alone = await _upgrade(ada, room_id, "12")
    both = await _upgrade(ada, alone, "12", additional_creators=[ben.user_id, ada.user_id])
    ignored = await _upgrade(ada, both, "11", additional_creators=["nobody"])

    assert "additional_creators" not in await _state(ada, alone, "m.room.create")
    create = await _state(ada, both, "m.room.create")
    assert create["additional_creators"] == [ben.user_id]
    levels = await _state(ada, ignored, "m.room.power_levels")
    assert levels["users"] == {ada.user_id: 100, ben.user_id: 100}


async def test_upgrades_are_refused(ada: Guest, ben: Guest) -> None:
    room_id = await ada.create_room()
    path = f"/rooms/{quote(room_id)}/upgrade"

    outside = await ben.call("POST", path, {"new_version": "12"})
    await ben.join(room_id)
    refused = [
        outside,
        await ben.call("POST", path, {"new_version": "12"}),
        await ada.call("POST", path, {"new_version": "1"}),
        await ada.call("POST", path, {}),
        await ada.call("POST", path, {"new_version": "12", "additional_creators": ["x"]}),
        await ada.call("POST", f"/rooms/{quote('!no:x')}/upgrade", {"new_version": "12"}),
    ]

    assert [(done.status_code, done.json()["errcode"]) for done in refused] == [
        (403, "M_FORBIDDEN"),
        (403, "M_FORBIDDEN"),
        (400, "M_UNSUPPORTED_ROOM_VERSION"),
        (400, "M_BAD_JSON"),
        (400, "M_INVALID_PARAM"),
        (403, "M_FORBIDDEN"),
    ]
    assert (await ada.call("GET", f"/rooms/{quote(room_id)}/state/m.room.tombstone")).status_code \
        == 404  # fmt: skip
