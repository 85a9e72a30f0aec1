"""The homeservers and devices of the stories."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.kit.clients import NioDevices, nio_devices
from tests.kit.clients_js import install
from tests.kit.homeserver import Homeserver, other_homeserver


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run the stories on asyncio alone: nio knows nothing else."""
    return "asyncio"


@pytest.fixture(scope="session")
def homeserver() -> Iterator[Homeserver]:
    """The homeserver the stories are told to."""
    other = other_homeserver()
    assert other is not None
    yield other


@pytest.fixture
async def devices(homeserver: Homeserver, tmp_path: Path) -> AsyncIterator[NioDevices]:
    """Open nio devices that are closed at the end of the story."""
    async with nio_devices(homeserver, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def js_clients() -> None:
    """Have the JavaScript clients installed."""
    install()
