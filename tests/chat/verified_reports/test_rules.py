"""One message of a real Megolm session is opened by its own key, and nothing else is."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.verified_reports.errors import NotProven
from teahouse.chat.verified_reports.rules import (
    judge_device,
    open_message,
    read_encrypted,
    read_message_key,
)
from teahouse.chat.verified_reports.types import EncryptedMessage
from teahouse.platform.errors import InvalidParam
from tests.chat.verified_reports.kit import MEGOLM, Sender, altered, to_unpadded, unpadded

ROOM = "!r:x"


def _message(content: dict[str, Any], room_id: str = ROOM) -> EncryptedMessage:
    found = read_encrypted(room_id, content)
    assert found is not None
    return found


@settings(max_examples=25, deadline=None)
@given(count=st.integers(2, 300), data=st.data(), text=st.text(max_size=100))
def test_a_key_opens_its_message_and_none_of_its_neighbours(
    count: int, data: st.DataObject, text: str
) -> None:
    sender = Sender(ROOM)
    sent = [sender.encrypt(f"{n} {text}") for n in range(count)]
    index = data.draw(st.integers(0, count - 1))
    key = sender.message_key(index)

    opened = open_message(_message(sent[index]), key)

    assert (opened.index, opened.content["body"]) == (index, f"{index} {text}")
    for other in {max(0, index - 1), min(count - 1, index + 1), 0, count - 1} - {index}:
        with pytest.raises(NotProven):
            open_message(_message(sent[other]), key)


def test_whatever_bit_is_altered_it_is_refused() -> None:
    sender = Sender(ROOM)
    content, key = sender.encrypt("The kettle is yours"), sender.message_key(0)
    assert open_message(_message(content), key).content["body"] == "The kettle is yours"

    for at in range(len(unpadded(content["ciphertext"]))):
        with pytest.raises(NotProven):
            open_message(_message(altered(content, at)), key)
    for at in range(32):
        wrong = bytes(byte ^ (n == at) for n, byte in enumerate(key))
        with pytest.raises(NotProven):
            open_message(_message(content), wrong)


def test_the_first_letters_cannot_be_altered_as_with_the_80_bytes_they_could() -> None:
    # The reason why the extracted key is revealed: another IV alters the first block, and the
    # MAC does not cover it. The IV follows from the key, so no key gives another one.
    key = Sender(ROOM).message_key(0)
    keys = HKDFExpand(SHA256(), length=80, info=b"MEGOLM_KEYS").derive(key)
    changed = bytes(byte ^ (n == 0) for n, byte in enumerate(key))
    other = HKDFExpand(SHA256(), length=80, info=b"MEGOLM_KEYS").derive(changed)
    assert other[32:64] != keys[32:64]


def test_another_senders_signature_and_another_rooms_message_are_refused() -> None:
    sender, other = Sender(ROOM), Sender(ROOM)
    content, key = sender.encrypt("Hello"), sender.message_key(0)
    forged = {**content, "session_id": other.session.session_id}
    elsewhere = sender.encrypt("Hello", room_id="!other:x")

    with pytest.raises(NotProven):
        open_message(_message(forged), key)
    with pytest.raises(NotProven):
        open_message(_message(elsewhere), sender.message_key(1))


@given(raw=st.binary(max_size=200))
def test_what_is_no_message_is_refused(raw: bytes) -> None:
    content = {"algorithm": MEGOLM, "ciphertext": to_unpadded(raw), "session_id": "x" * 43}
    with pytest.raises(NotProven):
        open_message(_message(content), bytes(32))


@pytest.mark.parametrize("text", ["", "?", "x" * 42, "é" * 32, "A" * 44])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidParam):
        read_message_key(text)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"algorithm": "m.olm.v1", "ciphertext": "", "session_id": ""},
        {"algorithm": MEGOLM, "ciphertext": {}, "session_id": ""},
        {"algorithm": MEGOLM, "ciphertext": ""},
    ],
)
def test_what_is_not_megolm_is_none(content: dict[str, Any]) -> None:
    assert read_encrypted(ROOM, content) is None


def test_what_a_message_says_of_its_device_is_compared_and_decides_nothing() -> None:
    keys: Any = {"keys": {"curve25519:D": "key"}}
    assert judge_device({"sender_key": "key"}, "D", keys) == "known"
    assert judge_device({"sender_key": "other"}, "D", keys) == "contradicts"
    assert judge_device({}, "D", keys) == "unnamed"
    assert judge_device({"sender_key": "key"}, "D", None) == "gone"
    assert judge_device({"sender_key": "key"}, None, keys) == "gone"
