"""Writes what a run of the tests says of the scorecard.

Tests that measure something tell it by `record_property("R2", {"cuts": 2000, "lost": 0})`, with the
id of a row of the reliability sheet.
"""

import subprocess
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest

from teahouse.platform.clock import SystemClock
from teahouse.privacy.scorecard.rules import is_within, list_tests, load_sheets
from teahouse.privacy.scorecard.types import Outcome, TestRun

ROOT = Path(__file__).parent.parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--scorecard FILE`: write it there."""
    parser.addoption("--scorecard", type=Path, help="write the scorecard's proof to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Listen, where asked to; in the process that hears of all tests."""
    file = config.getoption("--scorecard")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(file))


class Recorder:
    """Hears of every test.

    Args:
        file: where to write.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        sheets = load_sheets()
        self._sought = list_tests(sheets)
        self._figured = {row.id for sheet in sheets for row in sheet.rows if row.figure_en}
        self._counts: dict[str, dict[str, int]] = defaultdict(
            lambda: {"passed": 0, "failed": 0, "skipped": 0}
        )
        self._figures: dict[str, dict[str, int | float | str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one test by its last try; what fails before or after it counts too."""
        name = report.nodeid.partition("[")[0].partition("@")[0]
        if not any(is_within(name, test) for test in self._sought):
            return
        if report.outcome == "rerun":  # type: ignore[comparison-overlap]
            return
        if report.when == "call" or not report.passed:
            self._counts[name][report.outcome] += 1
        if report.when == "call":
            for row, figures in report.user_properties:
                if row in self._figured and isinstance(figures, dict):
                    self._figures.setdefault(row, {}).update(figures)

    def pytest_sessionfinish(self) -> None:
        """Write what was heard."""
        run = TestRun(
            commit=_git("rev-parse", "--short=12", "HEAD"),
            is_changed=bool(_git("status", "--porcelain", "--untracked-files=no")),
            finished_at=SystemClock().now_ms(),
            tests={name: Outcome(**counts) for name, counts in sorted(self._counts.items())},
            figures=self._figures,
        )
        self._file.write_bytes(msgspec.json.format(msgspec.json.encode(run)))


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=ROOT, check=False, capture_output=True, encoding="utf-8"
    )
    # Whoever has no repository tested what nobody can name.
    return done.stdout.strip() or ("unknown" if done.returncode else "")
