"""Official requests over HTTP, in a whole house: what its domains really give."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teahouse.accounts import grant_role
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.clock import ManualClock
from teahouse.platform.data_map import PersonalData, declaration
from teahouse.platform.db import Database
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Role
from teahouse.privacy import DataHolders
from teahouse.privacy.official_requests.jobs import JOB_KINDS
from teahouse.privacy.official_requests.rules import NEVER_GIVEN
from teahouse.privacy.official_requests.tables import DOCUMENT_FILES
from tests.kit.house import House
from tests.kit.wallet_house import Payer, fund, money, register_payer
from tests.kit.whole_house import WholeHouse

ROOT = "/api/v1/privacy/official-requests"
COURT = "District Court of Teatown"
DOCUMENT = b"%PDF-1.7 By order of the court"
DAY = 24 * 3_600_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    made = WholeHouse(db, tmp_path, official_courts=[COURT], wallet_rule_set="open")
    yield made
    await made.http.aclose()


MALLORY = "@mallory:teahouse.test"


class Desk:
    """Four of the staff and a member, and the steps of a request over HTTP."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.tokens: dict[str, str] = {}
        self.logins: dict[str, Any] = {}
        self.count = 0

    async def open(self) -> Desk:
        roles: dict[str, Role] = {
            "ann": "operator",
            "bea": "bank_officer",
            "cem": "operator",
            "ida": "auditor",
        }
        for name in (*roles, "mallory", "ned"):
            login = await self.house.register(name)
            self.tokens[name], self.logins[name] = login["access_token"], login
            if name in roles:
                await self.house.db.write(grant_role, login["user_id"], roles[name], by=None)
        return self

    def payer(self, name: str) -> Payer:
        return Payer(self.house, self.logins[name])

    async def call(
        self, who: str, method: str, path: str, body: Any = None, *, status: int = 200
    ) -> Any:
        self.count += 1
        headers = {
            "Authorization": f"Bearer {self.tokens[who]}",
            "Idempotency-Key": f"key-{self.count}",
            "Teahouse-Reason": "the register is kept",
        }
        options: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = await self.house.http.request(
            method, f"{ROOT}{path}", headers=headers, **(options if body is not None else {})
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    async def enter(self, **changes: Any) -> str:
        sha256 = (await self.call("ann", "POST", "/documents", DOCUMENT, status=201))["sha256"]
        assert sha256 == hashlib.sha256(DOCUMENT).hexdigest()
        new = {
            "instrument": "order",
            "category": "account",
            "country": "FR",
            "authority": "Police of Teatown",
            "legal_basis": "Code of procedure, article 1",
            "court": COURT,
            "document": sha256,
            "document_on": "2026-11-20",
            "asked": [
                {"user_id": "@mallory:teahouse.test", "field": name, "from": 0}
                for name in ("accounts.member", "accounts.visits", "chat.messages")
            ],
            **changes,
        }
        made = await self.call("ann", "POST", "", new, status=201)
        request_id: str = made["request"]["request_id"]
        return request_id

    async def approve(self, request_id: str, fields: tuple[str, ...]) -> None:
        await self.call("ann", "POST", f"/{request_id}/validate")
        scope = [{"user_id": "@mallory:teahouse.test", "field": name, "from": 0} for name in fields]
        await self.call("ann", "POST", f"/{request_id}/scope", {"scope": scope})
        for who in ("bea", "cem"):
            await self.call(who, "POST", f"/{request_id}/approve", {"scope_version": 1})


@pytest.mark.anyio
async def test_a_request_over_http_from_the_door_to_the_member(house: House) -> None:
    desk = await Desk(house).open()
    request_id = await desk.enter()
    bad = {"scope": [{"user_id": "@mallory:teahouse.test", "field": "chat.messages", "from": 0}]}
    await desk.call("ann", "POST", f"/{request_id}/validate")
    refused = await desk.call("ann", "POST", f"/{request_id}/scope", bad, status=422)
    assert "no keys" in refused["detail"]
    scope = [{"user_id": "@mallory:teahouse.test", "field": "accounts.member", "from": 0}]
    await desk.call("ann", "POST", f"/{request_id}/scope", {"scope": scope})
    await desk.call("ann", "POST", f"/{request_id}/approve", {"scope_version": 1}, status=403)
    for who in ("bea", "cem"):
        await desk.call(who, "POST", f"/{request_id}/approve", {"scope_version": 1})
    tried = await desk.call("bea", "GET", f"/{request_id}/try")
    await desk.call("ida", "GET", f"/{request_id}/try", status=403)
    given = await desk.call("cem", "POST", f"/{request_id}/release")
    # The dry run is the same code: it says of how much, and shows none of it.
    assert (tried["sha256"], tried["size"]) == (given["sha256"], len(given["package"].encode()))
    line = {"user_id": "@mallory:teahouse.test", "field": "accounts.member", "count": 1}
    assert tried["lines"] == [line]
    await desk.call("bea", "GET", f"/{request_id}/try", status=409)
    assert hashlib.sha256(given["package"].encode()).hexdigest() == given["sha256"]
    assert '"user_id":"@mallory:teahouse.test"' in given["package"]
    assert "accounts.visits" not in given["package"]

    [mine] = await desk.call("mallory", "GET", "/mine")
    assert (mine["request_id"], mine["outcome"]) == (request_id, "narrowed")
    assert await desk.call("ned", "GET", "/mine") == []
    entries = await house.call("GET", "/api/v1/privacy/log/entries", token=desk.tokens["mallory"])
    assert request_id in entries.json()["items"][0]["body"]

    page = await desk.call("ida", "GET", "?status=notified&limit=1")
    assert [view["request"]["request_id"] for view in page["items"]] == [request_id]
    path = f"{ROOT}/{request_id}/document"
    headers = {"Authorization": f"Bearer {desk.tokens['ida']}"}
    unsaid = await house.http.get(path, headers=headers)
    assert (unsaid.status_code, unsaid.json()["type"]) == (
        400,
        "urn:teahouse:problem:reason-needed",
    )
    file = await house.call("GET", path, token=desk.tokens["ida"])
    assert (file.status_code, file.content) == (200, DOCUMENT)


@pytest.mark.anyio
async def test_a_repeated_release_answers_the_same_and_enters_no_second_look(house: House) -> None:
    desk = await Desk(house).open()
    request_id = await desk.enter()
    await desk.approve(request_id, ("accounts.member",))
    first = await desk.call("cem", "POST", f"/{request_id}/release")
    desk.count -= 1
    assert await desk.call("cem", "POST", f"/{request_id}/release") == first
    await desk.call("cem", "POST", f"/{request_id}/release", status=409)
    entries = await house.call("GET", "/api/v1/privacy/log/entries", token=desk.tokens["mallory"])
    assert len(entries.json()["items"]) == 1


@pytest.mark.anyio
async def test_a_gag_holds_over_http_and_the_job_ends_it(house: House, clock: ManualClock) -> None:
    desk = await Desk(house).open()
    sha256 = hashlib.sha256(DOCUMENT).hexdigest()
    gag = {"document": sha256, "ends_at": clock.now_ms() + DAY}
    request_id = await desk.enter(gag=gag)
    await desk.approve(request_id, ("accounts.member",))
    await desk.call("cem", "POST", f"/{request_id}/release")
    longer = {"document": "f" * 64, "ends_at": clock.now_ms() + 2 * DAY}
    refused = await desk.call("ann", "POST", f"/{request_id}/gags", longer, status=422)
    assert refused["type"].endswith("unknown-document")
    tell = next(kind for kind in JOB_KINDS if kind.name == "privacy.tell_members")
    assert tell.every_ms == 60_000
    assert await desk.call("mallory", "GET", "/mine") == []
    clock.advance(DAY)
    await tell.handler(house.services, tell.payload())
    [mine] = await desk.call("mallory", "GET", "/mine")
    assert mine["gags"][0]["document"] == sha256


@pytest.mark.anyio
async def test_a_court_that_is_not_listed_gets_nothing(house: House) -> None:
    desk = await Desk(house).open()
    request_id = await desk.enter(court="Court of Nowhere")
    await desk.call("ann", "POST", f"/{request_id}/validate", status=422)
    done = await desk.call("bea", "POST", f"/{request_id}/reject", {"note": "No court of ours."})
    assert done["request"]["outcome"] == "rejected"
    [mine] = await desk.call("mallory", "GET", "/mine")
    assert (mine["reason"], mine["given"]) == ("No court of ours.", [])


@pytest.mark.anyio
async def test_a_member_sees_what_a_court_would_get_today(house: House) -> None:
    desk = await Desk(house).open()
    told = await desk.call("mallory", "GET", "/dry-run")
    fields = [part["field"] for part in told["parts"]]
    assert fields == sorted(house.services.get(DataHolders).fields)
    assert {part["member"] for part in told["parts"]} == {"@mallory:teahouse.test"}
    assert "password" not in repr(told)
    past = await desk.call("mallory", "GET", "/dry-run?fields=accounts.member&to=5")
    assert past["parts"][0]["items"] == []
    await desk.call("mallory", "GET", "/dry-run?fields=chat.messages", status=422)
    form = await desk.call("mallory", "GET", "/form")
    assert "no keys" in form["content_en"]
    assert [field["name"] for field in form["fields"]] == list(
        house.services.get(DataHolders).fields
    )
    assert all(field["en"] and field["zh"] for field in form["fields"])


@pytest.mark.anyio
async def test_a_real_release_is_the_dry_run_byte_for_byte_with_talk_and_money(
    house: House,
) -> None:
    desk = await Desk(house).open()
    mallory, nora = desk.payer("mallory"), await register_payer(house, "nora")
    fund(house.db, MALLORY, Money(50_00, Currency("CNY")))
    room_id = await mallory.create_room(invite=[nora.user_id])
    await mallory.say(room_id, "a whispered secret")
    wish = {"payee": nora.user_id, "amount": money(7_00), "message": "for tea"}
    await mallory.asked("POST", "/transfers", wish)

    names = tuple(sorted(house.services.get(DataHolders).fields))
    asked = [{"user_id": MALLORY, "field": name, "from": 0} for name in (*names, "chat.messages")]
    wide = await desk.enter(asked=asked)
    narrow = await desk.enter(asked=asked)
    await desk.approve(wide, names)
    less = tuple(name for name in names if name != "wallet.payments")
    await desk.approve(narrow, less)

    dry = await mallory.call("GET", f"{ROOT}/dry-run")
    given = await desk.call("cem", "POST", f"/{wide}/release")
    assert given["package"].encode() == dry.content
    dry_part = await mallory.call("GET", f"{ROOT}/dry-run?fields={','.join(less)}")
    given_part = await desk.call("cem", "POST", f"/{narrow}/release")
    assert given_part["package"].encode() == dry_part.content
    # The control: a scope that is wider by one field gives another file.
    assert given_part["package"].encode() != dry.content

    told = {one["field"]: one["items"] for one in json.loads(given["package"])["parts"]}
    [payment] = [one for one in told["wallet.payments"] if one["kind"] == "transfer"]
    assert (payment["payer"], payment["payee"]) == (MALLORY, nora.user_id)
    assert payment["minor"] == 7_00
    assert [one["payee"] for one in told["wallet.payees"]] == [nora.user_id]
    assert told["wallet.accounts"][0]["posted"] == 43_00
    assert [one["room_id"] for one in told["chat.memberships"]] == [room_id]
    assert "m.room.message" in {one["type"] for one in told["chat.envelopes"]}
    assert {one["sender"] for one in told["chat.envelopes"]} == {MALLORY}
    for words in ("a whispered secret", "for tea"):
        assert words not in given["package"]
    assert "wallet.payments" not in given_part["package"]
    past = await mallory.call("GET", f"{ROOT}/dry-run?to=5")
    assert all(part["items"] == [] for part in past.json()["parts"])


@pytest.mark.anyio
async def test_every_field_is_of_columns_of_the_data_map_that_may_be_given(house: House) -> None:
    tables = load_all_tables().tables
    for field in house.services.get(DataHolders).fields.values():
        for name in field.columns.values():
            table, _, column = name.partition(".")
            declared = declaration(tables[table].c[column])
            assert declared is not None, name
            if isinstance(declared, PersonalData):
                assert declared.category not in NEVER_GIVEN, name
        assert any(
            isinstance(declaration(tables[t].c[c]), PersonalData)
            for t, _, c in (one.partition(".") for one in field.columns.values())
        ), field.name


@pytest.mark.anyio
async def test_members_have_no_part_in_it(house: House) -> None:
    desk = await Desk(house).open()
    for path in ("", "/x", "/x/document"):
        await desk.call("mallory", "GET", path, status=403)
    for path in ("/documents", "/x/validate", "/x/release"):
        await desk.call("mallory", "POST", path, status=403)


@pytest.mark.anyio
async def test_a_document_that_nobody_names_is_removed(house: House) -> None:
    desk = await Desk(house).open()
    await desk.enter()
    await desk.call("ann", "POST", "/documents", b"a draft", status=201)
    await desk.call("ann", "POST", "/documents", b"", status=400)
    names = {file.name async for file in house.services.files.list(DOCUMENT_FILES)}
    assert len(names) == 2
    tidy = next(kind for kind in JOB_KINDS if kind.name == "privacy.tidy_documents")
    await tidy.handler(house.services, tidy.payload())
    assert names == {file.name async for file in house.services.files.list(DOCUMENT_FILES)}
    # Files have the time of the machine, not of the test.
    house.services.clock = ManualClock(now_ms=2**45)
    await tidy.handler(house.services, tidy.payload())
    left = {file.name async for file in house.services.files.list(DOCUMENT_FILES)}
    assert left == {hashlib.sha256(DOCUMENT).hexdigest()}
