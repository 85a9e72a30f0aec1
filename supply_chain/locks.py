"""The lock files: every package, in the version that is installed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent
UV_LOCK: Final = ROOT / "uv.lock"
# By the name of the bill of materials.
NPM_LOCKS: Final = {
    "web": ROOT / "web/package-lock.json",
    "tests-js": ROOT / "tests/js/package-lock.json",
}
_MODULES = "node_modules/"


class Package(NamedTuple):
    """A package of others.

    Args:
        name: as its registry has it.
        version: the locked one.
        integrity: its hash, as `sha512-<base64>`; empty where the lock has none.
        licence: an SPDX expression; empty where the lock has none.
        is_shipped: whether it is part of what members or operators run, not only of making it.
    """

    name: str
    version: str
    integrity: str = ""
    licence: str = ""
    is_shipped: bool = True


def read_uv_lock(file: Path = UV_LOCK) -> list[Package]:
    """Every package of Python but our own.

    Args:
        file: written by `uv lock`.
    """
    packages = tomllib.loads(file.read_text("utf-8"))["package"]
    by_name = {one["name"]: one for one in packages}
    [own] = (one for one in packages if "registry" not in one["source"])
    shipped = _reach(by_name, own)
    return [
        Package(one["name"], one["version"], is_shipped=one["name"] in shipped)
        for one in packages
        if one is not own
    ]


def _reach(by_name: dict[str, Any], own: dict[str, Any]) -> set[str]:
    """The names of what is needed to run, directly or not."""
    found: set[str] = set()
    waiting = [own]
    while waiting:
        package = waiting.pop()
        extras = package.get("optional-dependencies", {}).values() if package is not own else ()
        needs = [*package.get("dependencies", []), *(one for extra in extras for one in extra)]
        new = {need["name"] for need in needs} - found
        found |= new
        waiting += [by_name[name] for name in new]
    return found


def read_npm_lock(file: Path) -> list[Package]:
    """Every package of a `package-lock.json` but our own; once, wherever it is installed.

    Args:
        file: written by npm 7 or newer.
    """
    locked = json.loads(file.read_text("utf-8"))
    assert locked["lockfileVersion"] == 3, "another form of lock file"  # noqa: PLR2004
    found: dict[tuple[str, str], Package] = {}
    for place, one in locked["packages"].items():
        if not place:
            continue
        name = one.get("name") or place.rpartition(_MODULES)[2]
        package = Package(
            name,
            one["version"],
            one.get("integrity", ""),
            one.get("license", ""),
            is_shipped=not one.get("dev", False),
        )
        # Installed in two places it is shipped if it is in either.
        if (name, one["version"]) not in found or package.is_shipped:
            found[name, one["version"]] = package
    return list(found.values())
