"""Every locked package is in a bill of materials that keeps to the schema, under a fit licence."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from supply_chain.licences import is_allowed, python_licence
from supply_chain.locks import NPM_LOCKS, ROOT, UV_LOCK, read_npm_lock, read_uv_lock
from supply_chain.sbom import find_trouble, write_all


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    files = write_all(tmp_path_factory.mktemp("sbom"))
    return {file.name.partition(".")[0]: json.loads(file.read_text("utf-8")) for file in files}


def _components(bill: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["name"], one["version"]) for one in bill["components"]}


def test_every_locked_package_is_in_a_bill(bills: dict[str, Any]) -> None:
    """Counted in the lock files by other means than those that write the bills."""
    python = re.findall(
        r'^name = "(.+)"\nversion = "(.+)"\nsource = \{ registry', UV_LOCK.read_text(), re.MULTILINE
    )
    assert _components(bills["python"]) == set(python)
    assert len(python) > 100
    for name, lock in NPM_LOCKS.items():
        text = lock.read_text("utf-8")
        locked = re.findall(
            r'^    "(?:.*node_modules/)(.+)": \{\n      "version": "(.+)"', text, re.M
        )
        assert _components(bills[name]) == set(locked)
        assert len(locked) > 10


def test_a_bill_names_hashes_and_what_is_only_for_making_it(bills: dict[str, Any]) -> None:
    web = {one["name"]: one for one in bills["web"]["components"]}
    [react_hash] = web["react"]["hashes"]

    assert react_hash["alg"] == "SHA-512"
    assert re.fullmatch(r"[0-9a-f]{128}", react_hash["content"])
    assert web["react"]["purl"].startswith("pkg:npm/react@")
    assert (web["react"]["scope"], web["vite"]["scope"]) == ("required", "excluded")
    assert all(one["externalReferences"] for one in bills["python"]["components"])


def test_what_does_not_keep_to_the_schema_is_found(bills: dict[str, Any]) -> None:
    broken = bills["web"] | {"components": [{"name": "nameless kind"}]}

    assert find_trouble(json.dumps(bills["web"])) is None
    assert "type" in str(find_trouble(json.dumps(broken)))


def test_all_that_is_shipped_may_be_given_on() -> None:
    python = {one.name: python_licence(one) for one in read_uv_lock() if one.is_shipped}
    npm = {
        one.name: one.licence
        for lock in NPM_LOCKS.values()
        for one in read_npm_lock(lock)
        if one.is_shipped
    }

    assert len(python) > 50
    assert {name: told for name, told in (python | npm).items() if not is_allowed(told)} == {}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("(MIT OR GPL-3.0-only)", True),
        ("MIT AND Apache-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("SSPL-1.0", False),
        ("see the file", False),
        ("", False),
    ],
)
def test_what_may_not_be_given_on_is_found(expression: str, *, allowed: bool) -> None:
    assert is_allowed(expression) == allowed


def test_a_wheel_carries_the_bills() -> None:
    text = Path(ROOT, "pyproject.toml").read_text("utf-8")

    assert "teahouse/sbom/*.cdx.json" in text
