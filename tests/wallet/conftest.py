"""A house with a wallet, for the tests that want one."""

from pathlib import Path

import pytest

from teahouse.platform.db import Database
from tests.kit.house import House
from tests.kit.wallet_house import make_wallet_house


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of tests that are coroutines."""
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    """A server with accounts, chat and the wallet, without limits; on each kind of database."""
    return make_wallet_house(db, tmp_path)
