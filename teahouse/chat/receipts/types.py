"""The nouns of receipts."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import msgspec

ReceiptType: TypeAlias = Literal["m.read", "m.read.private"]
RECEIPT_TYPES: Final[tuple[ReceiptType, ...]] = get_args(ReceiptType)
READ: Final = "m.read"
READ_PRIVATE: Final = "m.read.private"

# In place of a thread: a receipt for everything in the room, whatever thread it is in.
UNTHREADED: Final = ""
# The thread of what is in no thread.
MAIN_THREAD: Final = "main"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """How far a member has read.

    Attributes:
        room_id: where.
        user_id: who.
        receipt_type: `m.read` for all to see, `m.read.private` for the member alone.
        thread_id: `UNTHREADED`, `MAIN_THREAD` or the id of a thread's first event.
        event_id: the last event that was read.
        event_position: where that event stands in the order of all that happens.
        ts: when it was read, milliseconds since the epoch.
        position: of the receipt itself in the order of all that happens.
    """

    room_id: str
    user_id: str
    receipt_type: ReceiptType
    thread_id: str
    event_id: str
    event_position: int
    ts: int
    position: int
