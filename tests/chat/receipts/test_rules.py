"""The forms of receipts."""

import pytest
from msgspec import UNSET, UnsetType

from teahouse.chat.receipts import rules
from teahouse.chat.receipts.errors import InvalidThread, UnknownReceiptType
from teahouse.chat.receipts.types import Receipt, ReceiptType
from teahouse.platform.json import Json


def receipt(
    user_id: str, *, event_id: str, receipt_type: ReceiptType = "m.read", thread_id: str = ""
) -> Receipt:
    return Receipt(
        room_id="!room:tea",
        user_id=user_id,
        receipt_type=receipt_type,
        thread_id=thread_id,
        event_id=event_id,
        event_position=1,
        ts=1000,
        position=2,
    )


def test_receipts_are_grouped_by_event_and_type() -> None:
    content = rules.to_receipt_content(
        [
            receipt("@ada:tea", event_id="$1"),
            receipt("@ben:tea", event_id="$1", thread_id="main"),
            receipt("@ada:tea", event_id="$2", receipt_type="m.read.private"),
            receipt("@ada:tea", event_id="$3", thread_id="$root"),
        ]
    )
    assert content == {
        "$1": {"m.read": {"@ada:tea": {"ts": 1000}, "@ben:tea": {"ts": 1000, "thread_id": "main"}}},
        "$2": {"m.read.private": {"@ada:tea": {"ts": 1000}}},
        "$3": {"m.read": {"@ada:tea": {"ts": 1000, "thread_id": "$root"}}},
    }


def test_of_two_receipts_in_one_place_the_unthreaded_one_is_shown() -> None:
    pair = [
        receipt("@ada:tea", event_id="$1"),
        receipt("@ada:tea", event_id="$1", thread_id="main"),
    ]
    expected = {"$1": {"m.read": {"@ada:tea": {"ts": 1000}}}}
    assert rules.to_receipt_content(pair) == expected
    assert rules.to_receipt_content(pair[::-1]) == expected


@pytest.mark.parametrize("thread_id", [UNSET, "main", "$root"])
def test_a_thread_is_main_or_an_event(thread_id: str | UnsetType) -> None:
    expected = "" if isinstance(thread_id, UnsetType) else thread_id
    assert rules.check_thread(thread_id, receipt_type="m.read") == expected


@pytest.mark.parametrize("thread_id", [None, "", "other", 1, [], {}, "$" + "x" * 255])
def test_other_threads_are_refused(thread_id: Json) -> None:
    with pytest.raises(InvalidThread):
        rules.check_thread(thread_id, receipt_type="m.read")


def test_a_fully_read_marker_knows_no_threads() -> None:
    assert rules.check_thread(UNSET, receipt_type="m.fully_read") == ""
    with pytest.raises(InvalidThread):
        rules.check_thread("main", receipt_type="m.fully_read")


def test_unknown_types_are_refused() -> None:
    assert rules.check_receipt_type("m.read.private") == "m.read.private"
    with pytest.raises(UnknownReceiptType):
        rules.check_receipt_type("m.delivered")


def test_an_unthreaded_receipt_reads_every_thread() -> None:
    positions = {"": 5, "main": 3, "$root": 9}
    assert rules.compute_read_position(positions, "main") == 5
    assert rules.compute_read_position(positions, "$root") == 9
    assert rules.compute_read_position({}, "main") == 0
