"""A row is a yes only by tests that ran and passed, and every test that a row names exists."""

import ast
from pathlib import Path

import msgspec
import pytest

from teahouse import privacy
from teahouse.platform.db import Database
from teahouse.privacy.scorecard.live import load_scorecard
from teahouse.privacy.scorecard.rules import judge, list_tests, load_sheets, write_page
from teahouse.privacy.scorecard.types import JudgedRow, Outcome, Row, Sheet, TestRun, Why
from tests.kit.house import House, make_services

ROOT = Path(__file__).parent.parent.parent.parent
PASSED = Outcome(passed=2)


def _sheet(*tests: str) -> Sheet:
    row = Row(
        id="X1", en="<Asks>", zh="问", tests=tests, figure_en="{cuts} cuts", figure_zh="{cuts} 次"
    )
    return Sheet(
        id="x",
        title_en="X",
        title_zh="某",
        source="nobody",
        about_en="",
        about_zh="",
        rows=(row,),
    )


def _run(**tests: Outcome) -> TestRun:
    named = {f"tests/a/test_b.py::{name}": outcome for name, outcome in tests.items()}
    return TestRun(
        commit="abc", is_changed=False, finished_at=0, tests=named, figures={"X1": {"cuts": 7}}
    )


def _judge(run: TestRun | None, *tests: str) -> JudgedRow:
    return judge([_sheet(*tests)], run).sheets[0].rows[0]


@pytest.mark.parametrize(
    ("outcomes", "named", "why"),
    [
        ({"test_c": PASSED}, ["tests/a/test_b.py::test_c"], "passed"),
        ({"test_c": PASSED, "test_d": PASSED}, ["tests/a/test_b.py"], "passed"),
        ({"test_c": PASSED}, ["tests/a"], "passed"),
        ({"test_c": PASSED}, ["tests/a/test_b.py::test_"], "not run"),
        ({"test_c": PASSED}, ["tests/a/test"], "not run"),
        ({"test_c": PASSED}, ["tests/a", "tests/e.py"], "not run"),
        ({"test_c": Outcome(passed=1, skipped=1)}, ["tests/a"], "not run"),
        ({"test_c": Outcome(passed=9, failed=1)}, ["tests/a"], "failed"),
        ({"test_c": PASSED}, [], "no test"),
    ],
)
def test_only_tests_that_ran_and_passed_make_a_yes(
    outcomes: dict[str, Outcome], named: list[str], why: Why
) -> None:
    row = _judge(_run(**outcomes), *named)

    assert row.why == why
    assert row.verdict == ("yes" if why == "passed" else "no")
    assert row.figure_en == "7 cuts"


def test_what_does_not_apply_counts_neither_way() -> None:
    sheet = _sheet("tests/a")
    nothing = msgspec.structs.replace(sheet.rows[0], id="X2", tests=(), applies=False)
    card = judge([msgspec.structs.replace(sheet, rows=(*sheet.rows, nothing))], _run(test_c=PASSED))

    assert [row.verdict for row in card.sheets[0].rows] == ["yes", "does not apply"]
    assert (card.sheets[0].met, card.sheets[0].applying) == (1, 1)
    assert "1 of 1, and 1 that do not apply" in write_page(card, "en")
    assert "1 项中的 1 项，另有 1 项不适用" in write_page(card, "zh")


def test_all_253_requirements_of_asvs_are_there_and_what_does_not_apply_says_why() -> None:
    [asvs] = [sheet for sheet in load_sheets() if sheet.id == "asvs"]

    assert len(asvs.rows) == 253
    for row in asvs.rows:
        # A plain no and what does not apply say why.
        assert row.tests or row.note_en, row.id
        assert row.applies or not row.tests, row.id


def test_without_a_run_every_answer_is_no(tmp_path: Path) -> None:
    card = load_scorecard(tmp_path / "none.json")

    assert card.commit is None
    verdicts = {row.verdict for sheet in card.sheets for row in sheet.rows}
    assert verdicts == {"no", "does not apply"}


def test_the_page_tells_the_answers_and_runs_no_script() -> None:
    card = judge([_sheet("tests/a")], _run(test_c=PASSED))

    page, chinese = write_page(card, "en"), write_page(card, "zh")

    assert "&lt;Asks&gt;" in page
    assert '<span class="yes">yes</span>' in page
    assert "7 cuts" in page
    assert "<script" not in page
    assert '<span class="yes">是</span>' in chinese


def test_every_test_that_a_row_names_exists() -> None:
    missing = [test for test in sorted(list_tests(load_sheets())) if not _exists(test)]

    assert missing == []


def _exists(test: str) -> bool:
    name, _, function = test.partition("::")
    path = ROOT / name
    if not function:
        return path.is_file() or any(path.rglob("test_*.py"))
    if not path.is_file():
        return False
    tree = ast.parse(path.read_text("utf-8"))
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
        for node in ast.walk(tree)
    )


def test_rows_have_ids_of_their_own_and_both_languages() -> None:
    for sheet in load_sheets():
        ids = [row.id for row in sheet.rows]
        assert len(ids) == len(set(ids))
        assert all(row.en and row.zh for row in sheet.rows)
        assert all(bool(row.note_en) == bool(row.note_zh) for row in sheet.rows)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_everybody_reads_it(db: Database, tmp_path: Path) -> None:
    services = make_services(db, tmp_path)
    house = House(services, privacy.install(services))

    page = await house.http.get("/privacy/scorecard", params={"language": "zh"})
    card = await house.http.get("/api/v1/privacy/scorecard")
    await house.http.aclose()

    assert "记分卡" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert [sheet["id"] for sheet in card.json()["sheets"]] == [one.id for one in load_sheets()]
