"""Reports over HTTP, on both databases."""

from typing import Any
from urllib.parse import quote

import pytest

from teahouse import accounts
from teahouse.chat.moderation.commands import follow_staff
from teahouse.chat.moderation.personal_data import erase_member, export_member
from tests.kit.chat_house import Guest, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio


async def test_rooms_events_and_members_are_reported(house: House, ada: Guest, ben: Guest) -> None:
    room_id = await ada.create_room()
    event_id = await ada.say(room_id, "Slurp")
    await ben.join(room_id)
    cleo = await register_guest(house, "cleo")
    house.db.run(accounts.grant_role, cleo.user_id, "moderator", by=None)

    await ben.change("POST", f"/rooms/{quote(room_id)}/report", {"reason": "loud"})
    path = f"/rooms/{quote(room_id)}/report/{quote(event_id)}"
    await ben.change("POST", path, {"score": -100})
    await ben.change("POST", f"/users/{ada.user_id}/report", {"reason": ""})

    page = await cleo.get("/api/v1/reports", limit=2)
    rest = await cleo.get("/api/v1/reports", limit=2, before=page["next"])
    shown = [
        (r["reporter"], r["room_id"], r["event_id"], r["user_id"], r["reason"])
        for r in page["reports"] + rest["reports"]
    ]
    assert set(shown) == {
        (ben.user_id, None, None, ada.user_id, ""),
        (ben.user_id, room_id, event_id, ada.user_id, ""),
        (ben.user_id, room_id, None, None, "loud"),
    }
    assert rest["next"] is None
    assert (await ben.call("GET", "/api/v1/reports")).status_code == 403


async def test_what_cannot_be_seen_cannot_be_reported(ada: Guest, ben: Guest) -> None:
    room_id = await ada.create_room(preset="private_chat")
    event_id = await ada.say(room_id, "Hush")
    reason: dict[str, Any] = {"reason": "x"}

    refused = [
        await ben.call("POST", f"/rooms/{quote(room_id)}/report/{quote(event_id)}", reason),
        await ada.call("POST", f"/rooms/{quote(room_id)}/report/{quote('$no')}", reason),
        await ben.call("POST", f"/rooms/{quote('!no:x')}/report", reason),
        await ben.call("POST", f"/users/{quote('@no:teahouse.test')}/report", reason),
    ]
    malformed = [
        await ben.call("POST", f"/users/{ada.user_id}/report", {}),
        await ben.call("POST", f"/users/{ada.user_id}/report", {"reason": "x" * 2001}),
    ]

    assert [(r.status_code, r.json()["errcode"]) for r in refused] == [(404, "M_NOT_FOUND")] * 4
    assert [r.status_code for r in malformed] == [400, 400]


async def test_nobody_floods_the_moderators(ada: Guest, ben: Guest) -> None:
    path = f"/users/{ada.user_id}/report"
    for _ in range(100):
        await ben.change("POST", path, {"reason": "x"})

    refused = await ben.call("POST", path, {"reason": "x"})

    assert (refused.status_code, refused.json()["errcode"]) == (429, "M_LIMIT_EXCEEDED")


async def test_a_member_gets_and_erases_what_they_reported(
    house: House, ada: Guest, ben: Guest
) -> None:
    await ben.change("POST", f"/users/{ada.user_id}/report", {"reason": "loud"})
    look = accounts.StaffActed("@olga:teahouse.test", "members.list", ben.user_id, "she asked")
    house.db.run(follow_staff, look)

    exported = house.db.look(export_member, ben.user_id)
    house.db.run(erase_member, ben.user_id)
    afterwards = house.db.look(export_member, ben.user_id)

    now = house.services.clock.now_ms()
    assert exported == {
        "reports": [
            {
                "reported_at": now,
                "room_id": None,
                "event_id": None,
                "user_id": ada.user_id,
                "reason": "loud",
            }
        ],
        "staff_access": [
            {"at": now, "staff_user_id": "@olga:teahouse.test", "deed": "members.list"}
        ],
    }
    assert afterwards == {"reports": [], "staff_access": []}
