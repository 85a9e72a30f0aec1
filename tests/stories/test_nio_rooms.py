"""Members on matrix-nio find rooms, run them and leave them."""

from typing import Any

import httpx
import nio
import pytest

from tests.kit.clients import NioDevice, NioDevices, two_in_a_room

pytestmark = pytest.mark.anyio


async def test_a_room_is_found_by_its_alias_and_in_the_directory(devices: NioDevices) -> None:
    alice, bob = await devices.member("alice"), await devices.member("bob")
    local_part = devices.homeserver.new_name("tasting")
    created = await alice.nio.room_create(
        visibility=nio.RoomVisibility.public,
        preset=nio.RoomPreset.public_chat,
        alias=local_part,
        name="Tasting",
        topic="First flush",
    )
    assert isinstance(created, nio.RoomCreateResponse), created
    alias = f"#{local_part}:{devices.homeserver.server_name}"

    found = await bob.nio.room_resolve_alias(alias)
    listed = await bob.nio.list_public_rooms(limit=500)
    joined = await bob.nio.join(alias)
    await bob.until(lambda: created.room_id in bob.nio.rooms)

    assert found.room_id == created.room_id
    [entry] = [room for room in listed.public_rooms if room.room_id == created.room_id]
    assert (entry.name, entry.topic, entry.num_joined_members) == ("Tasting", "First flush", 1)
    assert joined.room_id == created.room_id
    room = bob.nio.rooms[created.room_id]
    assert (room.name, room.topic, room.canonical_alias) == ("Tasting", "First flush", alias)


async def test_a_member_is_kicked_banned_and_let_in_again(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)

    await alice.nio.room_kick(room_id, bob.user_id, reason="Slurping")
    await alice.until(lambda: bob.user_id not in alice.nio.rooms[room_id].users)
    await alice.nio.room_ban(room_id, bob.user_id, reason="Slurping again")
    refused = await bob.nio.join(room_id)
    uninvited = await alice.nio.room_invite(room_id, bob.user_id)
    await alice.nio.room_unban(room_id, bob.user_id)
    invited = await alice.nio.room_invite(room_id, bob.user_id)
    joined = await bob.nio.join(room_id)

    assert isinstance(refused, nio.JoinError)
    assert refused.transport_response.status == httpx.codes.FORBIDDEN
    assert isinstance(uninvited, nio.RoomInviteError)
    assert uninvited.transport_response.status == httpx.codes.FORBIDDEN
    assert isinstance(invited, nio.RoomInviteResponse)
    assert isinstance(joined, nio.JoinResponse)
    members = (await alice.nio.joined_members(room_id)).members
    assert {member.user_id for member in members} == {alice.user_id, bob.user_id}


async def test_a_room_that_was_left_and_forgotten_is_gone(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)

    assert isinstance(await bob.nio.room_leave(room_id), nio.RoomLeaveResponse)
    await alice.until(lambda: bob.user_id not in alice.nio.rooms[room_id].users)
    assert isinstance(await bob.nio.room_forget(room_id), nio.RoomForgetResponse)
    joined = await bob.nio.joined_rooms()
    history = await bob.nio.room_messages(room_id, "", limit=5)

    assert joined.rooms == []
    assert isinstance(history, nio.RoomMessagesError)
    assert history.status_code == "M_FORBIDDEN"


async def test_only_who_has_the_power_changes_the_topic(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)

    refused = await _set_topic(bob, room_id, "Coffee")
    levels = await alice.nio.room_get_state_event(room_id, "m.room.power_levels")
    users = {**levels.content.get("users", {}), bob.user_id: 50}
    raised = {**levels.content, "users": users}
    await alice.nio.room_put_state(room_id, "m.room.power_levels", raised)
    allowed = await _set_topic(bob, room_id, "Tea, after all")
    await alice.until(lambda: alice.nio.rooms[room_id].topic == "Tea, after all")

    assert isinstance(refused, nio.RoomPutStateError)
    assert refused.status_code == "M_FORBIDDEN"
    assert isinstance(allowed, nio.RoomPutStateResponse)


async def test_someone_who_knocks_is_let_in(devices: NioDevices) -> None:
    alice, bob = await devices.member("alice"), await devices.member("bob")
    room_id = await alice.create_room()
    join_rule = {"join_rule": "knock"}
    await alice.nio.room_put_state(room_id, "m.room.join_rules", join_rule)

    refused = await bob.nio.join(room_id)
    knocked = await bob.nio.room_knock(room_id, reason="It rains")
    knock = await alice.until(lambda: _membership(alice, room_id, bob, "knock"))
    await alice.nio.room_invite(room_id, bob.user_id)
    await bob.accept_invite(room_id)

    assert isinstance(refused, nio.JoinError)
    assert isinstance(knocked, nio.RoomKnockResponse)
    assert knock.content["reason"] == "It rains"
    await alice.until(lambda: bob.user_id in alice.nio.rooms[room_id].users)


async def test_a_space_shows_its_rooms(devices: NioDevices) -> None:
    alice = await devices.member("alice")
    room_id = await alice.create_room()
    space = await alice.nio.room_create(space=True, name="The house")
    child = {"via": [devices.homeserver.server_name], "order": "a"}
    await alice.nio.room_put_state(space.room_id, "m.space.child", child, state_key=room_id)

    hierarchy = await alice.nio.space_get_hierarchy(space.room_id)

    assert isinstance(hierarchy, nio.SpaceGetHierarchyResponse), hierarchy
    assert [room["room_id"] for room in hierarchy.rooms] == [space.room_id, room_id]
    assert hierarchy.rooms[0]["room_type"] == "m.space"
    assert hierarchy.rooms[0]["children_state"][0]["state_key"] == room_id


async def test_history_is_paged_back_to_the_room_s_beginning(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    texts = [f"Page {n}" for n in range(25)]
    for text in texts:
        last = await alice.send_text(room_id, text)
    await bob.until_event(last)

    found = [event async for event in _history(bob, room_id)]

    assert [e.body for e in found if isinstance(e, nio.RoomMessageText)] == texts[::-1]
    assert isinstance(found[-1], nio.RoomCreateEvent)
    assert len({event.event_id for event in found}) == len(found)


async def test_an_event_is_shown_with_what_was_said_around_it(devices: NioDevices) -> None:
    alice, _, room_id = await two_in_a_room(devices)
    sent = [await alice.send_text(room_id, text) for text in ("Before", "Then", "After")]
    await alice.until_event(sent[-1])

    context = await alice.nio.room_context(room_id, sent[1], limit=2)

    assert isinstance(context, nio.RoomContextResponse), context
    assert context.event.event_id == sent[1]
    assert [e.event_id for e in context.events_before] == [sent[0]]
    assert [e.event_id for e in context.events_after] == [sent[2]]


async def _set_topic(device: NioDevice, room_id: str, topic: str) -> Any:
    return await device.nio.room_put_state(room_id, "m.room.topic", {"topic": topic})


def _membership(
    device: NioDevice, room_id: str, member: NioDevice, membership: str
) -> nio.RoomMemberEvent | None:
    said = (event for room, event in reversed(device.seen) if room == room_id)
    changes = (event for event in said if isinstance(event, nio.RoomMemberEvent))
    wanted = (member.user_id, membership)
    return next((c for c in changes if (c.state_key, c.membership) == wanted), None)


async def _history(device: NioDevice, room_id: str) -> Any:
    position = device.nio.next_batch
    while position:
        page = await device.nio.room_messages(room_id, position, limit=10)
        assert isinstance(page, nio.RoomMessagesResponse), page
        for event in page.chunk:
            yield event
        position = page.end
