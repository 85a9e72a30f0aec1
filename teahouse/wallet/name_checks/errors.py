"""What name checks refuse.

NothingToDecide
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class NothingToDecide(Refusal):
    """The bank has not doubted the name, or has no other to offer."""

    status, code, errcode = 409, "nothing-to-decide", "M_INVALID_PARAM"
    message = "There is nothing to decide about this account's name."
