"""Why something about moderation cannot be done.

Refusal
├── Forbidden
│   └── NotAModerator       the requester's power in the room is too low
├── NotFound
│   ├── NothingToReport     not there, or not to be seen
│   └── NoJoinRequest       nobody waits under this name
└── LimitExceeded
    └── TooManyReports      more than anybody has read
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, LimitExceeded, NotFound


class NotAModerator(Forbidden):
    """The requester's power in the room is too low. Strangers are told the same."""

    code = "not-a-moderator"
    message = "This needs more power than you have in this room."


class NothingToReport(NotFound):
    """Not there, or not to be seen by who reports it."""

    code = "nothing-to-report"
    message = "There is no such room, event or member, or you may not see it."


class NoJoinRequest(NotFound):
    """Nobody waits under this name."""

    code = "no-join-request"
    message = "This member does not ask to be let in."


class TooManyReports(LimitExceeded):
    """More reports in a day than anybody has read."""

    code = "too-many-reports"
    message = "You have reported very much today: try again tomorrow."
