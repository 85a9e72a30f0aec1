"""What mandates tell others."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement


class MandateProposed(Announcement, frozen=True):
    """A payee asks for a member's consent.

    Attributes:
        mandate_id: to what.
        payer: the party asked; None: whoever opens the proposal.
    """

    mandate_id: str
    payer: str | None


class MandateAccepted(Announcement, frozen=True):
    """A member consented."""

    mandate_id: str
    payer: str


class MandateEnded(Announcement, frozen=True):
    """A mandate is no longer in force, or never will be.

    Attributes:
        mandate_id: which.
        payer: the party it was of; None where nobody had opened the proposal.
        status: `declined`, `cancelled` or `ended`.
    """

    mandate_id: str
    payer: str | None
    status: str


class MandateChargeNoticed(Announcement, frozen=True):
    """The payer is to be told that a charge is coming.

    Attributes:
        mandate_id: by which mandate.
        charge_id: which charge.
        payer: whom to tell.
        due_at: not before this instant, milliseconds.
    """

    mandate_id: str
    charge_id: str
    payer: str
    due_at: int


class MandateCharged(Announcement, frozen=True):
    """A charge was collected."""

    mandate_id: str
    charge_id: str
    payer: str
    payment_id: str


class MandateChargeRefused(Announcement, frozen=True):
    """A charge could not be collected.

    Attributes:
        mandate_id: by which mandate.
        charge_id: which charge.
        payer: whose wallet it was.
        refusal: the code of the refusal.
        next_try_at: when it is tried again, milliseconds; None: never.
    """

    mandate_id: str
    charge_id: str
    payer: str
    refusal: str
    next_try_at: int | None
