"""A small reference model of the ledger: what every order must do, written a second time.

It keeps no history and knows no database. Where an order must be refused it tells every reason
that would do, because which of several is named first is the ledger's own affair.
"""

from dataclasses import dataclass, field

from teahouse import ledger
from teahouse.platform.errors import Refusal

Order = ledger.TransactionDraft | ledger.HoldPosting | ledger.HoldVoiding | ledger.Reversal
Reason = type[Refusal]


@dataclass
class ModelAccount:
    """An account: `posted` counts debits as positive."""

    currency: str
    grows_by_debits: bool
    overdraft: int | None
    status: str = "open"
    posted: int = 0
    pending_debit: int = 0
    pending_credit: int = 0

    def available(self) -> int:
        """What may go out, in terms of the normal side."""
        if self.grows_by_debits:
            return self.posted - self.pending_credit
        return -self.posted - self.pending_debit

    def balance(self) -> tuple[int, int, int, int]:
        """Posted, pending in, pending out, available, in terms of the normal side."""
        if self.grows_by_debits:
            return self.posted, self.pending_debit, self.pending_credit, self.available()
        return -self.posted, self.pending_credit, self.pending_debit, self.available()

    def copy(self) -> "ModelAccount":
        """The account as it is now."""
        return ModelAccount(**self.__dict__)


@dataclass
class ModelHold:
    """A hold that was entered."""

    postings: tuple[ledger.Posting, ...]
    until: int
    is_pending: bool = True


@dataclass
class Books:
    """The whole ledger.

    Attributes:
        answers: what each idempotency key was used for, and the id it gave.
    """

    accounts: dict[str, ModelAccount] = field(default_factory=dict)
    answers: dict[str, tuple[Order, str]] = field(default_factory=dict)
    holds: dict[str, ModelHold] = field(default_factory=dict)
    moved: dict[str, tuple[ledger.Posting, ...]] = field(default_factory=dict)
    reversed: set[str] = field(default_factory=set)

    def copy(self) -> "Books":
        """The books as they are now; orders are never changed, so they are shared."""
        return Books(
            {key: account.copy() for key, account in self.accounts.items()},
            dict(self.answers),
            {key: ModelHold(h.postings, h.until, h.is_pending) for key, h in self.holds.items()},
            dict(self.moved),
            set(self.reversed),
        )

    def reasons(self, order: Order, now: int) -> set[Reason]:
        """Why an order must be refused: any of them will do; none where it must be done."""
        earlier = self.answers.get(order.key)
        if earlier is not None:
            return set() if earlier[0] == order else {ledger.IdempotencyConflict}
        after = self.copy()
        found = after._apply(order, now)
        return found if found else self._find_overdrawn(after)

    def apply(self, order: Order, result: str, now: int) -> None:
        """Do an order that gave `result`."""
        if order.key in self.answers:
            assert self.answers[order.key][1] == result
            return
        self.answers[order.key] = (order, result)
        assert not self._apply(order, now, result=result)

    def expire(self, now: int) -> set[str]:
        """End the holds whose time is over; returns them."""
        over = {name for name, h in self.holds.items() if h.is_pending and h.until <= now}
        for name in over:
            self._release(self.holds[name])
        return over

    def _apply(self, order: Order, now: int, *, result: str = "") -> set[Reason]:
        match order:
            case ledger.TransactionDraft():
                return self._enter(order, now, result)
            case ledger.HoldPosting():
                return self._post_hold(order, now, result)
            case ledger.HoldVoiding():
                hold = self.holds.get(order.hold)
                if hold is None:
                    return {ledger.UnknownHold}
                if not hold.is_pending:
                    return {ledger.HoldNotPending}
                self._release(hold)
                return set()
            case ledger.Reversal():
                return self._reverse(order, result)

    def _enter(self, draft: ledger.TransactionDraft, now: int, result: str) -> set[Reason]:
        found = self._why_not(draft.postings)
        if draft.hold_until is not None and draft.hold_until <= now:
            found.add(ledger.HoldExpired)
        if found:
            return found
        if draft.hold_until is None:
            self._move(draft.postings)
            self.moved[result] = draft.postings
            return set()
        hold = ModelHold(draft.postings, draft.hold_until)
        for posting in draft.postings:
            account = self.accounts[posting.account]
            account.pending_debit += max(posting.amount, 0)
            account.pending_credit += max(-posting.amount, 0)
        self.holds[ledger.hold_of(ledger.TransactionId(result))] = hold
        return set()

    def _why_not(self, postings: tuple[ledger.Posting, ...]) -> set[Reason]:
        if any(posting.account not in self.accounts for posting in postings):
            return {ledger.UnknownAccount}
        found: set[Reason] = set()
        sums: dict[str, int] = {}
        for posting in postings:
            account = self.accounts[posting.account]
            sums[account.currency] = sums.get(account.currency, 0) + posting.amount
            if account.status == "closed":
                found.add(ledger.AccountClosed)
            if account.status == "frozen":
                found.add(ledger.AccountFrozen)
        if any(sums.values()):
            found |= {ledger.Unbalanced, ledger.CurrencyMismatch}
        return found

    def _post_hold(self, order: ledger.HoldPosting, now: int, result: str) -> set[Reason]:
        hold = self.holds.get(order.hold)
        if hold is None:
            return {ledger.UnknownHold}
        found: set[Reason] = set() if hold.is_pending else {ledger.HoldNotPending}
        if hold.until <= now:
            found.add(ledger.HoldExpired)
        whole = sum(p.amount for p in hold.postings if p.amount > 0)
        if order.amount is not None and not 0 < order.amount <= whole:
            found |= {ledger.AmountTooLarge, ledger.InvalidAmount}
        found |= self._why_not(hold.postings)
        if found:
            return found
        moved = _share(hold.postings, order.amount)
        self._release(hold)
        self._move(moved)
        self.moved[result] = moved
        return set()

    def _reverse(self, order: ledger.Reversal, result: str) -> set[Reason]:
        if ledger.hold_of(order.transaction) in self.holds:
            return {ledger.NotReversible}
        postings = self.moved.get(order.transaction)
        if postings is None:
            return {ledger.UnknownTransaction, ledger.NotReversible}
        if order.transaction in self.reversed:
            return {ledger.AlreadyReversed}
        opposite = tuple(ledger.Posting(p.account, -p.amount) for p in postings)
        found = self._why_not(opposite)
        if found:
            return found
        self._move(opposite)
        self.reversed.add(order.transaction)
        self.moved[result] = opposite
        return set()

    def _move(self, postings: tuple[ledger.Posting, ...]) -> None:
        for posting in postings:
            self.accounts[posting.account].posted += posting.amount

    def _release(self, hold: ModelHold) -> None:
        hold.is_pending = False
        for posting in hold.postings:
            account = self.accounts[posting.account]
            account.pending_debit -= max(posting.amount, 0)
            account.pending_credit -= max(-posting.amount, 0)

    def _find_overdrawn(self, after: "Books") -> set[Reason]:
        """Whether an account fell below its bound by this, being or not being there before."""
        for name, account in after.accounts.items():
            if account.overdraft is None or account.available() >= -account.overdraft:
                continue
            if account.available() < self.accounts[name].available():
                return {ledger.InsufficientFunds}
        return set()


def _share(postings: tuple[ledger.Posting, ...], amount: int | None) -> tuple[ledger.Posting, ...]:
    """A part of a hold of one debit and one credit; of others only the whole is modelled."""
    whole = sum(p.amount for p in postings if p.amount > 0)
    if amount is None or amount == whole:
        return postings
    assert len(postings) == 2
    return tuple(ledger.Posting(p.account, amount if p.amount > 0 else -amount) for p in postings)
