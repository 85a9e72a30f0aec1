"""What was revealed of a member's message, and told them of their reports: for erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from teahouse.chat.verified_reports.tables import chat_report_outcome, chat_report_proof

if TYPE_CHECKING:
    from teahouse.platform.db import Tx


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what a member revealed, and what others revealed of theirs."""
    proof, outcome = chat_report_proof.c, chat_report_outcome.c
    theirs = sa.or_(proof.reporter == user_id, proof.sender == user_id)
    tx.conn.execute(sa.delete(chat_report_proof).where(theirs))
    tx.conn.execute(sa.delete(chat_report_outcome).where(outcome.reporter == user_id))
