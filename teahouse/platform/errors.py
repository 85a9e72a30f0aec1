"""The three kinds of trouble.

Refusal     expected, changes nothing, told to the caller (below)
fault       disk, network, partner: retried within a limit, then reported
defect      a failed assert: rolled back, 500, someone is called
"""

from __future__ import annotations

from typing import ClassVar

from teahouse.platform.json import JsonObject


class Refusal(Exception):
    """Something asked for that may not or cannot be done.

    Raised by commands, queries and rules; shown once, at the edge: as a Matrix `errcode` on
    `/_matrix`, as RFC 9457 problem details on `/api`, as a sentence by the command line.

    Args:
        message: what is wrong, by which rule, and what to do next, in a sentence.
        data: further members of the answer's body.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"
    errcode: ClassVar[str] = "M_UNKNOWN"
    message: ClassVar[str] = "The request was refused."

    def __init__(self, message: str | None = None, **data: object) -> None:
        super().__init__(message or self.message)
        self.data = data

    @property
    def text(self) -> str:
        """The sentence shown to people."""
        return str(self)

    def body(self) -> JsonObject:
        """Further members of the answer."""
        return dict(self.data)  # type: ignore[arg-type]  # members are JSON by convention


class BadJson(Refusal):
    """JSON of the wrong shape."""

    code, errcode = "bad-json", "M_BAD_JSON"
    message = "The body has the wrong shape."


class NotJson(Refusal):
    """No JSON at all."""

    code, errcode = "not-json", "M_NOT_JSON"
    message = "The body is not JSON."


class InvalidParam(Refusal):
    """A parameter out of its bounds."""

    code, errcode = "invalid-parameter", "M_INVALID_PARAM"
    message = "A parameter is not valid."


class MissingParam(Refusal):
    """A parameter that must be there."""

    code, errcode = "missing-parameter", "M_MISSING_PARAM"
    message = "A parameter is missing."


class ReasonNeeded(Refusal):
    """One of the staff did not say why they look at a member's data."""

    code, errcode = "reason-needed", "M_MISSING_PARAM"
    message = "Say why, in the header `Teahouse-Reason`: the member can read it."


class TooLarge(Refusal):
    """More bytes than the limit."""

    status, code, errcode = 413, "too-large", "M_TOO_LARGE"
    message = "The request is larger than this server accepts."


class NotFound(Refusal):
    """Nothing there, or nothing this requester may know of."""

    status, code, errcode = 404, "not-found", "M_NOT_FOUND"
    message = "Nothing was found there."


class Unrecognised(Refusal):
    """No such route."""

    status, code, errcode = 404, "unrecognised", "M_UNRECOGNIZED"
    message = "This server has no such endpoint."


class MethodNotAllowed(Refusal):
    """A route that does not know the method."""

    status, code, errcode = 405, "method-not-allowed", "M_UNRECOGNIZED"
    message = "This endpoint does not know that method."


class Forbidden(Refusal):
    """Known, and not allowed."""

    status, code, errcode = 403, "forbidden", "M_FORBIDDEN"
    message = "You may not do this."


class Suspended(Forbidden):
    """The house has suspended the member: they may read and leave, and say nothing.

    `until` says how long, in milliseconds since the epoch.
    """

    code, errcode = "suspended", "M_USER_SUSPENDED"
    message = (
        "The house has suspended you: you can read and leave, but not write. See why, and appeal, "
        "under Me > Reports and appeals."
    )


class MissingToken(Refusal):
    """No access token was sent."""

    status, code, errcode = 401, "missing-token", "M_MISSING_TOKEN"
    message = "An access token is needed."


class UnknownToken(Refusal):
    """A token this server does not know, or knows no longer.

    `soft_logout` in `data` says that the device is still known: the client may refresh or log in
    again without losing its keys.
    """

    status, code, errcode = 401, "unknown-token", "M_UNKNOWN_TOKEN"
    message = "The access token is not known or no longer valid."


class LimitExceeded(Refusal):
    """Too many requests; `retry_after_ms` says when to come back."""

    status, code, errcode = 429, "limit-exceeded", "M_LIMIT_EXCEEDED"
    message = "Too many requests: wait a little."


class Overloaded(Refusal):
    """The server is stopping or its queues are full."""

    status, code, errcode = 503, "overloaded", "M_UNKNOWN"
    message = "The server cannot take this now: try again in a moment."
