"""What each staff role may do, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from teahouse.platform.errors import Forbidden
from teahouse.platform.requester import Requester, Role

Power: TypeAlias = Literal[
    "roles.change",
    "roles.see",
    "members.list",
    "members.deactivate",
    "members.reset_password",
    "registration_tokens.change",
    "rooms.list",
    "rooms.shut_down",
    "media.quarantine",
    "reports.see",
    "sanctions.decide",
    "jobs.see",
    "jobs.change",
    "settings.see",
    "load.see",
    "bank.decide",
    "books.read",
    "access_log.read",
    "catalogue.change",
    "identity.check",
    "wallet.freeze",
    "wallet.decisions.see",
    "disputes.decide",
    "wallet.reconcile",
    "shops.decide",
]

# Least privilege: an operator runs the house but sees no books and decides no loans; an auditor
# reads and changes nothing.
POWERS: dict[Role, frozenset[Power]] = {
    "operator": frozenset(
        {
            "roles.change",
            "roles.see",
            "members.list",
            "members.deactivate",
            "members.reset_password",
            "registration_tokens.change",
            "rooms.list",
            "rooms.shut_down",
            "media.quarantine",
            "reports.see",
            "sanctions.decide",
            "jobs.see",
            "jobs.change",
            "settings.see",
            "load.see",
            "shops.decide",
        }
    ),
    "moderator": frozenset(
        {
            "members.list",
            "rooms.list",
            "rooms.shut_down",
            "media.quarantine",
            "reports.see",
            "sanctions.decide",
        }
    ),
    "bank_officer": frozenset(
        {
            "bank.decide",
            "shops.decide",
            "identity.check",
            "wallet.freeze",
            "wallet.decisions.see",
            "wallet.reconcile",
            "disputes.decide",
        }
    ),
    "auditor": frozenset(
        {"books.read", "access_log.read", "roles.see", "settings.see", "wallet.decisions.see"}
    ),
    "cinema_editor": frozenset({"catalogue.change"}),
}


def is_allowed(roles: Iterable[Role], power: Power) -> bool:
    """Whether any of the roles gives the power."""
    return any(power in POWERS[role] for role in roles)


def powers_of(roles: Iterable[Role]) -> frozenset[Power]:
    """Everything that some roles may do."""
    return frozenset(power for role in roles for power in POWERS[role])


def check_power(requester: Requester, power: Power) -> None:
    """Refuse who has no role for this.

    Raises:
        Forbidden: none of the requester's roles gives the power.
    """
    if not is_allowed(requester.roles, power):
        raise Forbidden("This needs a staff role that you do not have.")
