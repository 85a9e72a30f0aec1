"""A desk at which tests keep books."""

from __future__ import annotations

import itertools

from teahouse.ledger import (
    FREE,
    NEVER,
    AccountId,
    AccountKind,
    HoldId,
    Overdraft,
    Posting,
    TransactionDraft,
    TransactionId,
    find_balance,
    hold,
    make_checks,
    open_account,
    post_transaction,
)
from teahouse.platform.checks import run_checks
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.money import Currency

CNY, EUR, XAF = Currency("CNY"), Currency("EUR"), Currency("XAF")
MINUTE_MS = 60_000


class Desk:
    """Opens accounts and moves money between them, with keys and kinds of its own."""

    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db = db
        self.clock = clock
        self._keys = (f"key_{number:06d}" for number in itertools.count(1))

    def key(self) -> str:
        return next(self._keys)

    def open(
        self,
        kind: AccountKind = "liability",
        *,
        currency: Currency = CNY,
        overdraft: Overdraft = NEVER,
        code: str = "",
        owner: str = "pty_1",
    ) -> AccountId:
        return self.db.run(
            open_account, owner=owner, currency=currency, kind=kind, code=code, overdraft=overdraft
        )

    def bank(self, currency: Currency = CNY) -> AccountId:
        """The house's own money, without end."""
        return self.open("asset", currency=currency, overdraft=FREE, code="1100", owner="house")

    def draft(
        self, *legs: tuple[AccountId, int], key: str | None = None, until: int | None = None
    ) -> TransactionDraft:
        postings = tuple(Posting(account, amount) for account, amount in legs)
        return TransactionDraft(
            key=key or self.key(), postings=postings, kind="test", hold_until=until
        )

    def post(self, *legs: tuple[AccountId, int], key: str | None = None) -> TransactionId:
        return self.db.run(post_transaction, self.draft(*legs, key=key))

    def pay(self, payer: AccountId, payee: AccountId, amount: int) -> TransactionId:
        """Between two accounts of liabilities."""
        return self.post((payer, amount), (payee, -amount))

    def fund(self, bank: AccountId, account: AccountId, amount: int) -> None:
        self.post((bank, amount), (account, -amount))

    def hold(self, *legs: tuple[AccountId, int], for_ms: int = MINUTE_MS) -> HoldId:
        return self.db.run(hold, self.draft(*legs, until=self.clock.now_ms() + for_ms))

    def balances(self, account: AccountId, at: int | None = None) -> tuple[int, int, int, int]:
        """Posted, pending in, pending out, available."""
        found = self.db.look(find_balance, account, at)
        assert found.posted.currency == found.available.currency
        return (
            found.posted.minor,
            found.pending_in.minor,
            found.pending_out.minor,
            found.available.minor,
        )

    def problems(self) -> list[str]:
        """What `teahouse check` finds."""
        with self.db.reading() as read:
            return [one for done in run_checks(read, make_checks()) for one in done.problems]
