"""Joins the subjects of the wallet to a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from teahouse.platform.checks import Check
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services

ROUTES: Final[list[Any]] = []

JOB_KINDS: Final[list[JobKind]] = []

CHECKS: Final[list[Check]] = []

# Each joins its subject's reactions and parts to the services.
INSTALLERS: Final[list[Callable[[Services], None]]] = []


def install(services: Services) -> list[Any]:
    """Make the parts, join the reactions, and return the routes."""
    for join in INSTALLERS:
        join(services)
    return ROUTES
