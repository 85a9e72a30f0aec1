"""A server without sockets: the routes over a real database, called in the test's own loop."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import httpx
from litestar import Litestar
from litestar.types import ASGIApp, HTTPScope

from teahouse import accounts
from teahouse.platform.db import Database
from teahouse.platform.edge import Edge
from teahouse.platform.files import Files
from teahouse.platform.http import REASON_HEADER
from teahouse.platform.load import LoadRecorder
from teahouse.platform.metrics import Metrics
from teahouse.platform.rate_limits import RateLimits
from teahouse.platform.router import make_router
from teahouse.platform.services import Services
from teahouse.platform.settings import Settings

PASSWORD = "correct horse battery staple"
CLIENT = "/_matrix/client/v3"
_spare_routers: dict[tuple[int, ...], tuple[list[Any], list[Litestar]]] = {}


class House:
    """A server without sockets.

    Args:
        services: its parts, already installed.
        routes: its routes.
        app: what serves them, where it is more than a router.
    """

    def __init__(
        self, services: Services, routes: Iterable[Any], app: ASGIApp | None = None
    ) -> None:
        self.services = services
        self.db = services.db
        served = app or Edge(self._borrow_router([*routes]), services, forget_request)
        self.app = cast("Any", served)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app), base_url="http://teahouse.test"
        )

    def _borrow_router(self, routes: list[Any]) -> Litestar:
        """A router of a house that is gone, if there is one: to make one takes a second."""
        key = (self.services.settings.body_bytes_limit, *map(id, routes))
        # The routes are kept too, so that their ids name nothing else.
        _, spare = _spare_routers.setdefault(key, (routes, []))
        router = spare.pop() if spare else make_router(self.services, routes)
        router.state.services = self.services
        weakref.finalize(self, spare.append, router)
        return router

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send one request.

        Args:
            method: GET, POST, ...
            path: from `/`; without `/_` it is taken below `/_matrix/client/v3`.
            body: sent as JSON.
            token: the access token.
            options: further arguments of `httpx`.
        """
        if not path.startswith(("/_", "/api/", "/.")):
            path = CLIENT + path
        if token is not None:
            headers = options.setdefault("headers", {})
            headers["Authorization"] = f"Bearer {token}"
            # Of the staff; who tries to look without one says an empty one.
            headers.setdefault(REASON_HEADER, "it is a test")
        if body is not None:
            options["json"] = body
        return await self.http.request(method, path, **options)

    async def register(self, name: str, password: str = PASSWORD, **body: Any) -> Any:
        """Register a member through the API; registration must be open.

        Returns:
            The answer: `user_id`, `access_token`, `device_id`.
        """
        asked = {"username": name, "password": password, **body}
        first = await self.call("POST", "/register", asked)
        assert first.status_code == httpx.codes.UNAUTHORIZED, first.text
        auth = {"type": "m.login.dummy", "session": first.json()["session"]}
        done = await self.call("POST", "/register", {**asked, "auth": auth})
        assert done.status_code == httpx.codes.OK, done.text
        return done.json()

    async def log_in(self, name: str, password: str = PASSWORD, **body: Any) -> Any:
        """Sign a member in through the API.

        Returns:
            The answer: `user_id`, `access_token`, `device_id`.
        """
        identifier = {"type": "m.id.user", "user": name}
        asked: dict[str, Any] = {
            "type": "m.login.password",
            "identifier": identifier,
            "password": password,
        }
        done = await self.call("POST", "/login", {**asked, **body})
        assert done.status_code == httpx.codes.OK, done.text
        return done.json()

    async def confirm(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        token: str,
        password: str = PASSWORD,
    ) -> httpx.Response:
        """Send a request that asks for user-interactive authentication, and confirm it."""
        first = await self.call(method, path, body, token=token)
        assert first.status_code == httpx.codes.UNAUTHORIZED, first.text
        auth = {
            "type": "m.login.password",
            "session": first.json()["session"],
            "password": password,
        }
        return await self.call(method, path, {**body, "auth": auth}, token=token)


def forget_request(_scope: HTTPScope, _status: int, _seconds: float) -> None:
    """Count no requests."""


def make_services(db: Database, data: Path, **settings: Any) -> Services:
    """The platform's parts, as a server has them.

    Args:
        db: a started database.
        data: the data folder.
        settings: those that differ from the tests' own: open registration, no rate limits, the
            cheapest password hash, no limits on payments.
    """
    chosen = {
        "data": str(data),
        "server_name": "teahouse.test",
        "registration": "open",
        "rate_limits": False,
        "password_hash_mib": 8,
        "password_hash_rounds": 1,
        # Tests of the rules name the set they are about.
        "wallet_rule_set": "open",
        **settings,
    }
    made = Services(
        settings=Settings(**chosen),
        clock=db.clock,
        chance=db.chance,
        db=db,
        files=Files("", data / "files"),
    )
    made.rate_limits = RateLimits(made.settings, db.clock)
    made.put(LoadRecorder(made, Metrics()))
    return made


def make_house(db: Database, data: Path, **settings: Any) -> House:
    """A server without sockets that has accounts only.

    Args:
        db: a started database.
        data: the data folder.
        settings: those that differ from the tests' own.
    """
    services = make_services(db, data, **settings)
    return House(services, accounts.install(services))
