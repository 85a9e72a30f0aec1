"""Events and keys as such."""

import base64

import pytest

from teahouse.chat.events.types import ROOM_VERSIONS, Event, SigningKey, encode_base64

# The seed of the specification's test vectors: appendix "Cryptographic Test Vectors".
SEED = base64.b64decode("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1=")


def make_event(state_key: str | None) -> Event:
    return Event(
        event_id="$e",
        room_id="!r",
        type="m.room.topic",
        sender="@a:tea",
        origin_server_ts=1,
        content={},
        depth=1,
        prev_events=[],
        auth_events=[],
        state_key=state_key,
    )


def test_an_event_with_a_state_key_is_state_and_has_a_slot() -> None:
    event = make_event("")
    assert event.is_state
    assert event.slot == ("m.room.topic", "")


def test_a_message_is_no_state_and_has_no_slot() -> None:
    event = make_event(None)
    assert not event.is_state
    with pytest.raises(AssertionError):
        _ = event.slot


def test_a_signing_key_comes_back_from_its_seed() -> None:
    key = SigningKey.from_seed(SEED, key_id="ed25519:1", server_name="domain")
    assert key.to_seed() == SEED
    again = SigningKey.from_seed(key.to_seed(), key_id="ed25519:1", server_name="domain")
    assert again.sign(b"tea") == key.sign(b"tea")
    assert again.public_key == key.public_key


def test_a_signing_key_does_not_print_its_secret() -> None:
    key = SigningKey.from_seed(SEED, key_id="ed25519:1", server_name="domain")
    assert repr(key) == "SigningKey(key_id='ed25519:1', server_name='domain')"


# Appendix "Unpadded Base64".
@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"", ""),
        (b"f", "Zg"),
        (b"fo", "Zm8"),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg"),
        (b"fooba", "Zm9vYmE"),
        (b"foobar", "Zm9vYmFy"),
    ],
)
def test_base64_is_written_without_padding(value: bytes, written: str) -> None:
    assert encode_base64(value) == written


def test_each_room_version_stands_under_its_identifier() -> None:
    assert list(ROOM_VERSIONS) == ["10", "11", "12"]
    for identifier, version in ROOM_VERSIONS.items():
        assert version.identifier == identifier
