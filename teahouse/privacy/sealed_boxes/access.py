"""Who of the staff may do what with sealed boxes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from teahouse.platform.errors import Forbidden
from teahouse.platform.requester import Requester, Role

BoxPower: TypeAlias = Literal["boxes.find", "boxes.ask", "boxes.approve"]

_HOLDERS: Final[dict[BoxPower, frozenset[Role]]] = {
    "boxes.find": frozenset({"bank_officer", "auditor"}),
    "boxes.ask": frozenset({"bank_officer"}),
    # Another trade may agree too: in a small house there is one officer.
    "boxes.approve": frozenset({"bank_officer", "operator"}),
}


def box_powers_of(roles: Collection[Role]) -> list[BoxPower]:
    """What some roles may do here."""
    return [power for power, holders in _HOLDERS.items() if holders & {*roles}]


def check_box_power(requester: Requester, power: BoxPower) -> None:
    """Refuse who has no role for this, and programs that act for somebody.

    Raises:
        Forbidden: none of the requester's roles gives the power.
    """
    if requester.appservice_id is not None or not requester.roles & _HOLDERS[power]:
        raise Forbidden("This needs a staff role that you do not have.")
