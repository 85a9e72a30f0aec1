"""Charges through the API, on both databases: what moves, and what does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from teahouse.ledger import find_balance
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Tx
from teahouse.platform.money import Currency, Money
from teahouse.wallet.charges.commands import expire_charges, note_house_refund
from teahouse.wallet.charges.personal_data import erase_member, export_member
from teahouse.wallet.charges.queries import find_charge, list_takings
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.shops.queries import find_shop
from teahouse.wallet.wallets.queries import find_wallet
from teahouse.wallet.wallets.types import HouseAccount
from tests.kit.house import House
from tests.kit.shop_house import OpenShop, Till, ask, decide, make_key, open_shop, start_shop
from tests.kit.wallet_house import (
    Payer,
    expire_holds,
    find_problems,
    house_balance,
    money,
    register_payer,
)

pytestmark = pytest.mark.anyio
DAY_MS = 86_400_000


async def _start(house: House, **fee: int) -> tuple[OpenShop, Payer]:
    return await start_shop(house, **fee), await register_payer(house, "mei", cny=100_00)


async def _create(shop: OpenShop, minor: int = 28_00, **more: Any) -> Any:
    return await shop.till.asked("POST", "/charges", {"amount": money(minor), **more})


async def test_a_charge_is_paid_by_its_code(house: House) -> None:
    shop, mei = await _start(house, basis_points=60)
    made = await _create(shop, description="Two teas", reference="order-1", tip="ask")
    assert (made["status"], made["pay_path"]) == ("open", f"/pay/{made['code']}")

    seen = (await house.call("GET", f"/api/v1/wallet/pay/{made['code']}")).json()
    assert (seen["shop_name"], seen["amount"], seen["is_payable"]) == (
        "Morning Dew Teas",
        money(28_00),
        True,
    )
    # A stranger learns neither what is bought nor any id.
    assert not {"description", "reference", "shop_id", "charge_id", "payee"} & set(seen)
    preview = await mei.asked("GET", f"/pay/{made['code']}/charge")
    assert preview["description"] == "Two teas"

    paid = await mei.asked("POST", f"/pay/{made['code']}", {"tip": 2_00})
    assert (paid["status"], paid["captured"], paid["tip"]) == ("captured", money(30_00), money(200))
    # 0.6 % of the amount, and nothing of the tip: 16.8 fen.
    assert (mei.balance(), shop.balance()) == (70_00, 30_00 - 17)
    assert house_balance(house.db, HouseAccount.FEE_INCOME) == 17

    told = await shop.till.asked("GET", f"/charges/{made['charge_id']}")
    assert (told["status"], told["fee"]) == ("captured", money(17))
    assert mei.user_id not in str(told)
    after = (await house.call("GET", f"/api/v1/wallet/pay/{made['code']}")).json()
    assert (after["is_payable"], after["is_paid"]) == (False, True)
    (mine,) = (await mei.asked("GET", "/charges"))["items"]
    assert mine["charge_id"] == made["charge_id"]
    assert find_problems(house) == []


async def test_paying_is_once(house: House) -> None:
    shop, mei = await _start(house)
    other = await register_payer(house, "wu", cny=100_00)
    path = f"/pay/{(await _create(shop))['code']}"
    first = await mei.ask("POST", path, {}, key="k")
    again = await mei.ask("POST", path, {}, key="k")
    assert first.json() == again.json()
    assert await mei.refused("POST", path, {}) == (409, "wrong-charge-status")
    assert await other.refused("POST", path, {}) == (409, "charge-of-another")
    assert (mei.balance(), other.balance(), shop.balance()) == (72_00, 100_00, 28_00)


async def test_two_members_pay_at_once_and_one_does(house: House) -> None:
    shop, mei = await _start(house)
    other = await register_payer(house, "wu", cny=100_00)
    path = f"/pay/{(await _create(shop))['code']}"
    answers = await asyncio.gather(*(who.ask("POST", path, {}) for who in (mei, other) * 4))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert (mei.balance() + other.balance(), shop.balance()) == (172_00, 28_00)
    assert find_problems(house) == []


async def test_held_money_is_captured_in_part_once(house: House) -> None:
    shop, mei = await _start(house, basis_points=100)
    made = await _create(shop, 50_00, capture="manual")
    held = await mei.asked("POST", f"/pay/{made['code']}", {})
    assert (held["status"], held["captured"]) == ("authorised", money(0))
    assert (mei.balance(), shop.balance()) == (50_00, 0)

    path = f"/charges/{made['charge_id']}"
    till = shop.till
    for wrong in (50_01, 10**15):
        refused = await till.refused("POST", f"{path}/capture", {"amount": money(wrong)})
        assert refused == (422, "capture-too-large")
    for wrong in (0, -1):
        refused = await till.refused("POST", f"{path}/capture", {"amount": money(wrong)})
        assert refused == (400, "invalid-amount")
    other = {"amount": money(10_00, "EUR")}
    assert await till.refused("POST", f"{path}/capture", other) == (400, "currency-not-taken")

    taken = await till.asked("POST", f"{path}/capture", {"amount": money(20_00)}, key="c")
    assert (taken["status"], taken["captured"], taken["fee"]) == (
        "captured",
        money(20_00),
        money(20),
    )
    assert (mei.balance(), shop.balance()) == (80_00, 19_80)
    again = await till.asked("POST", f"{path}/capture", {"amount": money(20_00)}, key="c")
    assert again == taken
    assert await till.refused("POST", f"{path}/capture", {}) == (409, "wrong-charge-status")
    assert await till.refused("POST", f"{path}/void") == (409, "wrong-charge-status")
    assert (mei.balance(), shop.balance()) == (80_00, 19_80)
    assert find_problems(house) == []


async def test_held_money_is_let_go(house: House) -> None:
    shop, mei = await _start(house)
    made = await _create(shop, capture="manual")
    await mei.asked("POST", f"/pay/{made['code']}", {})
    path = f"/charges/{made['charge_id']}"
    assert (await shop.till.asked("POST", f"{path}/void"))["status"] == "voided"
    assert await shop.till.refused("POST", f"{path}/capture", {}) == (409, "wrong-charge-status")
    assert (mei.balance(), shop.balance()) == (100_00, 0)
    assert find_problems(house) == []


async def test_held_money_is_free_after_a_week(house: House, clock: ManualClock) -> None:
    shop, mei = await _start(house)
    made = await _create(shop, capture="manual")
    await mei.asked("POST", f"/pay/{made['code']}", {})
    clock.advance(7 * DAY_MS)
    path = f"/charges/{made['charge_id']}"
    assert await shop.till.refused("POST", f"{path}/capture", {}) == (409, "charge-expired")
    await expire_holds(house)
    assert (await shop.till.asked("GET", path))["status"] == "expired"
    assert mei.balance() == 100_00
    assert find_problems(house) == []


async def test_nobody_pays_too_late_or_what_was_cancelled(house: House, clock: ManualClock) -> None:
    shop, mei = await _start(house)
    late, gone = await _create(shop), await _create(shop)
    cancelled = await shop.till.asked("POST", f"/charges/{gone['charge_id']}/cancel")
    assert cancelled["status"] == "cancelled"
    refused = await mei.refused("POST", f"/pay/{gone['code']}", {})
    assert refused == (409, "wrong-charge-status")
    clock.advance(900_000)
    assert await mei.refused("POST", f"/pay/{late['code']}", {}) == (409, "charge-expired")
    page = (await house.call("GET", f"/api/v1/wallet/pay/{late['code']}")).json()
    assert page["is_payable"] is False
    assert await house.db.write(expire_charges) == 1
    assert await mei.refused("POST", f"/pay/{late['code']}", {}) == (409, "charge-expired")
    assert await mei.refused("POST", "/pay/NOSUCHCODE", {}) == (404, "charge-not-found")
    assert mei.balance() == 100_00


async def test_refunds_give_back_the_fee_and_never_too_much(
    house: House, clock: ManualClock
) -> None:
    shop, mei = await _start(house, basis_points=60, fixed=10)
    made = await _create(shop, 50_00)
    path = f"/charges/{made['charge_id']}/refunds"
    assert await shop.till.refused("POST", path, {}) == (409, "wrong-charge-status")
    await mei.asked("POST", f"/pay/{made['code']}", {})
    assert shop.balance() == 50_00 - 40

    for wrong in (50_01, 10**15):
        refused = await shop.till.refused("POST", path, {"amount": money(wrong)})
        assert refused == (422, "refund-too-large")
    part = {"amount": money(20_00), "reason": "Cold."}
    first = await shop.till.asked("POST", path, part, key="r")
    assert (first["amount"], first["fee_returned"]) == (money(20_00), money(16))
    assert await shop.till.asked("POST", path, part, key="r") == first
    assert (mei.balance(), shop.balance()) == (70_00, 30_00 - 24)
    refused = await shop.till.refused("POST", path, {"amount": money(30_01)})
    assert refused == (422, "refund-too-large")
    clock.advance(1)
    rest = await shop.till.asked("POST", path, {})
    assert (rest["amount"], rest["fee_returned"]) == (money(30_00), money(24))
    assert (mei.balance(), shop.balance()) == (100_00, 0)
    assert house_balance(house.db, HouseAccount.FEE_INCOME) == 0
    assert await shop.till.refused("POST", path, {}) == (409, "wrong-charge-status")

    mine = await mei.asked("GET", f"/charges/{made['charge_id']}")
    assert (mine["status"], mine["refunds"][0]["reason"]) == ("refunded", "Cold.")
    assert find_problems(house) == []


async def test_refunds_at_once_never_give_too_much(house: House) -> None:
    shop, mei = await _start(house)
    made, kept = await _create(shop, 50_00), await _create(shop, 30_00)
    for charge in (made, kept):
        await mei.asked("POST", f"/pay/{charge['code']}", {})
    path, body = f"/charges/{made['charge_id']}/refunds", {"amount": money(20_00)}
    answers = await asyncio.gather(*(shop.till.ask("POST", path, body) for _ in range(6)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(201) <= 2
    assert set(codes) <= {201, 409, 422}
    assert mei.balance() == 20_00 + codes.count(201) * 20_00
    assert shop.balance() == 80_00 - codes.count(201) * 20_00
    assert find_problems(house) == []


async def test_a_shop_that_has_paid_the_money_out_cannot_refund(house: House) -> None:
    shop, mei = await _start(house)
    made = await _create(shop)
    await mei.asked("POST", f"/pay/{made['code']}", {})
    # The owner takes the money to a charge of another shop: here, by the house's hand.
    await house.db.write(_empty_shop, shop.shop_id)
    refused = await shop.till.refused("POST", f"/charges/{made['charge_id']}/refunds", {})
    assert refused == (409, "insufficient-funds")
    assert mei.balance() == 72_00


async def test_what_a_dispute_gave_back_cannot_be_refunded(house: House) -> None:
    shop, mei = await _start(house)
    made = await _create(shop, 50_00)
    paid = await mei.asked("POST", f"/pay/{made['code']}", {})
    given = Money(40_00, Currency("CNY"))
    await house.db.write(note_house_refund, paid["payment_id"], given)
    path = f"/charges/{made['charge_id']}/refunds"
    refused = await shop.till.refused("POST", path, {"amount": money(10_01)})
    assert refused == (422, "refund-too-large")
    await shop.till.asked("POST", path, {"amount": money(10_00)})
    assert find_problems(house) == []


async def test_a_tip_can_follow_within_a_day_once(house: House, clock: ManualClock) -> None:
    shop, mei = await _start(house, basis_points=100)
    made, silent = await _create(shop, 10_00, tip="ask"), await _create(shop, 10_00)
    for charge in (made, silent):
        await mei.asked("POST", f"/pay/{charge['code']}", {})
    path = f"/charges/{made['charge_id']}/tip"
    for wrong, code in ((money(10_01), 422), (money(0), 422), (money(-1), 422)):
        assert (await mei.refused("POST", path, {"amount": wrong}))[0] == code
    euros = {"amount": money(1_00, "EUR")}
    assert await mei.refused("POST", path, euros) == (400, "currency-not-taken")
    tip = {"amount": money(2_00)}
    assert (await mei.asked("POST", path, tip))["later_tip"] == money(2_00)
    assert await mei.refused("POST", path, tip) == (422, "no-tip-wanted")
    silent_path = f"/charges/{silent['charge_id']}/tip"
    assert await mei.refused("POST", silent_path, tip) == (422, "no-tip-wanted")
    assert (mei.balance(), shop.balance()) == (78_00, 2 * 9_90 + 2_00)

    late = await _create(shop, 10_00, tip="ask")
    await mei.asked("POST", f"/pay/{late['code']}", {})
    clock.advance(DAY_MS)
    refused = await mei.refused("POST", f"/charges/{late['charge_id']}/tip", tip)
    assert refused == (409, "wrong-charge-status")
    assert find_problems(house) == []


async def test_a_printed_code_takes_what_the_member_enters(house: House) -> None:
    shop, mei = await _start(house)
    path = f"/shops/{shop.shop_id}/pay"
    paid = await mei.asked("POST", path, {"amount": money(15_00), "description": "Thanks"})
    assert (paid["status"], paid["captured"]) == ("captured", money(15_00))
    assert (mei.balance(), shop.balance()) == (85_00, 15_00)
    for wrong, code in (
        ({"amount": money(0)}, "invalid-amount"),
        ({"amount": money(-100)}, "invalid-amount"),
        ({"amount": money(10**15 + 1)}, "bad-json"),
        ({"amount": money("1500")}, "bad-json"),
        ({"amount": money(1.5)}, "bad-json"),
        ({"amount": money(15_00, "EUR")}, "currency-not-taken"),
        ({"amount": money(15_00, "XXX")}, "unknown-currency"),
        ({"amount": money(15_00), "tip": -1}, "bad-json"),
    ):
        assert await mei.refused("POST", path, wrong) == (400, code)
    assert await mei.refused("POST", path, {"amount": money(85_01)}) == (409, "insufficient-funds")
    missing = await mei.refused("POST", "/shops/shp_none/pay", {"amount": money(1)})
    assert missing == (404, "shop-not-found")
    poor = await register_payer(house, "wu")
    assert (await poor.refused("POST", path, {"amount": money(1)}))[1] == "no-wallet"
    assert (mei.balance(), shop.balance()) == (85_00, 15_00)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": money(0)},
        {"amount": money(-1)},
        {"amount": money(1.5)},
        {"amount": money("1")},
        {"amount": money(True)},
        {"amount": money(10**15 + 1)},
        {"amount": money(10**30)},
        {"amount": money(1, "GBP")},
        {"amount": money(1, "cny")},
        {"amount": 5},
        {},
        {"amount": money(1), "capture": "later"},
        {"amount": money(1), "expires_in_ms": 59_999},
        {"amount": money(1), "expires_in_ms": 604_800_001},
        {"amount": money(1), "return_url": "http://shop.example/"},
        {"amount": money(1), "description": "x" * 201},
        {"amount": money(1), "surprise": 1},
    ],
)
async def test_impossible_charges_are_refused(house: House, wrong: dict[str, Any]) -> None:
    shop = await start_shop(house)
    assert (await shop.till.refused("POST", "/charges", wrong))[0] == 400
    assert (await shop.till.asked("GET", "/charges"))["items"] == []


async def test_others_ids_look_unknown(house: House) -> None:
    shop, mei = await _start(house)
    made = await _create(shop)
    await mei.asked("POST", f"/pay/{made['code']}", {})
    stranger = await register_payer(house, "wu", cny=100_00)
    one = f"/charges/{made['charge_id']}"
    for method, path, body in (
        ("GET", one, None),
        ("POST", f"{one}/confirm", {}),
        ("POST", f"{one}/decline", None),
        ("POST", f"{one}/tip", {"amount": money(1)}),
    ):
        assert await stranger.refused(method, path, body) == (404, "charge-not-found")
    for method, path, body in (
        ("GET", shop.path + one, None),
        ("POST", f"{shop.path}{one}/refunds", {}),
        ("POST", f"{shop.path}{one}/capture", {}),
        ("POST", f"{shop.path}/charges", {"amount": money(1)}),
    ):
        assert await stranger.refused(method, path, body) == (404, "shop-not-found")
    rival = await _rival(house, shop)
    for method, path, body in (
        ("GET", one, None),
        ("POST", f"{one}/refunds", {}),
        ("POST", f"{one}/void", None),
    ):
        assert await rival.refused(method, path, body) == (404, "charge-not-found")
    assert shop.balance() == 28_00


async def _rival(house: House, shop: OpenShop) -> Till:
    """The program of another shop."""
    owner = await register_payer(house, "rival")
    shop_id = await open_shop(owner, shop.officer)
    return Till(house, await make_key(owner, shop_id, "charges:write", "refunds:write"))


async def test_keys_do_only_what_their_scopes_say(house: House) -> None:
    shop, mei = await _start(house)
    made = await _create(shop)
    await mei.asked("POST", f"/pay/{made['code']}", {})
    reader = Till(house, await make_key(shop.owner, shop.shop_id, "charges:read"))
    refunder = Till(house, await make_key(shop.owner, shop.shop_id, "refunds:write"))
    one = f"/charges/{made['charge_id']}"
    assert (await reader.ask("GET", one)).is_success
    body = {"amount": money(1)}
    assert await reader.refused("POST", "/charges", body) == (403, "scope-missing")
    assert await reader.refused("POST", f"{one}/refunds", {}) == (403, "scope-missing")
    assert await refunder.refused("POST", "/charges", body) == (403, "scope-missing")
    assert await refunder.refused("POST", f"{one}/capture", {}) == (403, "scope-missing")
    no_key = await house.call("POST", "/api/v1/shop/charges", body, token=shop.till.secret)
    assert no_key.json()["type"].endswith("missing-idempotency-key")


async def test_cashiers_take_money_and_give_none_back(house: House) -> None:
    shop, mei = await _start(house)
    cashier = await register_payer(house, "li")
    await shop.owner.call("PUT", f"{shop.path}/staff/{cashier.user_id}", {"role": "cashier"})
    made = (await ask(cashier, "POST", f"{shop.path}/charges", {"amount": money(5_00)})).json()
    await mei.asked("POST", f"/pay/{made['code']}", {})
    refunds = f"{shop.path}/charges/{made['charge_id']}/refunds"
    assert await cashier.refused("POST", refunds, {}) == (403, "shop-power-missing")
    assert (await ask(shop.owner, "POST", refunds, {})).status_code == 201


async def test_a_suspended_shop_takes_nothing_and_can_refund(house: House) -> None:
    shop, mei = await _start(house)
    paid, waiting = await _create(shop), await _create(shop)
    held = await _create(shop, capture="manual")
    await mei.asked("POST", f"/pay/{paid['code']}", {})
    await mei.asked("POST", f"/pay/{held['code']}", {})
    await decide(shop.officer, shop.shop_id, "suspended")
    assert await mei.refused("POST", f"/pay/{waiting['code']}", {}) == (403, "shop-not-open")
    body = {"amount": money(1)}
    assert await shop.till.refused("POST", "/charges", body) == (403, "shop-not-open")
    capture = f"/charges/{held['charge_id']}/capture"
    assert await shop.till.refused("POST", capture, {}) == (403, "shop-not-open")
    await shop.till.asked("POST", f"/charges/{paid['charge_id']}/refunds", {})
    await shop.till.asked("POST", f"/charges/{held['charge_id']}/void")
    assert (mei.balance(), shop.balance()) == (100_00, 0)


async def test_lists_come_in_pages(house: House, clock: ManualClock) -> None:
    shop, mei = await _start(house)
    made = []
    for number in range(5):
        clock.advance(1)
        made.append(await _create(shop, 1_00, reference=f"order-{number}"))
    await mei.asked("POST", f"/pay/{made[0]['code']}", {})
    first = await shop.till.asked("GET", "/charges?limit=2")
    second = await shop.till.asked("GET", f"/charges?limit=2&cursor={first['next_cursor']}")
    third = await shop.till.asked("GET", f"/charges?limit=2&cursor={second['next_cursor']}")
    seen = [one["charge_id"] for page in (first, second, third) for one in page["items"]]
    assert seen == [one["charge_id"] for one in reversed(made)]
    assert third["next_cursor"] is None
    paid = await shop.till.asked("GET", "/charges?status=captured")
    assert [one["reference"] for one in paid["items"]] == ["order-0"]
    found = await shop.till.asked("GET", "/charges?reference=order-3")
    assert [one["charge_id"] for one in found["items"]] == [made[3]["charge_id"]]
    for wrong in ("status=eaten", "cursor=x", "limit=0"):
        assert (await shop.till.refused("GET", f"/charges?{wrong}"))[0] == 400


async def test_settlements_learn_what_was_taken(house: House, clock: ManualClock) -> None:
    shop, mei = await _start(house, basis_points=100)
    since = clock.now_ms()
    made = await _create(shop, 10_00, tip="ask", reference="a")
    await mei.asked("POST", f"/pay/{made['code']}", {})
    clock.advance(1000)
    await mei.asked("POST", f"/charges/{made['charge_id']}/tip", {"amount": money(1_00)})
    clock.advance(1000)
    refund = {"amount": money(5_00)}
    await shop.till.asked("POST", f"/charges/{made['charge_id']}/refunds", refund)
    until = clock.now_ms() + 1
    takings = await house.db.read(list_takings, shop.shop_id, since=since, until=until)
    assert [(one.kind, one.amount.minor, one.fee.minor) for one in takings] == [
        ("sale", 10_00, 10),
        ("tip", 1_00, 0),
        ("refund", 5_00, 5),
    ]
    assert shop.balance() == (10_00 - 10) + 1_00 - (5_00 - 5)
    before = await house.db.read(list_takings, shop.shop_id, since=0, until=since)
    euros = await house.db.read(
        list_takings, shop.shop_id, since=since, until=until, currency="EUR"
    )
    assert (before, euros) == ([], [])


async def test_a_member_can_take_their_charges_and_blank_their_words(house: House) -> None:
    shop, mei = await _start(house)
    body = {"amount": money(1_00), "description": "For my aunt"}
    paid = await mei.asked("POST", f"/shops/{shop.shop_id}/pay", body)
    exported = await house.db.read(export_member, mei.user_id)
    assert "For my aunt" in str(exported)
    await house.db.write(erase_member, mei.user_id)
    kept = await house.db.read(find_charge, paid["charge_id"])
    assert kept is not None
    assert (kept.description, kept.standing.captured) == ("", 1_00)


def _empty_shop(tx: Tx, shop_id: str) -> None:
    wallet = find_wallet(tx, find_shop(tx, shop_id).party, "CNY")
    assert wallet is not None
    draft = PaymentDraft(
        kind=PaymentKind.PAYOUT,
        payer=wallet.id,
        payee=HouseAccount.WITHDRAWALS_IN_TRANSIT,
        amount=find_balance(tx, wallet.account).available,
        key="empty",
    )
    pay(tx, draft)
