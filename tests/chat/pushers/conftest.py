"""What the tests of pushers share."""

from pathlib import Path

import pytest

from teahouse.chat.pushers.jobs import JOBS
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from tests.kit.chat_house import make_chat_house
from tests.kit.gateway import gateway
from tests.kit.house import House

__all__ = ["gateway"]


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    """A server with chat whose operator runs a gateway at 127.0.0.1."""
    return make_chat_house(db, tmp_path, push_gateways_allowed=["127.0.0.1"])


@pytest.fixture
def worker(house: House) -> Worker:
    """Sends what is to be sent when the test says so."""
    return Worker(house.db, house.services, JOBS)
