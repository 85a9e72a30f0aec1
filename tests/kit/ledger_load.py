"""`python -m tests.kit.ledger_load URL STARTS`: callers that post until they are killed.

It writes a line `caller number id` for every answer. STARTS says with which number each caller
begins, so that a restarted load asks again for what was not answered. What an order says follows
from its caller and number alone: asked again it is the same.
"""

import asyncio
import os
import random
import sys

from teahouse import ledger
from teahouse.platform.chance import Chance
from teahouse.platform.clock import SystemClock
from teahouse.platform.db import Database, Read
from teahouse.platform.errors import Refusal

OWNER = "pty_load"


def make_chain(
    accounts: list[ledger.AccountId], caller: int, number: int
) -> tuple[ledger.TransactionDraft, ...]:
    """What a caller asks for as its `number`-th order: one or two linked transfers."""
    chance = random.Random(f"{caller} {number}")
    drafts = []
    for leg in range(chance.choice([1, 1, 2])):
        payer, payee = chance.sample(accounts, 2)
        amount = chance.randint(1, 100)
        postings = (ledger.Posting(payer, amount), ledger.Posting(payee, -amount))
        drafts.append(
            ledger.TransactionDraft(
                key=f"{number:09}-{caller}-{leg}", postings=postings, kind="load"
            )
        )
    return tuple(drafts)


def find_accounts(read: Read) -> list[ledger.AccountId]:
    """The accounts that were opened for the load."""
    return [account.id for account in ledger.list_accounts(read, owner=OWNER)]


async def _keep_posting(
    db: Database, accounts: list[ledger.AccountId], caller: int, number: int
) -> None:
    while True:
        item = make_chain(accounts, caller, number)
        try:
            found = await db.write_batched(ledger.post_transactions, item)
            told: str = found[0]
        except Refusal as refusal:
            told = refusal.code
        os.write(sys.stdout.fileno(), f"{caller} {number} {told}\n".encode())
        number += 1


async def _run(url: str, starts: list[int]) -> None:
    db = Database(url, clock=SystemClock(), chance=Chance())
    db.start()
    accounts = db.look(find_accounts)
    async with asyncio.TaskGroup() as callers:
        for caller, start in enumerate(starts):
            callers.create_task(_keep_posting(db, accounts, caller, start))


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], [int(text) for text in sys.argv[2].split(",")]))
