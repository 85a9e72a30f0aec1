"""Nouns of duty records."""

from __future__ import annotations

from typing import Final

import msgspec

from teahouse.chat.moderation.types import Deed
from teahouse.platform.json import JsonObject

FORMAT: Final = "teahouse-duty-record-1"


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done with power.

    Attributes:
        event_id: the hash of the event that did it.
        deed: what it was.
        event: the event itself, as it is signed and chained to the one before.
        is_emptied: whether it was emptied since: then its reason is gone, the rest is proved.
    """

    event_id: str
    deed: Deed
    event: JsonObject
    is_emptied: bool


class DutyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, to be signed.

    Attributes:
        format: of the record.
        room_id: the room.
        room_version: by whose rules ids and hashes are computed.
        made_at: when, milliseconds.
        server_name: who signs.
        key_id: by which key.
        public_key: base64.
        duties: the earliest first.
        is_whole: whether it reaches back to the beginning.
    """

    format: str
    room_id: str
    room_version: str
    made_at: int
    server_name: str
    key_id: str
    public_key: str
    duties: list[Duty]
    is_whole: bool
