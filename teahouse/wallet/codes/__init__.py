"""Codes that are scanned: a shop's EMV code, and the one-time code that a member shows."""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.charges.announcements import ChargeAwaitsMember, ChargeMoved, RefundMade
from teahouse.wallet.codes.commands import note_miss
from teahouse.wallet.codes.errors import PaymentCodeUnknown
from teahouse.wallet.codes.live import ChargeTeller
from teahouse.wallet.codes.rules import compute_network_id
from teahouse.wallet.codes.types import OurNetwork


def install(services: Services) -> None:
    """Tell codes which house they are of, let misses be counted, and payers be told."""
    settings = services.settings
    url = settings.public_url.rstrip("/") or f"https://{settings.server_name}"
    services.put(OurNetwork(compute_network_id(settings.server_name), url))
    services.db.note_refusals(PaymentCodeUnknown, note_miss)
    teller = ChargeTeller(services)
    services.db.react(ChargeAwaitsMember, teller.follow_question)
    services.db.react(ChargeMoved, teller.follow_move)
    services.db.react(RefundMade, teller.follow_refund)
