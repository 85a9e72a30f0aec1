"""What must hold of to-device messages. Pure: no database, no clock, no chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from teahouse.chat.events.types import Json, JsonObject
from teahouse.platform.errors import BadJson, InvalidParam, TooLarge
from teahouse.platform.json import encode_json

NAME_BYTES_LIMIT: Final = 255
"""Event types and transaction ids, as for events in rooms."""

CONTENT_BYTES_LIMIT: Final = 65_536
"""One message, as for events in rooms."""

NESTING_LIMIT: Final = 100
"""Levels of one message: JSON libraries of clients refuse a whole answer at 128."""

ALL_DEVICES: Final = "*"

Messages: TypeAlias = Mapping[str, Mapping[str, bytes]]
"""Content by member and device, as `encode_messages` made it."""


def encode_messages(messages: Mapping[str, Mapping[str, JsonObject]]) -> Messages:
    """Write messages so that every client can read the answer that brings them.

    Args:
        messages: content by member and device.

    Raises:
        BadJson: content that is nested too deep.
        TooLarge: content over `CONTENT_BYTES_LIMIT`.
    """
    return {
        user_id: {device_id: _encode(content) for device_id, content in by_device.items()}
        for user_id, by_device in messages.items()
    }


def check_names(event_type: str, client_txn_id: str) -> None:
    """Check what stands in the path.

    Raises:
        InvalidParam: over `NAME_BYTES_LIMIT`.
    """
    for what, name in (("event type", event_type), ("transaction id", client_txn_id)):
        if len(name.encode()) > NAME_BYTES_LIMIT:
            raise InvalidParam(f"The {what} may have at most {NAME_BYTES_LIMIT} bytes.")


def to_event(event_type: str, sender: str, content: bytes) -> bytes:
    """A message in the form `/sync` delivers it."""
    event = {"type": event_type, "sender": sender, "content": msgspec.Raw(content)}
    return encode_json(event)


def _encode(content: JsonObject) -> bytes:
    encoded = encode_json(content)
    if len(encoded) > CONTENT_BYTES_LIMIT:
        raise TooLarge(f"A message may have at most {CONTENT_BYTES_LIMIT} bytes.")
    # Few messages have so many brackets that they could be too deep at all.
    if encoded.count(b"{") + encoded.count(b"[") > NESTING_LIMIT and _is_too_deep(content):
        raise BadJson(f"A message may be nested at most {NESTING_LIMIT} deep.")
    return encoded


def _is_too_deep(content: JsonObject) -> bool:
    level: list[Json] = [content]
    for _ in range(NESTING_LIMIT):
        inner: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return False
        level = inner
    return any(isinstance(item, dict | list) for item in level)
