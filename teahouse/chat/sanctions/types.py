"""Sanctions and appeals."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

SanctionKind: TypeAlias = Literal["kick", "ban", "suspension"]
Rule: TypeAlias = Literal["spam", "abuse", "unlawful", "impersonation", "off_topic", "other"]
"""Which rule was broken: the few that houses and rooms have in common."""
Ending: TypeAlias = Literal["expired", "appeal", "lifted"]
Decision: TypeAlias = Literal["upheld", "lifted"]


class Removal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An owner removes a member from a room.

    Attributes:
        kind: a ban ends at `until`; a kick is over at once, and they may ask to come back.
        until: milliseconds since the epoch; of a ban.
    """

    user_id: str
    kind: Literal["kick", "ban"]
    rule: Rule
    reason: str
    until: int | None = None


class NewSuspension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The staff keep a member from writing anywhere in the house.

    Attributes:
        until: milliseconds since the epoch.
    """

    user_id: str
    rule: Rule
    reason: str
    until: int


class Appeal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member says against a sanction."""

    text: str


class AppealDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody else than who imposed it decides."""

    decision: Decision
    reason: str


class Suspended(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a member is suspended, as the Matrix specification says it."""

    suspended: bool


class Sanction(msgspec.Struct, frozen=True, kw_only=True):
    """What was imposed on a member, and what came of it.

    Attributes:
        by_user_id: who imposed it.
        room_id: of a kick or a ban.
        event_id: the membership event that did it.
        rule: `other` where another Matrix client named none.
        reason: empty where another Matrix client gave none.
        until: milliseconds since the epoch; None: no end was set, or it was over at once.
        ended_at: when it stopped to hold, and `ended_why`; None: it holds (or was a kick).
        appeal: what the member says against it; once.
        appealable_until: milliseconds since the epoch.
    """

    sanction_id: str
    kind: SanctionKind
    user_id: str
    by_user_id: str
    room_id: str | None
    event_id: str | None
    rule: Rule
    reason: str
    imposed_at: int
    until: int | None
    ended_at: int | None
    ended_why: Ending | None
    appeal: str | None
    appealed_at: int | None
    decision: Decision | None
    decision_reason: str | None
    decided_by: str | None
    decided_at: int | None
    appealable_until: int


class SanctionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Sanctions, newest first; `next` is the cursor of the page after."""

    sanctions: list[Sanction]
    next: str | None
