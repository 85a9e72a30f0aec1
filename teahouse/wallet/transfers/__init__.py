"""Transfers: money from member to member, at once or once the other has accepted it."""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.payments.announcements import PaymentVoided
from teahouse.wallet.transfers.commands import note_returned


def install(services: Services) -> None:
    """Let transfers be over whose payment has come to nothing."""
    services.db.react(PaymentVoided, note_returned)
