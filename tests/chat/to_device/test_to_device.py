"""Sending messages to devices, on both databases."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from teahouse.chat.keys.queries import find_key_counts
from teahouse.chat.to_device import commands
from teahouse.chat.to_device.announcements import ToDeviceSent
from teahouse.chat.to_device.jobs import sweep
from teahouse.chat.to_device.personal_data import erase_member, export_member
from teahouse.chat.to_device.queries import find_to_device
from teahouse.platform.announcements import Announcement
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.errors import InvalidParam
from teahouse.platform.jobs import NoPayload
from teahouse.platform.requester import Requester
from tests.chat.keys.devices import ADA, BEN, CLEO, register
from tests.kit.database import Databases, open_database

DAY_MS = 86_400_000
HELLO = b'{"hello":"there"}'


@pytest.fixture
def ada(db: Database) -> Requester:
    """Ada with one device, Ben with two."""
    register(db, BEN, "PHONE")
    db.run(_add_device, BEN, "TABLET")
    return register(db, ADA, "PHONE")


def _add_device(tx: Any, user_id: str, device_id: str) -> None:
    from teahouse.accounts import DeviceWish
    from teahouse.accounts.devices.commands import add_device

    add_device(tx, user_id, DeviceWish(device_id=device_id))


def send(
    db: Database,
    sender: Requester,
    messages: Mapping[str, Mapping[str, bytes]],
    *,
    txn: str = "1",
    event_type: str = "m.test",
) -> None:
    db.run(commands.send_to_device, sender, event_type, txn, messages)


def received(db: Database, user_id: str, device_id: str, **stretch: int) -> list[Any]:
    since, up_to = stretch.get("since", 0), stretch.get("up_to", db.position)
    found = db.look(find_to_device, user_id, device_id, since, up_to)
    return [msgspec.json.decode(event) for _, event in found]


def test_a_message_reaches_the_devices_it_names(db: Database, ada: Requester) -> None:
    told: list[Announcement] = []
    db.listen(lambda announcements, _position: told.extend(announcements))
    send(db, ada, {BEN: {"PHONE": HELLO, "GONE": HELLO}, "@nobody:tea": {"*": HELLO}})
    event = {"type": "m.test", "sender": ADA, "content": {"hello": "there"}}
    assert received(db, BEN, "PHONE") == [event]
    assert received(db, BEN, "TABLET") == received(db, BEN, "GONE") == []
    assert received(db, ADA, "PHONE") == []
    assert told == [ToDeviceSent(BEN, ("PHONE",), db.position)]


def test_a_star_means_every_device_and_a_name_goes_before_it(db: Database, ada: Requester) -> None:
    send(db, ada, {BEN: {"*": HELLO, "TABLET": b"{}"}})
    assert [event["content"] for event in received(db, BEN, "PHONE")] == [{"hello": "there"}]
    assert [event["content"] for event in received(db, BEN, "TABLET")] == [{}]


def test_a_repeated_request_sends_nothing_twice(db: Database, ada: Requester) -> None:
    for _ in range(2):
        send(db, ada, {BEN: {"PHONE": HELLO}})
    assert len(received(db, BEN, "PHONE")) == 1
    # The same id is another request from another device, and for another type.
    send(db, Requester(user_id=ADA, device_id="TABLET"), {BEN: {"PHONE": HELLO}})
    send(db, ada, {BEN: {"PHONE": HELLO}}, event_type="m.other")
    assert len(received(db, BEN, "PHONE")) == 3


def test_messages_come_in_order_and_by_pages_and_go_when_delivered(
    db: Database, ada: Requester
) -> None:
    for number in range(5):
        content = b'{"n":%d}' % number
        send(db, ada, {BEN: {"PHONE": content, "TABLET": content}}, txn=str(number))
    first = db.look(find_to_device, BEN, "PHONE", 0, db.position, 2)
    assert [msgspec.json.decode(event)["content"]["n"] for _, event in first] == [0, 1]
    seen = first[-1][0]
    db.run(commands.delete_to_device, BEN, "PHONE", seen)
    assert [e["content"]["n"] for e in received(db, BEN, "PHONE")] == [2, 3, 4]
    assert [e["content"]["n"] for e in received(db, BEN, "PHONE", since=seen + 1)] == [3, 4]
    assert [e["content"]["n"] for e in received(db, BEN, "PHONE", up_to=seen + 1)] == [2]
    assert len(received(db, BEN, "TABLET")) == 5


@pytest.mark.parametrize(("event_type", "txn"), [("m.test", "é" * 128), ("x" * 256, "1")])
def test_names_that_are_too_long_are_refused(
    db: Database, ada: Requester, event_type: str, txn: str
) -> None:
    with pytest.raises(InvalidParam):
        send(db, ada, {BEN: {"PHONE": HELLO}}, txn=txn, event_type=event_type)
    assert received(db, BEN, "PHONE") == []


def test_what_nobody_fetched_goes_after_thirty_days(
    db: Database, ada: Requester, clock: ManualClock
) -> None:
    class House:
        def __init__(self) -> None:
            self.db = db

    services: Any = House()
    send(db, ada, {BEN: {"PHONE": HELLO}})
    clock.advance(8 * DAY_MS)
    asyncio.run(sweep(services, NoPayload()))
    # Requests are remembered for seven days, messages longer.
    send(db, ada, {BEN: {"PHONE": HELLO}})
    assert len(received(db, BEN, "PHONE")) == 2
    clock.advance(23 * DAY_MS)
    asyncio.run(sweep(services, NoPayload()))
    assert len(received(db, BEN, "PHONE")) == 1


def test_a_flooded_device_keeps_its_newest_messages(
    db: Database, ada: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "WAITING_MAX", 3)
    for number in range(5):
        content = b'{"n":%d}' % number
        send(db, ada, {BEN: {"PHONE": content, "TABLET": content}}, txn=str(number))
    db.run(commands.delete_to_device, BEN, "TABLET", db.position - 3)
    db.run(commands.delete_surplus)
    for device_id in ("PHONE", "TABLET"):
        assert [e["content"]["n"] for e in received(db, BEN, device_id)] == [2, 3, 4]


def test_finding_a_devices_messages_reads_no_others(databases: Databases) -> None:
    url = databases.create("sqlite")
    statements: list[tuple[str, Any]] = []
    with open_database(url, ManualClock()) as db:
        engine = db._read_engine

        @sa.event.listens_for(engine, "before_cursor_execute")
        def _note(_c: object, _cur: object, statement: str, parameters: Any, *_: object) -> None:
            if statement.startswith("SELECT"):
                statements.append((statement, parameters))

        db.look(find_to_device, BEN, "PHONE", 0, 10)
        db.look(find_key_counts, BEN, "PHONE")
        assert len(statements) == 3
        with engine.connect() as conn:
            for statement, parameters in statements:
                plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                assert all("SEARCH" in str(step) for step in plan), (statement, plan)
    databases.drop(url)


def test_a_members_messages_are_exported_and_erased(db: Database, ada: Requester) -> None:
    send(db, ada, {BEN: {"PHONE": HELLO}})
    send(db, Requester(user_id=CLEO), {BEN: {"PHONE": HELLO}})
    exported: Any = db.look(export_member, BEN)
    assert [message["sender"] for message in exported["to_device"]] == [ADA, CLEO]
    db.run(erase_member, ADA)
    exported = db.look(export_member, BEN)
    assert [message["sender"] for message in exported["to_device"]] == [CLEO]
    db.run(erase_member, BEN)
    assert db.look(export_member, BEN) == {"to_device": []}
