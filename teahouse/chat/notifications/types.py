"""The nouns of the list of notifications."""

from __future__ import annotations

import msgspec

from teahouse.platform.json import Json


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a member was notified of. Encodes to the API's JSON."""

    actions: list[Json]
    event: msgspec.Raw
    read: bool
    room_id: str
    ts: int


class NotificationPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of `/notifications`."""

    notifications: list[Notification]
    next_token: str | None = msgspec.field(default=None)
