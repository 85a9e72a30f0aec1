"""A known hole turns the audit red; a source that knows nothing is never taken for a clean bill.

The real pip-audit and npm ask a source written here, since a test asks no network.
"""

import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest

from supply_chain.audit import (
    NPM_CONTROL,
    PYTHON_CONTROL,
    Accepted,
    Answer,
    Audited,
    Finding,
    audit,
    judge,
    npm_audit,
    pip_audit,
    read_accepted,
)
from supply_chain.locks import ROOT, Package

HOLED_PYTHON = Package("sqlalchemy", "1.3.0")
HOLED_NPM = Package("minimist", "0.0.8")
SOUND = [Package("httpx", "0.28.1"), Package("click", "8.3.1")]
TODAY = date(2026, 11, 24)


@dataclass
class Source:
    """Answers as OSV and as the registry of npm.

    Attributes:
        url: where.
        holes: by package.
        asked: packages in the order they were asked for.
    """

    url: str = ""
    holes: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, body: Any) -> Any:
        """The answer to one POST."""
        if path == "/v1/query":
            name = body["package"]["name"]
            self.asked.append(name)
            return {"vulns": [_osv_hole(name, self.holes[name])]} if name in self.holes else {}
        self.asked += body
        return {name: [_npm_hole(name, self.holes[name])] for name in body if name in self.holes}


def _osv_hole(name: str, id_: str) -> dict[str, Any]:
    everything = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}
    affected = {"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [everything]}
    return {"id": id_, "summary": f"A hole in {name}", "affected": [affected]}


def _npm_hole(name: str, id_: str) -> dict[str, Any]:
    url = f"https://github.com/advisories/{id_}"
    told = {"id": 1, "url": url, "title": f"A hole in {name}", "severity": "high"}
    return told | {"vulnerable_versions": "*", "cwe": [], "cvss": {"score": 0}}


@pytest.fixture
def source() -> Iterator[Source]:
    told = Source(holes={PYTHON_CONTROL.name: "PYSEC-2019-217", NPM_CONTROL.name: "GHSA-known"})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            self._say(200, told.answer(self.path, json.loads(body)))

        def do_GET(self) -> None:
            self._say(404, {})

        def _say(self, status: int, answer: Any) -> None:
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def _audit_python(source: Source, packages: list[Package]) -> Audited:
    ask = pip_audit("osv", osv_url=f"{source.url}/v1/query")
    return audit("Python", packages, PYTHON_CONTROL, [ask])


def _audit_npm(source: Source, packages: list[Package]) -> Audited:
    return audit("npm", packages, NPM_CONTROL, [npm_audit(registry=source.url)])


def test_a_known_hole_in_a_python_package_turns_it_red(source: Source) -> None:
    source.holes["sqlalchemy"] = "PYSEC-2019-123"

    audited = _audit_python(source, [*SOUND, HOLED_PYTHON])

    assert audited.answer.trouble == ""
    assert [(one.package, one.id) for one in audited.answer.findings] == [
        ("sqlalchemy", "PYSEC-2019-123")
    ]
    assert set(source.asked) == {"jinja2", "httpx", "click", "sqlalchemy"}
    lines, is_open = judge([audited], [], TODAY)
    assert is_open
    assert "OPEN sqlalchemy PYSEC-2019-123" in "\n".join(lines)


def test_a_known_hole_in_an_npm_package_turns_it_red(source: Source) -> None:
    source.holes["minimist"] = "GHSA-vh95-rmgr-6w4m"

    audited = _audit_npm(source, [Package("wouter", "3.13.0"), HOLED_NPM])

    assert audited.answer == Answer(
        [Finding("minimist", "GHSA-vh95-rmgr-6w4m", "A hole in minimist")]
    )
    assert {"lodash", "wouter", "minimist"} == set(source.asked)


def test_a_source_that_knows_nothing_is_no_clean_bill(source: Source) -> None:
    """The control of the control: without it both tools would call these packages clean."""
    source.holes.clear()

    python, npm = _audit_python(source, SOUND), _audit_npm(source, [Package("wouter", "3.13.0")])

    assert python.answer.trouble == "it knows no hole in jinja2 2.10"
    assert npm.answer.trouble == "it knows no hole in lodash 4.17.4"
    lines, _ = judge([python, npm], [], TODAY)
    assert [line for line in lines if "NOT AUDITED" in line] != []
    assert [line for line in lines if "known holes," in line] == []


def test_a_source_that_cannot_be_reached_is_told_and_the_next_is_asked(source: Source) -> None:
    nobody = pip_audit("osv", osv_url="http://127.0.0.1:9/v1/query")
    somebody = pip_audit("osv", osv_url=f"{source.url}/v1/query")

    alone = audit("Python", SOUND, PYTHON_CONTROL, [nobody])
    both = audit("Python", SOUND, PYTHON_CONTROL, [nobody, somebody])

    assert "127.0.0.1" in alone.answer.trouble
    assert both.answer == Answer([])
    assert source.asked == ["jinja2", "httpx", "click"]
    assert judge([both], [], TODAY) == (["Python: 2 packages, 0 known holes"], False)


def test_an_accepted_finding_is_let_through_until_its_day_and_then_no_longer() -> None:
    audited = Audited("Python", 3, Answer([Finding("sqlalchemy", "PYSEC-1", "A hole")]))
    accepted = [Accepted("PYSEC-1", "sqlalchemy", "Only in tests.", until=TODAY)]

    def is_open(today: date, **other: str) -> bool:
        excuses = [msgspec.structs.replace(one, **other) for one in accepted]
        return judge([audited], excuses, today)[1]

    assert not is_open(TODAY)
    assert is_open(date(2026, 11, 25))
    assert is_open(TODAY, package="other")
    assert is_open(TODAY, id="PYSEC-2")
    assert "until 2026-11-24: Only in tests." in judge([audited], accepted, TODAY)[0][1]


def test_it_is_written_how_soon_parts_are_replaced() -> None:
    text = " ".join((ROOT / "SECURITY.md").read_text("utf-8").split())

    assert "within 7 days where the hole is critical or high, within 30 days" in text
    assert "at least every 90 days" in text


def test_what_we_live_with_has_a_reason() -> None:
    assert [one for one in read_accepted() if not one.reason.strip()] == []
