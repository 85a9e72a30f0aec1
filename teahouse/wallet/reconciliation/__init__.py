"""Compares the bank's statements with the books, line by line, to the unit.

Every line of a statement (camt.053) moves `CASH_AT_BANK`, and nothing else does: against what is in
transit where it is what was ordered, else against suspense, where two of the staff decide about it.
So the books' cash always equals the closing balance of the last statement that was taken.
"""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.outside.announcements import BankOrderReported
from teahouse.wallet.reconciliation.commands import note_reported

__all__ = ["install"]


def install(services: Services) -> None:
    """Hear of what the link to the bank finds wrong."""
    services.db.react(BankOrderReported, note_reported)
