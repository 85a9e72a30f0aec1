"""Nouns of freezes."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.types import WalletId

FreezeId = NewType("FreezeId", str)

# The member's own; one that two of the staff agreed on; one that one of the staff may do at once.
FreezeKind: TypeAlias = Literal["own", "staff", "emergency"]
FreezeStatus: TypeAlias = Literal["proposed", "in_force", "rejected", "lapsed", "lifted"]
Act: TypeAlias = Literal[
    "begun",
    "proposed",
    "approved",
    "rejected",
    "lapsed",
    "lift_proposed",
    "lift_rejected",
    "lifted",
]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class Freeze(msgspec.Struct, frozen=True, kw_only=True):
    """A freeze, as it is kept.

    Attributes:
        freeze_id: its id.
        party: whose wallets.
        wallet_id: just this one; None: all of the party's.
        kind: how it came about.
        is_total: whether nothing arrives either: the account in the ledger is frozen too.
        status: where it stands.
        reason: why, as the member is told.
        gag_until: before this instant the member is not told why; None: at once.
        created_at: milliseconds since the epoch.
        created_by: the officer's id; of the member's own the party.
        approved_by: the second officer, once there is one.
        lapses_at: when an emergency freeze ends unless it is approved.
        lift_proposed_by: the officer who would lift it.
    """

    freeze_id: FreezeId
    party: PartyId
    wallet_id: WalletId | None
    kind: FreezeKind
    is_total: bool
    status: FreezeStatus
    reason: str
    gag_until: int | None
    created_at: int
    created_by: str
    approved_by: str | None = None
    lapses_at: int | None = None
    lift_proposed_by: str | None = None


class NewOwnFreeze(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member stops their own wallets.

    Attributes:
        wallet_id: just this one; left out: all.
        reason: what for, for their own memory.
    """

    wallet_id: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = "Frozen by yourself"


class NewFreeze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An officer wants a member's or shop's wallets stopped. Either a member or a party is named.

    Attributes:
        user_id: the member.
        party: the party, of a shop.
        wallet_id: just this one; left out: all.
        reason: why, as the member is told.
        is_emergency: it holds at once, for 24 hours; a second officer must approve it by then.
        is_total: nothing arrives either.
        gag_until: before this instant the member is not told why, milliseconds since the epoch.
    """

    user_id: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    party: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    wallet_id: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    reason: _Text
    is_emergency: bool = False
    is_total: bool = False
    gag_until: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an officer does something to a freeze."""

    note: _Text


class Unfreezing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member lifts their own freeze.

    Attributes:
        confirmation: of kind `unfreeze`, by two factors or a passkey.
    """

    confirmation: Annotated[str, msgspec.Meta(max_length=64)]


class LogLine(msgspec.Struct, frozen=True):
    """Something that was done to a freeze."""

    at: int
    act: Act
    by: str | None
    note: str


class FreezeView(msgspec.Struct, frozen=True, kw_only=True):
    """A freeze as its member sees it.

    Attributes:
        freeze_id: its id.
        wallet_id: just this wallet; None: all.
        kind: whose doing it is.
        status: where it stands.
        since: milliseconds since the epoch.
        until: when it ends by itself; None: it does not.
        reason: why; None while that may not be told.
        reason_from: when the reason will be told, while it may not be.
        can_lift: whether the member can lift it, with two factors.
    """

    freeze_id: FreezeId
    wallet_id: WalletId | None
    kind: FreezeKind
    status: FreezeStatus
    since: int
    until: int | None
    reason: str | None
    reason_from: int | None
    can_lift: bool


class StaffView(msgspec.Struct, frozen=True):
    """A freeze as officers see it: all of it, and all that was done to it."""

    freeze: Freeze
    user_id: str | None
    log: list[LogLine]
