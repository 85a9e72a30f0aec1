"""The newest run of the tests, read once at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from teahouse.platform.services import Services
from teahouse.privacy.scorecard.rules import judge, load_sheets
from teahouse.privacy.scorecard.types import Scorecard, TestRun

# Where `make test` writes what it found; a wheel carries it.
RUN_FILE: Final = Path(__file__).parent / "run.json"


def load_scorecard(file: Path = RUN_FILE) -> Scorecard:
    """The scorecard of the newest run; of none, where there was none."""
    run = msgspec.json.decode(file.read_bytes(), type=TestRun) if file.is_file() else None
    return judge(load_sheets(), run)


def install_scorecard(services: Services) -> None:
    """Have the scorecard at hand."""
    services.put(load_scorecard())
