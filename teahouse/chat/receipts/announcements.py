"""What receipts tell others."""

from __future__ import annotations

from teahouse.chat.receipts.types import ReceiptType
from teahouse.platform.announcements import Announcement


class ReceiptChanged(Announcement, frozen=True, kw_only=True):
    """A member has read further. Carries all that `/sync` says of it.

    A private receipt may be shown to its member only. Attributes as in `Receipt`.
    """

    room_id: str
    user_id: str
    receipt_type: ReceiptType
    thread_id: str
    event_id: str
    event_position: int
    ts: int
    position: int
