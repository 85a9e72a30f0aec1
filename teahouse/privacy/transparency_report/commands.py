"""Signs a canary, when somebody of the staff says so: silence must be able to speak."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.db import Tx
from teahouse.platform.requester import Requester
from teahouse.privacy.checkpoints.live import LogKey
from teahouse.privacy.official_requests.access import check_official_power
from teahouse.privacy.official_requests.queries import list_reported
from teahouse.privacy.transparency_log.queries import find_head
from teahouse.privacy.transparency_report.rules import CANARY_MS, word_canary
from teahouse.privacy.transparency_report.tables import privacy_canary
from teahouse.privacy.transparency_report.types import Canary


def renew_canary(tx: Tx, requester: Requester, house: str, key: LogKey) -> Canary:
    """Have the fixed statement signed for the next 35 days, bound to the log as it is.

    Args:
        tx: the transaction it becomes part of.
        requester: an operator; what they sign they cannot word.
        house: the server's name.
        key: signs.

    Raises:
        Forbidden: the requester is no operator.
    """
    check_official_power(requester, "official.enter")
    head = find_head(tx)
    text = word_canary(
        house,
        issued_at=tx.now,
        log_size=head.size,
        log_root=head.root,
        request_count=len(list_reported(tx)),
    )
    note = key.sign_statement(text)
    tx.conn.execute(
        sa.insert(privacy_canary).values(
            canary_id=tx.new_id("canary"),
            issued_at=tx.now,
            expires_at=tx.now + CANARY_MS,
            issued_by=requester.user_id,
            note=note,
        )
    )
    return Canary(issued_at=tx.now, expires_at=tx.now + CANARY_MS, is_expired=False, note=note)
