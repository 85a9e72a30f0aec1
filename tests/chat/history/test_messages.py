"""Paging through a room's timeline over HTTP."""

import json
from typing import Any

import pytest

from tests.kit.chat_house import Guest

pytestmark = pytest.mark.anyio


def _bodies(page: Any) -> list[str]:
    return [event["content"].get("body", event["type"]) for event in page["chunk"]]


async def _page_all(guest: Guest, room: str, **query: Any) -> list[str]:
    seen: list[str] = []
    while True:
        page = await guest.get(f"/rooms/{room}/messages", **query)
        seen += _bodies(page)
        if "end" not in page:
            return seen
        query["from"] = page["end"]


async def test_pages_lead_back_to_the_beginning_and_forward_to_the_end(ada: Guest) -> None:
    room = await ada.create_room()
    for number in range(7):
        await ada.say(room, f"m{number}")
    back = await _page_all(ada, room, dir="b", limit=3)
    assert back[:7] == [f"m{number}" for number in reversed(range(7))]
    assert back[-1] == "m.room.create"
    assert await _page_all(ada, room, dir="f", limit=3) == back[::-1]


async def test_a_token_of_sync_is_a_place_in_the_timeline(ada: Guest) -> None:
    room = await ada.create_room()
    for number in range(15):
        await ada.say(room, f"m{number}")
    synced = await ada.get("/sync")
    timeline = synced["rooms"]["join"][room]["timeline"]
    page = await ada.get(
        f"/rooms/{room}/messages", dir="b", limit=2, **{"from": timeline["prev_batch"]}
    )
    assert _bodies(page) == ["m4", "m3"]
    await ada.say(room, "later")
    page = await ada.get(f"/rooms/{room}/messages", dir="f", **{"from": synced["next_batch"]})
    assert _bodies(page) == ["later"]
    assert "end" not in page


async def test_reading_stops_at_to(ada: Guest) -> None:
    room = await ada.create_room()
    for number in range(6):
        await ada.say(room, f"m{number}")
    page = await ada.get(f"/rooms/{room}/messages", dir="b", limit=2)
    rest = await ada.get(f"/rooms/{room}/messages", dir="b", to=page["end"])
    assert _bodies(rest) == ["m5", "m4"]
    forward = await ada.get(f"/rooms/{room}/messages", dir="f", to=page["end"], limit=100)
    assert _bodies(forward)[-1] == "m3"


async def test_the_start_leads_the_other_way(ada: Guest) -> None:
    room = await ada.create_room()
    for number in range(3):
        await ada.say(room, f"m{number}")
    page = await ada.get(f"/rooms/{room}/messages", dir="b", limit=2)
    await ada.say(room, "m3")
    forward = await ada.get(f"/rooms/{room}/messages", dir="f", **{"from": page["start"]})
    assert _bodies(forward) == ["m3"]


async def test_a_member_who_left_reads_up_to_the_leave(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ada.say(room, "before")
    await ben.join(room)
    await ada.say(room, "during")
    await ben.leave(room)
    await ada.say(room, "after")
    seen = await _page_all(ben, room, dir="b")
    assert "after" not in seen
    assert {"during", "before"} <= set(seen)


async def test_history_is_hidden_from_before_the_join_where_the_room_says_so(
    ada: Guest, ben: Guest
) -> None:
    room = await ada.create_room(
        initial_state=[
            {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
        ]
    )
    hidden = await ada.say(room, "before")
    await ben.join(room)
    await ada.say(room, "during")
    assert (await _page_all(ben, room, dir="b"))[0] == "during"
    assert "before" not in await _page_all(ben, room, dir="b")
    for path in ("event", "context"):
        refused = await ben.call("GET", f"/rooms/{room}/{path}/{hidden}")
        assert (refused.status_code, refused.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_whoever_forgot_a_room_sees_nothing_of_it(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    await ben.leave(room)
    await ben.change("POST", f"/rooms/{room}/forget", {})
    refused = await ben.call("GET", f"/rooms/{room}/messages", params={"dir": "b"})
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")


@pytest.mark.parametrize("path", ["messages", "context/$x", "state", "members", "threads"])
async def test_unknown_rooms_and_others_rooms_look_the_same(
    ada: Guest, ben: Guest, path: str
) -> None:
    room = await ada.create_room(preset="private_chat")
    answers = []
    for target in (room, "!unknown:teahouse.test"):
        prefix = "/_matrix/client/v1" if path == "threads" else ""
        refused = await ben.call("GET", f"{prefix}/rooms/{target}/{path}", params={"dir": "b"})
        answers.append((refused.status_code, refused.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 403
    assert answers[0][1]["errcode"] == "M_FORBIDDEN"


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ({}, "M_MISSING_PARAM"),
        ({"dir": "x"}, "M_INVALID_PARAM"),
        ({"dir": "b", "from": "nonsense"}, "M_INVALID_PARAM"),
        ({"dir": "b", "to": "t9999999999999999999"}, "M_INVALID_PARAM"),
        ({"dir": "b", "limit": "-1"}, "M_INVALID_PARAM"),
        ({"dir": "b", "limit": "many"}, "M_INVALID_PARAM"),
        ({"dir": "b", "filter": "{"}, None),
        ({"dir": "b", "filter": '{"types": 1}'}, None),
    ],
)
async def test_nonsense_is_refused(ada: Guest, query: dict[str, str], errcode: str | None) -> None:
    room = await ada.create_room()
    refused = await ada.call("GET", f"/rooms/{room}/messages", params=query)
    assert refused.status_code == 400
    assert errcode is None or refused.json()["errcode"] == errcode


async def test_a_filter_picks_types_senders_and_attachments(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    await ada.say(room, "hers")
    await ben.say(room, "his")
    await ben.send(room, {"msgtype": "m.image", "body": "a picture", "url": "mxc://x/y"})
    wanted = {"types": ["m.room.message"], "senders": [ben.user_id]}
    page = await ada.get(f"/rooms/{room}/messages", dir="b", filter=json.dumps(wanted))
    assert _bodies(page) == ["a picture", "his"]
    assert "end" not in page
    page = await ada.get(
        f"/rooms/{room}/messages", dir="b", filter=json.dumps({"contains_url": True})
    )
    assert _bodies(page) == ["a picture"]


async def test_a_rare_match_is_looked_for_within_bounds(
    ada: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.chat.history.queries.SCANNED_MAX", 5)
    room = await ada.create_room()
    await ada.say(room, "old", rare=True)
    for _ in range(8):
        await ada.send(room, {}, "org.example.other")
    wanted = json.dumps({"types": ["m.room.message"]})
    first = await ada.get(f"/rooms/{room}/messages", dir="b", filter=wanted)
    assert first["chunk"] == []
    assert await _page_all(ada, room, dir="b", filter=wanted) == ["old"]
    assert await _page_all(ada, room, dir="f", filter=wanted) == ["old"]


async def test_lazy_loading_brings_the_senders_along(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    await ben.say(room, "his")
    await ben.leave(room)
    await ada.say(room, "hers")
    wanted = json.dumps({"lazy_load_members": True, "types": ["m.room.message"]})
    page = await ada.get(f"/rooms/{room}/messages", dir="b", limit=2, filter=wanted)
    assert {event["state_key"]: event["content"]["membership"] for event in page["state"]} == {
        ada.user_id: "join",
        ben.user_id: "join",
    }


async def test_messages_of_ignored_members_are_left_out_but_not_their_state(
    ada: Guest, ben: Guest
) -> None:
    room = await ada.create_room()
    await ben.join(room)
    await ben.say(room, "his")
    await ada.say(room, "hers")
    path = f"/user/{ada.user_id}/account_data/m.ignored_user_list"
    await ada.change("PUT", path, {"ignored_users": {ben.user_id: {}}})
    page = await ada.get(f"/rooms/{room}/messages", dir="b", limit=50)
    assert [event["type"] for event in page["chunk"] if event["sender"] == ben.user_id] == [
        "m.room.member"
    ]
    assert "hers" in _bodies(page)


async def test_events_carry_what_belongs_beside_them(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    said = await ada.say(room, "first")
    edit = await ada.say(
        room,
        "* second",
        **{
            "m.new_content": {"msgtype": "m.text", "body": "second"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": said},
        },
    )
    gone = await ada.say(room, "secret")
    redaction = await ada.redact(room, gone)
    await ada.set_state(room, "m.room.topic", {"topic": "old"})
    await ada.set_state(room, "m.room.topic", {"topic": "new"})

    page = await ada.get(f"/rooms/{room}/messages", dir="b", limit=50)
    by_id = {event["event_id"]: event for event in page["chunk"]}
    assert all(event["room_id"] == room for event in page["chunk"])
    assert all(event["unsigned"]["age"] >= 0 for event in page["chunk"])
    assert by_id[said]["content"]["body"] == "first"
    assert by_id[said]["unsigned"]["m.relations"]["m.replace"]["event_id"] == edit
    assert by_id[said]["unsigned"]["transaction_id"]
    assert by_id[gone]["content"] == {}
    assert by_id[gone]["unsigned"]["redacted_because"]["event_id"] == redaction
    assert page["chunk"][0]["unsigned"]["prev_content"] == {"topic": "old"}

    page = await ben.get(f"/rooms/{room}/messages", dir="b", limit=50)
    assert not any("transaction_id" in event["unsigned"] for event in page["chunk"])


async def test_an_event_with_what_is_around_it(ada: Guest) -> None:
    room = await ada.create_room()
    ids = [await ada.say(room, f"m{number}") for number in range(9)]
    found = await ada.get(f"/rooms/{room}/context/{ids[4]}", limit=4)
    assert found["event"]["event_id"] == ids[4]
    assert [e["event_id"] for e in found["events_before"]] == [ids[3], ids[2]]
    assert [e["event_id"] for e in found["events_after"]] == [ids[5], ids[6]]
    assert {e["type"] for e in found["state"]} >= {"m.room.create", "m.room.member"}
    earlier = await ada.get(f"/rooms/{room}/messages", dir="b", limit=1, **{"from": found["start"]})
    assert earlier["chunk"][0]["event_id"] == ids[1]
    later = await ada.get(f"/rooms/{room}/messages", dir="f", limit=1, **{"from": found["end"]})
    assert later["chunk"][0]["event_id"] == ids[7]
    alone = await ada.get(f"/rooms/{room}/context/{ids[4]}", limit=0)
    assert alone["events_before"] == alone["events_after"] == []


async def test_the_context_state_is_that_of_its_last_event(ada: Guest) -> None:
    room = await ada.create_room(topic="old")
    said = await ada.say(room, "then")
    await ada.say(room, "still then")
    await ada.set_state(room, "m.room.topic", {"topic": "new"})
    lazy = json.dumps({"lazy_load_members": True})
    for query in ({}, {"filter": lazy}):
        found = await ada.get(f"/rooms/{room}/context/{said}", limit=2, **query)
        state = {event["type"]: event["content"] for event in found["state"]}
        assert state["m.room.topic"]["topic"] == "old"
        assert state["m.room.member"]["membership"] == "join"


async def test_one_event_is_found_only_in_its_own_room(ada: Guest, ben: Guest) -> None:
    room, other = await ada.create_room(), await ada.create_room()
    said = await ada.say(room, "here")
    found = await ada.get(f"/rooms/{room}/event/{said}")
    assert (found["event_id"], found["room_id"]) == (said, room)
    for guest, target in ((ada, other), (ben, room), (ada, "!unknown:teahouse.test")):
        refused = await guest.call("GET", f"/rooms/{target}/event/{said}")
        assert (refused.status_code, refused.json()["errcode"]) == (404, "M_NOT_FOUND")
