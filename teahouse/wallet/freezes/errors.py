"""Refusals of freezes.

Refusal
    FreezeNotFound     none that the requester may know of (404)
    FourEyesNeeded     another officer must do this (403)
    WrongStatus        it is not at that point (409)
    OwnWallets         officers neither freeze nor unfreeze their own wallets (403)
    NotYoursToLift     only the staff can lift what the staff froze (403)
    TwoFactorsNeeded   lifting a freeze takes two factors (403)
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class FreezeNotFound(Refusal):
    """No such freeze, or one of somebody else's."""

    status, code, errcode = 404, "freeze-not-found", "M_NOT_FOUND"
    message = "There is no such freeze."


class FourEyesNeeded(Refusal):
    """The officer who asked for it cannot also approve it."""

    status, code, errcode = 403, "four-eyes-needed", "M_FORBIDDEN"
    message = "Another officer than the one who proposed it must approve this."


class WrongStatus(Refusal):
    """The freeze is not at a point at which this can be done. `data`: `freeze_status`."""

    status, code, errcode = 409, "freeze-wrong-status", "M_UNKNOWN"
    message = "This cannot be done to the freeze as it stands."


class OwnWallets(Refusal):
    """An officer acted on wallets of their own."""

    status, code, errcode = 403, "own-wallets", "M_FORBIDDEN"
    message = "Officers do not decide about their own wallets: ask another officer."


class NotYoursToLift(Refusal):
    """A freeze by the staff is lifted by the staff."""

    status, code, errcode = 403, "not-yours-to-lift", "M_FORBIDDEN"
    message = "The staff of this house froze this: only they can lift it."


class TwoFactorsNeeded(Refusal):
    """Lifting a freeze needs a confirmation by two factors or a passkey."""

    status, code, errcode = 403, "two-factors-needed", "M_FORBIDDEN"
    message = (
        "Confirm `unfreeze` with two factors or a passkey. If you have neither, the staff of this "
        "house can lift the freeze."
    )
