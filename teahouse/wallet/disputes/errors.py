"""Refusals of disputes.

Refusal
    DisputeNotFound        none that the requester has to do with (404)
    NotDisputable          this payment cannot be disputed (409)
    AlreadyDisputed        there is a dispute about it (409)
    ClaimTooLarge          more than is left of the payment (409)
    WrongDisputeStatus     it is not at that point (409)
    NothingToAppeal        the side has lost nothing, or there was an appeal (409)
    AnotherOfficerNeeded   the same officer does not look twice (403)
    OwnDispute             officers do not decide about themselves (403)
    TooMuchSaid            the dispute has as many statements as it may (409)
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class DisputeNotFound(Refusal):
    """No such dispute, or one between others."""

    status, code, errcode = 404, "dispute-not-found", "M_NOT_FOUND"
    message = "There is no such dispute."


class NotDisputable(Refusal):
    """Only completed purchases from shops can be disputed, for 120 days, by who paid."""

    status, code, errcode = 409, "not-disputable", "M_UNKNOWN"
    message = "Purchases from a shop can be disputed, for 120 days, by who paid them."


class AlreadyDisputed(Refusal):
    """One payment has one dispute. `data`: `dispute_id`."""

    status, code, errcode = 409, "already-disputed", "M_UNKNOWN"
    message = "There is a dispute about this payment already."


class ClaimTooLarge(Refusal):
    """More than is left of the payment. `data`: `left`."""

    status, code, errcode = 409, "claim-too-large", "M_INVALID_PARAM"
    message = "This is more than was paid and not given back."


class WrongDisputeStatus(Refusal):
    """The dispute is not at a point at which this can be done. `data`: `dispute_status`."""

    status, code, errcode = 409, "dispute-wrong-status", "M_UNKNOWN"
    message = "This cannot be done to the dispute as it stands."


class NothingToAppeal(Refusal):
    """The side has lost nothing by the decision, or the one appeal was made."""

    status, code, errcode = 409, "nothing-to-appeal", "M_UNKNOWN"
    message = "Against this decision you cannot appeal."


class AnotherOfficerNeeded(Refusal):
    """A large refund is approved, and an appeal is decided, by another officer."""

    status, code, errcode = 403, "another-officer-needed", "M_FORBIDDEN"
    message = "Another officer than the one who decided before must do this."


class OwnDispute(Refusal):
    """The officer paid, or works for the shop."""

    status, code, errcode = 403, "own-dispute", "M_FORBIDDEN"
    message = "Officers do not decide about their own payments and shops: ask another officer."


class TooMuchSaid(Refusal):
    """The dispute has as many statements as it may."""

    status, code, errcode = 409, "too-much-said", "M_UNKNOWN"
    message = "No more can be said in this dispute."
