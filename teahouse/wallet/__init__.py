"""The wallet: paying friends and shops, on the books of the ledger. The front door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teahouse.platform.checks import Check
    from teahouse.platform.db import Read
    from teahouse.platform.jobs import JobKind
    from teahouse.platform.services import Services
    from teahouse.wallet.leaving.types import Obstacle

__all__ = ["enforce_rules", "find_obstacles", "install", "job_kinds", "make_checks"]


def install(services: Services) -> list[Any]:
    """Join the wallet to a server: its parts, reactions and routes."""
    from teahouse.wallet.assembly import install as install_wallet

    return install_wallet(services)


def enforce_rules(services: Services) -> None:
    """Put the operator's rules for payments in force: when the house opens.

    Raises:
        SettingsError: the rule set or the time zone is not valid; the server does not start.
    """
    from teahouse.wallet.limits.api import enforce_rules as enforce_limits

    enforce_limits(services)


def job_kinds() -> list[JobKind]:
    """What the wallet does later or on a timetable."""
    from teahouse.wallet.assembly import JOB_KINDS

    return JOB_KINDS


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of the wallet."""
    from teahouse.wallet.assembly import CHECKS

    return CHECKS


def find_obstacles(read: Read, user_id: str) -> list[Obstacle]:
    """What must be settled before a member is erased: money in their wallets or on its way."""
    from teahouse.wallet.leaving.queries import find_obstacles as find_what_hinders

    return find_what_hinders(read, user_id)
