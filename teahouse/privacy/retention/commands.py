"""Keeps reports of what was removed."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS
from teahouse.platform.db import Tx, upsert
from teahouse.privacy.retention.tables import privacy_retention_run
from teahouse.privacy.retention.types import REPORTS_KEEP_DAYS, RetentionReport


def keep_reports(tx: Tx, reports: list[RetentionReport]) -> None:
    """Write down what a run has removed, and forget reports that are too old themselves."""
    tx.conn.execute(
        sa.delete(privacy_retention_run).where(
            privacy_retention_run.c.ran_at < tx.now - REPORTS_KEEP_DAYS * DAY_MS
        )
    )
    for one in reports:
        values = {
            "job": one.job,
            "deleted": one.deleted,
            "left_over": one.left,
            "oldest_at": one.oldest_at,
        }
        tx.conn.execute(
            upsert(privacy_retention_run, *values).values(
                store=one.store, ran_at=one.ran_at, **values
            )
        )
