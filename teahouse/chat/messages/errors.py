"""Why a message cannot be sent.

Refusal
├── DuplicateReaction    the same member, event and key
├── LimitExceeded
│   └── TooFast          the room's slow mode
└── NotJoined, Forbidden, NotFound, BadJson, TooLarge (elsewhere)
"""

from __future__ import annotations

from teahouse.platform.errors import LimitExceeded, Refusal


class DuplicateReaction(Refusal):
    """The same reaction by the same member to the same event."""

    code, errcode = "duplicate-reaction", "M_DUPLICATE_ANNOTATION"
    message = "You have reacted so already."


class TooFast(LimitExceeded):
    """Sooner after the last message than the room's slow mode lets; `retry_after_ms` says when."""

    code = "slow-mode"
    message = "This room is in slow mode: wait a little before your next message."
