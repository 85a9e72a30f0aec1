"""Entering transactions, repeating them, reversing them, linking them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.ledger import (
    FREE,
    AccountFrozen,
    AccountKind,
    AlreadyReversed,
    AmountTooLarge,
    BadTransaction,
    CurrencyMismatch,
    HoldPosting,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidAmount,
    NotReversible,
    Posting,
    Reversal,
    TransactionDraft,
    TransactionId,
    Unbalanced,
    UnknownAccount,
    UnknownTransaction,
    find_transaction,
    freeze_account,
    hold_of,
    post_transaction,
    post_transactions,
    reverse_transaction,
    transaction_of,
    trial_balance,
    unfreeze_account,
    up_to,
    void_hold,
)
from teahouse.ledger.rules import LINKED_MAX, POSTINGS_MAX
from teahouse.ledger.types import make_id, read_id
from teahouse.platform.db import Tx
from teahouse.platform.errors import Refusal
from teahouse.platform.money import MINOR_MAX
from tests.kit.database import open_database
from tests.ledger.kit import EUR, XAF, Desk


def test_a_transaction_moves_money_and_stands_in_the_books(desk: Desk) -> None:
    bank, one, two = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, one, 1000)
    draft = TransactionDraft(
        key="pay_1:capture",
        postings=(Posting(one, 300), Posting(two, -290), Posting(bank, -10)),
        kind="transfer",
        reference="pay_1",
        valued_on=dt.date(2026, 11, 30),
    )
    found = desk.db.look(find_transaction, desk.db.run(post_transaction, draft))
    assert found is not None
    assert (found.key, found.kind, found.reference) == ("pay_1:capture", "transfer", "pay_1")
    assert (found.action, found.postings, found.valued_on) == (
        "post",
        draft.postings,
        dt.date(2026, 11, 30),
    )
    assert (found.booked_at, found.target, found.ended_by) == (desk.clock.now_ms(), None, None)
    assert desk.balances(bank)[0] == 990
    assert desk.balances(one) == (700, 0, 0, 700)
    assert desk.balances(two) == (290, 0, 0, 290)


def test_without_a_day_a_transaction_counts_from_the_day_it_is_booked(desk: Desk) -> None:
    found = desk.db.look(find_transaction, desk.post((desk.bank(), 1), (desk.open(), -1)))
    assert found is not None
    assert found.valued_on == dt.date(2023, 11, 14)


# Shape


def test_a_key_of_another_shape_is_refused(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    postings = (Posting(bank, 1), Posting(account, -1))
    for key in ("", "x" * 256, "a\0b", "\ud800", "ledger:expire:1"):
        draft = TransactionDraft(key=key, postings=postings, kind="test")
        with pytest.raises(BadTransaction):
            desk.db.run(post_transaction, draft)
        with pytest.raises(BadTransaction):
            desk.db.run(reverse_transaction, key=key, transaction_id=TransactionId("txn_1"))
    assert desk.balances(account)[0] == 0


def test_texts_of_another_shape_are_refused(desk: Desk) -> None:
    postings = (Posting(desk.bank(), 1), Posting(desk.open(), -1))
    wrong = [("", ""), ("x" * 65, ""), ("a\0", ""), ("a", "x" * 256), ("a", "\0"), ("a", "\ud800")]
    for kind, reference in wrong:
        draft = TransactionDraft(key="k", postings=postings, kind=kind, reference=reference)
        with pytest.raises(BadTransaction):
            desk.db.run(post_transaction, draft)


def test_a_transaction_has_two_postings_or_more(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    for legs in ([], [(bank, 1)]):
        with pytest.raises(BadTransaction):
            desk.post(*legs)
    most = [(bank, 1), (account, -1)] * (POSTINGS_MAX // 2)
    desk.post(*most)
    with pytest.raises(BadTransaction):
        desk.post(*most, (bank, 1))


def test_a_posting_moves_something_and_not_too_much(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    with pytest.raises(InvalidAmount):
        desk.post((bank, 0), (account, 0))
    with pytest.raises(AmountTooLarge):
        desk.post((bank, MINOR_MAX + 1), (account, -MINOR_MAX - 1))
    desk.post((bank, MINOR_MAX), (account, -MINOR_MAX))


def test_a_balance_has_an_end(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    legs = [(bank, MINOR_MAX), (account, -MINOR_MAX)] * 50
    desk.post(*legs)
    before = desk.balances(account)
    with pytest.raises(AmountTooLarge):
        desk.post(*legs, (bank, 1), (account, -1))
    desk.post(*legs)
    with pytest.raises(AmountTooLarge):
        desk.post((bank, 1), (account, -1))
    desk.hold(*legs)
    desk.hold(*legs)
    with pytest.raises(AmountTooLarge):
        desk.hold((bank, 1), (account, -1))
    assert before[0] == 50 * MINOR_MAX
    assert desk.balances(account)[0] == 100 * MINOR_MAX


# Sameness


def test_a_repeated_draft_gets_the_first_answer_whatever_has_changed(desk: Desk) -> None:
    bank, one, two = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, one, 100)
    draft = desk.draft((one, 100), (two, -100), key="again")
    first = desk.db.run(post_transaction, draft)
    desk.clock.advance(86_400_000)
    assert desk.db.run(post_transaction, draft) == first
    assert desk.balances(two)[0] == 100


def test_a_key_is_not_used_for_another_draft(desk: Desk) -> None:
    bank, one, two = desk.bank(), desk.open(overdraft=FREE), desk.open()
    postings = (Posting(one, 5), Posting(two, -5))
    draft = TransactionDraft(key="once", postings=postings, kind="a", reference="b")
    desk.db.run(post_transaction, draft)
    others = {
        "amount": TransactionDraft(
            key="once", postings=(Posting(one, 6), Posting(two, -6)), kind="a", reference="b"
        ),
        "account": TransactionDraft(
            key="once", postings=(Posting(one, 5), Posting(bank, -5)), kind="a", reference="b"
        ),
        "kind": TransactionDraft(key="once", postings=postings, kind="x", reference="b"),
        "reference": TransactionDraft(key="once", postings=postings, kind="a", reference="x"),
        "day": TransactionDraft(
            key="once", postings=postings, kind="a", reference="b", valued_on=dt.date(2023, 11, 14)
        ),
        "hold": TransactionDraft(
            key="once", postings=postings, kind="a", reference="b", hold_until=2 * 10**12
        ),
    }
    for other in others.values():
        with pytest.raises(IdempotencyConflict):
            desk.db.run(post_transaction, other)
    assert desk.db.run(post_transaction, draft)
    assert desk.balances(two)[0] == 5


def test_a_key_is_not_used_for_another_kind_of_order(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    posted = desk.post((bank, 5), (account, -5), key="once")
    held = desk.hold((bank, 5), (account, -5))
    with pytest.raises(IdempotencyConflict):
        desk.db.run(reverse_transaction, key="once", transaction_id=posted)
    with pytest.raises(IdempotencyConflict):
        desk.db.run(void_hold, key="once", hold=held)


def test_what_was_refused_leaves_its_key_free(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    draft = desk.draft((account, 5), (bank, -5))
    with pytest.raises(InsufficientFunds):
        desk.db.run(post_transaction, draft)
    desk.fund(bank, account, 5)
    desk.db.run(post_transaction, draft)


# Rules


def test_an_unknown_account_is_refused(desk: Desk) -> None:
    account = desk.open()
    unknown = type(account)(make_id("acc", 1, 1))
    with pytest.raises(UnknownAccount):
        desk.post((unknown, 1), (account, -1))


def test_the_postings_sum_to_zero_in_each_currency(desk: Desk) -> None:
    bank, euros = desk.bank(), desk.bank(EUR)
    one, two, three = desk.open(), desk.open(currency=EUR), desk.open(currency=XAF)
    with pytest.raises(Unbalanced):
        desk.post((bank, 5), (one, -4))
    with pytest.raises(Unbalanced):
        desk.post((bank, 5), (one, -5), (euros, 1), (two, -2))
    with pytest.raises(CurrencyMismatch):
        desk.post((bank, 5), (two, -5))
    with pytest.raises(CurrencyMismatch):
        desk.post((bank, 5), (one, -4), (three, -1))
    desk.post((bank, 5), (one, -5), (euros, 7), (two, -7))
    assert (desk.balances(one)[0], desk.balances(two)[0], desk.balances(three)[0]) == (5, 7, 0)


def test_an_account_falls_no_further_than_its_overdraft(desk: Desk) -> None:
    bank = desk.bank()
    kinds: list[AccountKind] = ["asset", "liability", "equity", "income", "expense"]
    for kind in kinds:
        sign = 1 if kind in {"asset", "expense"} else -1
        for overdraft, bound in ((up_to(0), 0), (up_to(30), 30)):
            account = desk.open(kind, overdraft=overdraft)
            desk.post((account, 100 * sign), (bank, -100 * sign))
            with pytest.raises(InsufficientFunds) as refused:
                desk.post((account, -sign * (101 + bound)), (bank, sign * (101 + bound)))
            assert refused.value.data == {"available": 100, "overdraft": bound, "currency": "CNY"}
            assert refused.value.status == 409
            desk.post((account, -sign * (100 + bound)), (bank, sign * (100 + bound)))
            assert desk.balances(account) == (-bound, 0, 0, -bound)
            desk.post((account, sign), (bank, -sign))
        free = desk.open(kind, overdraft=FREE)
        desk.post((free, -sign * 10**12), (bank, sign * 10**12))
        assert desk.balances(free)[0] == -(10**12)


def test_legs_of_the_same_account_make_up_for_each_other(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    desk.post((account, 500), (account, -600), (bank, 100))
    assert desk.balances(account)[0] == 100
    with pytest.raises(InsufficientFunds):
        desk.post((account, 500), (account, -399), (bank, -101))


def test_time_in_the_books_never_runs_backwards(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    first = desk.clock.now_ms()
    instants = []
    for step in (0, 5000, -9000, -(10**9), 0, 2 * 10**9):
        desk.clock.advance(step)
        found = desk.db.look(find_transaction, desk.post((bank, 1), (account, -1)))
        assert found is not None
        instants.append(found.booked_at)
    assert instants == [first, *[first + 5000] * 4, first - 4000 + 10**9]
    assert desk.open() > account


# Reversing


def test_a_reversal_undoes_a_transaction_once(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    posted = desk.post((bank, 50), (account, -50))
    reversal = desk.db.run(reverse_transaction, key="r", transaction_id=posted)
    assert desk.balances(account) == (0, 0, 0, 0)
    found = desk.db.look(find_transaction, reversal)
    assert found is not None
    assert (found.action, found.target) == ("reverse", posted)
    assert found.postings == (Posting(bank, -50), Posting(account, 50))
    original = desk.db.look(find_transaction, posted)
    assert original is not None
    assert original.ended_by == reversal
    assert desk.db.run(reverse_transaction, key="r", transaction_id=posted) == reversal
    with pytest.raises(AlreadyReversed):
        desk.db.run(reverse_transaction, key="s", transaction_id=posted)
    # A reversal is a transaction, and can be a mistake as well.
    desk.db.run(reverse_transaction, key="t", transaction_id=reversal)
    assert desk.balances(account)[0] == 50


def test_what_was_spent_is_not_taken_back(desk: Desk) -> None:
    bank, one, two = desk.bank(), desk.open(), desk.open()
    posted = desk.post((bank, 50), (one, -50))
    desk.pay(one, two, 1)
    with pytest.raises(InsufficientFunds):
        desk.db.run(reverse_transaction, key="r", transaction_id=posted)


def test_only_what_moved_money_is_reversed(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    held = desk.hold((bank, 5), (account, -5))
    with pytest.raises(NotReversible):
        desk.db.run(reverse_transaction, key="r", transaction_id=transaction_of(held))
    voided = desk.db.run(void_hold, key="v", hold=held)
    with pytest.raises(NotReversible):
        desk.db.run(reverse_transaction, key="r", transaction_id=voided)
    for unknown in (make_id("txn", 1, 1), make_id("txn", desk.clock.now_ms(), 99), "", held):
        with pytest.raises(UnknownTransaction):
            desk.db.run(reverse_transaction, key="r", transaction_id=TransactionId(unknown))


# Batches


def test_linked_orders_succeed_or_fail_together(desk: Desk) -> None:
    bank, one, two, three = desk.bank(), desk.open(), desk.open(), desk.open()
    desk.fund(bank, one, 100)
    held = desk.hold((one, 40), (two, -40))
    good = (desk.draft((one, 60), (two, -60)), desk.draft((two, 50), (three, -50)))
    bad = (
        HoldPosting(key="p", hold=held),
        desk.draft((two, 40), (three, -40), key="lost"),
        desk.draft((one, 1), (two, -1)),
    )
    outcomes = desk.db.run(post_transactions, [good, bad])
    assert isinstance(outcomes[0], tuple)
    assert len(outcomes[0]) == 2
    assert isinstance(outcomes[1], InsufficientFunds)
    assert desk.balances(one) == (40, 0, 40, 0)
    assert (desk.balances(two)[0], desk.balances(three)[0]) == (10, 50)
    # What was taken back leaves its keys and its hold as they were.
    desk.post((two, 1), (three, -1), key="lost")
    desk.db.run(post_transactions, [(HoldPosting(key="p", hold=held),)])
    assert desk.balances(one) == (0, 0, 0, 0)


def test_later_items_see_what_earlier_ones_did(desk: Desk) -> None:
    bank, one, two = desk.bank(), desk.open(), desk.open()
    draft = desk.draft((bank, 10), (one, -10))
    pay = desk.draft((one, 10), (two, -10))
    other = desk.draft((two, 3), (one, -3), key=draft.key)
    outcomes = desk.db.run(post_transactions, [(pay,), (draft,), (pay,), (draft,), (other,)])
    assert isinstance(outcomes[0], InsufficientFunds)
    assert outcomes[1] == outcomes[3]
    assert isinstance(outcomes[2], tuple)
    assert isinstance(outcomes[4], IdempotencyConflict)
    assert (desk.balances(one)[0], desk.balances(two)[0]) == (0, 10)


def test_a_hold_and_its_end_may_arrive_in_one_batch(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    draft = desk.draft((bank, 10), (account, -10), until=desk.clock.now_ms() + 1)
    held = make_id("hld", desk.clock.now_ms(), 3)  # after two accounts
    post = HoldPosting(key="p", hold=hold_of(TransactionId(f"txn{held[3:]}")))
    posted = desk.db.run(post_transactions, [(draft,), (post,), (post,)])
    assert posted[1] == posted[2]
    reversal = Reversal(key="r", transaction=posted[1][0])  # type: ignore[index]
    assert isinstance(desk.db.run(post_transactions, [(reversal,)])[0], tuple)
    assert desk.balances(account) == (0, 0, 0, 0)


def test_an_item_has_some_orders_and_not_too_many(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    most = tuple(desk.draft((bank, 1), (account, -1)) for _ in range(LINKED_MAX))
    more = (*(desk.draft((bank, 1), (account, -1)) for _ in range(LINKED_MAX)), most[0])
    outcomes = desk.db.run(post_transactions, [(), more, most])
    assert [isinstance(outcome, BadTransaction) for outcome in outcomes] == [True, True, False]
    assert desk.balances(account)[0] == LINKED_MAX
    assert desk.db.run(post_transactions, []) == []


def test_what_is_remembered_of_accounts_is_forgotten_when_it_no_longer_holds(desk: Desk) -> None:
    """Rolled back, changed by others, or changed here: the books read accounts anew."""
    bank, one, two = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, one, 100)

    def fail_after(tx: Tx, change: Callable[[Tx], object]) -> None:
        change(tx)
        raise AccountFrozen

    def freeze(tx: Tx) -> None:
        freeze_account(tx, one)
        post_transactions(tx, [()])

    pay = desk.draft((one, 60), (two, -60))
    with pytest.raises(AccountFrozen):
        desk.db.run(fail_after, lambda tx: post_transaction(tx, pay))
    desk.pay(one, two, 70)
    with pytest.raises(AccountFrozen):
        desk.db.run(fail_after, freeze)
    desk.pay(one, two, 10)
    desk.db.run(freeze_account, two)
    with pytest.raises(AccountFrozen):
        desk.pay(one, two, 1)
    desk.db.run(unfreeze_account, two)
    with open_database(desk.db.engine.url.render_as_string(hide_password=False), desk.clock) as db:
        db.run(post_transaction, desk.draft((one, 15), (two, -15)))
        db.run(freeze_account, two)
    with pytest.raises(AccountFrozen):
        desk.pay(one, two, 1)
    with pytest.raises(InsufficientFunds):
        desk.post((one, 6), (bank, -6))
    assert desk.balances(one) == (5, 0, 0, 5)


def test_a_defect_in_a_batch_leaves_nothing_remembered(desk: Desk) -> None:
    bank, one = desk.bank(), desk.open()
    desk.fund(bank, one, 100)
    wrong: Any = "x"
    half = TransactionDraft(
        key="half", postings=(Posting(bank, 5), Posting(one, wrong)), kind="test"
    )
    with pytest.raises(AssertionError):
        desk.db.run(post_transactions, [(desk.draft((bank, 9), (one, -9)),), (half,)])
    desk.fund(bank, one, 1)
    assert desk.balances(one) == (101, 0, 0, 101)


def test_a_batch_gives_what_its_items_give_one_by_one(desk: Desk) -> None:
    bank, one, two = desk.bank(), desk.open(), desk.open(overdraft=up_to(5))
    batch = [
        (desk.draft((bank, amount), (one, -amount)), desk.draft((one, 7), (two, -7)))
        for amount in (3, 9, 1, 12, 6)
    ]
    outcomes = desk.db.run(post_transactions, batch)
    refused = [isinstance(outcome, Refusal) for outcome in outcomes]
    assert refused == [True, False, True, False, False]
    assert desk.balances(one)[0] == 2 + 5 - 1


def test_the_trial_balance_sums_to_zero_now_and_at_any_time(desk: Desk) -> None:
    bank, one = desk.bank(), desk.open(code="2100")
    euros, two = desk.bank(EUR), desk.open(code="2100", currency=EUR)
    instants = [desk.clock.now_ms()]
    for amount in (5, 70, 900):
        desk.clock.advance(10)
        desk.post((bank, amount), (one, -amount), (euros, 2 * amount), (two, -2 * amount))
        instants.append(desk.clock.now_ms())
    for at, total in zip(instants, (0, 5, 75, 975), strict=True):
        found = desk.db.look(trial_balance, at)
        assert found.differences() == {}
        assert [(line.code, line.currency, line.debit, line.credit) for line in found.lines] == [
            ("1100", "CNY", total, 0),
            ("1100", "EUR", 2 * total, 0),
            ("2100", "CNY", 0, total),
            ("2100", "EUR", 0, 2 * total),
        ]
    assert desk.db.look(trial_balance).lines == found.lines
    assert desk.db.look(trial_balance, 0).differences() == {}


@given(born_at=st.integers(0, 2**48 - 1), number=st.integers(0, 2**40 - 1))
def test_an_id_is_read_back_and_sorts_by_time(born_at: int, number: int) -> None:
    text = make_id("txn", born_at, number)
    assert read_id(text, "txn") == (born_at, number)
    assert read_id(text, "acc") is None
    assert len(text) == 26
