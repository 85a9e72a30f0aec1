"""Refusals of confirmations.

Refusal
    ConfirmationUnknown    none of this member's that can still be used (404)
    ConfirmationMismatch   it was given for another payee, amount, kind or device (403)
    ConfirmationUsed       one confirmation is good for one payment (409)
    ConfirmationClosed     too many wrong proofs (403)
    ProofRefused           the proof is wrong (403)
    TooManyConfirmations   too many are open at once (429)
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class ConfirmationUnknown(Refusal):
    """No confirmation of this member's that can still be used."""

    status, code, errcode = 404, "confirmation-unknown", "M_NOT_FOUND"
    message = "There is no such confirmation, or its five minutes are over: make a new one."


class ConfirmationMismatch(Refusal):
    """The confirmation was given for something else."""

    status, code, errcode = 403, "confirmation-mismatch", "M_FORBIDDEN"
    message = "This confirmation was given for another payee, amount, kind or device."


class ConfirmationUsed(Refusal):
    """The confirmation was used up."""

    status, code, errcode = 409, "confirmation-used", "M_FORBIDDEN"
    message = "This confirmation was used for a payment already: make a new one."


class ConfirmationClosed(Refusal):
    """Too many wrong proofs were tried."""

    status, code, errcode = 403, "confirmation-closed", "M_FORBIDDEN"
    message = "Too many proofs of this confirmation were wrong: make a new one."


class ProofRefused(Refusal):
    """A wrong password, code or signature. `data`: `tries_left`."""

    status, code, errcode = 403, "proof-refused", "M_FORBIDDEN"
    message = "This proof is wrong."


class TooManyConfirmations(Refusal):
    """The member has too many open at once; `retry_after_ms` says when to come back."""

    status, code, errcode = 429, "too-many-confirmations", "M_LIMIT_EXCEEDED"
    message = "Too many confirmations are open: use one, or wait until they expire."
