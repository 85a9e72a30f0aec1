"""Mini-programs: small web apps in a sandboxed frame, and what a member let each of them do.

The front door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teahouse.platform.checks import Check
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.json import JsonObject
    from teahouse.platform.services import Services

__all__ = ["erase_member", "export_member", "install", "make_checks"]


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


def export_member(read: Read, user_id: str) -> JsonObject:
    """What a member let programs do, and what they ordered by them."""
    from teahouse.miniprograms.personal_data import export_member as export

    return export(read, user_id)


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what is kept of a member in mini-programs."""
    from teahouse.miniprograms.personal_data import erase_member as erase

    erase(tx, user_id)
