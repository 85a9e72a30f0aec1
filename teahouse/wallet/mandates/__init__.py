"""Mandates: a member's standing consent that somebody may charge their wallet, within bounds.

What other domains call is in `commands`: `create_mandate`, `propose_mandate`, `charge_mandate`.
"""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.mandates.announcements import (
    MandateAccepted,
    MandateCharged,
    MandateChargeNoticed,
    MandateChargeRefused,
    MandateEnded,
    MandateProposed,
)
from teahouse.wallet.mandates.live import MandateTeller


def install(services: Services) -> None:
    """Let payers be told of their mandates; after `in_chat`."""
    teller, db = MandateTeller(services.get(Teller)), services.db
    db.react(MandateProposed, teller.follow)
    db.react(MandateAccepted, teller.follow)
    db.react(MandateEnded, teller.follow)
    db.react(MandateChargeNoticed, teller.follow)
    db.react(MandateCharged, teller.follow)
    db.react(MandateChargeRefused, teller.follow)
