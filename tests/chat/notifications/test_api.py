"""The list of what a member was notified of."""

from typing import Any
from urllib.parse import quote

import pytest

from teahouse.chat.notifications import live
from tests.kit.chat_house import Guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio


def bodies(page: Any) -> list[str]:
    return [told["event"]["content"]["body"] for told in page["notifications"]]


async def test_what_notified_is_listed_the_latest_first(ada: Guest, ben: Guest) -> None:
    room = await ben.create_room()
    await ben.say(room, "before you came")
    await ada.join(room)
    first = await ben.say(room, "first")
    await ben.send(room, {"msgtype": "m.notice", "body": "a notice"})
    await ada.say(room, "my own")
    await ada.change("POST", f"/rooms/{quote(room, safe='')}/receipt/m.read/{first}", {})
    await ben.say(room, "hello ada")

    page = await ada.get("/notifications")

    assert bodies(page) == ["hello ada", "first"]
    latest, oldest = page["notifications"]
    assert (latest["read"], oldest["read"]) == (False, True)
    assert latest["room_id"] == room
    assert "room_id" not in latest["event"]
    assert latest["ts"] == latest["event"]["origin_server_ts"]
    assert latest["actions"] == [
        "notify",
        {"set_tweak": "sound", "value": "default"},
        {"set_tweak": "highlight", "value": True},
    ]
    assert "next_token" not in page
    assert bodies(await ada.get("/notifications", only="highlight")) == ["hello ada"]


async def test_the_list_is_read_page_by_page(
    ada: Guest, ben: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that pages end by each of the three limits.
    monkeypatch.setattr(live, "_EVENTS_MAX", 5)
    monkeypatch.setattr(live, "_LOOK_BACK", 9)
    room = await ben.create_room()
    await ada.join(room)
    for number in range(20):
        await ben.say(room, str(number))
        await ben.set_state(room, "m.room.topic", {"topic": str(number)})

    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = await ada.get("/notifications", **query)
        seen += bodies(page)
        if "next_token" not in page:
            break
        query["from"] = page["next_token"]

    assert seen == [str(number) for number in range(19, -1, -1)]


async def test_rooms_left_members_ignored_and_events_redacted_are_not_listed(
    ada: Guest, ben: Guest
) -> None:
    left, room = await ben.create_room(), await ben.create_room()
    await ada.join(left)
    await ada.join(room)
    await ben.say(left, "left")
    await ada.leave(left)
    await ben.redact(room, await ben.say(room, "redacted"))
    assert bodies(await ada.get("/notifications")) == []

    await ben.say(room, "heard")
    assert bodies(await ada.get("/notifications")) == ["heard"]
    await ada.change(
        "PUT",
        f"/user/{ada.user_id}/account_data/m.ignored_user_list",
        {"ignored_users": {ben.user_id: {}}},
    )
    assert bodies(await ada.get("/notifications")) == []


async def test_the_members_own_rules_decide(ada: Guest, ben: Guest) -> None:
    room = await ben.create_room()
    await ada.join(room)
    await ben.say(room, "tea?")
    await ada.change("PUT", f"/pushrules/global/room/{quote(room, safe='')}", {"actions": []})

    assert bodies(await ada.get("/notifications")) == []


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"from": "x"}])
async def test_a_malformed_request_is_refused(ada: Guest, query: dict[str, str]) -> None:
    done = await ada.call("GET", "/notifications", params=query)
    assert (done.status_code, done.json()["errcode"]) == (400, "M_INVALID_PARAM")


async def test_who_is_not_signed_in_is_refused(house: House) -> None:
    assert (await house.call("GET", "/notifications")).status_code == 401
