"""What members do with a message besides reading it: threads, edits, reactions, receipts."""

import nio
import pytest
from nio.api import ReceiptType, RelationshipType

from tests.kit.clients import NioDevice, NioDevices, two_in_a_room

pytestmark = pytest.mark.anyio


async def test_a_thread_is_found_whole_by_the_other_member(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    root = await alice.send_text(room_id, "Which tea for Sunday?")
    await bob.until_event(root)

    texts = ["Keemun", "Assam", "Both"]
    thread = {"m.relates_to": {"rel_type": "m.thread", "event_id": root}}
    answers = [await bob.send_text(room_id, text, **thread) for text in texts]
    heard = [await alice.until_event(event_id) for event_id in answers]

    assert [event.body for event in heard] == texts
    assert await _related(alice, room_id, root, RelationshipType.thread) == answers[::-1]
    assert [e.event_id async for e in alice.nio.room_get_threads(room_id)] == [root]
    summary = (await alice.stored_event(room_id, root))["unsigned"]["m.relations"]["m.thread"]
    assert summary["count"] == 3
    assert summary["latest_event"]["event_id"] == answers[-1]
    assert summary["current_user_participated"] is True


async def test_an_edit_replaces_the_text_for_the_other_member(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    first = await alice.send_text(room_id, "At fuor")
    await bob.until_event(first)

    edit = await alice.send_text(
        room_id,
        "* At four",
        **{
            "m.new_content": {"msgtype": "m.text", "body": "At four"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": first},
        },
    )
    heard = await bob.until_event(edit)

    assert heard.source["content"]["m.new_content"]["body"] == "At four"
    assert heard.source["content"]["m.relates_to"]["event_id"] == first
    assert await _related(bob, room_id, first, RelationshipType.replacement) == [edit]
    relations = (await bob.stored_event(room_id, first))["unsigned"]["m.relations"]
    assert relations["m.replace"]["event_id"] == edit


async def test_a_reaction_is_seen_and_taken_back(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    message = await alice.send_text(room_id, "I brought scones")
    await bob.until_event(message)

    liked = {"m.relates_to": {"rel_type": "m.annotation", "event_id": message, "key": "🫖"}}
    reaction = await bob.send(room_id, "m.reaction", liked)
    seen = await alice.until_event(reaction)
    assert isinstance(seen, nio.ReactionEvent)
    assert (seen.reacts_to, seen.key, seen.sender) == (message, "🫖", bob.user_id)
    assert await _related(alice, room_id, message, RelationshipType.annotation) == [reaction]

    taken_back = await bob.nio.room_redact(room_id, reaction)
    await alice.until_event(taken_back.event_id)
    assert await _related(alice, room_id, message, RelationshipType.annotation) == []


async def test_a_redacted_message_is_gone_for_everyone(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    message = await alice.send_text(room_id, "The surprise is on Friday")
    await bob.until_event(message)

    answer = await alice.nio.room_redact(room_id, message, reason="It was a secret")
    redaction = await bob.until_event(answer.event_id)
    stored = await bob.stored_event(room_id, message)

    assert isinstance(redaction, nio.RedactionEvent)
    assert redaction.redacts == message
    assert redaction.reason == "It was a secret"
    assert stored["content"] == {}
    assert stored["unsigned"]["redacted_because"]["event_id"] == answer.event_id
    tablet = await devices.sign_in(bob.user_id)
    gone = await tablet.until_event(message)
    assert isinstance(gone, nio.RedactedEvent)
    assert (gone.redacter, gone.reason) == (alice.user_id, "It was a secret")


async def test_a_receipt_tells_the_sender_and_a_private_one_does_not(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    first = await alice.send_text(room_id, "One lump?")
    second = await alice.send_text(room_id, "Or two?")
    await bob.until_event(second)

    await bob.nio.update_receipt_marker(room_id, second, ReceiptType.read_private)
    await bob.until(lambda: second in _read_by(bob, bob))
    await bob.nio.update_receipt_marker(room_id, first, ReceiptType.read)
    await alice.until(lambda: first in _read_by(bob, alice))

    assert _read_by(bob, alice) == [first]


async def test_the_read_marker_moves_on_all_devices_of_its_member_only(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    tablet = await devices.sign_in(bob.user_id)
    message = await alice.send_text(room_id, "Tea is ready")
    await bob.until_event(message)
    await tablet.until_event(message)

    answer = await bob.nio.room_read_markers(room_id, message, read_event=message)
    assert isinstance(answer, nio.RoomReadMarkersResponse), answer
    await tablet.until(lambda: message in _fully_read(tablet))
    await alice.until(lambda: message in _read_by(bob, alice))

    await bob.until(lambda: message in _fully_read(bob))
    assert _fully_read(alice) == []


async def test_unread_messages_are_counted_until_they_are_read(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    for text in ("Knock", "Knock knock"):
        last = await alice.send_text(room_id, text)
    await bob.until(lambda: bob.nio.rooms[room_id].unread_notifications == 2)

    await bob.nio.update_receipt_marker(room_id, last, ReceiptType.read)
    await bob.until(lambda: bob.nio.rooms[room_id].unread_notifications == 0)

    assert alice.nio.rooms[room_id].unread_notifications == 0


async def test_typing_is_shown_and_goes_away(devices: NioDevices) -> None:
    alice, bob, room_id = await two_in_a_room(devices)

    await bob.nio.room_typing(room_id, typing_state=True)
    await alice.until(lambda: alice.nio.rooms[room_id].typing_users == [bob.user_id])
    await bob.nio.room_typing(room_id, typing_state=False)
    await alice.until(lambda: alice.nio.rooms[room_id].typing_users == [])


async def _related(
    device: NioDevice, room_id: str, event_id: str, kind: RelationshipType
) -> list[str]:
    found = device.nio.room_get_event_relations(room_id, event_id, kind)
    return [event.event_id async for event in found]


def _read_by(reader: NioDevice, seen_on: NioDevice) -> list[str]:
    return [
        receipt.event_id
        for _, event in seen_on.ephemeral
        if isinstance(event, nio.ReceiptEvent)
        for receipt in event.receipts
        if receipt.user_id == reader.user_id
    ]


def _fully_read(device: NioDevice) -> list[str]:
    return [e.event_id for _, e in device.account_data if isinstance(e, nio.FullyReadEvent)]
