"""What requests refuse.

Refusal
├── RequestNotFound, SplitNotFound   404  none of the requester's
├── RequestNotOpen       409  it was paid, or ended otherwise
├── InvalidSplit         400  shares that make no sense
├── SplitMismatch        422  amounts that do not sum to the bill
├── RemindedAlready      429  one reminder a day
├── TooManyRequests      409  too many are open already
└── what `transfers` refuses of payees and rooms, and `payments` of payments
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound, Refusal


class RequestNotFound(NotFound):
    """No such request, or one between others."""

    code = "request-not-found"
    message = "You have no such request."


class SplitNotFound(NotFound):
    """No such bill, or one that the requester does not share."""

    code = "split-not-found"
    message = "You share no such bill."


class RequestNotOpen(Refusal):
    """It was paid, declined, cancelled or has expired; `request_status` in `data`."""

    status, code, errcode = 409, "request-not-open", "ORG.TEAHOUSE.REQUEST_NOT_OPEN"
    message = "This request is no longer open."


class InvalidSplit(Refusal):
    """Shares that make no sense."""

    code, errcode = "invalid-split", "M_INVALID_PARAM"
    message = "This bill cannot be split like that."


class SplitMismatch(Refusal):
    """The amounts do not sum to the bill; `difference` in `data`, minor units too many."""

    status, code, errcode = 422, "split-mismatch", "M_INVALID_PARAM"
    message = "The shares do not sum to the bill."


class RemindedAlready(Refusal):
    """One reminder a day; `retry_after_ms` in `data`."""

    status, code, errcode = 429, "reminded-already", "M_LIMIT_EXCEEDED"
    message = "They were reminded less than a day ago."


class TooManyRequests(Refusal):
    """Too many requests are open already; `limit` in `data`."""

    status, code, errcode = 409, "too-many-requests", "ORG.TEAHOUSE.TOO_MANY_REQUESTS"
    message = "Too many of your requests are open already: cancel some first."
