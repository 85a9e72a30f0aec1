"""Why something of the past is not shown.

Refusal
└── NotFound
    └── EventNotFound    no such event, or none the requester may see
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound


class EventNotFound(NotFound):
    """No such event, or none the requester may see."""

    code = "event-not-found"
    message = "There is no such event in this room."
