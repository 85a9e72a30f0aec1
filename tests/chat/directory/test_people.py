"""Finding people and single rooms over HTTP, on both databases."""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from teahouse.platform.db import Database
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

V1 = "/_matrix/client/v1"
READABLE = {"history_visibility": "world_readable"}


async def _find(guest: Guest, term: str, **body: Any) -> list[str]:
    found = await guest.change("POST", "/user_directory/search", {"search_term": term, **body})
    return [user["user_id"] for user in found["results"]]


async def test_people_are_found_in_shared_and_open_rooms_only(
    house: House, ada: Guest, ben: Guest
) -> None:
    cleo = await register_guest(house, "cleo")
    assert await _find(ada, "ben") == []

    shared = await ben.create_room(preset="private_chat", invite=[ada.user_id])
    assert await _find(ada, "ben") == []
    await ada.join(shared)
    assert await _find(ada, "ben") == [ben.user_id]
    assert await _find(cleo, "ben") == []
    await ben.set_state(shared, "m.room.history_visibility", READABLE)
    assert await _find(cleo, "ben") == [ben.user_id]
    await ben.set_state(shared, "m.room.history_visibility", {"history_visibility": "joined"})
    assert await _find(cleo, "ben") == []
    await ben.create_room()
    assert await _find(cleo, "BEN") == [ben.user_id]


async def test_people_are_told_with_their_profile_up_to_a_limit(ada: Guest, ben: Guest) -> None:
    await ben.change("PUT", f"/profile/{ben.user_id}/displayname", {"displayname": "Ada's friend"})
    await ben.create_room()
    await ada.create_room()

    both = await ada.change("POST", "/user_directory/search", {"search_term": "ada"})
    one = await ada.change("POST", "/user_directory/search", {"search_term": "ada", "limit": 1})

    assert {"user_id": ben.user_id, "display_name": "Ada's friend"} in both["results"]
    assert (len(both["results"]), both["limited"]) == (2, False)
    assert (len(one["results"]), one["limited"]) == (1, True)
    assert await _find(ada, "") == []
    for body in ({}, {"search_term": "x", "limit": -1}, {"search_term": 3}):
        assert (await ada.call("POST", "/user_directory/search", body)).status_code == 400


async def test_shared_rooms_are_listed(ada: Guest, ben: Guest) -> None:
    room_id, _alone = await ada.create_room(), await ada.create_room()
    await ben.join(room_id)
    path = f"{V1}/mutual_rooms"

    assert await ada.get(path, user_id=ben.user_id) == {"joined": [room_id], "count": 1}
    assert await ada.get(path, user_id="@nobody:teahouse.test") == {"joined": [], "count": 0}
    for query in ({}, {"user_id": "x"}, {"user_id": ada.user_id},
                  {"user_id": ben.user_id, "from": "x"}):  # fmt: skip
        assert (await ada.call("GET", path, params=query)).status_code == 400


async def test_a_summary_is_told_to_who_may_join(house: House, ada: Guest, ben: Guest) -> None:
    open_id = await ada.create_room(name="Open", room_alias_name="open")
    closed = await ada.create_room(name="Closed", preset="private_chat")

    by_alias = await ben.get(f"{V1}/room_summary/{quote('#open:teahouse.test')}")
    own = await ada.get(f"{V1}/room_summary/{quote(closed)}")
    stranger = await house.call("GET", f"{V1}/room_summary/{quote(open_id)}")
    old = await ada.get(f"/_matrix/client/unstable/im.nheko.summary/rooms/{quote(closed)}/summary")

    assert by_alias == {
        "room_id": open_id,
        "name": "Open",
        "canonical_alias": "#open:teahouse.test",
        "join_rule": "public",
        "num_joined_members": 1,
        "world_readable": False,
        "guest_can_join": False,
        "room_version": "12",
        "membership": "leave",
    }
    assert (own["membership"], own["encryption"]) == ("join", "m.megolm.v1.aes-sha2")
    assert "membership" not in stranger.json()
    assert old["im.nheko.summary.encryption"] == "m.megolm.v1.aes-sha2"
    for room in (closed, "#no:teahouse.test", "!no:teahouse.test", "x"):
        refused = await ben.call("GET", f"{V1}/room_summary/{quote(room)}")
        assert (refused.status_code, refused.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_no_bridge_is_there(ada: Guest) -> None:
    await ada.create_room(room_alias_name="tea")

    assert await ada.get("/thirdparty/protocols") == {}
    assert await ada.get("/thirdparty/location", alias="#tea:teahouse.test") == []
    assert await ada.get("/thirdparty/user", userid=ada.user_id) == []
    for path in ("/protocol/irc", "/location/irc", "/user/irc", "/user?userid=x",
                 "/location?alias=x"):  # fmt: skip
        done = await ada.call("GET", f"/thirdparty{path}")
        assert (done.status_code, done.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_turn_servers_can_check_the_credentials(db: Database, tmp_path: Path) -> None:
    uris = ["turn:turn.test?transport=udp"]
    house = make_chat_house(db, tmp_path, turn_uris=uris, turn_shared_secret="tea", turn_seconds=60)
    ada = await register_guest(house, "ada")

    found = await ada.get("/voip/turnServer")

    ends_at, _, user_id = found["username"].partition(":")
    digest = hmac.new(b"tea", found["username"].encode(), hashlib.sha1).digest()
    assert int(ends_at) == house.services.clock.now_ms() // 1000 + 60
    assert user_id == ada.user_id
    assert base64.b64decode(found["password"]) == digest
    assert (found["uris"], found["ttl"]) == (uris, 60)


async def test_without_turn_servers_there_are_no_credentials(ada: Guest) -> None:
    assert await ada.get("/voip/turnServer") == {}
