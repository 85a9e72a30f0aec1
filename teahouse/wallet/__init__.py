"""The wallet: paying friends and shops, on the books of the ledger. The front door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teahouse.platform.checks import Check
    from teahouse.platform.jobs import JobKind
    from teahouse.platform.services import Services

__all__ = ["install", "job_kinds", "make_checks"]


def install(services: Services) -> list[Any]:
    """Join the wallet to a server: its parts, reactions and routes."""
    from teahouse.wallet.assembly import install as install_wallet

    return install_wallet(services)


def job_kinds() -> list[JobKind]:
    """What the wallet does later or on a timetable."""
    from teahouse.wallet.assembly import JOB_KINDS

    return JOB_KINDS


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of the wallet."""
    from teahouse.wallet.assembly import CHECKS

    return CHECKS
