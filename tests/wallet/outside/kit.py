"""A house with a partner bank, and members with accounts at other banks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from schwifty import IBAN

from teahouse import iso20022
from teahouse.iso20022 import AccountNumber
from teahouse.partner_bank import DAY_MS, Account, PartnerBank, Terms
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from teahouse.platform.money import Currency, Money
from teahouse.wallet.name_checks import jobs as name_check_jobs
from teahouse.wallet.outside import jobs as outside_jobs
from teahouse.wallet.reconciliation import jobs as reconciliation_jobs
from teahouse.wallet.settlements import jobs as settlement_jobs
from teahouse.wallet.wallets.types import HouseAccount
from tests.kit.house import House
from tests.kit.wallet_house import (
    Payer,
    available,
    fund,
    house_balance,
    make_wallet_house,
    register_payer,
)

EUR = Currency("EUR")
HOUSE_ACCOUNT = AccountNumber("DE89370400440532013000", is_iban=True)
CNY = Currency("CNY")
HOUSE_IN_CHINA = AccountNumber("6222021234567890123", is_iban=False)
POLL_MS = 10_000


def iban(ending: str = "1111") -> str:
    """A sound IBAN whose last four digits say what the partner bank does with it."""
    return str(IBAN.generate("DE", bank_code="37040044", account_code=f"55{ending}"))


class Town:
    """A house, its bank in this process, and the clock of both.

    Args:
        db: a started database.
        folder: for data and the bank.
        terms: how the bank behaves.
        opening: what the house's account holds at first, minor units.
    """

    def __init__(
        self, db: Database, folder: Path, *, terms: Terms | None = None, opening: int = 0
    ) -> None:
        assert isinstance(db.clock, ManualClock)
        self.clock = db.clock
        self.folder = folder / "bank"
        self.bank = PartnerBank(self.folder, terms or Terms(), db.clock)
        self.bank.open_account(
            HOUSE_ACCOUNT,
            Account(HOUSE_ACCOUNT.number, EUR, "Teahouse", opening, is_customer=True),
        )
        self.bank.open_account(
            HOUSE_IN_CHINA,
            Account(HOUSE_IN_CHINA.number, CNY, "Teahouse", opening, is_customer=True),
        )
        self.house: House = make_wallet_house(
            db,
            folder / "data",
            partner_bank_url=str(self.folder),
            partner_bank_accounts=[
                f"EUR:{HOUSE_ACCOUNT.number}",
                f"CNY:{HOUSE_IN_CHINA.number}",
            ],
            partner_bank_name="Teahouse Cooperative",
            wallet_currencies=["EUR", "CNY"],
        )
        kinds = [
            *name_check_jobs.JOB_KINDS,
            *outside_jobs.JOB_KINDS,
            *reconciliation_jobs.JOB_KINDS,
            *settlement_jobs.JOB_KINDS,
        ]
        self.worker = Worker(db, self.house.services, kinds)

    async def work(self) -> None:
        """Run what is due in the house."""
        await self.worker.run_due()

    async def exchange(self, rounds: int = 2) -> None:
        """Let house and bank hear of one another."""
        for _ in range(rounds):
            await self.work()
            self.bank.work()
            self.clock.advance(POLL_MS)
            await self.work()

    async def end_day(self) -> None:
        """Let the bank's day end, and the house take the statement."""
        self.clock.advance(DAY_MS)
        await self.exchange()

    def code_of(self, number: str) -> str:
        """The code that the holder of an account reads on their statement."""
        for file in sorted((self.folder / "archive").glob("*.xml")):
            if iso20022.find_kind(file.read_bytes()) != iso20022.TRANSFERS:
                continue
            for one in iso20022.read_transfers(file.read_bytes()).transfers:
                code = re.match(r"Code ([0-9]{6}) ", one.text)
                if one.account.number == number and code:
                    return code[1]
        raise AssertionError("no small credit was sent there")

    async def register(self, name: str, *, eur: int = 0) -> Payer:
        """A member, with money in a wallet where it is said."""
        payer = await register_payer(self.house, name)
        if eur:
            fund(self.house.db, payer.user_id, Money(eur, EUR))
        return payer

    async def link(self, payer: Payer, number: str = "", **told: Any) -> dict[str, Any]:
        """Link an account and verify it."""
        number = number or iban()
        linked = await payer.asked("POST", "/outside-accounts", new_account(number, **told))
        await self.exchange()
        path = f"/outside-accounts/{linked['outside_account_id']}/verify"
        verified: dict[str, Any] = await payer.asked(
            "POST", path, {"code": self.code_of(number.replace(" ", ""))}
        )
        assert verified["status"] == "verified"
        return verified

    async def top_up(self, payer: Payer, account: dict[str, Any], minor: int) -> dict[str, Any]:
        """Ask for a top-up."""
        body = {"outside_account_id": account["outside_account_id"], "amount": eur(minor)}
        told: dict[str, Any] = await payer.asked("POST", "/top-ups", body)
        return told

    async def withdraw(self, payer: Payer, account: dict[str, Any], minor: int) -> dict[str, Any]:
        """Ask for a withdrawal."""
        body = {"outside_account_id": account["outside_account_id"], "amount": eur(minor)}
        told: dict[str, Any] = await payer.asked("POST", "/withdrawals", body)
        return told

    def balance(self, payer: Payer) -> int:
        """What a member can pay, minor units."""
        return available(self.house.db, payer.user_id, EUR)

    def books(self, currency: Currency = EUR) -> dict[str, int]:
        """What the house's accounts hold, those that hold something."""
        held = {name.value: house_balance(self.house.db, name, currency) for name in HouseAccount}
        return {name: minor for name, minor in held.items() if minor}

    def at_bank(self, number: str = HOUSE_ACCOUNT.number) -> int:
        """What an account at the bank holds."""
        return {one.number: one.minor for one in self.bank.list_accounts()}[number]


def eur(minor: Any) -> dict[str, Any]:
    """An amount as JSON."""
    return {"minor": minor, "currency": "EUR"}


def new_account(number: str, **told: Any) -> dict[str, Any]:
    """What is asked for to link an account."""
    return {
        "number": number,
        "bank": "Commerzbank",
        "holder": "Ada Lovelace",
        "currency": "EUR",
        "allow_debits": True,
        **told,
    }
