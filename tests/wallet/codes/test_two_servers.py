"""One code scanned at two tills of two servers in the same moment, on both databases."""

from __future__ import annotations

import threading

import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.wallet.charges.types import NewCharge
from teahouse.wallet.codes.commands import charge_payment_code
from teahouse.wallet.codes.types import CodeChargeWish
from teahouse.wallet.shops.access import identify_key
from tests.kit.database import open_database
from tests.kit.house import House
from tests.kit.shop_house import start_shop
from tests.kit.wallet_house import find_problems, register_payer

pytestmark = pytest.mark.anyio


async def test_two_servers_charge_a_code_once(
    house: House, database_url: str, clock: ManualClock
) -> None:
    shop, mei = await start_shop(house), await register_payer(house, "mei", cny=100_00)
    outcomes: list[str] = []

    def charge(db: Database, code: str, start: threading.Barrier) -> None:
        holder = db.look(identify_key, shop.till.secret)
        wish = CodeChargeWish(code=code, charge=NewCharge(amount=Money(1_00, Currency("CNY"))))
        start.wait()
        try:
            charged = db.run(charge_payment_code, holder, shop.shop_id, wish)
        except Refusal as refused:
            outcomes.append(refused.code)
        else:
            outcomes.append(charged.status)

    with open_database(database_url, clock, seed=1) as other:
        for _ in range(5):
            clock.advance(1)
            code = (await mei.asked("POST", "/payment-codes"))["code"]
            start = threading.Barrier(4)
            tills = [
                threading.Thread(target=charge, args=(db, code, start))
                for db in (house.db, other) * 2
            ]
            for till in tills:
                till.start()
            for till in tills:
                till.join()
    assert sorted(outcomes) == ["captured"] * 5 + ["payment-code-used"] * 15
    assert (mei.balance(), shop.balance()) == (95_00, 5_00)
    assert find_problems(house) == []
