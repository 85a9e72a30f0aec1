"""What the tests of erasure share."""

from pathlib import Path

import pytest

from teahouse.app import job_kinds
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from tests.kit.wallet_house import Payer, register_payer
from tests.kit.whole_house import WholeHouse

DAY_MS = 86_400_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


@pytest.fixture
def house(db: Database, data: Path) -> WholeHouse:
    return WholeHouse(db, data)


@pytest.fixture
async def ada(house: WholeHouse) -> Payer:
    return await register_payer(house, "ada")


@pytest.fixture
async def ben(house: WholeHouse) -> Payer:
    return await register_payer(house, "ben", cny=100_00)


async def finish_jobs(house: WholeHouse, *, seconds: int = 5) -> None:
    """Run what is due, and what is due a moment later."""
    clock = house.services.clock
    assert isinstance(clock, ManualClock)
    worker = Worker(house.db, house.services, job_kinds())
    for _ in range(seconds):
        await worker.run_due()
        clock.advance(1000)
