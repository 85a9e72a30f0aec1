"""Messages as real clients encrypt them (vodozemac), and what a reporter's app reveals of one."""

import base64
import hashlib
import hmac
import json
from typing import Any

import vodozemac

MEGOLM = "m.megolm.v1.aes-sha2"
_RATCHET_AT = 5
_RATCHET_BYTES = 128


class Sender:
    """A Megolm session of one device.

    Args:
        room_id: what its messages are for.
        sender_key: the curve25519 key that they name.
    """

    def __init__(self, room_id: str, sender_key: str | None = None) -> None:
        self.session = vodozemac.GroupSession()
        self.inbound = vodozemac.InboundGroupSession(self.session.session_key)
        self.room_id, self.sender_key = room_id, sender_key

    def encrypt(self, text: str, *, room_id: str | None = None) -> dict[str, Any]:
        """The content of an `m.room.encrypted` event."""
        payload = {
            "room_id": room_id or self.room_id,
            "type": "m.room.message",
            "content": {"msgtype": "m.text", "body": text},
        }
        message = self.session.encrypt(json.dumps(payload).encode())
        named = {} if self.sender_key is None else {"sender_key": self.sender_key}
        return {
            "algorithm": MEGOLM,
            "ciphertext": message.to_base64(),
            "session_id": self.session.session_id,
            **named,
        }

    def message_key(self, index: int) -> bytes:
        """What the reporter's app makes of the session's export at one message."""
        exported = self.inbound.export_at(index)
        assert exported is not None
        raw = unpadded(exported.to_base64())
        ratchet = raw[_RATCHET_AT : _RATCHET_AT + _RATCHET_BYTES]
        return hmac.new(bytes(32), ratchet, hashlib.sha256).digest()


def unpadded(text: str) -> bytes:
    """Bytes of unpadded base64."""
    return base64.b64decode(text + "=" * (-len(text) % 4))


def to_unpadded(raw: bytes) -> str:
    """Unpadded base64 of bytes."""
    return base64.b64encode(raw).decode().rstrip("=")


def altered(content: dict[str, Any], at: int) -> dict[str, Any]:
    """The same event with one bit of its ciphertext flipped."""
    raw = bytearray(unpadded(content["ciphertext"]))
    raw[at] ^= 1
    return {**content, "ciphertext": to_unpadded(bytes(raw))}
