"""What is refused about presence.

Forbidden
    NotYourPresence         403 M_FORBIDDEN
InvalidParam
    InvalidStatus           400 M_INVALID_PARAM
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, InvalidParam


class NotYourPresence(Forbidden):
    """Someone else's presence."""

    code = "not-your-presence"
    message = "You can set only your own presence."


class InvalidStatus(InvalidParam):
    """A status message that is too long."""

    code = "invalid-status"
    message = "A status message has at most 1,024 bytes."
