"""What the staff's console shows."""

from __future__ import annotations

import msgspec

from teahouse import privacy
from teahouse.accounts.staff.rules import Power
from teahouse.platform.requester import Role


class OwnPowers(msgspec.Struct, frozen=True, kw_only=True):
    """What a member may do as one of the staff; nothing for all others."""

    roles: list[Role]
    powers: list[Power | privacy.BoxPower | privacy.OfficialPower]


class ListedMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member in a list.

    Attributes:
        created_at: milliseconds since the epoch.
    """

    user_id: str
    name: str | None
    created_at: int
    is_closed: bool
    roles: list[Role]


class SettingInForce(msgspec.Struct, frozen=True, kw_only=True):
    """A setting of this server.

    Attributes:
        value: as it holds; of a secret only whether there is one.
        is_default: whether nobody set it.
        is_secret: whether its value is kept back.
    """

    name: str
    value: str
    about: str
    is_default: bool
    is_secret: bool
