"""Members on different clients understand each other: the server favours neither."""

import asyncio

import nio
import pytest

from tests.kit.clients import NioDevices
from tests.kit.clients_js import tell

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("js_clients")]


async def test_a_member_on_nio_and_one_on_js_sdk_talk_encrypted(
    devices: NioDevices,
) -> None:
    homeserver = devices.homeserver
    alice = await devices.member("alice")
    bob_name = homeserver.new_name("bob")
    bob = homeserver.register(bob_name)
    room_id = await alice.create_room(invite=(bob,))

    scene = asyncio.create_task(
        tell(
            "answerInRoom",
            homeserver,
            user=bob_name,
            roomId=room_id,
            hear="Do you take it with lemon?",
            answer="With lemon and without haste",
        )
    )
    await alice.until_member(room_id, bob)
    question = await alice.send_text(room_id, "Do you take it with lemon?")
    seen = await scene
    answer = await alice.until_event(seen["answerId"])

    assert seen["heard"] == "Do you take it with lemon?"
    assert seen["sender"] == alice.user_id
    assert seen["encrypted"]
    assert isinstance(answer, nio.RoomMessageText)
    assert answer.decrypted
    assert answer.body == "With lemon and without haste"
    assert (await alice.stored_event(room_id, question))["type"] == "m.room.encrypted"
