"""Joins the subjects of the wallet to a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from teahouse.platform.checks import Check
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.wallet.confirmations import api as _confirmations_api
from teahouse.wallet.confirmations import jobs as _confirmations_jobs
from teahouse.wallet.freezes import api as _freezes_api
from teahouse.wallet.freezes import jobs as _freezes_jobs
from teahouse.wallet.limits import api as _limits_api

ROUTES: Final[list[Any]] = [
    *_confirmations_api.routes,
    *_freezes_api.routes,
    *_limits_api.routes,
]

JOB_KINDS: Final[list[JobKind]] = [
    *_confirmations_jobs.JOB_KINDS,
    *_freezes_jobs.JOB_KINDS,
]

CHECKS: Final[list[Check]] = []

# Each joins its subject's reactions and parts to the services.
INSTALLERS: Final[list[Callable[[Services], None]]] = [
    _limits_api.install,
]


def install(services: Services) -> list[Any]:
    """Make the parts, join the reactions, and return the routes."""
    for join in INSTALLERS:
        join(services)
    return ROUTES
