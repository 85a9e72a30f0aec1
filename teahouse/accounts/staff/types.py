"""Nouns of staff."""

from __future__ import annotations

from typing import Literal

import msgspec

from teahouse.platform.requester import Role


class RoleGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A role somebody holds.

    Attributes:
        user_id: who.
        role: which.
        granted_at: milliseconds since the epoch.
        granted_by: the operator; None: on the command line.
    """

    user_id: str
    role: Role
    granted_at: int
    granted_by: str | None


class StaffLogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A change of roles, kept for good.

    Attributes:
        at: milliseconds since the epoch.
        by_user_id: the operator; None: on the command line.
        user_id: whose roles.
        role: which.
        change: granted or revoked.
    """

    at: int
    by_user_id: str | None
    user_id: str
    role: Role
    change: Literal["granted", "revoked"]
