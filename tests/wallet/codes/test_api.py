"""Codes through the API: scanned by members, shown at tills, once and for a minute."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
import sqlalchemy as sa
import zxingcpp
from PIL import Image

from teahouse.accounts import remove_devices
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.wallet.charges.commands import expire_charges
from teahouse.wallet.codes.commands import forget_codes
from teahouse.wallet.codes.personal_data import erase_member
from teahouse.wallet.codes.rules import build_payment_code, parse_code
from teahouse.wallet.codes.tables import wallet_code_miss, wallet_payment_code
from tests.kit.house import House
from tests.kit.shop_house import OpenShop, Till, ask, make_key, start_shop
from tests.kit.wallet_house import Payer, find_problems, money, register_payer
from tests.wallet.codes.test_rules import OFFICIAL

pytestmark = pytest.mark.anyio
CHARGE = "/payment-codes/charge"


async def _start(house: House, cny: int = 2000_00) -> tuple[OpenShop, Payer]:
    return await start_shop(house), await register_payer(house, "mei", cny=cny)


async def _show(payer: Payer) -> Any:
    shown = await payer.asked("POST", "/payment-codes")
    assert shown["digits"].replace(" ", "") == shown["code"]
    return shown


def _body(code: str, minor: Any = 12_50, **more: Any) -> dict[str, Any]:
    return {"code": code, "charge": {"amount": money(minor), **more}}


# What shops show


async def test_a_printed_code_leads_to_the_shop(house: House) -> None:
    shop, mei = await _start(house)
    drawn = await shop.till.asked("GET", "/code")
    code = parse_code(drawn["payload"])
    assert (code.initiation, code.amount, code.currency) == ("static", None, "CNY")
    assert (code.name, code.city, code.category_code) == ("Morning Dew Teas", "Hangzhou", "5499")
    assert code.local is not None
    assert (code.local.name, code.local.city) == ("朝露茶庄", "杭州")
    assert code.accounts[0].network == "test.teahouse"

    scanned = await mei.asked("POST", "/scan", {"text": drawn["payload"]})
    assert (scanned["shop"]["shop_id"], scanned["charge"]) == (shop.shop_id, None)
    image = await ask(shop.owner, "GET", f"{shop.path}/code?format=png")
    picture = Image.open(io.BytesIO(image.content)).convert("L")
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == [drawn["payload"]]
    svg = await ask(shop.owner, "GET", f"{shop.path}/code?format=svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert await shop.till.refused("GET", "/code?format=gif") == (400, "invalid-parameter")
    assert await shop.till.refused("GET", "/code?currency=EUR") == (400, "currency-not-taken")


async def test_a_charges_code_leads_to_the_charge(house: House) -> None:
    shop, mei = await _start(house)
    wish = {"amount": money(23_72), "reference": "order-7", "terminal": "till-1", "tip": "ask"}
    made = await shop.till.asked("POST", "/charges", wish)
    drawn = await shop.till.asked("GET", f"/charges/{made['charge_id']}/code")
    code = parse_code(drawn["payload"])
    assert (code.initiation, code.amount) == ("dynamic", code.amount)
    assert code.amount is not None
    assert code.amount.minor == 23_72
    assert [one.value for one in code.additional] == ["order-7", "till-1"]
    assert code.tip is not None

    public = await house.call("GET", f"/api/v1/wallet/pay/{made['code']}/code")
    assert public.json() == drawn
    for text in (drawn["payload"], drawn["link"]):
        scanned = await mei.asked("POST", "/scan", {"text": text})
        assert scanned["charge"]["charge_id"] == made["charge_id"]
    await mei.asked("POST", f"/pay/{made['code']}", {})
    stranger = await register_payer(house, "wu")
    refused = await stranger.refused("POST", "/scan", {"text": drawn["payload"]})
    assert refused == (409, "charge-of-another")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", (400, "unreadable-code")),
        ("hello", (400, "unreadable-code")),
        (OFFICIAL, (422, "code-of-others")),
        (OFFICIAL[:-1] + "0", (400, "unreadable-code")),
        ("https://evil.example/pay/K7M2Q9X4T1B8W3ZC", (400, "unreadable-code")),
        ("https://teahouse.test/pay/K7M2Q9X4T1B8W3ZC", (404, "charge-not-found")),
        ("x" * 2001, (400, "bad-json")),
        ("66" + "0" * 18, (400, "unreadable-code")),
    ],
)
async def test_other_codes_are_refused(house: House, text: str, refusal: tuple[int, str]) -> None:
    mei = await register_payer(house, "mei")
    assert await mei.refused("POST", "/scan", {"text": text}) == refusal


# What members show


async def test_a_shown_code_pays_once(house: House) -> None:
    shop, mei = await _start(house)
    shown = await _show(mei)
    charged = await shop.till.asked("POST", CHARGE, _body(shown["code"]), key="k")
    assert (charged["status"], charged["captured"]) == ("captured", money(12_50))
    assert (mei.balance(), shop.balance()) == (1987_50, 12_50)
    assert mei.user_id not in str(charged)
    # The same request again is the same charge; another scan is refused.
    assert await shop.till.asked("POST", CHARGE, _body(shown["code"]), key="k") == charged
    used = await shop.till.refused("POST", CHARGE, _body(shown["code"]))
    assert used == (409, "payment-code-used")
    fate = await mei.asked("GET", f"/payment-codes/{shown['payment_code_id']}")
    assert (fate["status"], fate["charge_id"]) == ("used", charged["charge_id"])
    other = await register_payer(house, "wu")
    unknown = await other.refused("GET", f"/payment-codes/{shown['payment_code_id']}")
    assert unknown == (404, "payment-code-unknown")
    assert mei.balance() == 1987_50
    assert find_problems(house) == []


async def test_a_code_typed_with_gaps_is_read(house: House) -> None:
    shop, mei = await _start(house)
    shown = await _show(mei)
    assert (await shop.till.ask("POST", CHARGE, _body(shown["digits"]))).is_success


async def test_many_tills_at_once_charge_a_code_once(house: House) -> None:
    shop, mei = await _start(house)
    second = Till(house, await make_key(shop.owner, shop.shop_id, "charges:write"))
    body = _body((await _show(mei))["code"])
    answers = await asyncio.gather(
        *(till.ask("POST", CHARGE, body) for till in (shop.till, second) * 4)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert (mei.balance(), shop.balance()) == (1987_50, 12_50)
    assert find_problems(house) == []


async def test_a_code_ends_after_a_minute_or_when_it_is_taken_back(
    house: House, clock: ManualClock
) -> None:
    shop, mei = await _start(house)
    shown = await _show(mei)
    clock.advance(60_000)
    refused = await shop.till.refused("POST", CHARGE, _body(shown["code"]))
    assert refused == (409, "payment-code-expired")
    fresh = await _show(mei)
    assert (await mei.ask("DELETE", "/payment-codes")).status_code == 204
    refused = await shop.till.refused("POST", CHARGE, _body(fresh["code"]))
    assert refused == (409, "payment-code-expired")
    assert mei.balance() == 2000_00


async def test_a_member_has_few_codes_at_a_time(house: House, clock: ManualClock) -> None:
    shop, mei = await _start(house)
    codes = []
    for _ in range(4):
        clock.advance(1)
        codes.append((await _show(mei))["code"])
    refused = await shop.till.refused("POST", CHARGE, _body(codes[0], 1))
    assert refused == (409, "payment-code-expired")
    for code in codes[1:]:
        assert (await shop.till.ask("POST", CHARGE, _body(code, 1))).is_success


async def test_a_member_asks_for_codes_only_so_often(house: House, clock: ManualClock) -> None:
    mei = await register_payer(house, "mei")
    for _ in range(120):
        clock.advance(1)
        await _show(mei)
    assert await mei.refused("POST", "/payment-codes") == (429, "too-many-payment-codes")


async def test_guessing_is_stopped(house: House, clock: ManualClock) -> None:
    shop, mei = await _start(house)
    guesses = [build_payment_code(f"{n:017d}") for n in range(10)]
    for guess in guesses:
        refused = await shop.till.refused("POST", CHARGE, _body(guess))
        assert refused == (404, "payment-code-unknown")
    body = _body((await _show(mei))["code"])
    assert await shop.till.refused("POST", CHARGE, body) == (429, "too-many-misses")
    clock.advance(60_001)
    body = _body((await _show(mei))["code"])
    for _ in range(11):
        # A slip is no guess.
        wrong = guesses[0][:-1] + str((int(guesses[0][-1]) + 1) % 10)
        slip = await shop.till.refused("POST", CHARGE, _body(wrong))
        assert slip == (400, "unreadable-code")
    assert (await shop.till.ask("POST", CHARGE, body)).is_success


async def test_a_code_is_kept_as_a_digest_and_for_a_day(
    house: House, db: Database, clock: ManualClock
) -> None:
    shop, mei = await _start(house)
    shown = await _show(mei)
    await shop.till.refused("POST", CHARGE, _body(build_payment_code("0" * 17)))
    with db.reading() as read:
        rows = read.conn.execute(sa.select(wallet_payment_code)).all()
    assert shown["code"] not in str(rows)
    clock.advance(86_400_001)
    await house.db.write(forget_codes)
    with db.reading() as read:
        assert read.conn.execute(sa.select(wallet_payment_code)).all() == []
        assert read.conn.execute(sa.select(wallet_code_miss)).all() == []


async def test_much_money_waits_for_the_member(house: House, clock: ManualClock) -> None:
    shop, mei = await _start(house)
    asked = await shop.till.asked("POST", CHARGE, _body((await _show(mei))["code"], 1000_01))
    assert (asked["status"], mei.balance()) == ("awaiting_member", 2000_00)
    (waiting,) = (await mei.asked("GET", "/charges?status=awaiting_member"))["items"]
    assert waiting["total"] == money(1000_01)
    path = f"/charges/{waiting['charge_id']}"
    other = await register_payer(house, "wu", cny=2000_00)
    assert await other.refused("POST", f"{path}/confirm", {}) == (404, "charge-not-found")
    assert (await mei.asked("POST", f"{path}/confirm", {}))["status"] == "captured"
    assert (mei.balance(), shop.balance()) == (999_99, 1000_01)
    assert await mei.refused("POST", f"{path}/decline") == (409, "wrong-charge-status")

    refused = await shop.till.asked("POST", CHARGE, _body((await _show(mei))["code"], 1000_01))
    no = f"/charges/{refused['charge_id']}/decline"
    assert (await mei.asked("POST", no))["status"] == "declined"
    late = await shop.till.asked("POST", CHARGE, _body((await _show(mei))["code"], 1000_01))
    clock.advance(300_000)
    refusal = await mei.refused("POST", f"/charges/{late['charge_id']}/confirm", {})
    assert refusal == (409, "charge-expired")
    assert await house.db.write(expire_charges) == 1
    assert (mei.balance(), shop.balance()) == (999_99, 1000_01)
    assert find_problems(house) == []


async def test_a_members_devices_are_told(house: House) -> None:
    shop, mei = await _start(house)
    paid = await shop.till.asked("POST", CHARGE, _body((await _show(mei))["code"]))
    asked = await shop.till.asked("POST", CHARGE, _body((await _show(mei))["code"], 1500_00))
    await shop.till.asked("POST", f"/charges/{asked['charge_id']}/cancel")
    await shop.till.asked("POST", f"/charges/{paid['charge_id']}/refunds", {})
    events = (await mei.get("/sync", timeout="0"))["to_device"]["events"]
    told = [event["content"] for event in events if event["type"] == "org.teahouse.charge"]
    assert [(one["what"], one["charge_id"]) for one in told] == [
        ("captured", paid["charge_id"]),
        ("awaits_you", asked["charge_id"]),
        ("cancelled", asked["charge_id"]),
        ("refunded", paid["charge_id"]),
    ]
    assert (told[1]["shop_name"], told[1]["amount"]) == ("Morning Dew Teas", money(1500_00))
    assert told[3]["refund"] == money(12_50)


async def test_what_was_refused_uses_no_code_up(house: House) -> None:
    shop, mei = await _start(house, cny=10_00)
    code = (await _show(mei))["code"]
    refused = await shop.till.refused("POST", CHARGE, _body(code, 10_01))
    assert refused == (409, "payer-cannot-pay")
    for wrong in (0, -1):
        assert (await shop.till.refused("POST", CHARGE, _body(code, wrong)))[0] == 400
    malformed: list[Any] = [1.5, "1", None, 10**30]
    for amount in malformed:
        assert await shop.till.refused("POST", CHARGE, _body(code, amount)) == (400, "bad-json")
    assert (await shop.till.ask("POST", CHARGE, _body(code, 10_00))).is_success


async def test_a_code_of_a_device_that_was_signed_out_is_worth_nothing(house: House) -> None:
    shop, mei = await _start(house)
    code = (await _show(mei))["code"]
    await house.db.write(remove_devices, mei.user_id, [mei.device_id])
    refused = await shop.till.refused("POST", CHARGE, _body(code))
    assert refused == (409, "payment-code-expired")


async def test_an_erased_members_codes_are_gone(house: House) -> None:
    shop, mei = await _start(house)
    code = (await _show(mei))["code"]
    await house.db.write(erase_member, mei.user_id)
    refused = await shop.till.refused("POST", CHARGE, _body(code))
    assert refused == (404, "payment-code-unknown")


async def test_only_who_may_charge_can_charge_codes(house: House) -> None:
    shop, mei = await _start(house)
    body = _body((await _show(mei))["code"])
    reader = Till(house, await make_key(shop.owner, shop.shop_id, "charges:read"))
    assert await reader.refused("POST", CHARGE, body) == (403, "scope-missing")
    stranger = await register_payer(house, "wu")
    refused = await stranger.refused("POST", f"{shop.path}{CHARGE}", body)
    assert refused == (404, "shop-not-found")
    assert (await ask(shop.owner, "POST", f"{shop.path}{CHARGE}", body)).is_success
