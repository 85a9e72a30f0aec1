"""What payments tell, within their transaction and after it."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement
from teahouse.platform.money import Money
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.types import PaymentId, PaymentKind, VoidReason


class PaymentBooked(Announcement, frozen=True, kw_only=True):
    """Money moved: a payment was made at once, or a pending one was settled.

    Attributes:
        payment_id: which.
        kind: what it is for.
        payer_party: who paid; None: the house.
        payee_party: who was paid; None: the house.
        amount: what the payer paid.
        reference: what it belongs to.
        room_id: which room is told.
        was_pending: whether it was announced as pending before.
    """

    payment_id: PaymentId
    kind: PaymentKind
    payer_party: PartyId | None
    payee_party: PartyId | None
    amount: Money
    reference: str
    room_id: str | None
    was_pending: bool = False


class PaymentPending(Announcement, frozen=True, kw_only=True):
    """A payment was reserved, and waits; the attributes are those of `PaymentBooked`."""

    payment_id: PaymentId
    kind: PaymentKind
    payer_party: PartyId | None
    payee_party: PartyId | None
    amount: Money
    reference: str
    room_id: str | None


class PaymentVoided(Announcement, frozen=True, kw_only=True):
    """A pending payment came to nothing; its money is free again.

    Attributes:
        payment_id: which.
        kind: what it was for.
        payer_party: who would have paid.
        payee_party: who would have been paid.
        amount: what is free again.
        reference: what it belongs to.
        room_id: which room is told.
        why: what ended it.
    """

    payment_id: PaymentId
    kind: PaymentKind
    payer_party: PartyId | None
    payee_party: PartyId | None
    amount: Money
    reference: str
    room_id: str | None
    why: VoidReason


class PaymentReversed(Announcement, frozen=True, kw_only=True):
    """A completed payment was undone as a whole; the attributes are those of `PaymentBooked`."""

    payment_id: PaymentId
    kind: PaymentKind
    payer_party: PartyId | None
    payee_party: PartyId | None
    amount: Money
    reference: str
    room_id: str | None
