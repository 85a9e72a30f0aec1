"""Reads reports with what was revealed and what came of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.chat.moderation.tables import chat_report
from teahouse.chat.verified_reports.tables import chat_report_outcome, chat_report_proof
from teahouse.chat.verified_reports.types import OwnReport, OwnReportPage
from teahouse.platform.db import Read
from teahouse.platform.requester import Requester

_report, _proof, _outcome = chat_report.c, chat_report_proof.c, chat_report_outcome.c


def find_own_reports(
    read: Read, requester: Requester, *, before: str | None, limit: int
) -> OwnReportPage:
    """What a member has reported and what came of it, newest first.

    Args:
        read: the view.
        requester: the reporter.
        before: id of the last report of the page before.
        limit: how many at most.
    """
    statement = (
        sa.select(
            _report.report_id,
            _report.reported_at,
            _report.room_id,
            _report.event_id,
            _report.user_id,
            _report.reason,
            _proof.verified_at,
            _outcome.outcome,
            _outcome.note,
            _outcome.decided_at,
        )
        .select_from(
            chat_report.outerjoin(
                chat_report_proof, _proof.report_id == _report.report_id
            ).outerjoin(chat_report_outcome, _outcome.report_id == _report.report_id)
        )
        .where(_report.reporter == requester.user_id)
        .order_by(_report.report_id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(_report.report_id < before)
    found = [_own_report(row) for row in read.conn.execute(statement)]
    page = found[:limit]
    return OwnReportPage(reports=page, next=page[-1].report_id if len(found) > limit else None)


def _own_report(row: Any) -> OwnReport:  # noqa: ANN401 - a row of the statement above
    return OwnReport(
        report_id=row.report_id,
        reported_at=row.reported_at,
        room_id=row.room_id,
        event_id=row.event_id,
        user_id=row.user_id,
        reason=row.reason,
        is_verified=row.verified_at is not None,
        outcome=row.outcome,
        note=row.note,
        decided_at=row.decided_at,
    )


def find_report(read: Read, report_id: str) -> Any:  # noqa: ANN401 - a row, read at once
    """A report by its id, with its reporter; None where there is none."""
    return read.conn.execute(sa.select(chat_report).where(_report.report_id == report_id)).first()


def find_proof(read: Read, report_id: str) -> Any:  # noqa: ANN401 - a row, read at once
    """What was revealed with a report; None where nothing was, or it is no longer kept."""
    statement = sa.select(chat_report_proof).where(_proof.report_id == report_id)
    return read.conn.execute(statement).first()
