"""Webhooks: tells a shop's own servers what happened, signed and until it arrives."""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.charges.announcements import ChargeMoved, RefundMade, TipGiven
from teahouse.wallet.freezes.announcements import FreezeChanged
from teahouse.wallet.mandates.announcements import (
    MandateAccepted,
    MandateCharged,
    MandateChargeRefused,
    MandateEnded,
)
from teahouse.wallet.settlements.announcements import SettlementMade
from teahouse.wallet.shops.announcements import ShopDecided
from teahouse.wallet.webhooks.commands import (
    follow_charge,
    follow_decision,
    follow_freeze,
    follow_mandate,
    follow_refund,
    follow_settlement,
    follow_tip,
)
from teahouse.wallet.webhooks.live import Couriers


def install(services: Services) -> None:
    """Make the couriers, and tell shops of what happens."""
    services.put(Couriers(services.settings.webhook_hosts_allowed, services.clock))
    services.db.react(ChargeMoved, follow_charge)
    services.db.react(RefundMade, follow_refund)
    services.db.react(TipGiven, follow_tip)
    services.db.react(ShopDecided, follow_decision)
    services.db.react(FreezeChanged, follow_freeze)
    services.db.react(SettlementMade, follow_settlement)
    services.db.react(MandateAccepted, follow_mandate)
    services.db.react(MandateCharged, follow_mandate)
    services.db.react(MandateChargeRefused, follow_mandate)
    services.db.react(MandateEnded, follow_mandate)
