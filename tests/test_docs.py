"""The documentation says what the code is."""

import os
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from docs import generate
from teahouse.app import job_kinds
from teahouse.cli import main
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.announcements import announcement_types
from teahouse.platform.data_map import PersonalData, declaration
from teahouse.platform.settings import Settings

ROOT = Path(__file__).parent.parent
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return generate.render_all()


@pytest.mark.parametrize("name", sorted(["settings.md", "cli.md", "http.md", "data-map.md",
                                         "errors.md", "announcements.md"]))  # fmt: skip
def test_what_is_stored_is_what_make_docs_would_write(pages: dict[str, str], name: str) -> None:
    assert set(pages) == {file.name for file in generate.FOLDER.glob("*.md")}
    stored = (generate.FOLDER / name).read_text()
    assert stored == pages[name], "run `make docs`"


def test_every_setting_is_listed(pages: dict[str, str]) -> None:
    names = [field.name for field in msgspec.structs.fields(Settings)]
    assert [name for name in names if f"| `{name}` |" not in pages["settings.md"]] == []


def test_every_command_is_listed_with_its_help(pages: dict[str, str]) -> None:
    commands = list(generate.walk_commands(main, ("teahouse",)))
    assert len(commands) > 10
    for names, command in commands:
        assert f"## `{' '.join(names)}`" in pages["cli.md"]
        assert command.help, names


def test_every_route_is_listed_with_a_sentence(pages: dict[str, str]) -> None:
    routes: list[Any] = generate.load_routes()
    for route in routes:
        assert route.fn.__doc__, route.paths
        for path in route.paths:
            assert f"`{path.replace(':str', '').replace(':path', '')}`" in pages["http.md"]


def test_every_refusal_is_listed(pages: dict[str, str]) -> None:
    for kind in generate.refusal_types():
        assert f"| `{kind.errcode}` | {kind.status} | `{kind.code}` |" in pages["errors.md"]


def test_every_announcement_and_job_is_listed(pages: dict[str, str]) -> None:
    page = pages["announcements.md"]
    for kind in announcement_types():
        if kind.__module__.startswith("teahouse."):
            assert f"| `{kind.__name__}` |" in page
    for job in job_kinds():
        assert f"| `{job.name}` |" in page


def test_every_personal_column_is_listed(pages: dict[str, str]) -> None:
    for table in load_all_tables().tables.values():
        for column in table.columns:
            if isinstance(declaration(column), PersonalData):
                assert f"`{table.name}.{column.name}`" in pages["data-map.md"]


def _written() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in _written()
        for target in _LINK.findall(page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def _reach(start: Path) -> set[Path]:
    """Every page that links lead to from one."""
    found, waiting = {start}, [start]
    while waiting:
        page = waiting.pop()
        targets = {(page.parent / target).resolve() for target in _LINK.findall(page.read_text())}
        new = {one for one in targets if one.suffix == ".md" and one.exists()} - found
        found |= new
        waiting += new
    return found


@pytest.mark.parametrize("start", ["README.md", "docs/README.md"])
def test_links_lead_to_every_page(start: str) -> None:
    missing = set((ROOT / "docs").rglob("*.md")) - _reach(ROOT / start)
    assert {str(page.relative_to(ROOT)) for page in missing} == set()


def test_settings_named_in_the_pages_exist() -> None:
    names = {f"TEAHOUSE_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    pages = [*_written(), *(file for file in (ROOT / "deploy").rglob("*") if file.is_file())]
    unknown = {
        f"{page.relative_to(ROOT)}: {found}"
        for page in pages
        for found in re.findall(r"TEAHOUSE_[A-Z_]*[A-Z]\b", page.read_text())
        if found not in names and not found.startswith("TEAHOUSE_TEST_")
    }
    assert unknown == set()


def test_readme_commands_are_targets_of_make() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert named <= targets, named - targets
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
