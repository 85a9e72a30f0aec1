"""Joins the subjects of mini-programs to a server."""

from __future__ import annotations

from typing import Any, Final

from teahouse.miniprograms import grants, orders, registry
from teahouse.miniprograms.grants import api as _grants_api
from teahouse.miniprograms.orders import api as _orders_api
from teahouse.miniprograms.orders.queries import make_checks as _make_order_checks
from teahouse.miniprograms.registry import api as _registry_api
from teahouse.platform.checks import Check
from teahouse.platform.services import Services

ROUTES: Final[list[Any]] = [*_registry_api.routes, *_grants_api.routes, *_orders_api.routes]
CHECKS: Final[list[Check]] = [*_make_order_checks()]


def install(services: Services) -> list[Any]:
    """Make the parts, join the reactions, and return the routes."""
    registry.install(services)
    grants.install(services)
    orders.install(services)
    return ROUTES
