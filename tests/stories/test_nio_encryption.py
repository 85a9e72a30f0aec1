"""Members on matrix-nio talk encrypted; the server carries it and cannot read it."""

import nio
import pytest

from tests.kit.clients import NioDevices, two_in_a_room

pytestmark = pytest.mark.anyio

PICTURE = b"P6 2 2 255 the cat on the samovar " * 2000


async def test_an_encrypted_text_is_read_by_the_other_and_not_by_the_server(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)

    text = "Darjeeling at half past four, by the rear door"
    event_id = await alice.send_text(room_id, text)
    heard = await bob.until_event(event_id)

    assert isinstance(heard, nio.RoomMessageText)
    assert heard.body == text
    assert heard.decrypted
    assert heard.sender == alice.user_id
    stored = await bob.stored_event(room_id, event_id)
    assert stored["type"] == "m.room.encrypted"
    assert set(stored["content"]) >= {"algorithm", "ciphertext", "session_id"}
    assert "body" not in stored["content"]
    assert devices.homeserver.places_that_hold(text) == []


async def test_a_text_in_an_open_room_is_found_where_the_server_keeps_it(
    devices: NioDevices,
) -> None:
    """Show that the search would find what the other stories say is not there."""
    alice = await devices.member("alice")
    room_id = await alice.create_room(encrypted=False)

    event_id = await alice.send_text(room_id, "Today: scones at cost price")
    await alice.until_event(event_id)

    if devices.homeserver.data_dir is not None:
        assert devices.homeserver.places_that_hold("scones at cost price") != []


async def test_an_answer_comes_back_encrypted(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    question = await alice.send_text(room_id, "Milk?")
    await bob.until_event(question)

    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": question}}}
    answer_id = await bob.send_text(room_id, "Only a cloud of it", **reply)
    answer = await alice.until_event(answer_id)

    assert answer.body == "Only a cloud of it"
    assert answer.source["content"]["m.relates_to"] == reply["m.relates_to"]


async def test_an_encrypted_attachment_is_opened_by_the_other_and_not_by_the_server(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)

    event_id = await alice.send_file(room_id, PICTURE, "cat.ppm")
    event = await bob.until_event(event_id)

    assert isinstance(event, nio.RoomEncryptedFile)
    assert event.body == "cat.ppm"
    assert await bob.open_file(event) == PICTURE
    stored = await bob.nio.download(mxc=event.url)
    assert stored.body != PICTURE
    assert len(stored.body) == len(PICTURE)
    assert devices.homeserver.places_that_hold(PICTURE[:33].decode()) == []


async def test_what_was_said_while_a_device_was_away_is_read_when_it_returns(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    await bob.go_offline()

    sent = [await alice.send_text(room_id, f"Cup number {n}") for n in range(30)]
    await bob.go_online()
    await bob.until_event(sent[-1])
    missed = [sent.index(e.event_id) for _, e in bob.seen if e.event_id in sent]

    # The server may leave a gap before the newest; what came must be whole and in order.
    assert missed == list(range(missed[0], 30))
    back = await bob.nio.room_messages(room_id, bob.nio.next_batch, limit=30)
    texts = [e.body for e in back.chunk if isinstance(e, nio.RoomMessageText)]
    assert texts == [f"Cup number {n}" for n in reversed(range(30))]


async def test_a_device_that_signs_in_later_reads_what_is_said_from_then_on(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    before = await alice.send_text(room_id, "Before the kettle")
    await bob.until_event(before)

    tablet = await devices.sign_in(bob.user_id, device_name="tablet")
    known = await alice.until_devices_known(bob.user_id, at_least=2)
    after = await alice.send_text(room_id, "After the kettle")

    assert {d.device_id for d in known} == {bob.device_id, tablet.device_id}
    assert (await tablet.until_event(after)).body == "After the kettle"
    assert isinstance(await tablet.until_event(before), nio.MegolmEvent)


async def test_a_device_that_signed_out_is_no_longer_written_to(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    tablet = await devices.sign_in(bob.user_id, device_name="tablet")
    await alice.until_devices_known(bob.user_id, at_least=2)

    await tablet.go_offline()
    assert isinstance(await tablet.nio.logout(), nio.LogoutResponse)
    await alice.until(lambda: len(alice.devices_of(bob.user_id)) == 1)
    event_id = await alice.send_text(room_id, "Just the two of us")

    assert [d.device_id for d in alice.devices_of(bob.user_id)] == [bob.device_id]
    assert (await bob.until_event(event_id)).body == "Just the two of us"
