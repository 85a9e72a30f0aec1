"""Reports of encrypted messages over HTTP, on both databases."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.verified_reports.commands import forget_old_proofs
from teahouse.chat.verified_reports.personal_data import erase_member
from teahouse.chat.verified_reports.tables import chat_report_outcome, chat_report_proof
from teahouse.platform.clock import ManualClock
from tests.chat.verified_reports.kit import Sender, altered, to_unpadded
from tests.kit.chat_house import Guest, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

ENCRYPTED = "m.room.encrypted"
RUDE = "You pour like a drain"


async def _room(ada: Guest, ben: Guest) -> str:
    room_id = await ada.create_room(preset="private_chat", invite=[ben.user_id])
    await ben.join(room_id)
    return room_id


async def _report(
    guest: Guest, room_id: str, event_id: str, key: bytes, *, once: str = "k"
) -> httpx.Response:
    body = {"event_id": event_id, "reason": "rude", "message_key": to_unpadded(key)}
    path = f"/api/v1/rooms/{quote(room_id)}/verified_reports"
    return await guest.call("POST", path, body, headers={"Idempotency-Key": once})


async def _moderator(house: House) -> Guest:
    cleo = await register_guest(house, "cleo")
    house.db.run(accounts.grant_role, cleo.user_id, "moderator", by=None)
    return cleo


async def test_a_true_report_is_opened_by_the_staff_and_its_sender_sees_who_looked(
    house: House, ada: Guest, ben: Guest
) -> None:
    cleo = await _moderator(house)
    room_id = await _room(ada, ben)
    sender = Sender(room_id)
    sent = [
        await ada.send(room_id, sender.encrypt(text), ENCRYPTED)
        for text in ("Good morning", RUDE, "My diary says")
    ]

    made = await _report(ben, room_id, sent[1], sender.message_key(1))
    again = await _report(ben, room_id, sent[1], sender.message_key(1))
    report_id = made.json()["report_id"]
    path = f"/api/v1/reports/{report_id}"
    unsaid = await cleo.call("POST", f"{path}/look", {"reason": " "})
    stranger = await ben.call("POST", f"{path}/look", {"reason": "curious"})
    opened = await cleo.call("POST", f"{path}/look", {"reason": "Report of rudeness"})

    assert (made.status_code, again.json()) == (201, made.json())
    assert made.json()["device"] == "gone"  # Without keys uploaded nobody knows the device.
    assert (unsaid.status_code, stranger.status_code) == (400, 403)
    shown = opened.json()
    assert shown["content"] == {"msgtype": "m.text", "body": RUDE}
    assert (shown["evidence"], shown["sender"]) == ("proven", ada.user_id)
    with house.db.engine.connect() as conn:
        [row] = conn.execute(sa.select(chat_report_proof)).mappings()
    assert RUDE.encode() not in repr(dict(row)).encode()
    log = await ada.get("/api/v1/reports/own")
    assert log["reports"] == []


async def test_a_false_report_is_refused_and_leaves_nothing(
    house: House, ada: Guest, ben: Guest
) -> None:
    cleo = await _moderator(house)
    room_id = await _room(ada, ben)
    sender = Sender(room_id)
    content = sender.encrypt(RUDE)
    sent = await ada.send(room_id, content, ENCRYPTED)
    neighbour = await ada.send(room_id, sender.encrypt("Nothing"), ENCRYPTED)
    # What never was what its session signed, as a reporter with another's server might claim.
    forged = await ada.send(room_id, altered(content, 20), ENCRYPTED)
    plain = await ada.say(room_id, "In the open")
    key = sender.message_key(0)

    refused = [
        await _report(ben, room_id, neighbour, key, once="1"),
        await _report(ben, room_id, forged, key, once="2"),
        await _report(ben, room_id, sent, sender.message_key(1), once="3"),
    ]
    unfit = [
        await _report(ben, room_id, plain, key, once="4"),
        await _report(ben, room_id, sent, b"short", once="5"),
        await _report(ben, room_id, "$none", key, once="6"),
        await _report(cleo, room_id, sent, key, once="7"),
    ]

    assert {one.status_code for one in refused} == {422}
    assert [one.status_code for one in unfit] == [400, 400, 404, 404]
    assert (await cleo.get("/api/v1/reports"))["reports"] == []


async def test_a_message_in_the_open_is_looked_at_the_same_way(
    house: House, ada: Guest, ben: Guest
) -> None:
    cleo = await _moderator(house)
    room_id = await ada.create_room()
    await ben.join(room_id)
    sent = await ada.say(room_id, RUDE)
    await ben.change("POST", f"/rooms/{quote(room_id)}/report/{quote(sent)}", {"reason": "rude"})
    [report] = (await cleo.get("/api/v1/reports"))["reports"]
    path = f"/api/v1/reports/{report['report_id']}/look"

    shown = await cleo.call("POST", path, {"reason": "Report"})
    await ada.redact(room_id, sent)
    gone = await cleo.call("POST", path, {"reason": "Report"})

    assert (shown.json()["evidence"], shown.json()["content"]["body"]) == ("stored", RUDE)
    assert gone.status_code == 404


async def test_a_reporter_is_told_once_what_came_of_it(
    house: House, ada: Guest, ben: Guest
) -> None:
    cleo = await _moderator(house)
    await ben.change("POST", f"/users/{quote(ada.user_id)}/report", {"reason": "loud"})
    [report] = (await ben.get("/api/v1/reports/own"))["reports"]
    path = f"/api/v1/reports/{report['report_id']}/outcome"
    outcome: dict[str, Any] = {"outcome": "acted", "note": "She was asked to whisper."}

    silent = await cleo.call("POST", path, {**outcome, "note": ""})
    own = await ben.call("POST", path, outcome)
    done = await cleo.call("POST", path, outcome)
    twice = await cleo.call("POST", path, outcome)
    unknown = await cleo.call("POST", "/api/v1/reports/none/outcome", outcome)

    codes = [one.status_code for one in (silent, own, done, twice, unknown)]
    assert codes == [400, 403, 204, 409, 404]
    [report] = (await ben.get("/api/v1/reports/own"))["reports"]
    assert (report["outcome"], report["note"]) == ("acted", "She was asked to whisper.")


async def test_what_was_revealed_is_forgotten(house: House, ada: Guest, ben: Guest) -> None:
    room_id = await _room(ada, ben)
    sender = Sender(room_id)
    for number in range(2):
        sent = await ada.send(room_id, sender.encrypt(RUDE), ENCRYPTED)
        await _report(ben, room_id, sent, sender.message_key(number), once=str(number))

        if number == 0:
            house.db.run(erase_member, ada.user_id)
            assert _count(house) == 0
    clock = house.services.clock
    assert isinstance(clock, ManualClock)
    clock.advance(30 * 86_400_000)
    assert house.db.run(forget_old_proofs) == 0
    clock.advance(1)
    assert house.db.run(forget_old_proofs) == 1
    assert _count(house) == 0


def _count(house: House) -> int:
    with house.db.engine.connect() as conn:
        rows = [conn.execute(sa.select(t)).all() for t in (chat_report_proof, chat_report_outcome)]
    return sum(map(len, rows))
