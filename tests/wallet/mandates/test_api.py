"""Mandates over HTTP and through the front door, on both databases."""

from datetime import date, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Tx
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.mandates.announcements import MandateChargeNoticed, MandateChargeRefused
from teahouse.wallet.mandates.commands import charge_mandate, create_mandate, propose_mandate
from teahouse.wallet.mandates.errors import (
    ChargeBeyondMandate,
    ConsentNeeded,
    MandateKeyReused,
    MandateNotActive,
)
from teahouse.wallet.mandates.jobs import JOB_KINDS
from teahouse.wallet.mandates.personal_data import erase_member, export_member
from teahouse.wallet.mandates.rules import DAY_MS, day_of, start_of_day
from teahouse.wallet.mandates.types import NOTICE, Charge, Mandate, Proposal, Terms
from teahouse.wallet.wallets.types import HouseAccount
from tests.kit.house import PASSWORD, House
from tests.kit.shop_house import KEYS, SHOPS, ask, make_key, open_shop, register_staff
from tests.kit.wallet_house import (
    Payer,
    find_problems,
    fund,
    house_balance,
    money,
    pass_time,
    register_payer,
    run_job,
)

pytestmark = pytest.mark.anyio
CNY = Currency("CNY")
START = date(2027, 1, 31)


@pytest.fixture
def clock() -> ManualClock:
    """Ten in the morning of 31 January 2027, UTC."""
    return ManualClock(start_of_day(START) + 10 * 3_600_000)


def today(house: House) -> date:
    return day_of(house.services.clock.now_ms())


def terms(**changes: Any) -> dict[str, Any]:
    """25.00 a month, told three days before."""
    asked = {
        "charge_max": money(3000),
        "period": "month",
        "amount": money(2500),
        "start_on": START.isoformat(),
        "notice_days": 3,
        "description_en": "Cinema, monthly",
        "description_zh": "影院月票",
    }
    return {**asked, **changes}


async def confirm(payer: Payer, facts: dict[str, Any]) -> str:
    """Confirm a mandate with the password; returns the confirmation's id."""
    party = facts["payee_party"]
    body = {key: facts[key] for key in ("kind", "amount", "reference")}
    if party is not None:
        body["payee"] = {"party": party}
    made = await payer.asked("POST", "/confirmations", body)
    proof = {"factor": "password", "password": PASSWORD}
    await payer.asked("POST", f"/confirmations/{made['confirmation_id']}/proofs", proof)
    return str(made["confirmation_id"])


async def accept(payer: Payer, mandate: Any) -> Any:
    body = {"confirmation": await confirm(payer, mandate["confirm"])}
    return await payer.asked("POST", f"/mandates/{mandate['mandate_id']}/accept", body)


async def run_mandates(house: House) -> None:
    await run_job(house, JOB_KINDS, "wallet.run_mandates")


async def pass_days(house: House, days: int) -> None:
    """Let days pass, running the jobs four times a day."""
    for _ in range(days * 4):
        pass_time(house, DAY_MS // 4)
        await run_mandates(house)


async def devices_told(payer: Payer) -> list[Any]:
    """What the payer's device was told of mandates, oldest first."""
    synced = await payer.get("/sync", timeout="0")
    told = synced.get("to_device", {"events": []})["events"]
    return [one["content"] for one in told if one["type"] == NOTICE]


class Cinema:
    """Ada, who has 100.00; Ben; and a shop with an API key."""

    ada: Payer
    ben: Payer
    owner: Payer
    shop_id: str
    secret: str
    house: House

    async def propose(self, key: str = "sub-1", **changes: Any) -> Any:
        """Ask Ada for a mandate."""
        body = {"terms": terms(**changes), "payer": self.ada.user_id, "key": key}
        done = await ask(self.secret, "POST", f"{KEYS}/mandates", body, house=self.house)
        assert done.status_code == httpx.codes.CREATED, done.text
        return done.json()

    async def charge(self, mandate: Any, minor: int, key: str, **more: Any) -> httpx.Response:
        path = f"{KEYS}/mandates/{mandate['mandate_id']}/charges"
        body = {"amount": money(minor), "key": key, **more}
        return await ask(self.secret, "POST", path, body, house=self.house)

    async def charges(self, mandate: Any) -> list[Any]:
        path = f"/mandates/{mandate['mandate_id']}/charges"
        return list((await self.ada.asked("GET", path))["items"])


@pytest.fixture
async def cinema(house: House) -> Cinema:
    made = Cinema()
    made.house = house
    made.ada = await register_payer(house, "ada", cny=10_000)
    made.ben = await register_payer(house, "ben")
    made.owner = await register_payer(house, "owner")
    officer = await register_staff(house, "officer", "bank_officer")
    made.shop_id = await open_shop(made.owner, officer)
    made.secret = await make_key(made.owner, made.shop_id, "charges:read", "charges:write")
    return made


# A subscription, from consent to cancelling


async def test_a_subscription_is_charged_month_by_month_until_it_is_cancelled(
    house: House, cinema: Cinema
) -> None:
    told: list[MandateChargeNoticed] = []
    house.db.react(MandateChargeNoticed, lambda _tx, said: told.append(said))
    proposal = await cinema.propose()
    assert (proposal["status"], proposal["payee"]) == ("proposed", "Morning Dew Teas")
    mandate = await accept(cinema.ada, proposal)
    assert mandate["status"] == "active"
    # Who consents today to what begins today is charged at once, without a notice.
    assert cinema.ada.balance() == 7500
    assert told == []
    assert mandate["next_charge"]["due_on"] == "2027-02-28"

    await pass_days(house, 24)
    assert today(house) == date(2027, 2, 24)
    assert told == []
    await pass_days(house, 1)
    [notice] = told
    assert notice.due_at == start_of_day(date(2027, 2, 28))
    assert [one["what"] for one in await devices_told(cinema.ada)] == [
        "proposed",
        "accepted",
        "charged",
        "charge_announced",
    ]
    await pass_days(house, 2)
    assert cinema.ada.balance() == 7500
    await pass_days(house, 1)
    assert cinema.ada.balance() == 5000
    await pass_days(house, 31)
    assert cinema.ada.balance() == 2500
    assert [one["due_on"] for one in await cinema.charges(mandate)] == [
        "2027-04-30",
        "2027-03-31",
        "2027-02-28",
        "2027-01-31",
    ]

    path = f"/mandates/{mandate['mandate_id']}/charges?limit=3"
    page = await cinema.ada.asked("GET", path)
    rest = await cinema.ada.asked("GET", f"{path}&cursor={page['next_cursor']}")
    assert [one["due_on"] for one in rest["items"]] == ["2027-01-31"]
    assert await cinema.ada.refused("GET", f"{path}&cursor=x") == (400, "invalid-parameter")

    # Announced or not: from now on nothing is charged.
    await pass_days(house, 28)
    assert (await cinema.charges(mandate))[0]["noticed_at"] is not None
    ended = await cinema.ada.asked("POST", f"/mandates/{mandate['mandate_id']}/cancel")
    assert (ended["status"], ended["ended_by"]) == ("cancelled", "payer")
    await pass_days(house, 40)
    assert cinema.ada.balance() == 2500
    assert (await cinema.charges(mandate))[0]["status"] == "cancelled"
    refused = await cinema.charge(mandate, 100, "late")
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:teahouse:problem:mandate-not-active",
    )
    assert find_problems(house) == []


async def test_a_charge_that_lacks_funds_is_tried_for_eleven_days(
    house: House, cinema: Cinema
) -> None:
    refused: list[MandateChargeRefused] = []
    house.db.react(MandateChargeRefused, lambda _tx, said: refused.append(said))
    first = await accept(
        cinema.ada, await cinema.propose("a", amount=None, charge_max=money(20_000))
    )
    made = (await cinema.charge(first, 15_000, "rent")).json()
    assert made["status"] == "announced"
    await pass_days(house, 3)
    [one] = await cinema.charges(first)
    assert (one["status"], one["refusal"]) == ("retrying", "insufficient-funds")
    fund(house.db, cinema.ada.user_id, Money(6000, CNY))
    await pass_days(house, 1)
    [one] = await cinema.charges(first)
    assert (one["status"], one["attempt_count"], one["refusal"]) == ("paid", 2, "")
    assert cinema.ada.balance() == 1000

    second = await accept(
        cinema.ada, await cinema.propose("b", amount=None, start_on=today(house).isoformat())
    )
    await cinema.charge(second, 3000, "rent")
    await pass_days(house, 15)
    [one] = await cinema.charges(second)
    assert (one["status"], one["attempt_count"]) == ("failed", 4)
    assert [said.next_try_at is None for said in refused] == [False, False, False, False, True]
    assert cinema.ada.balance() == 1000
    # What failed uses up nothing.
    again = await cinema.charge(second, 3000, "rent again")
    assert again.status_code == httpx.codes.CREATED
    assert find_problems(house) == []


async def test_charges_keep_within_the_ceilings(house: House, cinema: Cinema) -> None:
    mandate = await accept(
        cinema.ada, await cinema.propose(amount=None, period_max=money(5000), notice_days=0)
    )
    made = await cinema.charge(mandate, 3000, "one", reference="January")
    assert (made.json()["status"], made.json()["reference"]) == ("paid", "January")
    assert (await cinema.charge(mandate, 3000, "one", reference="January")).json() == made.json()
    assert cinema.ada.balance() == 7000
    for minor, key, code, status in (
        (2999, "one", "mandate-key-reused", 409),
        (2001, "two", "charge-beyond-mandate", 422),
        (3001, "two", "charge-beyond-mandate", 422),
        (0, "two", "charge-beyond-mandate", 422),
        (-1, "two", "charge-beyond-mandate", 422),
    ):
        refused = await cinema.charge(mandate, minor, key)
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (status, code)
    assert refused.json()["limit"] == money(3000)
    assert (await cinema.charge(mandate, 2000, "two")).json()["status"] == "paid"
    refused = await cinema.charge(mandate, 1, "three")
    assert refused.json()["left"] == money(0)
    # The next period has its own ceiling.
    later = await cinema.charge(mandate, 3000, "three", due_on="2027-02-28")
    assert later.json()["status"] == "announced"
    await pass_days(house, 28)
    assert cinema.ada.balance() == 2000
    late = await cinema.charge(mandate, 1, "four", due_on="2027-01-31")
    assert late.json()["type"].endswith("charge-out-of-time")
    assert find_problems(house) == []


async def test_a_planned_charge_has_its_place_in_the_ceiling(cinema: Cinema) -> None:
    mandate = await accept(cinema.ada, await cinema.propose(period_max=money(4000), notice_days=0))
    # 25.00 came by itself today, and will again in February and in March.
    for day in ("2027-02-27", "2027-02-28", "2027-03-31"):
        refused = await cinema.charge(mandate, 1501, day, due_on=day)
        assert refused.json()["left"] == money(1500)
        done = await cinema.charge(mandate, 1500, day, due_on=day)
        assert done.status_code == httpx.codes.CREATED


# Consent


async def test_nobody_consents_without_a_factor_or_to_something_else(cinema: Cinema) -> None:
    proposal = await cinema.propose()
    path = f"/mandates/{proposal['mandate_id']}/accept"
    refused = await cinema.ada.ask("POST", path, {})
    assert refused.status_code == httpx.codes.FORBIDDEN
    assert refused.json()["factors"] == ["password"]
    assert refused.json()["confirm"] == proposal["confirm"]
    for change in ({"amount": money(2999)}, {"reference": "mdt_other"}, {"payee_party": None}):
        other = await confirm(cinema.ada, {**proposal["confirm"], **change})
        assert await cinema.ada.refused("POST", path, {"confirmation": other}) == (
            403,
            "confirmation-mismatch",
        )
    mandate = await accept(cinema.ada, proposal)
    assert mandate["status"] == "active"
    assert await cinema.ada.refused("POST", path, {}) == (409, "mandate-not-proposed")


async def test_others_see_and_do_nothing(cinema: Cinema) -> None:
    proposal = await cinema.propose()
    one = f"/mandates/{proposal['mandate_id']}"
    for method, path, body in (
        ("GET", one, None),
        ("GET", f"{one}/charges", None),
        ("POST", f"{one}/accept", {}),
        ("POST", f"{one}/decline", None),
        ("POST", f"{one}/cancel", None),
        ("GET", "/mandates/mdt_nothing", None),
    ):
        assert await cinema.ben.refused(method, path, body) == (404, "unknown-mandate")
    assert (await cinema.ben.asked("GET", "/mandates"))["items"] == []
    # Another shop's key, a key without the scope, and one of nobody.
    reader = await make_key(cinema.owner, cinema.shop_id, "charges:read")
    made = await ask(
        reader, "POST", f"{KEYS}{one}/charges", {"amount": money(1), "key": "x"}, house=cinema.house
    )
    assert made.status_code == httpx.codes.FORBIDDEN
    seen = await ask(reader, "GET", f"{KEYS}{one}", house=cinema.house)
    assert seen.json()["mandate_id"] == proposal["mandate_id"]
    lost = await ask("tsk_nobody", "GET", f"{KEYS}{one}", house=cinema.house)
    assert lost.status_code == httpx.codes.UNAUTHORIZED
    stranger = await ask(cinema.ben, "GET", f"{SHOPS}/{cinema.shop_id}{one}")
    assert stranger.status_code == httpx.codes.NOT_FOUND


async def test_a_proposal_is_declined_left_or_taken_back(house: House, cinema: Cinema) -> None:
    declined, left, taken = [await cinema.propose(key) for key in ("a", "b", "c")]
    done = await cinema.ada.asked("POST", f"/mandates/{declined['mandate_id']}/decline")
    assert (done["status"], done["ended_by"]) == ("declined", "payer")
    path = f"{SHOPS}/{cinema.shop_id}/mandates/{taken['mandate_id']}/cancel"
    assert (await ask(cinema.owner, "POST", path)).json()["status"] == "cancelled"
    pass_time(house, 7 * DAY_MS)
    with_proof = {"confirmation": await confirm(cinema.ada, left["confirm"])}
    for one in (declined, left, taken):
        assert await cinema.ada.refused(
            "POST", f"/mandates/{one['mandate_id']}/accept", with_proof
        ) == (409, "mandate-not-proposed")
    await run_mandates(house)
    listed = await cinema.ada.asked("GET", "/mandates?status=declined")
    assert {one["mandate_id"] for one in listed["items"]} == {
        declined["mandate_id"],
        left["mandate_id"],
    }
    assert await cinema.ada.refused("GET", "/mandates?status=odd") == (400, "invalid-parameter")
    assert find_problems(house) == []


async def test_an_open_proposal_is_for_whoever_accepts_it_first(cinema: Cinema) -> None:
    body = {"terms": terms(), "key": "open"}
    made = await ask(cinema.owner, "POST", f"{SHOPS}/{cinema.shop_id}/mandates", body)
    proposal = made.json()
    path = f"/mandates/{proposal['mandate_id']}"
    assert (await cinema.ben.asked("GET", path))["status"] == "proposed"
    assert await cinema.ben.refused("POST", f"{path}/decline") == (404, "unknown-mandate")
    await accept(cinema.ada, proposal)
    assert await cinema.ben.refused("GET", path) == (404, "unknown-mandate")


async def test_proposals_that_cannot_be_are_refused(cinema: Cinema) -> None:
    for changes, status, code in (
        ({"charge_max": money(0)}, 400, "invalid-mandate-terms"),
        ({"charge_max": money(-1)}, 400, "invalid-mandate-terms"),
        ({"charge_max": money(1.5)}, 400, "bad-json"),
        ({"charge_max": money(3000, "EUR"), "amount": None}, 400, "invalid-mandate-terms"),
        ({"start_on": "2027-01-30"}, 400, "invalid-mandate-terms"),
        ({"start_on": "soon"}, 400, "bad-json"),
        ({"start_on": "9999-12-31"}, 400, "invalid-mandate-terms"),
        ({"end_on": "0001-01-01"}, 400, "invalid-mandate-terms"),
        ({"period": "day"}, 400, "bad-json"),
        ({"notice_days": 1000}, 400, "invalid-mandate-terms"),
        ({"description_en": ""}, 400, "invalid-mandate-terms"),
        ({"description_zh": "影" * 141}, 400, "bad-json"),
        ({"extra": 1}, 400, "bad-json"),
    ):
        body = {"terms": terms(**changes), "payer": cinema.ada.user_id, "key": "odd"}
        done = await ask(cinema.secret, "POST", f"{KEYS}/mandates", body, house=cinema.house)
        told = (done.status_code, done.json()["type"].rpartition(":")[2])
        assert told == (status, code), changes
    nobody = {"terms": terms(), "payer": "@nobody:teahouse.test", "key": "odd"}
    done = await ask(cinema.secret, "POST", f"{KEYS}/mandates", nobody, house=cinema.house)
    assert done.status_code == httpx.codes.NOT_FOUND
    assert (await cinema.propose())["mandate_id"] == (await cinema.propose())["mandate_id"]
    other = {"terms": terms(notice_days=4), "payer": cinema.ada.user_id, "key": "sub-1"}
    done = await ask(cinema.secret, "POST", f"{KEYS}/mandates", other, house=cinema.house)
    assert done.json()["type"].endswith("mandate-key-reused")


async def test_what_waits_has_a_limit(cinema: Cinema) -> None:
    proposals = [await cinema.propose(f"p{number}", amount=None) for number in range(10)]
    body = {"terms": terms(), "payer": cinema.ada.user_id, "key": "p10"}
    more = await ask(cinema.secret, "POST", f"{KEYS}/mandates", body, house=cinema.house)
    assert more.json()["type"].endswith("too-many-open")
    # The earlier ones are still the earlier ones.
    assert (await cinema.propose("p0", amount=None))["mandate_id"] == proposals[0]["mandate_id"]
    mandate = await accept(cinema.ada, await cinema.propose("p0", amount=None))
    for number in range(50):
        made = await cinema.charge(mandate, 1, f"c{number}", due_on="2027-02-10")
        assert made.status_code == httpx.codes.CREATED
    more = await cinema.charge(mandate, 1, "c50", due_on="2027-02-10")
    assert more.json()["type"].endswith("too-many-open")


# Through the front door: a payee that is the house


def house_proposal(**changes: Any) -> Proposal:
    agreed = Terms(
        charge_max=Money(3000, CNY),
        period="month",
        start_on=START,
        description_en="Cinema",
    )
    return Proposal(
        payee=HouseAccount.FEE_INCOME,
        payee_party=None,
        payee_name="Teahouse cinema",
        payer=None,
        key="cinema:ada",
        terms=msgspec.structs.replace(agreed, **changes),
    )


def charge(db: Database, mandate: Mandate, minor: int, key: str) -> Charge:
    return db.run(charge_mandate, mandate=mandate.mandate_id, amount=Money(minor, CNY), key=key)


async def test_another_domain_makes_a_mandate_and_charges_by_it(house: House) -> None:
    ada = await register_payer(house, "ada", cny=5000)
    requester = Requester(user_id=ada.user_id, device_id=ada.device_id)
    with pytest.raises(ConsentNeeded) as refused:
        house.db.run(create_mandate, Authority(requester), house_proposal())
    facts = msgspec.to_builtins(refused.value.data["confirm"])
    assert facts["reference"] == "cinema:ada"
    authority = Authority(requester, await confirm(ada, facts))
    mandate = house.db.run(create_mandate, authority, house_proposal())
    assert house.db.run(create_mandate, Authority(requester), house_proposal()) == mandate
    with pytest.raises(MandateKeyReused):
        house.db.run(create_mandate, Authority(requester), house_proposal(notice_days=1))

    made = charge(house.db, mandate, 2000, "one")
    assert made.status == "paid"
    assert charge(house.db, mandate, 2000, "one") == made
    assert (ada.balance(), house_balance(house.db, HouseAccount.FEE_INCOME)) == (3000, 2000)
    with pytest.raises(ChargeBeyondMandate):
        charge(house.db, mandate, 1001, "two")

    def twice(tx: Tx) -> None:
        for key in ("two", "three"):
            charge_mandate(tx, mandate=mandate.mandate_id, amount=Money(500, CNY), key=key)

    house.db.run(twice)
    exported: Any = house.db.look(export_member, ada.user_id)
    assert {one["key"] for one in exported["mandates"][0]["charges"]} == {"one", "two", "three"}
    assert exported["mandates"][0]["confirmed_by"] == "password"
    house.db.run(erase_member, ada.user_id)
    with pytest.raises(MandateNotActive):
        charge(house.db, mandate, 1, "four")
    assert find_problems(house) == []


async def test_a_mandate_ends_after_its_last_day(house: House) -> None:
    ada = await register_payer(house, "ada", cny=10_000)
    requester = Requester(user_id=ada.user_id, device_id=ada.device_id)
    asked = house_proposal(period="week", amount=Money(100, CNY), end_on=START + timedelta(days=15))
    facts = {"kind": "mandate", "payee_party": None, "amount": money(3000), "reference": asked.key}
    mandate = house.db.run(create_mandate, Authority(requester, await confirm(ada, facts)), asked)
    await pass_days(house, 20)
    # Three Sundays, the last of them the fifteenth day but one.
    assert ada.balance() == 9700
    seen = await ada.asked("GET", f"/mandates/{mandate.mandate_id}")
    assert (seen["status"], seen["ended_by"], seen["next_charge"]) == ("ended", "house", None)
    assert find_problems(house) == []


async def test_a_server_that_stood_still_tells_first_and_charges_later(house: House) -> None:
    ada = await register_payer(house, "ada", cny=10_000)
    requester = Requester(user_id=ada.user_id, device_id=ada.device_id)
    asked = house_proposal(amount=Money(100, CNY), notice_days=5, start_on=START + timedelta(7))
    facts = {"kind": "mandate", "payee_party": None, "amount": money(3000), "reference": asked.key}
    house.db.run(create_mandate, Authority(requester, await confirm(ada, facts)), asked)
    pass_time(house, 60 * DAY_MS)
    await run_mandates(house)
    assert ada.balance() == 10_000
    await pass_days(house, 5)
    assert ada.balance() == 9900
    # The two months that were missed follow, each with its notice.
    await pass_days(house, 6)
    assert ada.balance() == 9800
    await pass_days(house, 6)
    assert ada.balance() == 9700
    assert find_problems(house) == []


def test_a_proposal_needs_no_server(db: Database) -> None:
    mandate = db.run(propose_mandate, house_proposal())
    assert (mandate.status, mandate.payer) == ("proposed", None)
