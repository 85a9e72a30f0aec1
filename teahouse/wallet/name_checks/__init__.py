"""Whether a linked account belongs to whom its member says: the bank is asked, the member decides.

A question goes to the bank once an account is linked (acmt.023), its answer comes with the other
files (acmt.024). A name that the bank does not know, or knows otherwise, is told to the member; no
money goes there until they have said which name is right.
"""

from __future__ import annotations

from teahouse.platform.services import Services
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.name_checks.announcements import NameChecked
from teahouse.wallet.name_checks.commands import ask_soon
from teahouse.wallet.name_checks.live import NameTeller
from teahouse.wallet.outside.announcements import OutsideAccountLinked

__all__ = ["install"]


def install(services: Services) -> None:
    """Ask of each account that is linked, and tell its member what the bank says."""
    services.db.react(OutsideAccountLinked, ask_soon)
    services.db.react(NameChecked, NameTeller(services.get(Teller)).follow)
