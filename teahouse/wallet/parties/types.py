"""Who has money."""

from __future__ import annotations

from typing import Literal, NewType, TypeAlias

import msgspec

PartyId = NewType("PartyId", str)

PartyKind: TypeAlias = Literal["member", "shop"]


class Party(msgspec.Struct, frozen=True):
    """A member or a shop, as the books know them.

    Attributes:
        party_id: opaque; what financial tables hold instead of a member's id.
        kind: member or shop.
        user_id: the member, until they are erased; None for shops.
    """

    party_id: PartyId
    kind: PartyKind
    user_id: str | None
