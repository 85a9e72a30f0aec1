"""Opens one Megolm message by its own key, and by nothing else. Pure.

Who reveals the 80 bytes of AES key, MAC key and IV could alter the IV and with it the first 16
letters, under the same MAC. So what is revealed is the 32 bytes from which all three follow: the
extracted key of HKDF. It gives no more away: the ratchet cannot be found from it.

Source:
    Matrix specification, "Megolm" (olm-spec/megolm): "Message encryption", "Message format".
    RFC 5869 section 2.3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.padding import PKCS7

from teahouse.chat.verified_reports.errors import NotProven
from teahouse.chat.verified_reports.types import DeviceEvidence, EncryptedMessage, OpenedMessage
from teahouse.platform.errors import InvalidParam
from teahouse.platform.json import JsonObject

MEGOLM: Final = "m.megolm.v1.aes-sha2"
KEY_BYTES: Final = 32
_MAC_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64
_BLOCK_BYTES: Final = 16
_VERSION: Final = 3
_INDEX_TAG: Final = 0x08
_CIPHERTEXT_TAG: Final = 0x12
_INDEX_MAX: Final = 2**32 - 1
# Of a number over 32 bits, seven to a byte.
_VARINT_BYTES_MAX: Final = 5


class _Payload(msgspec.Struct, frozen=True):
    room_id: str
    type: str
    content: JsonObject


def read_base64(text: str) -> bytes:
    """Unpadded base64, as Matrix writes it.

    Raises:
        InvalidParam: it is not.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidParam("Not unpadded base64.") from error


def read_message_key(text: str) -> bytes:
    """The revealed key.

    Raises:
        InvalidParam: not 32 bytes in unpadded base64.
    """
    key = read_base64(text)
    if len(key) != KEY_BYTES:
        raise InvalidParam(f"`message_key` must be {KEY_BYTES} bytes in unpadded base64.")
    return key


def read_encrypted(room_id: str, content: JsonObject) -> EncryptedMessage | None:
    """The parts of an `m.room.encrypted` event; None where it is not of Megolm's form."""
    ciphertext, session_id = content.get("ciphertext"), content.get("session_id")
    if content.get("algorithm") != MEGOLM:
        return None
    if not isinstance(ciphertext, str) or not isinstance(session_id, str):
        return None
    return EncryptedMessage(room_id=room_id, ciphertext=ciphertext, session_id=session_id)


def open_message(message: EncryptedMessage, message_key: bytes) -> OpenedMessage:
    """Open a message, and check that it is just what its sender's session signed.

    Args:
        message: as the server keeps it.
        message_key: 32 bytes.

    Raises:
        NotProven: the key is another's, or the message is not well formed or signed.
    """
    try:
        raw, session_key = read_base64(message.ciphertext), read_base64(message.session_id)
    except InvalidParam:
        raise NotProven from None
    index, ciphertext = _parse(raw)
    if len(session_key) != KEY_BYTES:
        raise NotProven
    keys = HKDFExpand(SHA256(), length=80, info=b"MEGOLM_KEYS").derive(message_key)
    aes_key, mac_key, iv = keys[:32], keys[32:64], keys[64:]
    signed, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    body, mac = signed[:-_MAC_BYTES], signed[-_MAC_BYTES:]
    expected = hmac.new(mac_key, body, hashlib.sha256).digest()[:_MAC_BYTES]
    if not hmac.compare_digest(expected, mac):
        raise NotProven
    try:
        # A session's id is its Ed25519 key.
        Ed25519PublicKey.from_public_bytes(session_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise NotProven from None
    payload = _decrypt(ciphertext, aes_key, iv)
    if payload.room_id != message.room_id:
        raise NotProven
    return OpenedMessage(type=payload.type, content=payload.content, index=index)


def _decrypt(ciphertext: bytes, aes_key: bytes, iv: bytes) -> _Payload:
    if not ciphertext or len(ciphertext) % _BLOCK_BYTES:
        raise NotProven
    decryptor = Cipher(algorithms.AES(aes_key), modes.CBC(iv)).decryptor()
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    unpadder = PKCS7(_BLOCK_BYTES * 8).unpadder()
    try:
        plain = unpadder.update(padded) + unpadder.finalize()
        return msgspec.json.decode(plain, type=_Payload)
    except (ValueError, msgspec.DecodeError):
        raise NotProven from None


def _parse(raw: bytes) -> tuple[int, bytes]:
    """Index and ciphertext of a Megolm message."""
    end = len(raw) - _MAC_BYTES - _SIGNATURE_BYTES
    if end < 1 or raw[0] != _VERSION:
        raise NotProven
    index, ciphertext, place = None, None, 1
    while place < end:
        tag = raw[place]
        value, place = _read_varint(raw, place + 1, end)
        if tag == _INDEX_TAG and index is None:
            index = value
        elif tag == _CIPHERTEXT_TAG and ciphertext is None and place + value <= end:
            ciphertext, place = raw[place : place + value], place + value
        else:
            raise NotProven
    if index is None or ciphertext is None or index > _INDEX_MAX:
        raise NotProven
    return index, ciphertext


def _read_varint(raw: bytes, place: int, end: int) -> tuple[int, int]:
    value = 0
    for count in range(_VARINT_BYTES_MAX):
        if place + count >= end:
            break
        byte = raw[place + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number has no high bit
            return value, place + count + 1
    raise NotProven


def judge_device(
    content: JsonObject, device_id: str | None, device_keys: JsonObject | None
) -> DeviceEvidence:
    """What is known of the device that sent a message.

    It decides nothing: a sender who names a false key must not be safe from reports by it.

    Args:
        content: of the encrypted event.
        device_id: of the login that sent it, as the server noted.
        device_keys: what that device has uploaded.
    """
    keys = (device_keys or {}).get("keys")
    own = keys.get(f"curve25519:{device_id}") if isinstance(keys, dict) else None
    if own is None:
        return "gone"
    named = content.get("sender_key")
    if named is None:
        return "unnamed"
    return "known" if named == own else "contradicts"
