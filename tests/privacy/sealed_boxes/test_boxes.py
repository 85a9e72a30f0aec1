"""What the law keeps is sealed: two people and a case open it, and nobody after its date."""

from pathlib import Path
from typing import Any

import pytest

from teahouse import accounts
from teahouse.app import job_kinds
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from teahouse.platform.requester import Role
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.sealed_boxes.rules import compute_expiry, owner_of_key
from teahouse.privacy.transparency_log.queries import find_size
from tests.kit.house import PASSWORD
from tests.kit.traces import rows_that_hold
from tests.kit.wallet_house import Payer, find_problems, money, register_payer
from tests.kit.whole_house import WholeHouse
from tests.privacy.erasure.conftest import finish_jobs

pytestmark = pytest.mark.anyio

ROOT = "/api/v1/privacy/boxes"
PROOF = "register file 4711-xyzzy"
CASE = {"case": "12 Js 34/26", "reason": "money laundering, section 261"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> WholeHouse:
    return WholeHouse(db, tmp_path)


async def staff(house: WholeHouse, name: str, role: Role) -> Payer:
    member = await register_payer(house, name)
    await house.db.write(accounts.grant_role, member.user_id, role, by=None)
    return member


async def erase_known_member(house: WholeHouse) -> str:
    """A member whom a register confirmed and who paid, erased; their id."""
    ada, ben = await register_payer(house, "ada", cny=5_00), await register_payer(house, "ben")
    new = accounts.NewCheck(kind="id_card_registry", provider="a register", evidence=PROOF)
    seal = house.services.get(accounts.Seal)
    await house.db.write(accounts.record_identity_check, ada.user_id, new, seal=seal, by=None)
    await ada.asked("POST", "/transfers", {"payee": ben.user_id, "amount": money(5_00)})
    done = await house.confirm(
        "POST", "/api/v1/privacy/erasure", {"at_once": True}, token=ada.token, password=PASSWORD
    )
    assert done.status_code == 202, done.text
    await finish_jobs(house)
    proof = await house.call("GET", f"/api/v1/privacy/erasure/certificates/{done.json()['claim']}")
    assert proof.json()["status"] == "done"
    assert "sealed_box" in proof.text
    return ada.user_id


async def test_two_people_and_a_case_open_a_box_once_and_the_log_tells(
    house: WholeHouse,
) -> None:
    user_id = await erase_known_member(house)
    assert rows_that_hold(house.db, "4711") == [], "it is sealed, and under no other key"
    olga, otto = await staff(house, "olga", "bank_officer"), await staff(house, "otto", "operator")
    mia = await staff(house, "mia", "moderator")

    entered = house.db.look(find_size)
    [box] = await olga.asked("GET", f"{ROOT}?user_id={user_id}")
    assert (box["contents"]["identity_checks"], box["contents"]["payments"]) == (1, 2)
    assert await mia.refused("GET", f"{ROOT}?user_id={user_id}") == (403, "forbidden")

    openings = f"{ROOT}/{box['box_id']}/openings"
    assert (await otto.refused("POST", openings, CASE))[0] == 403
    opening = (await olga.asked("POST", openings, CASE))["opening_id"]
    one = f"{ROOT}/openings/{opening}"
    assert await olga.refused("POST", f"{one}/open") == (409, "not-approved")
    assert (await olga.refused("POST", f"{one}/approve"))[0] == 403
    await otto.asked("POST", f"{one}/approve")
    assert (await otto.refused("POST", f"{one}/open"))[0] == 403
    opened = await olga.asked("POST", f"{one}/open")
    assert opened["content"]["member"] == user_id
    assert opened["content"]["identity_checks"][0]["evidence"] == PROOF
    assert await olga.refused("POST", f"{one}/open") == (409, "not-approved")
    # Looked for, asked, agreed, opened: each is entered; what was refused showed nothing.
    assert house.db.look(find_size) == entered + 4
    assert find_problems(house) == []


async def test_the_staff_see_what_is_kept_until_when_and_what_waits_for_them(
    house: WholeHouse,
) -> None:
    user_id = await erase_known_member(house)
    olga, otto = await staff(house, "olga", "bank_officer"), await staff(house, "otto", "operator")
    lin = await register_payer(house, "lin")

    # Until when so many records are kept: of whom, nothing here says.
    entered = house.db.look(find_size)
    [box] = await olga.asked("GET", ROOT)
    assert box["contents"]["payments"] == 2
    assert user_id not in str(box)
    assert house.db.look(find_size) == entered
    for member in (otto, lin):
        assert (await member.refused("GET", ROOT))[0] == 403

    asked = await olga.asked("POST", f"{ROOT}/{box['box_id']}/openings", CASE)
    for member in (olga, otto):
        [waiting] = await member.asked("GET", f"{ROOT}/openings")
        assert waiting == asked
    assert (await lin.refused("GET", f"{ROOT}/openings"))[0] == 403
    await otto.asked("POST", f"{ROOT}/openings/{asked['opening_id']}/approve")
    await olga.asked("POST", f"{ROOT}/openings/{asked['opening_id']}/open")
    assert await otto.asked("GET", f"{ROOT}/openings") == []

    shown = (await otto.asked("GET", "/api/v1/staff/me"))["powers"]
    assert {"boxes.approve", "official.enter", "jobs.see"} <= {*shown}
    assert not {"boxes.find", "boxes.ask", "wallet.freeze"} & {*shown}
    assert (await lin.asked("GET", "/api/v1/staff/me"))["powers"] == []


async def test_on_its_date_the_key_of_a_box_is_destroyed(
    house: WholeHouse, clock: ManualClock
) -> None:
    user_id = await erase_known_member(house)
    olga = await staff(house, "olga", "bank_officer")
    [box] = await olga.asked("GET", f"{ROOT}?user_id={user_id}")
    assert box["expires_at"] == compute_expiry(box["made_at"], 5)
    openings = f"{ROOT}/{box['box_id']}/openings"
    clock.advance(box["expires_at"] - clock.now_ms())
    # Also where the job is late.
    assert await olga.refused("POST", openings, CASE) == (410, "box-destroyed")
    kinds: list[Any] = [kind for kind in job_kinds() if kind.name == "privacy.destroy_boxes"]
    await Worker(house.db, house.services, kinds).run_due()
    key = house.services.get(MemberKeys).find(owner_of_key(box["box_id"]))
    assert key is not None
    assert key.key is None
    [box] = await olga.asked("GET", f"{ROOT}?user_id={user_id}")
    assert box["destroyed_at"] == clock.now_ms()
    assert await olga.refused("POST", openings, CASE) == (410, "box-destroyed")
    # Five years without a job leave much else; that has jobs and tests of its own.
    assert [one for one in find_problems(house) if "older than" not in one] == []


async def test_who_never_paid_nor_was_confirmed_leaves_no_box(house: WholeHouse) -> None:
    ada, olga = await register_payer(house, "ada"), await staff(house, "olga", "bank_officer")
    await house.confirm("POST", "/account/deactivate", {"erase": True}, token=ada.token)
    await finish_jobs(house)
    assert await olga.asked("GET", f"{ROOT}?user_id={ada.user_id}") == []


def test_a_box_of_a_leap_day_expires_the_day_before() -> None:
    leap_day = 1_709_164_800_000  # 29 February 2024
    assert compute_expiry(leap_day, 5) - leap_day == (5 * 365 + 1) * 86_400_000
