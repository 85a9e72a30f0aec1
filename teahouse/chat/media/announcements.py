"""What media tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class MediaUploaded(Announcement, frozen=True):
    """The content of a content URI has come: wakes whoever waits to download it."""

    media_id: str
