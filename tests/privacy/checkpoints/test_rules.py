"""Checkpoints, against the published example of signed notes and against forgery."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from teahouse.privacy.checkpoints.rules import (
    BadCheckpoint,
    Checkpoint,
    encode_verifier_key,
    open_checkpoint,
    parse_verifier_key,
    sign_checkpoint,
)

ORIGIN = "teahouse.test/looks"
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
CHECKPOINT = Checkpoint(ORIGIN, 42, b"r" * 32)
NOTE = sign_checkpoint(CHECKPOINT, KEY)

# From the documentation of golang.org/x/mod/sumdb/note, which the format comes from.
PEOPLE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_the_published_key_is_read() -> None:
    origin, key = parse_verifier_key(PEOPLE_KEY)
    assert origin == "PeterNeumann"
    assert encode_verifier_key(origin, key) == PEOPLE_KEY


def test_a_signed_checkpoint_is_opened() -> None:
    assert open_checkpoint(NOTE, origin=ORIGIN, key=KEY.public_key()) == CHECKPOINT


def test_signatures_of_witnesses_are_passed_over() -> None:
    note = NOTE + "— witness.test AAAAAAA=\n"
    assert open_checkpoint(note, origin=ORIGIN, key=KEY.public_key()) == CHECKPOINT


def test_another_key_or_log_is_refused() -> None:
    with pytest.raises(BadCheckpoint):
        open_checkpoint(NOTE, origin=ORIGIN, key=OTHER_KEY.public_key())
    with pytest.raises(BadCheckpoint):
        open_checkpoint(NOTE, origin="other.test/looks", key=KEY.public_key())


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_no_character_can_be_changed_unnoticed(place: int, character: str) -> None:
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    try:
        opened = open_checkpoint(changed, origin=ORIGIN, key=KEY.public_key())
    except BadCheckpoint:
        return
    assert opened == CHECKPOINT


@pytest.mark.parametrize(
    "text", ["", "a\n", "a\nb\nc\n", f"{ORIGIN}\n1\nAAAA\n\n", f"{ORIGIN}\n-1\n{'A' * 43}=\n\n"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        open_checkpoint(text, origin=ORIGIN, key=KEY.public_key())


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AQ==", PEOPLE_KEY.replace("c7", "c8")])
def test_other_keys_are_refused(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        parse_verifier_key(text)
