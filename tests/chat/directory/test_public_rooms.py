"""The public directory over HTTP, on both databases."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.kit.chat_house import Guest, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio


async def _list_rooms(guest: Guest, **body: Any) -> Any:
    return await guest.change("POST", "/publicRooms", body)


def _names(page: Any) -> list[str]:
    return [room["name"] for room in page["chunk"]]


async def test_only_listed_rooms_are_shown_the_fullest_first(ada: Guest, ben: Guest) -> None:
    quiet = await ada.create_room(visibility="public", name="Quiet", topic="Nothing")
    busy = await ada.create_room(visibility="public", name="Busy", room_alias_name="busy")
    await ada.create_room(name="Unlisted")
    await ben.join(busy)

    page = await ben.get("/publicRooms")

    assert page == {
        "chunk": [
            {
                "room_id": busy,
                "name": "Busy",
                "canonical_alias": "#busy:teahouse.test",
                "num_joined_members": 2,
                "world_readable": False,
                "guest_can_join": False,
                "join_rule": "public",
            },
            {
                "room_id": quiet,
                "name": "Quiet",
                "topic": "Nothing",
                "num_joined_members": 1,
                "world_readable": False,
                "guest_can_join": False,
                "join_rule": "public",
            },
        ],
        "total_room_count_estimate": 2,
    }


async def test_pages_lead_on_and_back(ada: Guest) -> None:
    for number in range(5):
        await ada.create_room(visibility="public", name=f"Room {number}")

    first = await _list_rooms(ada, limit=2)
    second = await _list_rooms(ada, limit=2, since=first["next_batch"])
    third = await _list_rooms(ada, limit=2, since=second["next_batch"])
    back = await _list_rooms(ada, limit=2, since=third["prev_batch"])

    assert len({*_names(first), *_names(second), *_names(third)}) == 5
    assert [page["total_room_count_estimate"] for page in (first, second, third)] == [5, 5, 5]
    assert back["chunk"] == second["chunk"]
    assert "prev_batch" not in first
    assert "next_batch" not in third


async def test_a_search_looks_at_name_topic_and_alias(ada: Guest) -> None:
    await ada.create_room(visibility="public", name="Oolong", topic="Half way")
    await ada.create_room(visibility="public", name="Others", room_alias_name="oolong-too")
    await ada.create_room(visibility="public", name="Third", topic="No OOLONG here")
    await ada.create_room(visibility="public", name="Fourth")

    found = await _list_rooms(ada, filter={"generic_search_term": "oolong"})
    both = await _list_rooms(ada, filter={"generic_search_term": "HALF oolong"})

    assert set(_names(found)) == {"Oolong", "Others", "Third"}
    assert found["total_room_count_estimate"] == 3
    assert _names(both) == ["Oolong"]


async def test_rooms_are_found_by_type(ada: Guest) -> None:
    await ada.create_room(visibility="public", name="Room")
    space: dict[str, Any] = {"type": "m.space"}
    await ada.create_room(visibility="public", name="Space", creation_content=space)

    spaces = await _list_rooms(ada, filter={"room_types": ["m.space"]})
    rooms = await _list_rooms(ada, filter={"room_types": [None]})
    every = await _list_rooms(ada, filter={"room_types": [None, "m.space"]})

    assert [room.get("room_type") for room in spaces["chunk"]] == ["m.space"]
    assert _names(rooms) == ["Room"]
    assert set(_names(every)) == {"Room", "Space"}


async def test_the_topic_is_told_as_plain_text(ada: Guest) -> None:
    room_id = await ada.create_room(visibility="public", name="Room")
    texts = [
        {"mimetype": "text/html", "body": "<b>Green</b>"},
        {"mimetype": "text/plain", "body": "Green"},
    ]
    topic = {"topic": "old", "m.topic": {"m.text": texts}}
    await ada.set_state(room_id, "m.room.topic", topic)

    page = await _list_rooms(ada)

    assert page["chunk"][0]["topic"] == "Green"


async def test_malformed_questions_are_refused(house: House, ada: Guest) -> None:
    stranger = await house.call("GET", "/publicRooms")
    refused = [
        await ada.call("GET", "/publicRooms", params={"since": "x"}),
        await ada.call("GET", "/publicRooms", params={"limit": "many"}),
        await ada.call("POST", "/publicRooms", {"limit": -1}),
        await ada.call("POST", "/publicRooms", {"filter": {"room_types": 3}}),
        await ada.call("POST", "/publicRooms", {}, params={"server": "elsewhere.test"}),
    ]

    assert stranger.status_code == httpx.codes.UNAUTHORIZED
    assert [(done.status_code, done.json()["errcode"]) for done in refused] == [
        (400, "M_INVALID_PARAM"),
        (400, "M_INVALID_PARAM"),
        (400, "M_INVALID_PARAM"),
        (400, "M_BAD_JSON"),
        (404, "M_NOT_FOUND"),
    ]


async def test_a_room_tells_whether_it_is_listed(house: House, ada: Guest) -> None:
    room_id = await ada.create_room()
    path = f"/directory/list/room/{quote(room_id)}"

    before = (await house.call("GET", path)).json()
    await ada.change("PUT", path, {"visibility": "public"})
    after = (await house.call("GET", path)).json()
    unknown = await house.call("GET", f"/directory/list/room/{quote('!no:teahouse.test')}")

    assert (before, after) == ({"visibility": "private"}, {"visibility": "public"})
    assert (unknown.status_code, unknown.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_members_and_only_they_see_a_room_s_aliases(house: House, ada: Guest) -> None:
    ben = await register_guest(house, "ben")
    room_id = await ada.create_room(room_alias_name="tea")
    path = f"/rooms/{quote(room_id)}/aliases"

    refused = await ben.call("GET", path)
    await ada.set_state(
        room_id, "m.room.history_visibility", {"history_visibility": "world_readable"}
    )

    assert await ada.get(path) == {"aliases": ["#tea:teahouse.test"]}
    assert await ben.get(path) == {"aliases": ["#tea:teahouse.test"]}
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
