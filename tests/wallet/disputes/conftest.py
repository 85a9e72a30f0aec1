"""What the tests of disputes share."""

from pathlib import Path

import pytest

from teahouse.platform.db import Database
from tests.kit.house import House
from tests.kit.wallet_house import make_wallet_house


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    """A server with shops and without limits."""
    return make_wallet_house(db, tmp_path)
