"""Joins the subjects of privacy to a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from teahouse.platform.checks import Check
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.privacy.checkpoints.live import load_log_key
from teahouse.privacy.transparency_log import api as transparency_log_api
from teahouse.privacy.transparency_log.queries import LOG_CHECKS

KEY_FILE = "privacy-log.key"

ROUTES: Final[list[Any]] = [*transparency_log_api.ROUTES]

JOB_KINDS: Final[list[JobKind]] = []

CHECKS: Final[list[Check]] = [*LOG_CHECKS]

# Each joins its subject's reactions and parts to the services.
INSTALLERS: Final[list[Callable[[Services], None]]] = []


def install(services: Services) -> list[Any]:
    """Make the parts, join the reactions, and return the routes."""
    file = services.settings.data_dir / "keys" / KEY_FILE
    services.put(
        load_log_key(file, server_name=services.settings.server_name, chance=services.chance)
    )
    for join in INSTALLERS:
        join(services)
    return ROUTES
