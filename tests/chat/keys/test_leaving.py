"""What becomes of keys and messages when devices and members go, and dehydrated devices."""

from typing import Any

import msgspec
import pytest

from teahouse import accounts
from teahouse.chat import keys, to_device
from teahouse.chat.keys import commands, queries
from teahouse.chat.keys.announcements import DeviceListChanged
from teahouse.chat.keys.errors import KeysOfAnother
from teahouse.chat.keys.personal_data import erase_member, export_member
from teahouse.chat.keys.types import DehydratedUpload, KeyCounts
from teahouse.chat.to_device.commands import send_to_device
from teahouse.chat.to_device.queries import find_dehydrated_to_device, find_to_device
from teahouse.platform.announcements import Announcement
from teahouse.platform.db import Database
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.requester import Requester
from tests.chat.keys.devices import ADA, BEN, Identity, Phone, register

CURVE = "signed_curve25519"


class Installed:
    """As much of a server as `install` asks for."""

    def __init__(self, db: Database) -> None:
        self.db = db


@pytest.fixture
def ada(db: Database) -> Requester:
    """A member with a device that has keys and a waiting message, reactions installed."""
    services: Any = Installed(db)
    keys.install(services)
    to_device.install(services)
    requester = register(db, ADA, "PHONE")
    db.run(commands.upload_keys, requester, Phone(ADA, "PHONE").upload(3, fallback=True))
    send(db, requester, "PHONE")
    return requester


def send(db: Database, sender: Requester, device_id: str, txn: str = "1") -> None:
    messages = {ADA: {device_id: b'{"a":1}'}}
    db.run(send_to_device, sender, "m.test", txn, messages)


def waiting(db: Database, device_id: str) -> int:
    return len(db.look(find_to_device, ADA, device_id, 0, db.position))


def listen(db: Database) -> list[Announcement]:
    told: list[Announcement] = []
    db.listen(lambda announcements, _position: told.extend(announcements))
    return told


def dehydrated(device_id: str) -> DehydratedUpload:
    phone = Phone(ADA, device_id)
    return DehydratedUpload(
        device_id=device_id,
        device_data={"algorithm": "m.dehydration.v1.olm"},
        device_keys=phone.identity(),
        initial_device_display_name="asleep",
        one_time_keys=phone.one_time_keys(2),
        fallback_keys=phone.fallback_key(),
    )


def test_a_device_that_is_signed_out_leaves_nothing(db: Database, ada: Requester) -> None:
    assert waiting(db, "PHONE") == 1
    told = listen(db)
    db.run(accounts.remove_devices, ADA, ["PHONE"])
    assert DeviceListChanged(ADA, db.position) in told
    assert db.look(queries.find_keys, ada, {ADA: []}).device_keys == {ADA: {}}
    assert db.look(queries.find_key_counts, ADA, "PHONE") == KeyCounts({CURVE: 0}, [])
    assert db.run(commands.claim_keys, {ADA: {"PHONE": CURVE}}) == []
    assert waiting(db, "PHONE") == 0


def test_a_renamed_device_is_told_to_those_who_see_it(db: Database, ada: Requester) -> None:
    told = listen(db)
    db.run(accounts.devices.commands.rename_device, ADA, "PHONE", "Ada's")
    assert DeviceListChanged(ADA, db.position) in told
    shown = db.look(queries.find_keys, ada, {ADA: []}).device_keys[ADA]["PHONE"]
    assert shown["unsigned"] == {"device_display_name": "Ada's"}


def test_a_member_who_leaves_leaves_no_keys(db: Database, ada: Requester) -> None:
    db.run(commands.set_cross_signing_keys, ada, Identity(ADA).upload(), confirmed=False)
    db.run(commands.set_dehydrated_device, ada, dehydrated("SLEEPER"))
    exported: Any = db.look(export_member, ADA)
    assert set(exported["device_keys"]) == {"PHONE", "SLEEPER"}
    assert set(exported["cross_signing_keys"]) == {"master", "self_signing", "user_signing"}
    assert exported["dehydrated_device"] == {"algorithm": "m.dehydration.v1.olm"}

    db.run(erase_member, ADA)
    assert db.look(export_member, ADA) == {
        "device_keys": {},
        "cross_signing_keys": {},
        "signed": [],
        "dehydrated_device": None,
    }
    assert db.look(queries.find_key_counts, ADA, "PHONE") == KeyCounts({CURVE: 0}, [])


def test_a_dehydrated_device_is_a_device_to_others(db: Database, ada: Requester) -> None:
    upload = dehydrated("SLEEPER")
    db.run(commands.set_dehydrated_device, ada, upload)
    stored = db.look(queries.find_dehydrated_device, ADA)
    assert stored.device_id == "SLEEPER"
    assert msgspec.json.decode(stored.device_data) == upload.device_data
    shown = db.look(queries.find_keys, Requester(user_id=BEN), {ADA: []}).device_keys[ADA]
    assert shown["SLEEPER"]["unsigned"] == {}
    own = db.look(queries.find_keys, ada, {ADA: []}).device_keys[ADA]
    assert own["SLEEPER"]["unsigned"] == {"device_display_name": "asleep"}
    assert shown["SLEEPER"]["keys"] == upload.device_keys["keys"]
    assert len(db.run(commands.claim_keys, {ADA: {"SLEEPER": CURVE}})) == 1

    send(db, ada, "SLEEPER", "2")
    events, position = db.look(find_dehydrated_to_device, ADA, "SLEEPER", since=0)
    assert [msgspec.json.decode(event) for event in events] == [
        {"type": "m.test", "sender": ADA, "content": {"a": 1}}
    ]
    assert db.look(find_dehydrated_to_device, ADA, "SLEEPER", since=position) == ([], position)
    for user_id, device_id in ((ADA, "PHONE"), (BEN, "SLEEPER")):
        with pytest.raises(NotFound):
            db.look(find_dehydrated_to_device, user_id, device_id, since=0)


def test_a_dehydrated_device_that_is_replaced_or_deleted_leaves_nothing(
    db: Database, ada: Requester
) -> None:
    db.run(commands.set_dehydrated_device, ada, dehydrated("FIRST"))
    send(db, ada, "FIRST", "2")
    db.run(commands.set_dehydrated_device, ada, dehydrated("SECOND"))
    shown = db.look(queries.find_keys, ada, {ADA: []}).device_keys[ADA]
    assert set(shown) == {"PHONE", "SECOND"}
    assert waiting(db, "FIRST") == 0

    assert db.run(commands.delete_dehydrated_device, ada) == "SECOND"
    assert set(db.look(queries.find_keys, ada, {ADA: []}).device_keys[ADA]) == {"PHONE"}
    with pytest.raises(NotFound):
        db.run(commands.delete_dehydrated_device, ada)
    with pytest.raises(NotFound):
        db.look(queries.find_dehydrated_device, ADA)


def test_a_dehydrated_device_is_nobody_elses(db: Database, ada: Requester) -> None:
    upload = dehydrated("SLEEPER")
    wrong = msgspec.structs.replace(upload, device_id="OTHER")
    with pytest.raises(KeysOfAnother):
        db.run(commands.set_dehydrated_device, ada, wrong)
    with pytest.raises(InvalidParam):
        db.run(commands.set_dehydrated_device, ada, dehydrated("PHONE"))
    with pytest.raises(NotFound):
        db.look(queries.find_dehydrated_device, ADA)
