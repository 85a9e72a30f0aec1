"""Statements and notifications as a bank would write them, or somebody who pretends to be it."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from teahouse import iso20022
from teahouse.iso20022 import (
    AccountNumber,
    Entry,
    Notification,
    Statement,
    StatusReport,
    TransactionStatus,
)
from teahouse.platform.money import Currency, Money
from teahouse.wallet.outside.rules import reference_of
from tests.kit.shop_house import register_staff
from tests.kit.wallet_house import Payer
from tests.wallet.outside.kit import HOUSE_ACCOUNT, POLL_MS, Town

DAY = date(2023, 11, 14)
ADMIN = "/admin/reconciliation"
_numbers = itertools.count(1)


def line(minor: int, order: dict[str, Any] | str = "", **told: Any) -> Entry:
    """A line of a statement."""
    reference = order if isinstance(order, str) else reference_of(order["order_id"])
    return Entry(Money(minor, Currency("EUR")), DAY, DAY, end_to_end_id=reference, **told)


def statement(
    *entries: Entry,
    opening: int = 0,
    sequence: int = 1,
    account: AccountNumber = HOUSE_ACCOUNT,
    name: str = "",
) -> Statement:
    """A statement whose lines lead from its opening to its closing balance."""
    message_id = name or f"ST-{next(_numbers)}"
    day = DAY + timedelta(days=sequence)
    return Statement(
        message_id=message_id,
        created_at=1_700_000_000_000,
        id=message_id,
        sequence=sequence,
        account=account,
        currency=Currency("EUR"),
        opened_on=day,
        closed_on=day,
        opening=opening,
        closing=opening + sum(entry.amount.minor for entry in entries),
        entries=entries,
    )


def notification(*entries: Entry, account: AccountNumber = HOUSE_ACCOUNT) -> Notification:
    """A notification."""
    message_id = f"NO-{next(_numbers)}"
    return Notification(message_id, 1_700_000_000_000, message_id, account, entries)


def decision(order: dict[str, Any], status: str, reason: str = "") -> StatusReport:
    """The bank's decision about one order."""
    reference = reference_of(order["order_id"])
    one = TransactionStatus(reference, status, reason)
    return StatusReport(
        message_id=f"DE-{next(_numbers)}",
        created_at=1_700_000_000_000,
        original_id="some-file",
        original_kind=iso20022.TRANSFERS,
        transactions=(one,),
    )


def write(message: Statement | Notification | StatusReport) -> bytes:
    """A message's bytes."""
    if isinstance(message, Statement):
        return iso20022.write_statement(message)
    if isinstance(message, Notification):
        return iso20022.write_notification(message)
    return iso20022.write_status(message)


async def tell(town: Town, *messages: Statement | Notification | StatusReport | bytes) -> None:
    """Lay messages into the folder, one by one, as the bank does, and let the house take them."""
    for message in messages:
        raw = message if isinstance(message, bytes) else write(message)
        (town.folder / "outbox" / f"m-{next(_numbers)}.xml").write_bytes(raw)
        town.clock.advance(POLL_MS)
        await town.work()


class Officer(Payer):
    """One of the staff who may reconcile."""

    async def items(self, status: str = "open") -> list[dict[str, Any]]:
        """What needs a person, the oldest first."""
        found = await self.asked("GET", f"{ADMIN}/items?status={status}")
        items: list[dict[str, Any]] = found["items"]
        return items[::-1]

    async def propose(self, item: dict[str, Any], action: str, **told: Any) -> Any:
        """Propose a resolution."""
        body = {"action": action, "note": "Seen.", **told}
        return await self.ask("POST", f"{ADMIN}/items/{item['item_id']}/propose", body)

    async def agree(self, item: dict[str, Any]) -> Any:
        """Agree to another's."""
        return await self.ask("POST", f"{ADMIN}/items/{item['item_id']}/agree")

    async def decline(self, item: dict[str, Any]) -> Any:
        """Let it be open again."""
        return await self.ask("POST", f"{ADMIN}/items/{item['item_id']}/decline")


async def make_officers(town: Town) -> tuple[Officer, Officer]:
    """Two of the staff."""
    made = []
    for name in ("officer-one", "officer-two"):
        payer = await register_staff(town.house, name, "bank_officer")
        login = {
            "user_id": payer.user_id,
            "access_token": payer.token,
            "device_id": payer.device_id,
        }
        made.append(Officer(town.house, login))
    return made[0], made[1]
