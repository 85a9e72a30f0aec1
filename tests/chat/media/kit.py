"""A server without sockets for the tests of some routes, in which a token is a member's name."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from teahouse.platform.db import Database
from teahouse.platform.requester import Caller, Requester, Role
from teahouse.platform.services import Services
from tests.kit.house import House, make_services

SERVER = "teahouse.test"
STAFF: dict[str, frozenset[Role]] = {
    "olga": frozenset({"operator"}),
    "mo": frozenset({"moderator"}),
}


def requester(name: str) -> Requester:
    """A signed-in member; `olga` is an operator, `mo` a moderator."""
    return Requester(
        user_id=f"@{name}:{SERVER}", device_id="DEVICE", roles=STAFF.get(name, frozenset())
    )


def make_open_services(db: Database, data: Path, **settings: Any) -> Services:
    """The platform's parts, where everybody is believed to be who they say they are."""

    async def authenticate(
        token: str, *, as_user: str | None, as_device: str | None, caller: Caller
    ) -> Requester:
        assert caller
        assert as_user is as_device is None
        return requester(token)

    services = make_services(db, data, **settings)
    services.authenticate = authenticate
    return services


def make_open_house(services: Services, routes: Iterable[Any]) -> House:
    """A server that has some routes only."""
    return House(services, routes)
