"""The text of a checkpoint, how it is signed and how it is verified. Pure.

    teahouse.example/looks
    42
    qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=

    — teahouse.example/looks Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5...

Source: C2SP, tlog-checkpoint and signed-note (Ed25519, algorithm byte 1).
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_KEY_HASH_BYTES = 4
_SIGNATURE_BYTES = 64
_ROOT_BYTES = 32
_DASH = "— "
_SIZE_DIGITS_MAX = 18


class BadCheckpoint(Exception):
    """A text that is no checkpoint, or not signed by the key."""


class Checkpoint(msgspec.Struct, frozen=True):
    """What a checkpoint states.

    Attributes:
        origin: names the log; part of what is signed.
        size: how many entries.
        root: of the tree over them, 32 bytes.
    """

    origin: str
    size: int
    root: bytes


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed text."""
    return _sign(_text_of(checkpoint), checkpoint.origin, key)


def sign_statement(text: str, *, origin: str, key: Ed25519PrivateKey) -> str:
    """A signed text that is no checkpoint.

    Args:
        text: lines, none of them empty, the first of them not the origin: so nobody can take it
            for a checkpoint.
        origin: under which name the key is known.
        key: the log's.
    """
    assert text.endswith("\n")
    assert "\n\n" not in text
    assert not text.startswith(f"{origin}\n")
    return _sign(text, origin, key)


def open_statement(note: str, *, origin: str, key: Ed25519PublicKey) -> str:
    """The text of a signed statement.

    Raises:
        BadCheckpoint: it is not signed by the key.
    """
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    if not any(_is_signed(line, text, origin=origin, key=key) for line in signatures.splitlines()):
        raise BadCheckpoint("It is not signed by the log's key.")
    return text


def _sign(text: str, origin: str, key: Ed25519PrivateKey) -> str:
    signature = _key_hash(origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n{_DASH}{origin} {b64encode(signature).decode()}\n"


def open_checkpoint(note: str, *, origin: str, key: Ed25519PublicKey) -> Checkpoint:
    """Read a signed text.

    Args:
        note: untrusted.
        origin: the log it must be of.
        key: who must have signed it; other signatures (of witnesses) are passed over.

    Raises:
        BadCheckpoint: not of this form, of another log, or without the key's signature.
    """
    text, _, signatures = note.partition("\n\n")
    checkpoint = _read_text(text + "\n")
    if checkpoint.origin != origin:
        raise BadCheckpoint(f"It is of the log {checkpoint.origin}.")
    for line in signatures.splitlines():
        if _is_signed(line, _text_of(checkpoint), origin=origin, key=key):
            return checkpoint
    raise BadCheckpoint("It is not signed by the log's key.")


def encode_verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """The public key as tools take it: `name+hash+key`."""
    public = b64encode(_ED25519 + key.public_bytes_raw()).decode()
    return f"{origin}+{_key_hash(origin, key).hex()}+{public}"


def parse_verifier_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """The origin and the key of a verifier key.

    Raises:
        BadCheckpoint: not such a key.
    """
    try:
        origin, hash_hex, encoded = text.strip().split("+", 2)
        raw = b64decode(encoded, validate=True)
        if raw[:1] != _ED25519:
            raise BadCheckpoint("It is no Ed25519 key.")
        key = Ed25519PublicKey.from_public_bytes(raw[1:])
    except (ValueError, NotBase64) as trouble:
        raise BadCheckpoint("It is no verifier key.") from trouble
    if _key_hash(origin, key).hex() != hash_hex:
        raise BadCheckpoint("The key's hash does not fit it.")
    return origin, key


def _text_of(checkpoint: Checkpoint) -> str:
    root = b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def _read_text(text: str) -> Checkpoint:
    try:
        origin, size, root, *_ = text.split("\n")
        raw = b64decode(root, validate=True)
    except (ValueError, NotBase64) as trouble:
        raise BadCheckpoint("It is no checkpoint.") from trouble
    if not size.isascii() or not size.isdecimal() or len(size) > _SIZE_DIGITS_MAX:
        raise BadCheckpoint("It states no size.")
    checkpoint = Checkpoint(origin, int(size), raw)
    # One form only: what is signed must be what was read.
    if len(raw) != _ROOT_BYTES or _text_of(checkpoint) != text:
        raise BadCheckpoint("It is no checkpoint.")
    return checkpoint


def _is_signed(line: str, text: str, *, origin: str, key: Ed25519PublicKey) -> bool:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or name != origin:
        return False
    try:
        raw = b64decode(encoded, validate=True)
    except (ValueError, NotBase64):
        return False
    key_hash, signature = raw[:_KEY_HASH_BYTES], raw[_KEY_HASH_BYTES:]
    if key_hash != _key_hash(name, key) or len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        key.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _key_hash(name: str, key: Ed25519PublicKey) -> bytes:
    told = name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()
    return hashlib.sha256(told).digest()[:_KEY_HASH_BYTES]
