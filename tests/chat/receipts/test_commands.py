"""Moving receipts and markers, on both databases."""

import pytest

from teahouse.chat.account_data.queries import find_room_account_data
from teahouse.chat.receipts import commands, queries
from teahouse.chat.receipts.announcements import ReceiptChanged
from teahouse.chat.receipts.errors import EventNotFound, InvalidThread, UnknownReceiptType
from teahouse.chat.receipts.personal_data import erase_member, export_member
from teahouse.platform.announcements import Announcement
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.errors import Forbidden
from teahouse.platform.requester import Requester
from tests.chat.receipts.kit import ADA, BEN, EVE, make_room, room_store

MANY = 10**9


class House:
    """One room, and who reads in it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.store = room_store()
        self.room_id, self.events = db.run(make_room, self.store)
        self.heard: list[ReceiptChanged] = []
        db.listen(self._hear)

    def _hear(self, announcements: list[Announcement], _: int) -> None:
        self.heard.extend(a for a in announcements if isinstance(a, ReceiptChanged))

    def read(
        self, event_id: str, user_id: str = BEN, *, kind: str = "m.read", thread: str | None = None
    ) -> None:
        threaded = {} if thread is None else {"thread_id": thread}
        self.db.run(
            commands.put_receipt,
            Requester(user_id=user_id),
            room_id=self.room_id,
            receipt_type=kind,
            event_id=event_id,
            **threaded,
        )

    def receipts(self, for_user: str, since: int = 0) -> list[tuple[str, str, str, str]]:
        found = self.db.look(
            queries.find_receipts_since,
            [self.room_id],
            since=since,
            up_to=MANY,
            for_user=for_user,
        )
        return [
            (r.user_id, r.receipt_type, r.thread_id, r.event_id)
            for r in found.get(self.room_id, [])
        ]

    def marker(self, user_id: str = BEN) -> list[tuple[str, bytes]]:
        return self.db.look(find_room_account_data, user_id, self.room_id)


@pytest.fixture
def house(db: Database) -> House:
    return House(db)


def test_a_receipt_moves_forward_only(house: House, clock: ManualClock) -> None:
    house.read(house.events[1])
    clock.advance(1000)
    house.read(house.events[0])
    house.read(house.events[1])
    assert len(house.heard) == 1
    house.read(house.events[3])
    assert [(a.event_id, a.ts) for a in house.heard] == [
        (house.events[1], clock.now_ms() - 1000),
        (house.events[3], clock.now_ms()),
    ]
    assert house.receipts(ADA) == [(BEN, "m.read", "", house.events[3])]


def test_an_announcement_says_what_the_table_says(house: House) -> None:
    house.read(house.events[2], thread="main")
    (heard,) = house.heard
    found = house.db.look(
        queries.find_receipt, BEN, room_id=house.room_id, receipt_type="m.read", thread_id="main"
    )
    assert found is not None
    for name in found.__struct_fields__:
        assert getattr(heard, name) == getattr(found, name)
    assert heard.position == house.db.position


def test_threads_and_types_have_receipts_of_their_own(house: House) -> None:
    root = house.events[0]
    house.read(house.events[4])
    house.read(house.events[1], thread="main")
    house.read(house.events[2], thread=root)
    house.read(house.events[3], kind="m.read.private", thread=root)
    positions = house.db.look(queries.find_read_positions, BEN, house.room_id)
    assert set(positions) == {"", "main", root}
    assert positions["main"] < positions[root] < positions[""]
    many = house.db.look(queries.find_read_positions_of_rooms, BEN, [house.room_id, "!no:tea"])
    assert many == {house.room_id: positions}


def test_a_private_receipt_is_seen_by_its_member_only(house: House) -> None:
    house.read(house.events[0], kind="m.read.private")
    house.read(house.events[1], ADA)
    public = (ADA, "m.read", "", house.events[1])
    assert house.receipts(ADA) == [public]
    assert house.receipts(BEN) == [(BEN, "m.read.private", "", house.events[0]), public]


def test_receipts_are_found_by_position(house: House) -> None:
    house.read(house.events[0])
    middle = house.db.position
    house.read(house.events[1], ADA)
    assert house.receipts(BEN, since=middle) == [(ADA, "m.read", "", house.events[1])]
    found = house.db.look(
        queries.find_receipts_since, [house.room_id], since=0, up_to=middle, for_user=BEN
    )
    assert [r.user_id for r in found[house.room_id]] == [BEN]
    assert house.db.look(queries.find_receipts_since, [], since=0, up_to=MANY, for_user=BEN) == {}


def test_many_rooms_are_asked_for_in_parts(house: House) -> None:
    house.read(house.events[0])
    rooms = [house.room_id, *(f"!{number}:tea" for number in range(1200))]
    found = house.db.look(queries.find_receipts_since, rooms, since=0, up_to=MANY, for_user=BEN)
    assert list(found) == [house.room_id]


def test_a_receipt_is_refused(house: House) -> None:
    with pytest.raises(UnknownReceiptType):
        house.read(house.events[0], kind="m.delivered")
    with pytest.raises(InvalidThread):
        house.read(house.events[0], thread="")
    with pytest.raises(InvalidThread):
        house.read(house.events[0], kind="m.fully_read", thread="main")
    with pytest.raises(Forbidden):
        house.read(house.events[0], EVE)
    with pytest.raises(InvalidThread):
        house.read(house.events[0], thread="$unknown")
    with pytest.raises(EventNotFound):
        house.read("$unknown")
    with pytest.raises(EventNotFound):
        house.read("$unknown", kind="m.fully_read")
    assert house.heard == []
    assert house.receipts(BEN) == []
    assert house.marker() == []


def test_an_event_of_another_room_is_not_found(house: House) -> None:
    _, others = house.db.run(make_room, house.store, members=[EVE])
    with pytest.raises(EventNotFound):
        house.read(others[0])


def test_a_fully_read_marker_moves_forward_only(house: House) -> None:
    house.read(house.events[2], kind="m.fully_read")
    house.read(house.events[1], kind="m.fully_read")
    expected = f'{{"event_id":"{house.events[2]}"}}'.encode()
    assert house.marker() == [("m.fully_read", expected)]
    assert house.marker(ADA) == []
    assert house.receipts(BEN) == []


def test_markers_move_together_or_not_at_all(house: House) -> None:
    def move(**markers: str) -> None:
        house.db.run(
            commands.put_read_markers,
            Requester(user_id=BEN),
            room_id=house.room_id,
            **markers,
        )

    with pytest.raises(EventNotFound):
        move(fully_read=house.events[3], read="$unknown")
    assert house.marker() == []
    move(fully_read=house.events[3], read=house.events[2], read_private=house.events[4])
    assert house.receipts(BEN) == [
        (BEN, "m.read", "", house.events[2]),
        (BEN, "m.read.private", "", house.events[4]),
    ]
    assert len(house.marker()) == 1
    move()


def test_receipts_can_be_exported_and_erased(house: House) -> None:
    house.read(house.events[0])
    house.read(house.events[1], ADA)
    exported = house.db.look(export_member, BEN)["receipts"]
    assert isinstance(exported, list)
    assert len(exported) == 1
    house.db.run(erase_member, BEN)
    assert house.receipts(BEN) == [(ADA, "m.read", "", house.events[1])]
    house.db.run(commands.delete_receipts_of_room, house.room_id)
    assert house.receipts(ADA) == []
