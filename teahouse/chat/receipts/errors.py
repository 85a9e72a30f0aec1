"""What is refused about receipts.

InvalidParam
    UnknownReceiptType      400 M_INVALID_PARAM
    InvalidThread           400 M_INVALID_PARAM
NotFound
    EventNotFound           404 M_NOT_FOUND
"""

from __future__ import annotations

from teahouse.platform.errors import InvalidParam, NotFound


class UnknownReceiptType(InvalidParam):
    """A type that the specification does not know."""

    code = "unknown-receipt-type"
    message = "A receipt is of type m.read, m.read.private or m.fully_read."


class InvalidThread(InvalidParam):
    """A thread that is none, or one beside a type that knows no threads."""

    code = "invalid-thread"
    message = "The thread_id must be `main` or the id of an event of the room."


class EventNotFound(NotFound):
    """The room has no such event."""

    code = "event-not-found"
    message = "The room has no such event."
