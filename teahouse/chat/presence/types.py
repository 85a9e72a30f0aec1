"""The nouns of presence."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

PresenceState: TypeAlias = Literal["online", "unavailable", "offline"]

PRESENCE: Final = "m.presence"
# Global account data by which a member lets others see when they are there.
CONSENT: Final = "org.teahouse.presence"


class PresenceView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What others see of a member. Encodes to the API's JSON.

    Attributes:
        presence: the state.
        last_active_ago: since they last did something, milliseconds; None where unknown.
        status_msg: what they say of it.
        currently_active: whether they did something within the last minute.
    """

    presence: PresenceState
    last_active_ago: int | None = None
    status_msg: str | None = None
    currently_active: bool | None = None


OFFLINE: Final = PresenceView("offline")
