"""`make audit`: known holes in the packages that are locked.

A source of knowledge counts only where it knows the hole of a package that is known to have one,
asked in the same way: pip-audit, for one, says "No known vulnerabilities found" also of packages
that its source does not have. Where no source counts, or one leaves packages out, this says NOT
AUDITED, loudly; a developer without network is not held up. `--strict` fails then too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import msgspec

from supply_chain.locks import NPM_LOCKS, Package, read_npm_lock, read_uv_lock
from teahouse.platform.clock import SystemClock

ACCEPTED: Final = Path(__file__).with_name("accepted.toml")
# Holes that are long known, and will stay known.
PYTHON_CONTROL: Final = Package("jinja2", "2.10")
NPM_CONTROL: Final = Package("lodash", "4.17.4")
OSV_URL: Final = "https://api.osv.dev/v1/query"
NPM_REGISTRY: Final = "https://registry.npmjs.org/"
_SECONDS_MAX = 600


class Finding(NamedTuple):
    """A known hole.

    Args:
        package: whose.
        id: of the report, as its source has it.
        title: in the source's words; may be empty.
    """

    package: str
    id: str
    title: str


class Answer(NamedTuple):
    """What a source says of some packages.

    Args:
        findings: all of them.
        trouble: why the answer is none; empty where it is one.
    """

    findings: list[Finding]
    trouble: str = ""


class Accepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding that we live with, until a day."""

    id: str
    package: str
    reason: str
    until: date


class Audited(NamedTuple):
    """What became of one lock file.

    Args:
        name: of what was audited.
        size: how many packages it has.
        answer: of the source that counted.
    """

    name: str
    size: int
    answer: Answer


Ask = Callable[[Sequence[Package]], Answer]


def audit(name: str, packages: Sequence[Package], control: Package, asks: Iterable[Ask]) -> Audited:
    """Ask the first source that knows the hole of the control.

    Args:
        name: of what is audited.
        packages: all of them.
        control: a package that is known to have a hole.
        asks: the sources.
    """
    troubles = []
    for ask in asks:
        known = ask([control])
        if known.trouble or not any(one.package == control.name for one in known.findings):
            why = known.trouble or f"it knows no hole in {control.name} {control.version}"
            troubles.append(why)
            continue
        answer = ask(packages)
        if not answer.trouble:
            return Audited(name, len(packages), answer)
        troubles.append(answer.trouble)
    return Audited(name, len(packages), Answer([], "; ".join(troubles)))


def pip_audit(service: str, osv_url: str = OSV_URL) -> Ask:
    """A source of Python's holes, by pip-audit.

    Args:
        service: "osv" or "pypi".
        osv_url: where OSV answers.
    """

    def ask(packages: Sequence[Package]) -> Answer:
        with tempfile.TemporaryDirectory() as folder:
            wanted = Path(folder, "requirements.txt")
            wanted.write_text("".join(f"{one.name}=={one.version}\n" for one in packages), "utf-8")
            command = [sys.executable, "-m", "pip_audit", "--requirement", str(wanted)]
            command += ["--no-deps", "--disable-pip", "--format", "json", "--timeout", "15"]
            command += ["--progress-spinner", "off", "--cache-dir", str(Path(folder, "cache"))]
            told = _run_json([*command, "--vulnerability-service", service, "--osv-url", osv_url])
        if "dependencies" not in told:
            return Answer([], f"{service}: {told['trouble']}")
        looked_at = [one for one in told["dependencies"] if "skip_reason" not in one]
        if len(looked_at) < len(packages):
            return Answer([], f"{service}: {len(packages) - len(looked_at)} packages left out")
        findings = [
            Finding(one["name"], hole["id"], hole.get("description", "").partition("\n")[0])
            for one in looked_at
            for hole in one["vulns"]
        ]
        return Answer(findings)

    return ask


def npm_audit(registry: str = NPM_REGISTRY) -> Ask:
    """The source of npm's holes: the registry's own.

    Args:
        registry: where it answers.
    """

    def ask(packages: Sequence[Package]) -> Answer:
        with tempfile.TemporaryDirectory() as folder:
            _write_npm_lock(Path(folder), packages)
            command = ["npm", "audit", "--audit", "--json", "--package-lock-only"]
            command += [f"--prefix={folder}", f"--registry={registry}", "--fetch-retries=1"]
            told = _run_json(command)
        if "vulnerabilities" not in told:
            why = told.get("message") or told.get("error") or told["trouble"]
            return Answer([], f"npm: {why}")
        # What merely depends on a hole names it by a text; the hole itself is told in full.
        holes = {
            (name, str(via["url"]).rpartition("/")[2]): str(via["title"])
            for name, one in told["vulnerabilities"].items()
            for via in one["via"]
            if isinstance(via, dict)
        }
        return Answer([Finding(name, id_, title) for (name, id_), title in sorted(holes.items())])

    return ask


def _write_npm_lock(folder: Path, packages: Sequence[Package]) -> None:
    """A project of just these packages, so that none is asked for in another version."""
    wanted = {f"p{number}": f"npm:{one.name}@{one.version}" for number, one in enumerate(packages)}
    own = {"name": "audited", "version": "1.0.0", "dependencies": wanted}
    places = {
        f"node_modules/p{number}": {"name": one.name, "version": one.version}
        for number, one in enumerate(packages)
    }
    lock = own | {"lockfileVersion": 3, "packages": {"": own} | places}
    Path(folder, "package.json").write_text(json.dumps(own), "utf-8")
    Path(folder, "package-lock.json").write_text(json.dumps(lock), "utf-8")


def _run_json(command: list[str]) -> dict[str, Any]:
    """What a tool answers; `trouble` where that is no object in JSON."""
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, encoding="utf-8", timeout=_SECONDS_MAX
        )
        told: Any = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as trouble:
        return {"trouble": str(trouble)}
    except json.JSONDecodeError:
        # Of a traceback the last line says most.
        return {"trouble": (done.stderr.strip().splitlines() or ["no answer"])[-1]}
    return told if isinstance(told, dict) else {"trouble": "another form of answer"}


def read_accepted(file: Path = ACCEPTED) -> list[Accepted]:
    """What we live with.

    Args:
        file: in the form of `accepted.toml`.
    """
    return msgspec.convert(tomllib.loads(file.read_text("utf-8"))["accepted"], list[Accepted])


def judge(
    audited: Sequence[Audited], accepted: Sequence[Accepted], today: date
) -> tuple[list[str], bool]:
    """What to tell, and whether a hole is open.

    Args:
        audited: every lock file.
        accepted: what we live with.
        today: after the last day of an acceptance it excuses nothing.
    """
    lines, is_open = [], False
    excuses = {(one.package, one.id): one for one in accepted}
    for one in audited:
        if one.answer.trouble:
            lines.append(f"*** NOT AUDITED: {one.name}, {one.size} packages. Nobody knows whether")
            lines.append(f"*** they have known holes: {one.answer.trouble}")
            continue
        lines.append(f"{one.name}: {one.size} packages, {len(one.answer.findings)} known holes")
        for finding in one.answer.findings:
            excuse = excuses.get((finding.package, finding.id))
            is_excused = excuse is not None and today <= excuse.until
            why = f" (until {excuse.until}: {excuse.reason})" if excuse is not None else ""
            word = "accepted" if is_excused else "OPEN"
            lines.append(f"  {word} {finding.package} {finding.id} {finding.title}{why}")
            is_open = is_open or not is_excused
    return lines, is_open


def _today() -> date:
    return datetime.fromtimestamp(SystemClock().now_ms() // 1000, UTC).date()


def audit_all() -> list[Audited]:
    """Every lock file, by the sources of the network."""
    found = [audit("Python", read_uv_lock(), PYTHON_CONTROL, [pip_audit("osv"), pip_audit("pypi")])]
    for name, lock in NPM_LOCKS.items():
        found.append(audit(f"npm, {name}", read_npm_lock(lock), NPM_CONTROL, [npm_audit()]))
    return found


@click.command()
@click.option("--strict", is_flag=True, help="Fail where something could not be audited.")
def main(*, strict: bool) -> None:
    """Look for known holes in the packages that are locked."""
    audited = audit_all()
    lines, is_open = judge(audited, read_accepted(), _today())
    click.echo("\n".join(lines))
    if is_open or (strict and any(one.answer.trouble for one in audited)):
        raise click.exceptions.Exit(1)


if __name__ == "__main__":
    main()
