"""A partner bank in a folder, and its customer."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from teahouse import iso20022
from teahouse.iso20022 import (
    AccountNumber,
    Debit,
    DebitFile,
    Entry,
    NameReport,
    Notification,
    Statement,
    StatusReport,
    Transfer,
    TransferFile,
)
from teahouse.partner_bank import DAY_MS, Account, PartnerBank, Terms
from teahouse.platform.clock import ManualClock
from teahouse.platform.money import Currency, Money

M = TypeVar("M")

EUR = Currency("EUR")
HOUSE = AccountNumber("DE89370400440532013000", is_iban=True)
START = 1_795_000_000_000


def number(ending: str) -> AccountNumber:
    """Somebody's account at another bank."""
    return AccountNumber(f"62220212345678{ending}", is_iban=False)


class Customer:
    """Lays files into a bank's folder and reads what it answers.

    Args:
        folder: the bank's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count(1)

    def order(
        self, *orders: tuple[str, int, AccountNumber], name: str = "", currency: Currency = EUR
    ) -> str:
        """Lay a file of orders: id, minor units (below zero: collected), account.

        Returns:
            The file's message id.
        """
        message_id = name or f"F-{next(self._numbers)}"
        day = datetime.fromtimestamp(START / 1000, UTC).date()
        if orders[0][1] > 0:
            transfers = tuple(
                Transfer(one, Money(minor, currency), "Ada", account)
                for one, minor, account in orders
            )
            raw = iso20022.write_transfers(
                TransferFile(message_id, START, day, "House", HOUSE, transfers)
            )
        else:
            debits = tuple(
                Debit(one, Money(-minor, currency), "M-1", day, "Ada", account)
                for one, minor, account in orders
            )
            raw = iso20022.write_debits(
                DebitFile(message_id, START, day, "House", HOUSE, "", debits)
            )
        self.lay(f"{message_id}.xml", raw)
        return message_id

    def lay(self, name: str, raw: bytes) -> None:
        """Lay a file of any bytes."""
        draft = self.folder / f"{name}.draft"
        draft.write_bytes(raw)
        draft.replace(self.folder / "inbox" / name)

    def statuses(self) -> list[StatusReport]:
        """Every answer so far, in order."""
        return self._read("pain.002-*", iso20022.read_status)

    def name_reports(self) -> list[NameReport]:
        """Every answer to questions about names."""
        return self._read("acmt.024-*", iso20022.read_name_report)

    def decisions(self) -> dict[str, tuple[str, str]]:
        """Status and reason of every order that was answered."""
        return {
            one.end_to_end_id: (one.status, one.reason)
            for report in self.statuses()
            for one in report.transactions
        }

    def told(self) -> list[Entry]:
        """Every line that was notified."""
        found: list[Notification] = self._read("camt.054-*", iso20022.read_notification)
        return [entry for one in found for entry in one.entries]

    def statements(self) -> list[Statement]:
        """Every statement, in order."""
        return self._read("camt.053-*", iso20022.read_statement)

    def _read(self, pattern: str, read: Callable[[bytes], M]) -> list[M]:
        return [read(file.read_bytes()) for file in sorted((self.folder / "outbox").glob(pattern))]


class Branch(Customer):
    """A bank in this process, with a clock that stands still until it is moved.

    Args:
        folder: the bank's.
        terms: how it behaves.
    """

    def __init__(self, folder: Path, terms: Terms | None = None) -> None:
        super().__init__(folder)
        self.clock = ManualClock(START)
        self.bank = PartnerBank(folder, terms or Terms(), self.clock)
        self.bank.open_account(
            HOUSE, Account(HOUSE.number, EUR, "House", 100_000, is_customer=True)
        )

    def balance(self, account: AccountNumber = HOUSE) -> int:
        """What an account holds."""
        return {one.number: one.minor for one in self.bank.list_accounts()}[account.number]

    def pass_days(self, count: int = 1) -> None:
        """Let days end."""
        for _ in range(count):
            self.clock.advance(DAY_MS)
            self.bank.work()
