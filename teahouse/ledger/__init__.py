"""The ledger: double-entry books, the only place where money moves. The front door."""

from __future__ import annotations

from teahouse.platform.checks import Check
from teahouse.platform.jobs import JobKind

__all__ = ["job_kinds", "make_checks"]


def job_kinds() -> list[JobKind]:
    """What the ledger does later or on a timetable."""
    return []


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of the books."""
    return []
