"""`kill -9` under load: no acknowledged transfer is lost, none is done twice, no money appears.

`TEAHOUSE_CRASH_ROUNDS` says how often the process is killed; 3 times unless told otherwise.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from teahouse import ledger
from teahouse.ledger.tables import ledger_transaction
from teahouse.platform.checks import run_checks
from teahouse.platform.db import Database, Read
from teahouse.platform.money import Currency
from tests.kit.ledger_load import OWNER, find_accounts, make_chain

ROUNDS = int(os.environ.get("TEAHOUSE_CRASH_ROUNDS", "3"))
CALLERS = 32
ACCOUNTS = 12
EACH = 1000
ROOT = Path(__file__).parent.parent.parent


def _open_accounts(db: Database) -> None:
    cash = db.run(
        ledger.open_account,
        owner="house",
        currency=Currency("CNY"),
        kind="asset",
        overdraft=ledger.FREE,
    )
    for number in range(ACCOUNTS):
        account = db.run(
            ledger.open_account, owner=OWNER, currency=Currency("CNY"), kind="liability"
        )
        draft = ledger.TransactionDraft(
            key=f"fund-{number}",
            postings=(ledger.Posting(cash, EACH), ledger.Posting(account, -EACH)),
            kind="fund",
        )
        db.run(ledger.post_transaction, draft)


def _run_until_killed(
    url: str, starts: list[int], chance: random.Random
) -> list[tuple[int, int, str]]:
    """One life of the load; what it was told."""
    command = [sys.executable, "-m", "tests.kit.ledger_load", url, ",".join(map(str, starts))]
    countdown = chance.randint(1, 600)
    answers: list[tuple[int, int, str]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            # The last line may have been cut by the kill.
            if line.endswith("\n"):
                caller, number, told = line.split()
                answers.append((int(caller), int(number), told))
            countdown -= 1
            if countdown == 0:
                process.kill()
    assert countdown <= 0, "the load ended by itself"
    return answers


def _count_in_books(read: Read) -> int:
    loaded = ledger_transaction.c.kind == "load"
    counted = sa.select(sa.func.count()).select_from(ledger_transaction).where(loaded)
    return int(read.conn.execute(counted).scalar_one())


def test_kills_under_load_lose_nothing_and_double_nothing(
    db: Database, database_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    _open_accounts(db)
    accounts = db.look(find_accounts)
    starts = [0] * CALLERS
    told: dict[tuple[int, int], str] = {}
    for _ in range(ROUNDS):
        for caller, number, answer in _run_until_killed(database_url, starts, chance):
            assert told.setdefault((caller, number), answer) == answer
            starts[caller] = number + 1
    entered = 0
    for (caller, number), answer in told.items():
        chain = make_chain(accounts, caller, number)
        if not answer.startswith("txn_"):
            assert answer == ledger.InsufficientFunds.code
            continue
        entered += len(chain)
        # Asked once more, it gives what it gave: nothing was forgotten, nothing is done again.
        [again] = db.run(ledger.post_transactions, [chain])
        assert isinstance(again, tuple), again
        assert again[0] == answer
        found = db.look(ledger.find_transaction, again[0])
        assert found is not None
        assert (found.key, found.postings) == (chain[0].key, chain[0].postings)
    stored = db.look(_count_in_books)
    # What was on its way at a kill may be in the books, without anybody having been told.
    assert entered <= stored <= entered + 2 * CALLERS * ROUNDS
    assert entered > 0
    balances = db.look(ledger.find_balances, accounts)
    assert sum(balance.posted.minor for balance in balances.values()) == ACCOUNTS * EACH
    assert min(balance.available.minor for balance in balances.values()) >= 0
    found_problems = db.look(lambda read: list(run_checks(read, ledger.make_checks())))
    assert [one for one in found_problems if one.problems] == []
