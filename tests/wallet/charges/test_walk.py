"""A shop's month at random, from a seed: whatever comes after what, the sums agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.commands import (
    cancel_charge,
    capture_charge,
    create_charge,
    expire_charges,
    pay_charge,
    pay_shop,
    refund_charge,
    tip_charge,
    void_charge,
)
from teahouse.wallet.charges.queries import list_takings
from teahouse.wallet.charges.types import (
    CaptureWish,
    NewCharge,
    PayShopWish,
    PayWish,
    RefundWish,
    TipWish,
)
from teahouse.wallet.shops.access import identify_key
from teahouse.wallet.wallets.types import HouseAccount
from tests.kit.house import House
from tests.kit.shop_house import OpenShop, start_shop
from tests.kit.wallet_house import Payer, expire_holds, find_problems, house_balance, register_payer

pytestmark = pytest.mark.anyio
CNY = Currency("CNY")
STEPS = 200
HOUR_MS = 3_600_000


class Walk:
    """What can happen to the charges of one shop."""

    def __init__(self, house: House, shop: OpenShop, payers: list[Payer], seed: int) -> None:
        self.house = house
        self.shop = shop
        self.clerk = house.db.look(identify_key, shop.till.secret)
        self.payers = [Requester(user_id=one.user_id, device_id=one.device_id) for one in payers]
        self.chance = random.Random(seed)
        self.charges: list[Any] = []
        self.paid: list[Any] = []
        self.done: dict[str, int] = {}
        usual = [self.ask, self.pay, self.refund]
        rare = [self.scan, self.capture, self.void, self.cancel, self.tip, self.wait]
        self.acts: list[Callable[[], None]] = [*usual, *usual, self.pay, *rare]

    def some(self, most: int) -> Money:
        return Money(self.chance.randint(0, most), CNY)

    def step(self) -> None:
        act = self.chance.choice(self.acts)
        try:
            act()
        except Refusal:
            return
        self.done[act.__name__] = self.done.get(act.__name__, 0) + 1

    def ask(self) -> None:
        wish = NewCharge(
            amount=self.some(20_00),
            capture=self.chance.choice(["automatic", "manual"]),
            tip=self.chance.choice(["none", "ask"]),
        )
        self.charges.append(self.house.db.run(create_charge, self.clerk, self.shop.shop_id, wish))

    def _on_paid(self, command: Callable[..., Any], *wish: Any) -> None:
        charge_id = self.chance.choice((self.paid or self.charges)[-6:]).charge_id
        self.house.db.run(command, self.clerk, self.shop.shop_id, charge_id, *wish)

    def pay(self) -> None:
        wish = PayWish(tip=self.chance.choice([0, 0, 1_00]))
        code = self.chance.choice(self.charges[-5:]).code
        payer = self.chance.choice(self.payers)
        self.paid.append(self.house.db.run(pay_charge, payer, code, wish))

    def scan(self) -> None:
        wish = PayShopWish(amount=self.some(10_00), tip=self.chance.choice([0, 50]))
        payer = self.chance.choice(self.payers)
        self.paid.append(self.house.db.run(pay_shop, payer, self.shop.shop_id, wish))

    def capture(self) -> None:
        amount = self.chance.choice([None, self.some(20_00)])
        self._on_paid(capture_charge, CaptureWish(amount=amount))

    def void(self) -> None:
        self._on_paid(void_charge)

    def cancel(self) -> None:
        charge_id = self.chance.choice(self.charges[-5:]).charge_id
        self.house.db.run(cancel_charge, self.clerk, self.shop.shop_id, charge_id)

    def refund(self) -> None:
        amount = self.chance.choice([None, self.some(5_00), self.some(5_00)])
        self._on_paid(refund_charge, RefundWish(amount=amount))

    def tip(self) -> None:
        charge_id = self.chance.choice((self.paid or self.charges)[-6:]).charge_id
        wish = TipWish(amount=self.some(3_00))
        self.house.db.run(tip_charge, self.chance.choice(self.payers), charge_id, wish)

    def wait(self) -> None:
        clock = self.house.services.clock
        assert isinstance(clock, ManualClock)
        clock.advance(self.chance.choice([1000, 1000, 1000, HOUR_MS, 50 * HOUR_MS]))
        self.house.db.run(expire_charges)


async def test_a_month_at_random_adds_up(house: House, clock: ManualClock, seed: int) -> None:
    shop = await start_shop(house, basis_points=60, fixed=3)
    payers = [await register_payer(house, name, cny=500_00) for name in ("mei", "wu")]
    walk = Walk(house, shop, payers, seed)
    walk.ask()
    for _ in range(STEPS):
        walk.step()
        clock.advance(1)
    assert {"ask", "pay", "refund"} <= set(walk.done), walk.done

    # Nothing is held any more once every week has passed, and every unit is somewhere.
    clock.advance(8 * 24 * HOUR_MS)
    await expire_holds(house)
    fees = house_balance(house.db, HouseAccount.FEE_INCOME)
    assert sum(one.balance() for one in payers) + shop.balance() + fees == 1000_00
    takings = house.db.look(list_takings, shop.shop_id, since=0, until=clock.now_ms() + 1)
    signs = {"sale": 1, "tip": 1, "refund": -1}
    assert sum(signs[one.kind] * (one.amount.minor - one.fee.minor) for one in takings) == (
        shop.balance()
    )
    assert sum(signs[one.kind] * one.fee.minor for one in takings) == fees
    assert find_problems(house) == []
