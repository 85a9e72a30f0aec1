"""What a client sends."""

from __future__ import annotations

import msgspec

from teahouse.platform.json import JsonObject


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event to be sent.

    Attributes:
        redacts: the target, of a redaction.
        device_id, client_txn_id: name the request, so that a retry finds its first answer.
        origin_server_ts: told by an application service.
    """

    room_id: str
    type: str
    sender: str
    content: JsonObject
    redacts: str | None = None
    device_id: str | None = None
    client_txn_id: str | None = None
    origin_server_ts: int | None = None

    @property
    def request(self) -> tuple[str | None, str, str | None, str, str]:
        """What makes two requests the same."""
        return (self.client_txn_id, self.sender, self.device_id, self.room_id, self.type)
