"""What is refused about orders.

Refusal
    InvalidMenu             400 M_INVALID_PARAM
    MenuNotFound            404 M_NOT_FOUND
    OrderNotFound           404 M_NOT_FOUND
    NotOnMenu               422 M_INVALID_PARAM
    NoOrdersTaken           409 M_UNKNOWN
    WrongOrderStatus        409 M_UNKNOWN
    MenuChanged             409 M_UNKNOWN
"""

from __future__ import annotations

from teahouse.platform.errors import InvalidParam, NotFound, Refusal


class InvalidMenu(InvalidParam):
    """A menu that names what it does not have, or names something twice."""

    code = "invalid-menu"
    message = "The menu is not valid."


class MenuNotFound(NotFound):
    """The shop has no menu."""

    code = "menu-not-found"
    message = "This shop has no menu."


class OrderNotFound(NotFound):
    """No such order, or none that the caller may know of."""

    code = "order-not-found"
    message = "There is no such order."


class NotOnMenu(Refusal):
    """Something that the shop does not offer (any more), or not today; `item` in `data`."""

    status, code, errcode = 422, "not-on-menu", "M_INVALID_PARAM"
    message = "The shop does not offer this now."


class NoOrdersTaken(Refusal):
    """The shop takes no orders now."""

    status, code = 409, "no-orders-taken"
    message = "The shop takes no orders now."


class WrongOrderStatus(Refusal):
    """A step that does not follow on what happened before; `order_status` in `data`."""

    status, code = 409, "wrong-order-status"
    message = "This cannot be done to an order in its present status."


class MenuChanged(Refusal):
    """Somebody else of the shop changed the menu meanwhile: read it again, and change that."""

    status, code = 409, "menu-changed"
    message = "Somebody else changed the menu meanwhile. Load it again."
