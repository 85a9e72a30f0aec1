"""What must hold of to-device messages. Pure: no database, no clock, no chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from teahouse.platform.errors import BadJson, InvalidParam, TooLarge
from teahouse.platform.json import encode_json

NAME_BYTES_LIMIT: Final = 255
"""Event types and transaction ids, as for events in rooms."""

CONTENT_BYTES_LIMIT: Final = 65_536
"""One message, as for events in rooms."""

ALL_DEVICES: Final = "*"

Messages = Mapping[str, Mapping[str, msgspec.Raw]]
"""Content by member and device, as JSON that was not decoded."""


def check_names(event_type: str, client_txn_id: str) -> None:
    """Check what stands in the path.

    Raises:
        InvalidParam: over `NAME_BYTES_LIMIT`.
    """
    for what, name in (("event type", event_type), ("transaction id", client_txn_id)):
        if len(name.encode()) > NAME_BYTES_LIMIT:
            raise InvalidParam(f"The {what} may have at most {NAME_BYTES_LIMIT} bytes.")


def check_contents(contents: Iterable[msgspec.Raw]) -> None:
    """Check the messages themselves.

    Raises:
        BadJson: one is no JSON object.
        TooLarge: one is over `CONTENT_BYTES_LIMIT`.
    """
    for content in contents:
        raw = bytes(content)
        if not raw.lstrip().startswith(b"{"):
            raise BadJson("The content of a message must be an object.")
        if len(raw) > CONTENT_BYTES_LIMIT:
            raise TooLarge(f"A message may have at most {CONTENT_BYTES_LIMIT} bytes.")


def to_event(event_type: str, sender: str, content: bytes) -> bytes:
    """A message in the form `/sync` delivers it."""
    event = {"type": event_type, "sender": sender, "content": msgspec.Raw(content)}
    return encode_json(event)
