from collections.abc import Iterator

import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.ledger.kit import Desk


@pytest.fixture
def desk(db: Database, clock: ManualClock) -> Iterator[Desk]:
    """A desk; whatever a test did, the books are in order afterwards."""
    made = Desk(db, clock)
    yield made
    assert made.problems() == []
