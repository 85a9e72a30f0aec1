"""What the tests of accounts share."""

from pathlib import Path

import pytest

from teahouse.platform.db import Database
from tests.kit.house import House, make_house


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    """A server with open registration and no rate limits."""
    return make_house(db, tmp_path)
