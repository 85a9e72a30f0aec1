"""The newest run of the tests, read once, for whoever asks first."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from teahouse.privacy.scorecard.rules import judge, load_sheets
from teahouse.privacy.scorecard.types import Scorecard, TestRun

# Where `make test` writes what it found; a wheel carries it.
RUN_FILE: Final = Path(__file__).parent / "run.json"


@cache
def load_scorecard(file: Path = RUN_FILE) -> Scorecard:
    """The scorecard of the newest run; of none, where there was none."""
    run = msgspec.json.decode(file.read_bytes(), type=TestRun) if file.is_file() else None
    return judge(load_sheets(), run)
