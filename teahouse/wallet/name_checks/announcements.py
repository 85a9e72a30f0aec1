"""What name checks tell."""

from __future__ import annotations

from teahouse.platform.announcements import Announcement
from teahouse.wallet.outside.types import NameCheck, OutsideAccountId
from teahouse.wallet.parties.types import PartyId


class NameChecked(Announcement, frozen=True):
    """The bank has said whether an account's holder bears the name.

    Attributes:
        outside_account_id: of which account.
        party: whose it is.
        name_check: what it said.
    """

    outside_account_id: OutsideAccountId
    party: PartyId
    name_check: NameCheck
