"""The report, made anew from the register for whoever asks."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.privacy.official_requests.queries import (
    NO_CONTENT_EN,
    NO_CONTENT_ZH,
    list_reported,
)
from teahouse.privacy.transparency_report.rules import count_requests, group_requests
from teahouse.privacy.transparency_report.tables import privacy_canary
from teahouse.privacy.transparency_report.types import Canary, Report

_c = privacy_canary.c


def make_report(read: Read, house: str) -> Report:
    """The report as of now.

    Args:
        read: a view of the database.
        house: the server's name.
    """
    requests = list_reported(read)
    return Report(
        house=house,
        generated_at=read.now,
        total=count_requests(requests, now=read.now),
        lines=group_requests(requests, now=read.now),
        content_en=NO_CONTENT_EN,
        content_zh=NO_CONTENT_ZH,
        canary=find_canary(read),
    )


def find_canary(read: Read) -> Canary | None:
    """The newest canary, expired or not; None where none was ever signed."""
    row = read.conn.execute(
        sa.select(_c.issued_at, _c.expires_at, _c.note)
        .order_by(_c.issued_at.desc(), _c.canary_id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Canary(
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        is_expired=row.expires_at <= read.now,
        note=row.note,
    )
