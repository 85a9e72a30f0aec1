"""Charges: what shops ask members for; paid, held and captured, refunded."""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.charges.commands import follow_void
from teahouse.wallet.payments.announcements import PaymentVoided


def install(services: Services) -> None:
    """Let charges end whose money is no longer held."""
    services.db.react(PaymentVoided, follow_void)
