"""What the server sends by itself."""

from __future__ import annotations

import msgspec

from teahouse.platform.json import JsonObject


class HouseEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be sent by one of the server's own accounts.

    Attributes:
        sender: the account.
        room_id: where to.
        content: what.
        type: the event type.
        on_behalf_of: a member of the room who brings the account in where it is not there yet.
    """

    sender: str
    room_id: str
    content: JsonObject
    type: str = "m.room.message"
    on_behalf_of: str | None = None


class HouseAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One of the server's own accounts.

    Attributes:
        name: its localpart; where a member has it, one with a number.
        owner: marks it as the server's, which no member's account is.
        shown_as: its display name.
    """

    name: str
    owner: str
    shown_as: str
