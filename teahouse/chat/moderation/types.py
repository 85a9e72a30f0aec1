"""Reports, join requests, and entries of a room's log."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Deed: TypeAlias = Literal[
    "kick",
    "ban",
    "unban",
    "invite_withdrawn",
    "knock_refused",
    "knock_accepted",
    "redaction",
    "power_change",
    "slow_mode",
    "join_rule",
]


class ReasonBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a report of a room or a member."""

    reason: str


class EventReasonBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a report of an event."""

    reason: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a member has reported: an event of a room, a room, or a member.

    Attributes:
        reported_at: milliseconds since the epoch.
        event_id: in `room_id`.
        user_id: the member reported, or the sender of the event.
    """

    report_id: str
    reported_at: int
    reporter: str
    room_id: str | None
    event_id: str | None
    user_id: str | None
    reason: str


class ReportPage(msgspec.Struct, frozen=True, kw_only=True):
    """Reports, newest first; `next` is the cursor of the page after."""

    reports: list[Report]
    next: str | None


class JoinRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who waits to be let in.

    Attributes:
        asked_at: milliseconds since the epoch.
    """

    user_id: str
    asked_at: int
    display_name: str | None
    avatar_url: str | None
    reason: str | None


class JoinRequestPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits to be let in, the longest first; `next` is the cursor of the page after."""

    join_requests: list[JoinRequest]
    next: str | None


class JoinDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Letting somebody in, or not."""

    user_id: str
    decision: Literal["approve", "refuse"]
    reason: str | None = None


class PowerChange(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's power level before and after; None: the room's default."""

    user_id: str
    before: int | None
    after: int | None


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something done in a room with more than a member's power.

    Attributes:
        at: milliseconds since the epoch.
        by: who did it.
        about: to whom; None of a change of power levels.
        target_event_id: what was redacted.
        changes: of power levels.
        value: the new join rule, or the seconds of slow mode.
    """

    event_id: str
    at: int
    by: str
    deed: Deed
    about: str | None = None
    reason: str | None = None
    target_event_id: str | None = None
    changes: list[PowerChange] = []
    value: str | int | None = None


class LogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of a room's log, newest first; `next` is the cursor of the page after."""

    entries: list[LogEntry]
    next: str | None
