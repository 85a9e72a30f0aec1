"""`/sync` over HTTP: what a client that only adds up answers knows in the end."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.kit.chat_house import Guest

pytestmark = pytest.mark.anyio


def bodies(room: Any) -> list[str]:
    return [e["content"].get("body", e["type"]) for e in room["timeline"]["events"]]


async def joined(guest: Guest, room: str, **query: Any) -> Any:
    answer = await guest.get("/sync", **query)
    return answer["rooms"]["join"][room]


async def test_a_gap_is_told_and_can_be_filled(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    since = (await ben.get("/sync"))["next_batch"]
    for number in range(15):
        await ada.say(room, str(number))
    await ada.set_state(room, "m.room.topic", {"topic": "tea"})
    told = await joined(ben, room, since=since)
    assert told["timeline"]["limited"] is True
    assert bodies(told)[-2:] == ["14", "m.room.topic"]
    back = {"dir": "b", "limit": 100, "from": told["timeline"]["prev_batch"]}
    page = await ben.get(f"/rooms/{quote(room)}/messages", **back)
    earlier = [e["content"].get("body") for e in page["chunk"] if e["type"] == "m.room.message"]
    shown = [body for body in bodies(told) if body.isdigit()]
    assert [*earlier[::-1], *shown] == [str(number) for number in range(15)]
    complete = {"room": {"timeline": {"limit": 100}}}
    whole = await joined(ben, room, since=since, filter=json.dumps(complete))
    assert whole["timeline"]["limited"] is False
    assert whole["state"]["events"] == []


async def test_state_in_a_gap_is_told_beside_the_timeline(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    since = (await ben.get("/sync"))["next_batch"]
    await ada.set_state(room, "m.room.topic", {"topic": "old"})
    for number in range(12):
        await ada.say(room, str(number))
    await ada.set_state(room, "m.room.name", {"name": "new"})
    before = await joined(ben, room, since=since)
    assert [e["type"] for e in before["state"]["events"]] == ["m.room.topic"]
    after = await joined(ben, room, since=since, use_state_after="true")
    assert {e["type"] for e in after["state_after"]["events"]} == {"m.room.topic", "m.room.name"}
    assert "state" not in after
    # By the name of the proposal, which is the only one that matrix-js-sdk knows.
    unstable = "org.matrix.msc4222"
    asked = await joined(ben, room, since=since, **{f"{unstable}.use_state_after": "true"})
    assert asked[f"{unstable}.state_after"] == after["state_after"]
    assert "state_after" not in asked
    everything = await joined(ben, room, since=since, full_state="true")
    kinds = {e["type"] for e in everything["state"]["events"]}
    assert {"m.room.create", "m.room.power_levels", "m.room.topic"} <= kinds


async def test_who_comes_sees_the_room_and_who_goes_sees_that_it_is_over(
    ada: Guest, ben: Guest
) -> None:
    room = await ada.create_room(name="Tea")
    await ada.say(room, "before")
    since = (await ben.get("/sync"))["next_batch"]
    await ben.join(room)
    answer = await ben.get("/sync", since=since)
    come = answer["rooms"]["join"][room]
    assert "before" in bodies(come)
    assert come["summary"]["m.joined_member_count"] == 2
    await ben.leave(room)
    await ada.say(room, "behind his back")
    gone = await ben.get("/sync", since=answer["next_batch"])
    left = gone["rooms"]["leave"][room]
    assert [e["content"]["membership"] for e in left["timeline"]["events"]] == ["leave"]
    again = await ben.get("/sync", since=gone["next_batch"])
    assert room not in again.get("rooms", {}).get("leave", {})
    assert room not in (await ben.get("/sync")).get("rooms", {}).get("join", {})


async def test_an_invite_is_told_until_it_is_answered(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room(name="Tea", invite=[ben.user_id], preset="private_chat")
    answer = await ben.get("/sync")
    told = answer["rooms"]["invite"][room]["invite_state"]["events"]
    assert told[-1]["content"]["membership"] == "invite"
    assert {"m.room.name", "m.room.join_rules"} <= {e["type"] for e in told}
    await ben.leave(room)
    after = await ben.get("/sync", since=answer["next_batch"])
    assert room in after["rooms"]["leave"]
    assert "invite" not in after["rooms"]


async def test_a_token_may_be_used_as_often_as_one_likes(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    since = (await ben.get("/sync"))["next_batch"]
    await ada.say(room, "tea")
    first, again = [await ben.get("/sync", since=since) for _ in range(2)]
    assert bodies(first["rooms"]["join"][room]) == bodies(again["rooms"]["join"][room]) == ["tea"]
    nothing = await ben.get("/sync", since=first["next_batch"])
    assert "rooms" not in nothing


async def test_lazy_members_are_told_when_they_speak(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room(name="Tea")
    await ben.join(room)
    lazy = json.dumps({"room": {"state": {"lazy_load_members": True}, "timeline": {"limit": 1}}})
    await ben.say(room, "me")
    answer = await ada.get("/sync", filter=lazy)
    told = answer["rooms"]["join"][room]["state"]["events"]
    members = [e["state_key"] for e in told if e["type"] == "m.room.member"]
    assert set(members) == {ada.user_id, ben.user_id}
    await ben.say(room, "me again")
    later = await ada.get("/sync", since=answer["next_batch"], filter=lazy)
    assert later["rooms"]["join"][room]["state"]["events"] == []
    # Whoever comes back with an older token, having lost what came since, is told anew.
    since = answer["next_batch"]
    eve_room = await ada.create_room(name="Other")
    await ben.join(eve_room)
    await ben.say(eve_room, "hello")
    for _ in range(2):
        again = await ada.get("/sync", since=since, filter=lazy)
        told = again["rooms"]["join"][eve_room]["state"]["events"]
        assert ben.user_id in {e.get("state_key") for e in told}


async def test_ignored_members_are_not_heard(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    me = quote(ada.user_id, safe="")
    ignored: dict[str, Any] = {"ignored_users": {ben.user_id: {}}}
    await ada.change("PUT", f"/user/{me}/account_data/m.ignored_user_list", ignored)
    since = (await ada.get("/sync"))["next_batch"]
    await ben.say(room, "hello?")
    await ben.set_state(room, "m.room.member", {"membership": "join", "displayname": "B"},
                        ben.user_id)  # fmt: skip
    told = await joined(ada, room, since=since)
    assert bodies(told) == ["m.room.member"], "state is not hidden"
    assert told["unread_notifications"]["notification_count"] == 0


async def test_an_invitation_of_who_was_ignored_comes_when_they_are_heard_again(
    ada: Guest, ben: Guest
) -> None:
    path = f"/user/{quote(ben.user_id)}/account_data/m.ignored_user_list"
    await ben.change("PUT", path, {"ignored_users": {ada.user_id: {}}})
    since = (await ben.get("/sync"))["next_batch"]
    room = await ada.create_room(preset="private_chat", invite=[ben.user_id])
    deaf = await ben.get("/sync", since=since)
    await ben.change("PUT", path, {"ignored_users": {}})
    heard = await ben.get("/sync", since=deaf["next_batch"])
    assert "rooms" not in deaf
    assert list(heard["rooms"]["invite"]) == [room]
