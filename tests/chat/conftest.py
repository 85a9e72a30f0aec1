"""What the tests of chat share."""

from pathlib import Path

import pytest

from teahouse.platform.db import Database
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    """A server with chat."""
    return make_chat_house(db, tmp_path)


@pytest.fixture
async def ada(house: House) -> Guest:
    return await register_guest(house, "ada")


@pytest.fixture
async def ben(house: House) -> Guest:
    return await register_guest(house, "ben")
