"""Whatever is asked of the books in whatever order, they do what the reference model does.

`TEAHOUSE_MODEL_RUNS` says how many runs of up to 40 steps are made; 60 unless told otherwise.
"""

import os
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from teahouse import ledger
from teahouse.ledger.types import Overdraft
from teahouse.platform.checks import run_checks
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency
from tests.kit.books import Books, ModelAccount, Order, Reason

EXAMPLES = int(os.environ.get("TEAHOUSE_MODEL_RUNS", "60"))
STEPS = 40

AMOUNTS = st.integers(1, 12)
CNY = Currency("CNY")
CURRENCIES = st.sampled_from([CNY, Currency("XAF")])
KINDS = st.sampled_from(["asset", "liability", "equity", "income", "expense"])
OVERDRAFTS = st.sampled_from([Overdraft(0), Overdraft(0), Overdraft(5), Overdraft(None)])

Balance = tuple[int, int, int, int]


class BooksMachine(RuleBasedStateMachine):
    """Runs on one database after the other; each run opens accounts of its own in it."""

    db: Database
    clock: ManualClock
    run_count = 0
    # Not the clock's: the books never go back, in one run or from one to the next.
    booked_at = 0

    accounts = Bundle("accounts")
    holds = Bundle("holds")
    transactions = Bundle("transactions")

    def __init__(self) -> None:
        super().__init__()
        type(self).run_count += 1
        self.key_count = 0
        self.model = Books()
        self.past: dict[int, dict[str, Balance]] = {}

    @initialize(target=accounts)
    def open_some(self) -> object:
        return multiple(
            self._open(CNY, "liability", Overdraft(0)),
            self._open(CNY, "asset", Overdraft(None)),
            self._open(CNY, "liability", Overdraft(0)),
        )

    @rule(target=accounts, currency=CURRENCIES, kind=KINDS, overdraft=OVERDRAFTS)
    def open(self, currency: Currency, kind: ledger.AccountKind, overdraft: Overdraft) -> str:
        return self._open(currency, kind, overdraft)

    @rule(target=transactions, payer=accounts, payee=accounts, amount=AMOUNTS)
    def post(self, payer: str, payee: str, amount: int) -> object:
        return self._do(self._draft((payer, amount), (payee, -amount)))

    @rule(target=holds, payer=accounts, payee=accounts, amount=AMOUNTS, ms=st.integers(0, 9))
    def hold(self, payer: str, payee: str, amount: int, ms: int) -> object:
        until = self._now() + ms
        return self._do(self._draft((payer, amount), (payee, -amount), hold_until=until))

    @rule(
        target=transactions,
        legs=st.lists(st.tuples(accounts, st.integers(-6, 6).filter(bool)), max_size=4),
        balancing=accounts,
    )
    def post_many(self, legs: list[tuple[str, int]], balancing: str) -> object:
        rest = -sum(amount for _, amount in legs)
        return self._do(self._draft(*legs, (balancing, rest))) if rest else multiple()

    @rule(legs=st.lists(st.tuples(accounts, AMOUNTS), min_size=2, max_size=3))
    def post_what_does_not_balance(self, legs: list[tuple[str, int]]) -> None:
        draft = self._draft(*legs)
        assert self.model.reasons(draft, self._now())
        self._do(draft)

    @rule(hold=holds, amount=st.none() | st.integers(-1, 13))
    def post_hold(self, hold: ledger.HoldId, amount: int | None) -> None:
        self._do(ledger.HoldPosting(key=self._key(), hold=hold, amount=amount))

    @rule(hold=holds)
    def void_hold(self, hold: ledger.HoldId) -> None:
        self._do(ledger.HoldVoiding(key=self._key(), hold=hold))

    @rule(target=transactions, transaction=transactions)
    def reverse(self, transaction: ledger.TransactionId) -> object:
        return self._do(ledger.Reversal(key=self._key(), transaction=transaction))

    @rule(
        payer=accounts,
        payee=accounts,
        amounts=st.lists(st.integers(-9, 9).filter(bool), min_size=2, max_size=3),
    )
    def post_linked(self, payer: str, payee: str, amounts: list[int]) -> None:
        chain = tuple(self._draft((payer, a), (payee, -a)) for a in amounts)
        reasons = self._reasons_of_chain(chain)
        [outcome] = self.db.run(ledger.post_transactions, [chain])
        if reasons:
            assert type(outcome) in reasons, outcome
            return
        assert not isinstance(outcome, Refusal), outcome
        for order, result in zip(chain, outcome, strict=True):
            self.model.apply(order, result, self._now())
        self._note()

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.model.answers:
            key = data.draw(st.sampled_from(list(self.model.answers)))
            self._do(self.model.answers[key][0])

    @rule(data=st.data(), payer=accounts, payee=accounts, amount=AMOUNTS)
    def reuse_a_key(self, data: st.DataObject, payer: str, payee: str, amount: int) -> None:
        if self.model.answers:
            key = data.draw(st.sampled_from(list(self.model.answers)))
            self._do(self._draft((payer, amount), (payee, -amount), key=key))

    @rule(ms=st.integers(-3, 6))
    def let_time_pass(self, ms: int) -> None:
        self.clock.advance(ms)

    @rule()
    def expire(self) -> None:
        ended = set(self.db.run(ledger.expire_holds))
        # Those of earlier runs end too.
        assert self.model.expire(self._now()) == ended & set(self.model.holds)
        if ended:
            self._note()

    @rule(account=accounts)
    def freeze(self, account: str) -> None:
        self._set_status(account, ledger.freeze_account, "frozen")

    @rule(account=accounts)
    def unfreeze(self, account: str) -> None:
        self._set_status(account, ledger.unfreeze_account, "open")

    @rule(account=accounts)
    def close(self, account: str) -> None:
        model = self.model.accounts[account]
        if model.posted or model.pending_debit or model.pending_credit:
            self._refused({ledger.AccountNotEmpty}, ledger.close_account, account)
        else:
            self.db.run(ledger.close_account, account)
            self._become(account, "closed")

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        found = self.db.look(ledger.find_balances, list(self.model.accounts))
        assert {str(name): _plain(balance) for name, balance in found.items()} == {
            name: account.balance() for name, account in self.model.accounts.items()
        }

    def teardown(self) -> None:
        assert self.db.look(ledger.trial_balance).differences() == {}
        for instant, then in self.past.items():
            for name, balance in then.items():
                assert _plain(self.db.look(ledger.find_balance, name, instant)) == balance

    def _open(self, currency: Currency, kind: ledger.AccountKind, overdraft: Overdraft) -> str:
        opened = self.db.run(
            ledger.open_account,
            owner=f"pty_{self.run_count}",
            currency=currency,
            kind=kind,
            overdraft=overdraft,
        )
        self._advance()
        grows_by_debits = kind in {"asset", "expense"}
        self.model.accounts[opened] = ModelAccount(currency, grows_by_debits, overdraft.limit)
        return opened

    def _draft(
        self, *legs: tuple[str, int], key: str | None = None, hold_until: int | None = None
    ) -> ledger.TransactionDraft:
        return ledger.TransactionDraft(
            key=key or self._key(),
            postings=tuple(ledger.Posting(ledger.AccountId(a), amount) for a, amount in legs),
            kind="test",
            hold_until=hold_until,
        )

    def _key(self) -> str:
        self.key_count += 1
        return f"{self.run_count}-{self.key_count}"

    def _do(self, order: Order) -> object:
        """Apply an order to both; what it made, as a value of a bundle."""
        reasons = self.model.reasons(order, self._now())
        [outcome] = self.db.run(ledger.post_transactions, [(order,)])
        if reasons:
            assert type(outcome) in reasons, f"{outcome!r} where {reasons} hold"
            return multiple()
        assert not isinstance(outcome, Refusal), repr(outcome)
        is_new = order.key not in self.model.answers
        self.model.apply(order, outcome[0], self._now())
        if is_new:
            # What is repeated is not booked again, and moves no time.
            self._note()
        if isinstance(order, ledger.TransactionDraft) and order.hold_until is not None:
            return ledger.hold_of(outcome[0])
        return outcome[0]

    def _reasons_of_chain(self, chain: tuple[Order, ...]) -> set[Reason]:
        trial = self.model.copy()
        for number, order in enumerate(chain):
            reasons = trial.reasons(order, self._now())
            if reasons:
                return reasons
            trial.apply(order, f"trial-{number}", self._now())
        return set()

    def _set_status(self, account: str, command: Callable[..., None], status: str) -> None:
        model = self.model.accounts[account]
        if model.status == "closed":
            self._refused({ledger.AccountClosed}, command, account)
        else:
            self.db.run(command, account)
            self._become(account, status)

    def _become(self, account: str, status: str) -> None:
        model = self.model.accounts[account]
        if model.status != status:
            model.status = status
            # A note in the books, at an instant like any other.
            self._note()

    def _refused(self, reasons: set[Reason], command: Callable[..., None], account: str) -> None:
        try:
            self.db.run(command, account)
        except Refusal as refusal:
            assert type(refusal) in reasons  # noqa: PT017 - which one is what is looked at
        else:
            raise AssertionError(f"let through in spite of {reasons}")

    def _now(self) -> int:
        return max(self.booked_at, self.clock.now_ms())

    def _advance(self) -> None:
        type(self).booked_at = self._now()

    def _note(self) -> None:
        """Keep what was true at this instant of the books."""
        self._advance()
        self.past[self.booked_at] = {
            name: account.balance() for name, account in self.model.accounts.items()
        }


def _plain(balance: ledger.Balance) -> Balance:
    return (
        balance.posted.minor,
        balance.pending_in.minor,
        balance.pending_out.minor,
        balance.available.minor,
    )


def test_the_books_do_what_the_model_does(db: Database, clock: ManualClock) -> None:
    machine = type("Machine", (BooksMachine,), {"db": db, "clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    found = db.look(lambda read: list(run_checks(read, ledger.make_checks())))
    assert [one for one in found if one.problems] == []
