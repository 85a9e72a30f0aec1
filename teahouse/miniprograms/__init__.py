"""Mini-programs: small web apps in a sandboxed frame, and what a member let each of them do.

The front door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from teahouse.miniprograms.inspection.types import Inspection
    from teahouse.platform.checks import Check
    from teahouse.platform.services import Services

__all__ = ["inspect_place", "install", "make_checks"]


def install(services: Services) -> list[Any]:
    """Join mini-programs to a server: the registry, its reactions and routes.

    Raises:
        SettingsError: the operator names a program that cannot be read; the server does not start.
    """
    from teahouse.miniprograms.assembly import install as install_all

    return install_all(services)


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of mini-programs."""
    from teahouse.miniprograms.assembly import CHECKS

    return CHECKS


def inspect_place(place: Path) -> Inspection:
    """What keeps a mini-program, a folder or zip file, from being installed and from working."""
    from teahouse.miniprograms.inspection.queries import inspect_place as inspect_one

    return inspect_one(place)
