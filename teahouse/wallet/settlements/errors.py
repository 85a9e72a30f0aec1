"""What settlements refuse.

NoPayoutPlan, NothingToPayOut               payouts
UnknownSettlement                           reports
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class NoPayoutPlan(Refusal):
    """The shop has not said where to pay out to."""

    status, code, errcode = 409, "no-payout-plan", "M_NOT_FOUND"
    message = "Say first to which account shall be paid out."


class NothingToPayOut(Refusal):
    """The wallet is empty, or what is in it is reserved."""

    status, code, errcode = 409, "nothing-to-pay-out", "M_FORBIDDEN"
    message = "There is nothing to pay out."


class UnknownSettlement(Refusal):
    """No settlement of this shop's."""

    status, code, errcode = 404, "unknown-settlement", "M_NOT_FOUND"
    message = "There is no such settlement."
