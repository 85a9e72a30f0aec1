"""The report as anybody gets it, and the canary as operators renew it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teahouse import accounts, privacy
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.plain_pages import HEADERS
from teahouse.privacy.checkpoints.rules import open_statement, parse_verifier_key
from teahouse.privacy.official_requests.commands import enter_request, reject_request
from teahouse.privacy.transparency_report.rules import CANARY_MS
from tests.kit.house import House, make_services
from tests.privacy.official_requests.test_commands import ANN, BEA
from tests.privacy.official_requests.test_rules import MALLORY, new_request

ROOT = "/api/v1/privacy/transparency"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    services = make_services(db, tmp_path)
    made = House(services, [*privacy.install(services), *accounts.install(services)])
    yield made
    await made.http.aclose()


@pytest.mark.anyio
async def test_the_report_is_public_in_three_forms_and_names_nobody(house: House) -> None:
    request_id = house.db.run(enter_request, ANN, new_request()).request.request_id
    house.db.run(reject_request, BEA, request_id, "No.")
    report = await house.call("GET", ROOT)
    assert report.status_code == 200
    assert report.json()["total"]["refused"] == 1
    assert report.json()["total"]["content_given"] == 0
    assert "no keys" in report.json()["content_en"]
    assert report.json()["canary"] is None
    table = await house.call("GET", f"{ROOT}/csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text.splitlines()[1].startswith("20")
    page = await house.http.get("/transparency")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    for told in (report, table, page):
        assert MALLORY not in told.text
        assert "ann" not in told.text.split()
        assert request_id not in told.text


@pytest.mark.anyio
async def test_the_page_speaks_chinese(house: House) -> None:
    page = await house.http.get("/transparency", params={"language": "zh"})
    assert '<html lang="zh-Hans">' in page.text
    asked = {"Accept-Language": "zh-CN,zh;q=0.9"}
    page = await house.http.get("/transparency", headers=asked)
    assert '<html lang="zh-Hans">' in page.text
    page = await house.http.get("/transparency", params={"language": "xx"})
    assert '<html lang="en">' in page.text


@pytest.mark.anyio
async def test_a_canary_is_renewed_by_operators_and_dies_of_itself(
    house: House, clock: ManualClock
) -> None:
    assert (await house.call("GET", f"{ROOT}/canary")).status_code == 404
    login = await house.register("otto")
    token = login["access_token"]
    assert (await house.call("POST", f"{ROOT}/canary", token=token)).status_code == 403
    await house.db.write(accounts.grant_role, login["user_id"], "operator", by=None)
    made = await house.call("POST", f"{ROOT}/canary", token=token)
    assert made.status_code == 201, made.text
    note = (await house.call("GET", f"{ROOT}/canary")).text
    verifier = (await house.call("GET", "/api/v1/privacy/log/key")).json()["verifier_key"]
    origin, key = parse_verifier_key(verifier)
    assert open_statement(note, origin=origin, key=key).startswith("teahouse.test/canary\n")
    assert "EXPIRED" not in (await house.http.get("/transparency")).text
    clock.advance(CANARY_MS)
    assert (await house.call("GET", ROOT)).json()["canary"]["is_expired"]
    assert "EXPIRED" in (await house.http.get("/transparency")).text
