"""Why a report of an encrypted message cannot be taken or opened.

Refusal
├── NotProven         the revealed key does not open this message
├── NotEncrypted      nothing to prove: it can be read as it is
├── DecidedAlready    somebody has dealt with the report
└── NotFound
    └── NothingToOpen no such report, or nothing is left of what it is about
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound, Refusal


class NotProven(Refusal):
    """The revealed key does not open this message, or not as its sender signed it."""

    status, code, errcode = 422, "report-not-proven", "M_INVALID_PARAM"
    message = "The key that was revealed does not open this message: nothing was reported."


class NotEncrypted(Refusal):
    """The message is not encrypted (any more): report it as any other."""

    code, errcode = "not-encrypted", "M_INVALID_PARAM"
    message = "This message is not encrypted: report it without a key."


class DecidedAlready(Refusal):
    """Somebody has dealt with the report."""

    status, code = 409, "report-decided"
    message = "Somebody has dealt with this report already."


class NothingToOpen(NotFound):
    """No such report, or nothing is left of what it is about."""

    code = "nothing-to-open"
    message = "There is no such report, or its message is no longer kept."
