"""Disputes: a payer says a purchase went wrong, the shop answers, the house decides."""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.disputes.announcements import DisputeMoved, DisputeOpened
from teahouse.wallet.disputes.live import DisputeTeller
from teahouse.wallet.in_chat.live import Teller


def install(services: Services) -> None:
    """Let both sides be told of every step; after `in_chat`."""
    teller = DisputeTeller(services.get(Teller))
    services.db.react(DisputeOpened, teller.follow)
    services.db.react(DisputeMoved, teller.follow)
