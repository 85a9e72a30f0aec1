"""What to-device messages tell others: above all /sync."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class ToDeviceSent(Announcement, frozen=True):
    """Messages wait for devices of a member."""

    user_id: str
    device_ids: tuple[str, ...]
    position: int
