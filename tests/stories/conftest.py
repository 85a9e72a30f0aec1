"""The homeservers and devices of the stories."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.kit.clients import NioDevices, nio_devices
from tests.kit.clients_js import install
from tests.kit.database import Databases
from tests.kit.homeserver import Homeserver, homeserver_at, other_homeserver
from tests.kit.server import start_server

other = other_homeserver()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run the stories on asyncio alone: nio knows nothing else."""
    return "asyncio"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"] if other is None else ["other"])
def homeserver(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Homeserver]:
    """The homeserver the stories are told to: ours on each kind of database, or another one."""
    if other is not None:
        yield other
        return
    database_url = None
    if request.param == "postgresql":
        databases: Databases = request.getfixturevalue("databases")
        database_url = databases.create("postgresql", migrated=False)
    with start_server(tmp_path_factory.mktemp("teahouse") / "data", database_url) as server:
        yield homeserver_at(server.url, server.data_dir, database_url)


@pytest.fixture
async def devices(homeserver: Homeserver, tmp_path: Path) -> AsyncIterator[NioDevices]:
    """Open nio devices that are closed at the end of the story."""
    async with nio_devices(homeserver, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def js_clients() -> None:
    """Have the JavaScript clients installed."""
    install()
