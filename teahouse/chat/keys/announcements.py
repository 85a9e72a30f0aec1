"""What keys tell others: above all /sync."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class DeviceListChanged(Announcement, frozen=True):
    """The devices or cross-signing keys of a member changed, for everybody who sees them."""

    user_id: str
    position: int


class SignaturesAdded(Announcement, frozen=True):
    """A member signed others' master keys: only that member's own devices are told."""

    user_id: str
    position: int


class KeyCountsChanged(Announcement, frozen=True):
    """One-time or fallback keys of a device were uploaded or handed out."""

    user_id: str
    device_id: str


class DehydratedDeviceRemoved(Announcement, frozen=True):
    """A dehydrated device was deleted or replaced."""

    user_id: str
    device_id: str
