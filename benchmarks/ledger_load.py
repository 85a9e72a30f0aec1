"""Callers who move money through the ledger as the server does: many at once, one event loop."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from teahouse.ledger import (
    FREE,
    NEVER,
    AccountId,
    HoldPosting,
    HoldVoiding,
    Order,
    Posting,
    TransactionDraft,
    TransactionId,
    hold_of,
    open_account,
    post_transaction,
    post_transactions,
)
from teahouse.migrations import upgrade
from teahouse.platform.chance import Chance
from teahouse.platform.clock import SystemClock
from teahouse.platform.db import Database, Tx
from teahouse.platform.money import Currency

_CNY = Currency("CNY")
_HOUR_MS = 3_600_000
_ACCOUNTS_AT_ONCE = 1000
_FUNDED_AT_ONCE = 100
_FUNDS = 10**9


@dataclass
class Spent:
    """What a run of transfers took.

    Attributes:
        count: transfers.
        seconds: on the wall.
        cpu_seconds: processor time of this process, callers included.
        waits: how long each caller waited, seconds.
    """

    count: int
    seconds: float
    cpu_seconds: float
    waits: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Transfers a second."""
        return self.count / self.seconds


class House:
    """A ledger with accounts, open and running.

    Args:
        url: an empty database.
        accounts: how many.
        seed: of who pays whom.
    """

    def __init__(self, url: str, *, accounts: int, seed: int = 1) -> None:
        upgrade(url)
        self.db = Database(url, clock=SystemClock(), chance=Chance(seed))
        self.db.start()
        self._random = random.Random(seed)
        self._number = 0
        self.accounts: list[AccountId] = []
        while len(self.accounts) < accounts:
            count = min(_ACCOUNTS_AT_ONCE, accounts - len(self.accounts))
            self.accounts += self.db.run(_open, len(self.accounts), count)

    def stop(self) -> None:
        """Close the database."""
        self.db.stop()

    def draft(self, *, hold: bool = False) -> TransactionDraft:
        """The next transfer: a key that sorts by time, a random payer and payee."""
        self._number += 1
        number = self._number
        payer = self._random.choice(self.accounts)
        payee = self._random.choice(self.accounts)
        return TransactionDraft(
            key=f"pay_{number:024d}:capture",
            postings=(Posting(payer, 5), Posting(payee, -5)),
            kind="transfer",
            reference=f"trf_{number:024d}",
            hold_until=self.db.clock.now_ms() + _HOUR_MS if hold else None,
        )

    async def send(self, order: Order) -> TransactionId:
        """One caller's transfer: it returns once it is durable."""
        return (await self.db.write_batched(post_transactions, (order,)))[0]


def _open(tx: Tx, first: int, count: int) -> list[AccountId]:
    """Accounts that may not be overdrawn, with enough in them."""
    bank = open_account(tx, owner="house", currency=_CNY, kind="asset", overdraft=FREE)
    opened = [
        open_account(
            tx,
            owner=f"pty_{number:024d}",
            currency=_CNY,
            kind="liability",
            code="2100",
            overdraft=NEVER,
        )
        for number in range(first, first + count)
    ]
    for start in range(0, count, _FUNDED_AT_ONCE):
        funded = opened[start : start + _FUNDED_AT_ONCE]
        legs = [Posting(account, -_FUNDS) for account in funded]
        postings = (Posting(bank, _FUNDS * len(legs)), *legs)
        key = f"fund_{first + start:024d}"
        post_transaction(tx, TransactionDraft(key=key, postings=postings, kind="topup"))
    return opened


async def send_many(house: House, count: int, *, callers: int) -> Spent:
    """Callers who each send the next transfer as soon as they have the answer to the last."""
    # Made before: what a caller does to know what it wants is not the ledger's cost.
    drafts = [house.draft() for _ in range(count)]
    drafts.reverse()

    async def call() -> None:
        while drafts:
            await house.send(drafts.pop())

    return await _measure(count, *(call() for _ in range(callers)))


async def send_with_holds(house: House, count: int, *, callers: int) -> Spent:
    """Of ten transactions six are transfers, two hold, one posts a hold and one voids one."""
    left = count

    async def call() -> None:
        nonlocal left
        while left > 0:
            left -= 10
            for _ in range(6):
                await house.send(house.draft())
            one, other = house.draft(hold=True), house.draft(hold=True)
            hold = hold_of(await house.send(one))
            await house.send(HoldPosting(key=f"{one.key}:post", hold=hold))
            hold = hold_of(await house.send(other))
            await house.send(HoldVoiding(key=f"{other.key}:void", hold=hold))

    return await _measure(count, *(call() for _ in range(callers)))


async def send_steadily(house: House, count: int, *, rate: float) -> Spent:
    """Transfers that arrive evenly, whether or not earlier ones have been answered."""
    waits: list[float] = []

    async def call(due: float) -> None:
        await house.send(house.draft())
        waits.append(time.perf_counter() - due)

    async def arrive() -> None:
        start = time.perf_counter()
        calls: list[asyncio.Task[None]] = []
        while len(calls) < count:
            now = time.perf_counter()
            while len(calls) < count and (due := start + len(calls) / rate) <= now:
                # A wait counts from when the transfer was due, not from when it got its turn.
                calls.append(asyncio.create_task(call(due)))
            await asyncio.sleep(0.001)
        await asyncio.gather(*calls)

    spent = await _measure(count, arrive())
    spent.waits = waits
    return spent


async def _measure(count: int, *work: object) -> Spent:
    gc.collect()
    gc.freeze()  # as the server does once it has started
    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*work)  # type: ignore[call-overload]
    return Spent(count, time.perf_counter() - start, time.process_time() - cpu)


def sqlite_path(folder: Path, name: str) -> Path:
    """A file for a database that is not there yet."""
    path = folder / f"{name}.db"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    return path
