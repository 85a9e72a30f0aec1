"""Why a message cannot be sent.

Refusal
├── DuplicateReaction    the same member, event and key
└── NotJoined, Forbidden, NotFound, BadJson, TooLarge (elsewhere)
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class DuplicateReaction(Refusal):
    """The same reaction by the same member to the same event."""

    code, errcode = "duplicate-reaction", "M_DUPLICATE_ANNOTATION"
    message = "You have reacted so already."
