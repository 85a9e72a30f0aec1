"""Payments against a small model: whatever is done in whatever order, each unit is somewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse import ledger
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Tx
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.payments.commands import (
    hold_payment,
    note_expired_holds,
    pay,
    reverse_payment,
    settle_payment,
    void_payment,
)
from teahouse.wallet.payments.queries import find_payment, find_payments_amiss
from teahouse.wallet.payments.types import Payment, PaymentDraft, PaymentKind
from teahouse.wallet.wallets.commands import house_account, open_wallet
from teahouse.wallet.wallets.types import HouseAccount, Wallet
from tests.kit.database import Databases, open_database

CNY = Currency("CNY")
HOUR_MS = 3_600_000
START = 1000
Step: TypeAlias = tuple[str, int, int, int]

# What is done, by or to whom, to whom or to which payment, how much.
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["pay", "pay", "hold", "hold", "settle", "void", "reverse", "wait", "retry"]
        ),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 1200),
    ),
    max_size=40,
)


@dataclass
class Model:
    """What should be: who has how much, and what is reserved.

    Attributes:
        posted: by member.
        fees: of the house.
        held: open holds: who pays whom, how much, with which fee, until when.
        done: completed payments in the same form.
    """

    posted: list[int] = field(default_factory=lambda: [START] * 3)
    fees: int = 0
    held: dict[str, tuple[int, int, int, int, int]] = field(default_factory=dict)
    done: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)

    def available(self, who: int) -> int:
        return self.posted[who] - sum(one[2] for one in self.held.values() if one[0] == who)

    def move(self, payer: int, payee: int, minor: int, fee: int) -> None:
        self.posted[payer] -= minor
        self.posted[payee] += minor - fee
        self.fees += fee


class World:
    """The payments of three members, in the database and in the model."""

    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db, self.clock, self.model = db, clock, Model()
        db.react(ledger.HoldsExpired, note_expired_holds)
        self.wallets: list[Wallet] = db.run(self._open)
        self.payments: list[str] = []
        self.drafts: list[tuple[PaymentDraft, int | None, str]] = []

    def _open(self, tx: Tx) -> list[Wallet]:
        wallets = [open_wallet(tx, party_of(tx, f"@{who}:tea"), CNY) for who in range(3)]
        for wallet in wallets:
            pay(
                tx,
                PaymentDraft(
                    kind=PaymentKind.TOPUP, payer=HouseAccount.CASH_AT_BANK, payee=wallet.id,
                    amount=Money(START, CNY), key=f"fund:{wallet.id}",
                ),
            )  # fmt: skip
        return wallets

    def attempt(self, command: Callable[..., Payment], *args: Any, **kwargs: Any) -> Payment | None:
        try:
            return self.db.run(command, *args, **kwargs)
        except Refusal:
            return None

    def take(self, step: Step) -> None:
        deed, first, second, minor = step
        match deed:
            case "pay" | "hold":
                self._pay(first, second, minor, holds=deed == "hold")
            case "settle" | "void" | "reverse" if self.payments:
                self._answer(deed, self.payments[minor % len(self.payments)], second)
            case "wait":
                self.clock.advance(first * HOUR_MS)
                self.db.run(ledger.expire_holds)
                now = self.clock.now_ms()
                for key in [one for one, held in self.model.held.items() if held[4] <= now]:
                    del self.model.held[key]
            case "retry" if self.drafts:
                draft, until, payment_id = self.drafts[minor % len(self.drafts)]
                again = self._send(draft, until)
                assert again is not None
                assert again.id == payment_id

    def _send(self, draft: PaymentDraft, until: int | None) -> Payment | None:
        if until is None:
            return self.attempt(pay, draft)
        return self.attempt(hold_payment, draft, until=until)

    def _pay(self, payer: int, payee: int, minor: int, *, holds: bool) -> None:
        fee = minor // 7
        draft = PaymentDraft(
            kind=PaymentKind.TRANSFER,
            payer=self.wallets[payer].id,
            payee=self.wallets[payee].id,
            amount=Money(minor, CNY),
            fee=Money(fee, CNY),
            key=f"key:{len(self.drafts)}:{payer}:{payee}:{minor}:{self.clock.now_ms()}",
        )
        until = self.clock.now_ms() + HOUR_MS if holds else None
        is_possible = payer != payee and 0 < minor <= self.model.available(payer)
        made = self._send(draft, until)
        assert (made is not None) == is_possible
        if made is None:
            return
        self.payments.append(made.id)
        self.drafts.append((draft, until, made.id))
        if until is None:
            self.model.move(payer, payee, minor, fee)
            self.model.done[made.id] = (payer, payee, minor, fee)
        else:
            self.model.held[made.id] = (payer, payee, minor, fee, until)

    def _answer(self, deed: str, payment_id: str, part: int) -> None:
        held, done = self.model.held.get(payment_id), self.model.done.get(payment_id)
        if deed == "settle":
            amount = Money(max(1, held[2] // (part + 1)), CNY) if held else None
            settled = self.attempt(settle_payment, payment_id, key=f"{payment_id}:s", amount=amount)
            if held is not None:
                assert settled is not None
                payer, payee, *_ = self.model.held.pop(payment_id)
                minor, fee = settled.amount.minor, settled.fee.minor
                assert amount is not None
                # The fee is that of the whole, in proportion, to a unit.
                assert minor == amount.minor
                assert abs(fee * held[2] - held[3] * minor) <= held[2]
                self.model.move(payer, payee, minor, fee)
                self.model.done[payment_id] = (payer, payee, minor, fee)
        elif deed == "void":
            voided = self.attempt(void_payment, payment_id, key=f"{payment_id}:v")
            if held is not None:
                assert voided is not None
                del self.model.held[payment_id]
        elif done is not None and self.model.available(done[1]) >= done[2] - done[3]:
            assert self.attempt(reverse_payment, payment_id, key=f"{payment_id}:r") is not None
            payer, payee, minor, fee = self.model.done.pop(payment_id)
            self.model.move(payer, payee, -minor, -fee)

    def compare(self) -> None:
        accounts = [wallet.account for wallet in self.wallets]
        balances = self.db.look(ledger.find_balances, accounts)
        assert [balances[one].posted.minor for one in accounts] == self.model.posted
        assert [balances[one].available.minor for one in accounts] == [
            self.model.available(who) for who in range(3)
        ]
        fees = self.db.run(house_account, HouseAccount.FEE_INCOME, CNY)
        assert self.db.look(ledger.find_balance, fees).posted.minor == self.model.fees
        assert sum(self.model.posted) + self.model.fees == 3 * START
        assert [
            one for one in self.db.look(lambda read: list(find_payments_amiss(read))) if one
        ] == []
        for payment_id in self.payments:
            found = self.db.look(find_payment, payment_id)
            assert found is not None
            assert (found.status == "pending") == (payment_id in self.model.held)
            assert (found.status == "completed") == (payment_id in self.model.done)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@given(taken=steps)
@settings(max_examples=15)
def test_every_unit_is_somewhere(databases: Databases, kind: Any, taken: list[Step]) -> None:
    url, clock = databases.create(kind), ManualClock()
    with open_database(url, clock) as db:
        world = World(db, clock)
        for step in taken:
            world.take(step)
        world.compare()
    databases.drop(url)
