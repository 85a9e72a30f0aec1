"""Relations and threads over HTTP."""

from typing import Any

import pytest

from teahouse.chat.relations.queries import select_latest_replies
from teahouse.platform.db import Database
from tests.kit.chat_house import Guest
from tests.kit.query_plans import explain

pytestmark = pytest.mark.anyio

V1 = "/_matrix/client/v1"


def _ids(page: Any) -> list[str]:
    return [event["event_id"] for event in page["chunk"]]


def _relation(rel_type: str, event_id: str) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": rel_type, "event_id": event_id}}


async def _react(guest: Guest, room: str, event_id: str, key: str) -> str:
    relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
    return await guest.send(room, {"m.relates_to": relation}, "m.reaction")


async def test_relations_come_by_kind_latest_first(ada: Guest) -> None:
    room = await ada.create_room()
    said = await ada.say(room, "root")
    reaction = await _react(ada, room, said, "👍")
    reply = await ada.say(room, "reply", **_relation("m.thread", said))
    sticker = await ada.send(room, _relation("m.thread", said), "m.sticker")
    await ada.say(room, "unrelated")
    path = f"{V1}/rooms/{room}/relations/{said}"
    assert _ids(await ada.get(path)) == [sticker, reply, reaction]
    assert _ids(await ada.get(path, dir="f")) == [reaction, reply, sticker]
    assert _ids(await ada.get(f"{path}/m.thread")) == [sticker, reply]
    assert _ids(await ada.get(f"{path}/m.thread/m.sticker")) == [sticker]
    assert "recursion_depth" not in await ada.get(path)


@pytest.mark.parametrize("direction", ["b", "f"])
async def test_relations_are_paged(ada: Guest, direction: str) -> None:
    room = await ada.create_room()
    said = await ada.say(room, "root")
    replies = [await ada.say(room, str(n), **_relation("m.thread", said)) for n in range(5)]
    path = f"{V1}/rooms/{room}/relations/{said}"
    first = await ada.get(path, limit=2, dir=direction)
    assert "prev_batch" not in first
    seen, page = _ids(first), first
    while "next_batch" in page:
        page = await ada.get(path, limit=2, dir=direction, **{"from": page["next_batch"]})
        assert page["prev_batch"]
        seen += _ids(page)
    assert seen == (replies[::-1] if direction == "b" else replies)
    upto = await ada.get(path, dir=direction, to=first["next_batch"])
    assert _ids(upto) == _ids(first)


async def test_recursion_follows_relations_a_few_levels(ada: Guest) -> None:
    room = await ada.create_room()
    said = await ada.say(room, "root")
    reply = await ada.say(room, "reply", **_relation("m.thread", said))
    reaction = await _react(ada, room, reply, "👍")
    deeper = await ada.send(room, _relation("m.reference", reaction), "org.example.note")
    await ada.send(room, _relation("m.reference", deeper), "org.example.note")
    path = f"{V1}/rooms/{room}/relations/{said}"
    found = await ada.get(path, recurse="true")
    assert _ids(found) == [deeper, reaction, reply]
    assert found["recursion_depth"] == 3
    only = await ada.get(f"{path}/m.annotation", recurse="true")
    assert _ids(only) == [reaction]


async def test_relations_of_what_one_may_not_see_are_not_found(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room(preset="private_chat")
    said = await ada.say(room, "root")
    other = await ada.create_room()
    for guest, target, event_id in ((ben, room, said), (ada, other, said), (ada, room, "$none")):
        refused = await guest.call("GET", f"{V1}/rooms/{target}/relations/{event_id}")
        assert (refused.status_code, refused.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_relations_and_bundles_end_where_a_former_member_left(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    said = await ada.say(room, "root")
    seen = await ada.say(room, "seen", **_relation("m.thread", said))
    await ben.leave(room)
    await ada.say(room, "unseen", **_relation("m.thread", said))
    page = await ben.get(f"{V1}/rooms/{room}/relations/{said}")
    assert _ids(page) == [seen]
    threads = await ben.get(f"{V1}/rooms/{room}/threads")
    summary = threads["chunk"][0]["unsigned"]["m.relations"]["m.thread"]
    assert (summary["count"], summary["latest_event"]["event_id"]) == (1, seen)


async def test_threads_come_by_their_latest_reply(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    roots = [await ada.say(room, f"root {number}") for number in range(3)]
    his = await ben.say(room, "his root")
    for root in (*roots, his, roots[0]):
        last = await ada.say(room, "reply", **_relation("m.thread", root))
    path = f"{V1}/rooms/{room}/threads"
    every = await ada.get(path)
    assert _ids(every) == [roots[0], his, roots[2], roots[1]]
    summary = every["chunk"][0]["unsigned"]["m.relations"]["m.thread"]
    assert (summary["count"], summary["latest_event"]["event_id"]) == (2, last)
    assert summary["current_user_participated"]
    assert _ids(await ben.get(path, include="participated")) == [his]
    seen, query = [], {"limit": 1}
    while True:
        page = await ada.get(path, **query)
        seen += _ids(page)
        if "next_batch" not in page:
            break
        query["from"] = page["next_batch"]
    assert seen == _ids(every)


async def test_ignored_members_do_not_count_in_threads(ada: Guest, ben: Guest) -> None:
    room = await ada.create_room()
    await ben.join(room)
    root = await ada.say(room, "root")
    hers = await ada.say(room, "hers", **_relation("m.thread", root))
    await ben.say(room, "his", **_relation("m.thread", root))
    his_root = await ben.say(room, "his root")
    await ada.say(room, "hers", **_relation("m.thread", his_root))
    path = f"/user/{ada.user_id}/account_data/m.ignored_user_list"
    await ada.change("PUT", path, {"ignored_users": {ben.user_id: {}}})
    page = await ada.get(f"{V1}/rooms/{room}/threads")
    assert _ids(page) == [his_root, root]
    assert page["chunk"][0]["content"] == {}
    summary = page["chunk"][1]["unsigned"]["m.relations"]["m.thread"]
    assert (summary["count"], summary["latest_event"]["event_id"]) == (1, hers)
    assert _ids(await ada.get(f"{V1}/rooms/{room}/relations/{root}")) == [hers]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("threads", {"include": "some"}),
        ("threads", {"from": "x"}),
        ("relations/$x", {"dir": "up"}),
        ("relations/$x", {"recurse": "maybe"}),
        ("relations/$x", {"limit": "-3"}),
    ],
)
async def test_nonsense_is_refused(ada: Guest, path: str, query: dict[str, str]) -> None:
    room = await ada.create_room()
    refused = await ada.call("GET", f"{V1}/rooms/{room}/{path}", params=query)
    assert (refused.status_code, refused.json()["errcode"]) == (400, "M_INVALID_PARAM")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_threads_of_a_room_are_found_without_its_other_events(db: Database) -> None:
    select = select_latest_replies("!r", frozenset(), seen_up_to=9).limit(11)
    plan = db.look(explain, select)
    assert "ix_chat_event_thread" in plan
    assert "ix_chat_event_relation" in plan
    assert "TEMP B-TREE" not in plan
