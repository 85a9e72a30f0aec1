"""Payments: the one way in which the wallet moves money.

A payment is a transaction (or a hold) in the ledger, a line in both sides' history, and an
announcement, all in one commit. Whatever else the wallet knows is built of payments: `pay`,
`hold_payment`, `settle_payment`, `void_payment`, `reverse_payment`.
"""

from __future__ import annotations

from teahouse import ledger
from teahouse.platform.services import Services
from teahouse.wallet.payments.commands import note_expired_holds


def install(services: Services) -> None:
    """Let payments whose hold has run out be over."""
    services.db.react(ledger.HoldsExpired, note_expired_holds)
