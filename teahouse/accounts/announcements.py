"""What accounts tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class MemberRegistered(Announcement, frozen=True):
    """A member joined the house."""

    user_id: str


class DeviceAdded(Announcement, frozen=True):
    """A member signed in on a new device."""

    user_id: str
    device_id: str


class DeviceRenamed(Announcement, frozen=True):
    """A device got another name."""

    user_id: str
    device_id: str


class DeviceRemoved(Announcement, frozen=True):
    """A device was signed out and forgotten."""

    user_id: str
    device_id: str


class ProfileChanged(Announcement, frozen=True):
    """A profile field was set or removed."""

    user_id: str
    field: str


class MemberDeactivated(Announcement, frozen=True):
    """A member closed their account; with `erase`, what they wrote shall go too."""

    user_id: str
    erase: bool


class TokensRevoked(Announcement, frozen=True):
    """Tokens of a member are no longer valid."""

    user_id: str


class RolesChanged(Announcement, frozen=True):
    """The staff roles of a member changed."""

    user_id: str


class IdentityChanged(Announcement, frozen=True):
    """How well a member is known has changed."""

    user_id: str
    tier: str


class SuspensionChanged(Announcement, frozen=True):
    """A member was suspended, or may do all again."""

    user_id: str


class StaffActed(Announcement, frozen=True):
    """One of the staff looked at members or changed something of theirs.

    Attributes:
        deed: what, as declared by `privacy.declare_deed`, such as `members.list`.
        about: the member; empty where it is about all.
        reason: why, in the words of who did it.
    """

    staff_user_id: str
    deed: str
    about: str
    reason: str
