"""Weeks of a house and its bank from a seed: money is conserved whatever comes of it."""

import random
from pathlib import Path
from typing import Any

import pytest

from teahouse.partner_bank import DAY_MS, Terms
from teahouse.platform.db import Database
from teahouse.wallet.outside.live import BankLink
from tests.kit.wallet_house import find_problems
from tests.wallet.outside.kit import Town, eur, iban
from tests.wallet.outside.test_crashes import Torn, TornBank

pytestmark = pytest.mark.anyio


class Careless(TornBank):
    """Hands answers over in any order, some twice, and lets the house die now and then.

    Args:
        bank: the true one.
        chance: decides.
    """

    def __init__(self, bank: Any, chance: random.Random) -> None:
        super().__init__(bank, [])
        self._chance = chance
        self._again: dict[str, bytes] = {}

    async def list_answers(self) -> list[str]:
        names = [*await super().list_answers(), *self._again]
        self._chance.shuffle(names)
        return names

    async def fetch(self, name: str) -> bytes | None:
        found = self._again.pop(name, None) or await super().fetch(name)
        if found is not None and self._chance.random() < 0.2:
            self._again[f"again-{len(self._again)}-{name}"] = found
        return found

    def _die(self, where: str) -> None:
        if self._chance.random() < 0.05:
            raise Torn(where)


@pytest.mark.parametrize("seed", range(2))
async def test_weeks_with_a_careless_bank(db: Database, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    terms = Terms(
        delay_ms=chance.choice([0, 3_600_000, 2 * DAY_MS]),
        reject_rate=0.2,
        return_rate=0.2,
        seed=seed,
    )
    town = Town(db, tmp_path, terms=terms, opening=100_000)
    members = [await town.register(f"member-{one}", eur=20_000) for one in range(3)]
    accounts = [await town.link(one, iban(f"10{n}1")) for n, one in enumerate(members)]
    link = town.house.services.get(BankLink)
    true_bank = link.bank
    link.bank = Careless(true_bank, chance)
    for _ in range(10):
        for member, account in zip(members, accounts, strict=True):
            for _ in range(chance.randrange(3)):
                body = {
                    "outside_account_id": account["outside_account_id"],
                    "amount": eur(chance.randrange(2, 3000)),
                }
                # Some are refused: there is not enough, or too much is on its way.
                await member.ask("POST", chance.choice(["/top-ups", "/withdrawals"]), body)
        town.clock.advance(chance.randrange(DAY_MS))
        await town.exchange()
    link.bank = true_bank
    for _ in range(8):
        await town.end_day()
    await town.exchange(4)
    assert find_problems(town.house) == []
    books = town.books()
    assert books["cash_at_bank"] == town.at_bank()
    assert "topups_in_transit" not in books
    assert "withdrawals_in_transit" not in books
    held = sum(town.balance(member) for member in members)
    assert books["cash_at_bank"] == held + books.get("suspense", 0) - books["fee_expense"]
    outside = sum(one.minor for one in town.bank.list_accounts() if one.currency == "EUR")
    assert outside == 100_000 + 3 * 1_000_000
    for member in members:
        for kind in ("top-ups", "withdrawals"):
            orders = (await member.asked("GET", f"/{kind}?limit=200"))["items"]
            assert {one["status"] for one in orders} <= {"booked", "rejected", "returned"}
