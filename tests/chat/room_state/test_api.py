"""State and members over HTTP."""

import pytest

from tests.kit.chat_house import Guest

pytestmark = pytest.mark.anyio


async def test_the_state_of_a_room_as_it_is(ada: Guest) -> None:
    room = await ada.create_room(name="Tea", topic="old")
    await ada.set_state(room, "m.room.topic", {"topic": "new"})
    state = {e["type"]: e for e in await ada.get(f"/rooms/{room}/state")}
    assert state["m.room.name"]["content"]["name"] == "Tea"
    assert state["m.room.topic"]["content"] == {"topic": "new"}
    assert state["m.room.topic"]["unsigned"]["prev_content"]["topic"] == "old"
    assert all(event["room_id"] == room for event in state.values())
    assert len(state) == len(await ada.get(f"/rooms/{room}/state"))


async def test_one_slot_as_content_or_event(ada: Guest) -> None:
    room = await ada.create_room(topic="tea")
    put = await ada.set_state(room, "org.example.seat", {"row": 1}, "a/b c")
    assert (await ada.get(f"/rooms/{room}/state/m.room.topic"))["topic"] == "tea"
    assert (await ada.get(f"/rooms/{room}/state/m.room.topic/"))["topic"] == "tea"
    slot = f"/rooms/{room}/state/org.example.seat/a%2Fb%20c"
    assert await ada.get(slot) == {"row": 1}
    event = await ada.get(slot, format="event")
    assert (event["event_id"], event["state_key"], event["room_id"]) == (put, "a/b c", room)
    for path, query, status, errcode in (
        ("org.example.seat", {}, 404, "M_NOT_FOUND"),
        ("m.room.topic", {"format": "xml"}, 400, "M_INVALID_PARAM"),
    ):
        refused = await ada.call("GET", f"/rooms/{room}/state/{path}", params=query)
        assert (refused.status_code, refused.json()["errcode"]) == (status, errcode)


async def test_a_former_member_sees_the_state_of_the_leave(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room(topic="then")
    await ben.join(room)
    await ben.leave(room)
    await ada.set_state(room, "m.room.topic", {"topic": "now"})
    eve_path = f"/rooms/{room}/state/m.room.topic"
    assert (await ben.get(eve_path))["topic"] == "then"
    state = {
        (e["type"], e["state_key"]): e["content"] for e in await ben.get(f"/rooms/{room}/state")
    }
    assert state["m.room.topic", ""]["topic"] == "then"
    assert state["m.room.member", ben.user_id]["membership"] == "leave"


async def test_strangers_see_no_state_unless_the_world_may_read(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room(topic="tea")
    for path in ("state", "state/m.room.topic", "members", "joined_members"):
        refused = await ben.call("GET", f"/rooms/{room}/{path}")
        assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN"), path
    await ada.set_state(room, "m.room.history_visibility", {"history_visibility": "world_readable"})
    assert (await ben.get(f"/rooms/{room}/state/m.room.topic"))["topic"] == "tea"
    refused = await ben.call("GET", f"/rooms/{room}/joined_members")
    assert refused.status_code == 403


async def test_members_by_membership_and_time(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    before = (await ada.get("/sync"))["next_batch"]
    await ben.join(room)
    await ben.leave(room)

    async def find(**query: str) -> dict[str, str]:
        chunk = (await ada.get(f"/rooms/{room}/members", **query))["chunk"]
        assert all(event["room_id"] == room for event in chunk)
        return {event["state_key"]: event["content"]["membership"] for event in chunk}

    a, b = ada.user_id, ben.user_id
    assert await find() == {a: "join", b: "leave"}
    assert await find(membership="join") == {a: "join"}
    assert await find(not_membership="join") == {b: "leave"}
    assert await find(membership="join", not_membership="ban") == {a: "join", b: "leave"}
    assert await find(at=before) == {a: "join"}
    for query in ({"membership": "guest"}, {"not_membership": "x"}, {"at": "yesterday"}):
        refused = await ada.call("GET", f"/rooms/{room}/members", params=query)
        assert (refused.status_code, refused.json()["errcode"]) == (400, "M_INVALID_PARAM")


async def test_who_is_in_a_room_and_in_which_rooms_one_is(ada: Guest, ben: Guest) -> None:
    room, left = await ada.create_room(), await ada.create_room()
    await ada.leave(left)
    await ben.join(room)
    await ben.change("PUT", f"/profile/{ben.user_id}/displayname", {"displayname": "Ben"})
    found = await ada.get(f"/rooms/{room}/joined_members")
    assert set(found["joined"]) == {ada.user_id, ben.user_id}
    assert found["joined"][ben.user_id]["display_name"] == "Ben"
    assert await ada.get("/joined_rooms") == {"joined_rooms": [room]}
