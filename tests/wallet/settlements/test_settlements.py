"""What shops earned, and the payout to their banks."""

import csv
import io
import itertools
from pathlib import Path
from typing import Any

import pytest

from teahouse.partner_bank import DAY_MS
from teahouse.platform.db import Database
from tests.kit.shop_house import OpenShop, ask, start_shop
from tests.kit.wallet_house import Payer, find_problems, pass_time, register_payer
from tests.wallet.outside.kit import HOUSE_IN_CHINA, Town

pytestmark = pytest.mark.anyio
GOOD = "622202123456781111"
RETURNS = "622202123456780010"
_keys = itertools.count(1)


def fresh() -> str:
    """An idempotency key that no other helper makes."""
    return f"settle-{next(_keys)}"


@pytest.fixture
def town(db: Database, tmp_path: Path) -> Town:
    return Town(db, tmp_path, opening=1_000_000)


@pytest.fixture
async def shop(town: Town) -> OpenShop:
    return await start_shop(town.house, basis_points=60, fixed=10)


async def link(town: Town, shop: OpenShop, number: str = GOOD) -> str:
    """Link an account of the shop's and verify it."""
    body = {"number": number, "bank": "ICBC", "holder": "Morning Dew", "currency": "CNY"}
    path = f"{shop.path}/outside-accounts"
    linked = await shop.owner.asked("POST", path, body, key=fresh())
    await town.exchange()
    code = {"code": town.code_of(number)}
    account_id = str(linked["outside_account_id"])
    verified = await shop.owner.asked("POST", f"{path}/{account_id}/verify", code, key=fresh())
    assert verified["status"] == "verified"
    return account_id


async def plan(shop: OpenShop, account_id: str, **told: Any) -> Any:
    body = {"schedule": "manual", "outside_account_id": account_id, **told}
    return await shop.owner.asked("PUT", f"{shop.path}/payout-plans", body)


async def sell(shop: OpenShop, payer: Payer, minor: int, *, tip: int = 0) -> str:
    """Ask for money, and get it."""
    told = {"amount": {"minor": minor, "currency": "CNY"}, "description": "Tea"}
    if tip:
        told["tip"] = "ask"
    charge = await shop.till.asked("POST", "/charges", told)
    wish = {"tip": tip} if tip else {}
    await payer.asked("POST", f"/pay/{charge['code']}", wish)
    return str(charge["charge_id"])


async def settlements(shop: OpenShop) -> list[dict[str, Any]]:
    found = (await shop.owner.asked("GET", f"{shop.path}/settlements"))["items"]
    return [{**one, **{k: v["minor"] for k, v in one.items() if isinstance(v, dict)}}
            for one in found]  # fmt: skip


async def test_a_settlement_says_what_was_earned_and_pays_it_out(
    town: Town, shop: OpenShop
) -> None:
    ada = await register_payer(town.house, "ada", cny=100_000)
    account_id = await link(town, shop)
    await plan(shop, account_id)
    first = await sell(shop, ada, 5000)
    await sell(shop, ada, 2000, tip=300)
    back = {"amount": {"minor": 1000, "currency": "CNY"}, "reason": "cold"}
    await shop.till.asked("POST", f"/charges/{first}/refunds", back)
    made = await shop.owner.asked("POST", f"{shop.path}/payouts", {"currency": "CNY"}, key=fresh())
    [told] = await settlements(shop)
    assert told["settlement_id"] == made["settlement_id"]
    fees = (5000 * 60 // 10_000 + 10) + (2000 * 60 // 10_000 + 10)
    assert (told["gross"], told["tips"], told["refunds"]) == (7000, 300, 1000)
    assert fees - 20 <= told["fees"] <= fees
    assert told["net"] == 7000 + 300 - 1000 - told["fees"]
    assert (told["opening"], told["paid_out"], told["closing"]) == (0, told["net"], 0)
    assert shop.balance() == 0
    await town.exchange()
    assert town.at_bank(GOOD) == 1_000_000 + 1 + told["net"]
    await town.end_day()
    assert town.books("CNY")["cash_at_bank"] == town.at_bank(HOUSE_IN_CHINA.number)  # type: ignore[arg-type]
    assert find_problems(town.house) == []


async def test_the_report_comes_as_json_and_csv_and_adds_up(town: Town, shop: OpenShop) -> None:
    ada = await register_payer(town.house, "ada", cny=100_000)
    await plan(shop, await link(town, shop))
    for minor in (1000, 2000, 3000):
        await sell(shop, ada, minor)
    made = await shop.owner.asked("POST", f"{shop.path}/payouts", {"currency": "CNY"}, key=fresh())
    path = f"{shop.path}/settlements/{made['settlement_id']}"
    first = await shop.owner.asked("GET", f"{path}/lines?limit=3")
    second = await shop.owner.asked("GET", f"{path}/lines?cursor={first['next_cursor']}")
    lines = first["items"] + second["items"]
    assert [line["kind"] for line in lines] == ["sale", "sale", "sale", "payout"]
    assert lines[-1]["reference"] == made["payouts"][0]
    assert sum(line["net"]["minor"] for line in lines) == 0
    told = (await shop.owner.ask("GET", f"{path}/lines.csv")).text
    rows = list(csv.DictReader(io.StringIO(told)))
    assert [row["amount"] for row in rows[:3]] == ["10.00", "20.00", "30.00"]
    assert {row["currency"] for row in rows} == {"CNY"}
    summary = (await shop.owner.ask("GET", f"{shop.path}/settlements.csv")).text
    [row] = csv.DictReader(io.StringIO(summary))
    assert (row["gross"], row["closing"], row["payouts"]) == ("60.00", "0.00", made["payouts"][0])
    assert len((await shop.till.asked("GET", "/settlements"))["items"]) == 1


async def test_a_shop_is_paid_out_by_its_timetable(town: Town, shop: OpenShop) -> None:
    ada = await register_payer(town.house, "ada", cny=100_000)
    told = await plan(shop, await link(town, shop), schedule="daily", minimum_minor=2500)
    assert 0 < told["next_at"] - town.clock.now_ms() <= DAY_MS
    await sell(shop, ada, 2000)
    pass_time(town.house, DAY_MS)
    await town.work()
    [first] = await settlements(shop)
    assert (first["paid_out"], first["net"]) == (0, shop.balance())
    await sell(shop, ada, 1000)
    pass_time(town.house, DAY_MS)
    await town.work()
    second, _ = await settlements(shop)
    assert (second["opening"], second["paid_out"]) == (
        first["closing"],
        first["net"] + second["net"],
    )
    pass_time(town.house, 3 * DAY_MS)
    await town.work()
    # Nothing has happened since: there is nothing to settle.
    assert len(await settlements(shop)) == 2
    assert find_problems(town.house) == []


async def test_a_payout_that_comes_back_is_in_the_wallet_again(town: Town, shop: OpenShop) -> None:
    ada = await register_payer(town.house, "ada", cny=100_000)
    await plan(shop, await link(town, shop, RETURNS))
    await sell(shop, ada, 5000)
    made = await shop.owner.asked("POST", f"{shop.path}/payouts", {"currency": "CNY"}, key=fresh())
    paid = made["paid_out"]["minor"]
    await town.exchange(4)
    assert shop.balance() == paid
    await sell(shop, ada, 1000)
    again = await shop.owner.asked("POST", f"{shop.path}/payouts", {"currency": "CNY"}, key=fresh())
    assert again["returned"]["minor"] == paid
    assert again["paid_out"]["minor"] == paid + again["net"]["minor"]
    await town.end_day()
    await town.end_day()
    assert find_problems(town.house) == []


async def test_what_is_in_the_way_of_a_payout_is_told(town: Town, shop: OpenShop) -> None:
    ada = await register_payer(town.house, "ada", cny=100_000)
    payouts = f"{shop.path}/payouts"
    wish = {"currency": "CNY"}
    assert await shop.owner.refused("POST", payouts, wish, key=fresh()) == (409, "no-payout-plan")
    account_id = await link(town, shop)
    await plan(shop, account_id, schedule="daily")
    assert await shop.owner.refused("POST", payouts, wish, key=fresh()) == (
        409,
        "nothing-to-pay-out",
    )
    await sell(shop, ada, 1000)
    accounts = f"{shop.path}/outside-accounts/{account_id}"
    assert (await shop.owner.ask("DELETE", accounts)).status_code == 204
    refused = await shop.owner.ask("POST", payouts, wish, key=fresh())
    assert refused.json()["detail"] == "The account to pay out to was removed."
    pass_time(town.house, DAY_MS)
    await town.work()
    [told] = await settlements(shop)
    assert told["problem"] == "The account to pay out to was removed."
    assert shop.balance() == told["net"]


async def test_the_same_payout_asked_for_twice_is_made_once(town: Town, shop: OpenShop) -> None:
    ada = await register_payer(town.house, "ada", cny=100_000)
    await plan(shop, await link(town, shop))
    await sell(shop, ada, 1000)
    payouts = f"{shop.path}/payouts"
    one = await shop.owner.ask("POST", payouts, {"currency": "CNY"}, key="k-1")
    two = await shop.owner.ask("POST", payouts, {"currency": "CNY"}, key="k-1")
    assert one.json() == two.json()
    assert len(await settlements(shop)) == 1


async def test_only_the_shops_people_see_and_change(town: Town, shop: OpenShop) -> None:
    stranger = await register_payer(town.house, "stranger")
    account_id = await link(town, shop)
    wish = {"schedule": "daily", "outside_account_id": account_id}
    for method, path, body in (
        ("GET", "settlements", None),
        ("GET", "settlements.csv", None),
        ("GET", "settlements/none", None),
        ("GET", "settlements/none/lines", None),
        ("GET", "outside-accounts", None),
        ("GET", "payout-plans", None),
        ("PUT", "payout-plans", wish),
        ("POST", "payouts", {"currency": "CNY"}),
        ("DELETE", f"outside-accounts/{account_id}", None),
    ):
        assert (await stranger.refused(method, f"{shop.path}/{path}", body))[0] == 404
    cashier = await register_payer(town.house, "cashier")
    staff = {"user_id": cashier.user_id, "role": "cashier"}
    await ask(shop.owner, "POST", f"{shop.path}/staff", staff, key=fresh())
    own = f"{shop.path}/settlements/none"
    assert await shop.owner.refused("GET", own) == (404, "unknown-settlement")
    # An account of the owner's own is none of the shop's.
    mine = {"number": GOOD, "bank": "B", "holder": "O", "currency": "CNY"}
    linked = await shop.owner.asked("POST", "/outside-accounts", mine, key=fresh())
    wish["outside_account_id"] = linked["outside_account_id"]
    refused = await shop.owner.refused("PUT", f"{shop.path}/payout-plans", wish)
    assert refused == (404, "unknown-outside-account")
