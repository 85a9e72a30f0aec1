"""The calls of operators' tools over HTTP, on both databases."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from teahouse import accounts, chat
from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.moderation.tables import chat_staff_access
from teahouse.platform.db import Database, Read
from teahouse.platform.jobs import Worker
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

V1, V2 = "/_synapse/admin/v1", "/_synapse/admin/v2"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    """A server that answers operators' tools."""
    return make_chat_house(db, tmp_path, admin_api=True)


@pytest.fixture
async def ada(house: House) -> Guest:
    return await register_guest(house, "ada")


@pytest.fixture
async def operator(house: House) -> Guest:
    """An operator who is in no room."""
    guest = await register_guest(house, "olga")
    house.db.run(accounts.grant_role, guest.user_id, "operator", by=None)
    return guest


async def test_rooms_are_listed_and_found(ada: Guest, operator: Guest) -> None:
    green = await ada.create_room(name="Green", visibility="public", room_alias_name="sencha")
    black = await ada.create_room(name="Black", preset="private_chat")
    await operator.join(green)

    every = await operator.get(f"{V1}/rooms")
    fullest = await operator.get(f"{V1}/rooms", order_by="joined_members", limit=1)
    rest = await operator.get(f"{V1}/rooms", order_by="joined_members", **{"from": 1})
    found = await operator.get(f"{V1}/rooms", search_term="SENCHA")
    public = await operator.get(f"{V1}/rooms", public_rooms="false")

    assert [room["name"] for room in every["rooms"]] == ["Black", "Green"]
    assert (every["total_rooms"], every["offset"]) == (2, 0)
    assert [room["room_id"] for room in fullest["rooms"]] == [green]
    assert (fullest["next_batch"], rest["prev_batch"]) == (1, 0)
    assert [room["room_id"] for room in rest["rooms"]] == [black]
    assert [room["room_id"] for room in found["rooms"]] == [green]
    assert [room["room_id"] for room in public["rooms"]] == [black]
    [room] = found["rooms"]
    assert {key: room[key] for key in ("creator", "version", "public", "join_rules")} == {
        "creator": ada.user_id,
        "version": "12",
        "public": True,
        "join_rules": "public",
    }


async def test_a_room_is_told_with_its_members(ada: Guest, operator: Guest) -> None:
    room_id = await ada.create_room(name="Green", topic="Leaves")
    path = f"{V1}/rooms/{quote(room_id)}"

    room = await operator.get(path)

    assert (room["topic"], room["joined_members"], room["joined_local_devices"]) == ("Leaves", 1, 1)
    assert (room["forgotten"], room["tombstoned"], room["replacement_room"]) == (False, False, None)
    assert await operator.get(f"{path}/members") == {"members": [ada.user_id], "total": 1}
    unknown = await operator.call("GET", f"{V1}/rooms/{quote('!no:x')}")
    assert (unknown.status_code, unknown.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_a_room_is_shut_down_and_what_was_said_destroyed(
    house: House, ada: Guest, operator: Guest
) -> None:
    room_id = await ada.create_room(visibility="public", room_alias_name="tea")
    for number in range(3):
        await ada.say(room_id, f"Text {number}")
    since = (await ada.get("/sync"))["next_batch"]
    room = quote(room_id)

    asked = await operator.change("DELETE", f"{V2}/rooms/{room}", {"message": "Loud"})
    waiting = await operator.get(f"{V2}/rooms/delete_status/{asked['delete_id']}")
    twice = await operator.call("DELETE", f"{V2}/rooms/{room}", {})
    await Worker(house.db, house.services, chat.job_kinds()).run_due()
    done = await operator.get(f"{V2}/rooms/{room}/delete_status")

    assert waiting["status"] == "scheduled"
    assert twice.status_code == 400
    assert done["results"] == [
        {
            "delete_id": asked["delete_id"],
            "room_id": room_id,
            "status": "complete",
            "shutdown_room": {
                "kicked_users": [ada.user_id],
                "failed_to_kick_users": [],
                "local_aliases": ["#tea:teahouse.test"],
                "new_room_id": None,
            },
        }
    ]
    assert house.db.look(_count_messages, room_id) == 0
    assert (await ada.call("POST", f"/rooms/{room}/join", {})).status_code == 403
    assert (await ada.get("/publicRooms"))["chunk"] == []
    assert room_id not in (await ada.get("/sync", since=since))["rooms"].get("join", {})
    assert (
        await ada.call("GET", f"/rooms/{room}/messages", params={"dir": "b"})
    ).status_code == 403


def _count_messages(read: Read, room_id: str) -> int:
    statement = sa.select(sa.func.count()).where(
        chat_event.c.room_id == room_id, chat_event.c.state_key.is_(None)
    )
    return int(read.conn.execute(statement.select_from(chat_event)).scalar_one())


async def test_a_room_is_shut_down_at_once_and_opened_again(
    house: House, ada: Guest, operator: Guest
) -> None:
    room_id = await ada.create_room()
    await ada.say(room_id, "Text")
    room = quote(room_id)

    done = await operator.change("DELETE", f"{V1}/rooms/{room}", {"block": True, "purge": False})
    shut = await operator.get(f"{V1}/rooms/{room}/block")
    refused = await ada.call("POST", f"/rooms/{room}/join", {})
    await operator.change("PUT", f"{V1}/rooms/{room}/block", {"block": False})
    await ada.join(room_id)

    assert done["kicked_users"] == [ada.user_id]
    assert shut == {"block": True}
    assert refused.status_code == 403
    assert house.db.look(_count_messages, room_id) == 1


async def test_media_are_quarantined_and_given_back(
    house: House, ada: Guest, operator: Guest
) -> None:
    headers = {"Authorization": f"Bearer {ada.token}", "Content-Type": "text/plain"}
    made = await house.http.post("/_matrix/media/v3/upload", content=b"tea", headers=headers)
    media_id = made.json()["content_uri"].rpartition("/")[2]
    path = f"/_matrix/client/v1/media/download/teahouse.test/{media_id}"
    which = f"teahouse.test/{media_id}"

    await operator.change("POST", f"{V1}/media/quarantine/{which}", {})
    hidden = await ada.call("GET", path)
    await operator.change("POST", f"{V1}/media/unquarantine/{which}", {})
    shown = await ada.call("GET", path)
    all_of = await operator.change("POST", f"{V1}/user/{ada.user_id}/media/quarantine", {})
    elsewhere = await operator.call("POST", f"{V1}/media/quarantine/elsewhere.test/x", {})

    assert (hidden.status_code, shown.status_code) == (404, 200)
    assert all_of == {"num_quarantined": 1}
    assert elsewhere.status_code == 404


CALLS = [
    ("GET", f"{V1}/server_version"),
    ("GET", f"{V1}/rooms"),
    ("GET", f"{V1}/rooms/!x:y"),
    ("GET", f"{V1}/rooms/!x:y/members"),
    ("GET", f"{V1}/rooms/!x:y/block"),
    ("PUT", f"{V1}/rooms/!x:y/block"),
    ("DELETE", f"{V1}/rooms/!x:y"),
    ("DELETE", f"{V2}/rooms/!x:y"),
    ("GET", f"{V2}/rooms/!x:y/delete_status"),
    ("GET", f"{V2}/rooms/delete_status/x"),
    ("POST", f"{V1}/media/quarantine/teahouse.test/x"),
    ("POST", f"{V1}/media/unquarantine/teahouse.test/x"),
    ("POST", f"{V1}/user/@x:y/media/quarantine"),
]


async def test_nobody_else_may_ask(house: House, ada: Guest) -> None:
    for method, path in CALLS:
        body: dict[str, Any] | None = None if method == "GET" else {"block": True}
        refused = await ada.call(method, path, body)
        stranger = await house.call(method, path, body)
        assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN"), path
        assert stranger.status_code == httpx.codes.UNAUTHORIZED, path


async def test_it_is_off_unless_configured(db: Database, tmp_path: Path) -> None:
    house = make_chat_house(db, tmp_path)
    operator = await register_guest(house, "olga")
    house.db.run(accounts.grant_role, operator.user_id, "operator", by=None)

    for method, path in CALLS:
        refused = await operator.call(method, path, None if method == "GET" else {"block": True})
        assert (refused.status_code, refused.json()["errcode"]) == (404, "M_UNRECOGNIZED"), path


async def test_malformed_questions_are_refused(ada: Guest, operator: Guest) -> None:
    room = quote(await ada.create_room())

    refused = [
        await operator.call("GET", f"{V1}/rooms", params={"order_by": "x"}),
        await operator.call("GET", f"{V1}/rooms", params={"dir": "x"}),
        await operator.call("GET", f"{V1}/rooms", params={"search_term": ""}),
        await operator.call("GET", f"{V1}/rooms", params={"public_rooms": "x"}),
        await operator.call("PUT", f"{V1}/rooms/{room}/block", {}),
        await operator.call("DELETE", f"{V1}/rooms/{room}", {"new_room_user_id": ada.user_id}),
    ]

    assert [done.status_code for done in refused] == [400] * 6
    assert (await operator.get(f"{V1}/server_version"))["server_version"].startswith("Teahouse")


async def test_what_staff_look_at_is_noted(house: House, ada: Guest, operator: Guest) -> None:
    room_id = await ada.create_room()

    await operator.get(f"{V1}/rooms/{quote(room_id)}/members")
    await operator.change("PUT", f"{V1}/rooms/{quote(room_id)}/block", {"block": True})

    log = chat_staff_access.c
    with house.db.reading() as read:
        rows = read.conn.execute(
            sa.select(log.staff_user_id, log.deed, log.about).order_by(log.access_id)
        ).all()
    assert sorted(tuple(row) for row in rows) == [
        (operator.user_id, "rooms.block", room_id),
        (operator.user_id, "rooms.members.see", room_id),
    ]
