"""Erases what privacy itself holds of a member."""

from __future__ import annotations

from teahouse.platform.db import Tx
from teahouse.privacy.consents.commands import forget_consents
from teahouse.privacy.official_requests import personal_data as official_requests
from teahouse.privacy.policy.commands import forget_replies
from teahouse.privacy.transparency_log.commands import forget_entries_about


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase answers, receipts and entries; of the log stay commitments that say nothing."""
    forget_consents(tx, user_id)
    forget_replies(tx, user_id)
    forget_entries_about(tx, user_id)
    official_requests.erase_member(tx, user_id)
