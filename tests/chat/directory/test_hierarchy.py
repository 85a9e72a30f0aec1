"""Trees of spaces over HTTP, on both databases."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.kit.chat_house import Guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

V1 = "/_matrix/client/v1"
SPACE = {"type": "m.space"}


async def _make_space(guest: Guest, name: str, **body: Any) -> str:
    return await guest.create_room(name=name, creation_content=SPACE, **body)


async def _put_child(guest: Guest, space: str, child: str, **content: Any) -> None:
    await guest.set_state(space, "m.space.child", {"via": ["teahouse.test"], **content}, child)


async def _tree(guest: Guest, space: str, **query: Any) -> Any:
    return await guest.get(f"{V1}/rooms/{quote(space)}/hierarchy", **query)


def _names(page: Any) -> list[str]:
    return [room["name"] for room in page["rooms"]]


async def test_a_tree_is_walked_depth_first_in_the_order_of_its_spaces(
    ada: Guest, ben: Guest
) -> None:
    root, inner = await _make_space(ada, "Root"), await _make_space(ada, "Inner")
    late = await ada.create_room(name="Late")
    early = await ada.create_room(name="Early")
    leaf = await ada.create_room(name="Leaf")
    await _put_child(ada, root, late)
    await _put_child(ada, root, inner, order="b")
    await _put_child(ada, root, early, order="a")
    await _put_child(ada, inner, leaf)
    # A circle ends where it began.
    await _put_child(ada, inner, root)

    page = await _tree(ben, root)

    assert _names(page) == ["Root", "Early", "Inner", "Leaf", "Late"]
    assert "next_batch" not in page
    space, room = page["rooms"][0], page["rooms"][1]
    assert space["room_type"] == "m.space"
    assert [child["state_key"] for child in space["children_state"]] == [early, inner, late]
    assert set(space["children_state"][0]) == {
        "type", "state_key", "content", "sender", "origin_server_ts",
    }  # fmt: skip
    assert room["children_state"] == []
    assert room["room_version"] == "12"


async def test_a_tree_comes_in_pages_and_down_to_a_depth(ada: Guest) -> None:
    root, inner = await _make_space(ada, "Root"), await _make_space(ada, "Inner")
    leaf, other = await ada.create_room(name="Leaf"), await ada.create_room(name="Other")
    await _put_child(ada, root, inner, order="a")
    await _put_child(ada, inner, leaf)
    await _put_child(ada, root, other, order="b", suggested=True)

    first = await _tree(ada, root, limit=3)
    rest = await _tree(ada, root, limit=3, **{"from": first["next_batch"]})
    flat = await _tree(ada, root, max_depth=1)
    alone = await _tree(ada, root, max_depth=0)
    suggested = await _tree(ada, root, suggested_only="true")

    assert _names(first) == ["Root", "Inner", "Leaf"]
    assert _names(rest) == ["Other"]
    assert "next_batch" not in rest
    assert _names(flat) == ["Root", "Inner", "Other"]
    assert _names(alone) == ["Root"]
    assert _names(suggested) == ["Root", "Other"]
    assert [c["state_key"] for c in suggested["rooms"][0]["children_state"]] == [other]
    for query in ({"max_depth": 1}, {"suggested_only": "true"}):
        changed = await ada.call(
            "GET",
            f"{V1}/rooms/{quote(root)}/hierarchy",
            params={"from": first["next_batch"], **query},
        )
        assert (changed.status_code, changed.json()["errcode"]) == (400, "M_INVALID_PARAM")


async def test_who_may_neither_join_nor_look_sees_nothing(ada: Guest, ben: Guest) -> None:
    root = await _make_space(ada, "Root")
    private = await ada.create_room(name="Private", preset="private_chat")
    knock = await ada.create_room(name="Knock")
    await ada.set_state(knock, "m.room.join_rules", {"join_rule": "knock"})
    readable = await ada.create_room(name="Readable", preset="private_chat")
    await ada.set_state(
        readable, "m.room.history_visibility", {"history_visibility": "world_readable"}
    )
    invited = await ada.create_room(name="Invited", preset="private_chat", invite=[ben.user_id])
    left = await _make_space(ada, "Left")
    await _put_child(ada, left, knock)
    await ada.set_state(left, "m.space.child", {}, knock)
    restricted = await ada.create_room(name="Restricted")
    condition = {"type": "m.room_membership", "room_id": root}
    await ada.set_state(
        restricted, "m.room.join_rules", {"join_rule": "restricted", "allow": [condition]}
    )
    for order, child in enumerate((private, knock, readable, invited, restricted, left)):
        await _put_child(ada, root, child, order=str(order))

    outside = await _tree(ben, root)
    await ben.join(root)
    inside = await _tree(ben, root)
    banned = {"user_id": ben.user_id}
    await ada.change("POST", f"/rooms/{quote(root)}/ban", banned)
    refused = await ben.call("GET", f"{V1}/rooms/{quote(root)}/hierarchy")
    unknown = await ben.call("GET", f"{V1}/rooms/{quote('!no:teahouse.test')}/hierarchy")

    assert _names(outside) == ["Root", "Knock", "Readable", "Invited", "Left"]
    assert _names(inside) == ["Root", "Knock", "Readable", "Invited", "Restricted", "Left"]
    assert inside["rooms"][4]["allowed_room_ids"] == [root]
    for done in (refused, unknown):
        assert (done.status_code, done.json()["errcode"]) == (403, "M_FORBIDDEN")


async def test_malformed_questions_are_refused(house: House, ada: Guest) -> None:
    root = await _make_space(ada, "Root")
    path = f"{V1}/rooms/{quote(root)}/hierarchy"

    for query in ({"limit": "0"}, {"max_depth": "-1"}, {"suggested_only": "x"}, {"from": "y"}):
        done = await ada.call("GET", path, params=query)
        assert (done.status_code, done.json()["errcode"]) == (400, "M_INVALID_PARAM")
    assert (await house.call("GET", path)).status_code == 401
