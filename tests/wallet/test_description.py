"""The wallet's routes describe themselves."""

import httpx
import pytest

from teahouse.wallet.assembly import ROUTES
from tests.kit.house import House

pytestmark = pytest.mark.anyio


async def test_every_route_of_the_wallet_is_in_the_api_description(house: House) -> None:
    done = await house.call("GET", "/api/openapi.json")
    assert done.status_code == httpx.codes.OK, done.text
    described = {
        (method.upper(), path.replace(":str}", "}"))
        for path, methods in done.json()["paths"].items()
        for method in methods
    }
    missing = [
        (str(method), path)
        for route in ROUTES
        for path in route.paths
        for method in route.http_methods
        if str(method) != "OPTIONS"
        and path.startswith("/api/")
        and (str(method), path.replace(":str}", "}")) not in described
    ]
    assert missing == []
