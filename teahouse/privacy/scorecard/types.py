"""Sheets, their rows, and what a run of the tests says of them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Verdict: TypeAlias = Literal["yes", "no", "does not apply"]
Why: TypeAlias = Literal["passed", "failed", "not run", "no test", "does not apply"]


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is asked.

    Attributes:
        id: as its source numbers it.
        en: what is asked, in our words; also in Chinese, `zh`.
        tests: what proves it, `tests/file.py::test_name`, or all of a file or folder; all of
            them must have run and passed. None: a plain no.
        applies: False: there is nothing here that it is about; `note_en` says why.
        note_en: what the tests do not show, or why there is none; also `note_zh`.
        figure_en: how the figures are told that a test took, with their names in braces; also
            `figure_zh`.
    """

    id: str
    en: str
    zh: str
    tests: tuple[str, ...] = ()
    applies: bool = True
    note_en: str = ""
    note_zh: str = ""
    figure_en: str = ""
    figure_zh: str = ""


class SheetHead(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above a sheet.

    Attributes:
        id: of the sheet, in addresses.
        source: where the questions come from.
    """

    id: str
    title_en: str
    title_zh: str
    source: str
    about_en: str
    about_zh: str


class Sheet(SheetHead, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one source asks."""

    rows: tuple[Row, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How often one test passed, failed and was skipped; it may run with many parameters."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


class TestRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of all tests.

    Attributes:
        commit: what was tested.
        is_changed: whether files differed from that commit.
        finished_at: milliseconds since the epoch.
        tests: outcomes by `file::name`, of those that a row names.
        figures: by the id of a reliability row, what its tests measured.
    """

    __test__ = False  # no test, whatever pytest reads into its name

    commit: str
    is_changed: bool
    finished_at: int
    tests: dict[str, Outcome]
    figures: dict[str, dict[str, int | float | str]] = {}


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One test of a row, and how it went; `passed` 0 where it did not run."""

    test: str
    outcome: Outcome


class JudgedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row with its answer."""

    id: str
    en: str
    zh: str
    verdict: Verdict
    why: Why
    proofs: tuple[Proof, ...]
    note_en: str = ""
    note_zh: str = ""
    figure_en: str = ""
    figure_zh: str = ""


class JudgedSheet(SheetHead, frozen=True, kw_only=True):
    """A sheet with its answers.

    Attributes:
        met: rows with a yes.
        applying: rows that apply here.
    """

    met: int
    applying: int
    rows: tuple[JudgedRow, ...]


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """All sheets, judged by one run of the tests; without a run every answer is no.

    Attributes:
        finished_at: milliseconds since the epoch.
    """

    commit: str | None
    is_changed: bool
    finished_at: int | None
    sheets: tuple[JudgedSheet, ...]
