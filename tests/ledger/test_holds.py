"""Holds: pending, then posted, voided or expired; once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.ledger import (
    AmountTooLarge,
    CurrencyMismatch,
    HoldExpired,
    HoldId,
    HoldNotPending,
    HoldsExpired,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidAmount,
    Posting,
    UnknownHold,
    expire_holds,
    find_hold,
    find_transaction,
    hold,
    post_hold,
    post_transaction,
    transaction_of,
    void_hold,
)
from teahouse.ledger.rules import share_out
from teahouse.ledger.types import INSTANT_MAX, make_id
from teahouse.platform.announcements import Announcement
from tests.ledger.kit import EUR, MINUTE_MS, Desk


def test_a_hold_reserves_and_moves_nothing(desk: Desk) -> None:
    bank, payer, payee = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, payer, 100)
    held = desk.hold((payer, 60), (payee, -60))
    assert desk.balances(payer) == (100, 0, 60, 40)
    assert desk.balances(payee) == (0, 60, 0, 0)
    with pytest.raises(InsufficientFunds):
        desk.pay(payer, payee, 41)
    with pytest.raises(InsufficientFunds):
        desk.hold((payer, 41), (payee, -41))
    with pytest.raises(InsufficientFunds):
        desk.pay(payee, payer, 1)
    found = desk.db.look(find_hold, held)
    assert found is not None
    assert (found.hold_status, found.ended_by) == ("pending", None)
    assert found.expires_at == desk.clock.now_ms() + MINUTE_MS
    assert found.postings == (Posting(payer, 60), Posting(payee, -60))


def test_a_hold_is_posted_in_full(desk: Desk) -> None:
    bank, payer, payee = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, payer, 100)
    held = desk.hold((payer, 100), (payee, -100))
    posted = desk.db.run(post_hold, key="p", hold=held)
    assert desk.balances(payer) == (0, 0, 0, 0)
    assert desk.balances(payee) == (100, 0, 0, 100)
    assert desk.db.run(post_hold, key="p", hold=held) == posted
    assert desk.db.run(post_hold, key="p", hold=held, amount=100) == posted
    for amount in (99, 0, -1):
        with pytest.raises(IdempotencyConflict):
            desk.db.run(post_hold, key="p", hold=held, amount=amount)
    with pytest.raises(HoldNotPending):
        desk.db.run(post_hold, key="q", hold=held)
    with pytest.raises(HoldNotPending):
        desk.db.run(void_hold, key="q", hold=held)
    found = desk.db.look(find_hold, held)
    assert found is not None
    assert (found.hold_status, found.ended_by) == ("posted", posted)


def test_a_hold_is_posted_in_part_and_the_rest_given_back(desk: Desk) -> None:
    bank, payer, payee, fees = desk.bank(), desk.open(), desk.open(), desk.open("income")
    desk.fund(bank, payer, 100)
    held = desk.hold((payer, 100), (payee, -95), (fees, -5))
    posted = desk.db.run(post_hold, key="p", hold=held, amount=9)
    found = desk.db.look(find_transaction, posted)
    assert found is not None
    assert found.postings == (Posting(payer, 9), Posting(payee, -9))
    assert (found.action, found.target) == ("post_hold", transaction_of(held))
    assert desk.balances(payer) == (91, 0, 0, 91)
    assert desk.balances(payee) == (9, 0, 0, 9)
    assert desk.balances(fees) == (0, 0, 0, 0)
    with pytest.raises(IdempotencyConflict):
        desk.db.run(post_hold, key="p", hold=held)


def test_a_part_is_between_one_unit_and_the_hold(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    held = desk.hold((bank, 100), (account, -100))
    for amount in (0, -1):
        with pytest.raises(InvalidAmount):
            desk.db.run(post_hold, key="p", hold=held, amount=amount)
    with pytest.raises(AmountTooLarge):
        desk.db.run(post_hold, key="p", hold=held, amount=101)
    assert desk.balances(account) == (0, 100, 0, 0)


def test_a_hold_in_several_currencies_is_posted_as_a_whole(desk: Desk) -> None:
    bank, euros = desk.bank(), desk.bank(EUR)
    one, two = desk.open(), desk.open(currency=EUR)
    held = desk.hold((bank, 5), (one, -5), (euros, 7), (two, -7))
    with pytest.raises(CurrencyMismatch):
        desk.db.run(post_hold, key="p", hold=held, amount=1)
    desk.db.run(post_hold, key="p", hold=held)
    assert (desk.balances(one)[0], desk.balances(two)[0]) == (5, 7)


def test_a_voided_hold_gives_everything_back(desk: Desk) -> None:
    bank, payer, payee = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, payer, 100)
    held = desk.hold((payer, 100), (payee, -100))
    voided = desk.db.run(void_hold, key="v", hold=held)
    assert desk.balances(payer) == (100, 0, 0, 100)
    assert desk.balances(payee) == (0, 0, 0, 0)
    assert desk.db.run(void_hold, key="v", hold=held) == voided
    with pytest.raises(HoldNotPending):
        desk.db.run(post_hold, key="p", hold=held)
    with pytest.raises(IdempotencyConflict):
        desk.db.run(post_hold, key="v", hold=held)
    found = desk.db.look(find_hold, held)
    assert found is not None
    assert found.hold_status == "voided"


def test_a_hold_expires(desk: Desk) -> None:
    told: list[Announcement] = []
    desk.db.react(HoldsExpired, lambda _tx, said: told.append(said))
    bank, payer, payee = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, payer, 100)
    later = desk.hold((payer, 10), (payee, -10), for_ms=2 * MINUTE_MS)
    held = desk.hold((payer, 90), (payee, -90))
    desk.clock.advance(MINUTE_MS - 1)
    assert desk.db.run(expire_holds) == []
    desk.clock.advance(1)
    with pytest.raises(HoldExpired):
        desk.db.run(post_hold, key="p", hold=held)
    assert desk.balances(payer) == (100, 0, 100, 0)
    assert desk.db.run(expire_holds) == [held]
    assert told == [HoldsExpired((held,))]
    assert desk.balances(payer) == (100, 0, 10, 90)
    assert desk.db.run(expire_holds) == []
    with pytest.raises(HoldNotPending):
        desk.db.run(post_hold, key="p", hold=held)
    with pytest.raises(HoldNotPending):
        desk.db.run(void_hold, key="v", hold=held)
    found = desk.db.look(find_hold, held)
    assert found is not None
    assert found.hold_status == "expired"
    desk.db.run(post_hold, key="l", hold=later)


def test_a_hold_whose_time_is_over_can_still_be_voided(desk: Desk) -> None:
    held = desk.hold((desk.bank(), 5), (desk.open(), -5))
    desk.clock.advance(MINUTE_MS)
    desk.db.run(void_hold, key="v", hold=held)
    assert desk.db.run(expire_holds) == []


def test_a_clock_that_goes_back_does_not_revive_a_hold(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    held = desk.hold((bank, 5), (account, -5))
    desk.clock.advance(MINUTE_MS)
    desk.fund(bank, account, 1)
    desk.clock.advance(-MINUTE_MS)
    with pytest.raises(HoldExpired):
        desk.db.run(post_hold, key="p", hold=held)
    assert desk.db.run(expire_holds) == [held]


def test_a_hold_begins_before_it_ends(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    for until in (desk.clock.now_ms(), 0, -1, INSTANT_MAX + 1):
        with pytest.raises(HoldExpired):
            desk.db.run(hold, desk.draft((bank, 5), (account, -5), until=until))
    draft = desk.draft((bank, 5), (account, -5), until=desk.clock.now_ms() + 1)
    held = desk.db.run(hold, draft)
    # The same draft gets its first answer, even when its time is over.
    desk.clock.advance(10)
    assert desk.db.run(hold, draft) == held
    assert desk.db.run(post_transaction, draft) == transaction_of(held)


def test_what_is_no_hold_is_unknown(desk: Desk) -> None:
    posted = desk.post((desk.bank(), 5), (desk.open(), -5))
    unknown = ["", "hld_1", make_id("hld", 1, 1), f"hld{posted[3:]}", posted]
    for text in unknown:
        assert desk.db.look(find_hold, text) is None
        with pytest.raises(UnknownHold):
            desk.db.run(post_hold, key="p", hold=HoldId(text))
        with pytest.raises(UnknownHold):
            desk.db.run(void_hold, key="v", hold=HoldId(text))


def test_a_hold_that_was_let_through_is_posted_below_the_bound(desk: Desk) -> None:
    """What is reserved counts already, so posting it takes nothing more."""
    bank, payer, payee = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, payer, 100)
    one = desk.hold((payer, 60), (payee, -60))
    two = desk.hold((payer, 40), (payee, -40))
    desk.db.run(post_hold, key="2", hold=two)
    desk.db.run(post_hold, key="1", hold=one)
    assert desk.balances(payer) == (0, 0, 0, 0)


_debits = st.lists(st.integers(1, 10**12), min_size=1, max_size=8)


@given(debits=_debits, cuts=st.lists(st.integers(1, 10**9), min_size=1, max_size=8), data=st.data())
def test_the_shares_of_a_part_sum_to_zero(
    debits: list[int], cuts: list[int], data: st.DataObject
) -> None:
    whole = sum(debits)
    legs = [*debits, *(-cut for cut in cuts if cut < whole)]
    legs.append(-sum(legs))
    amount = data.draw(st.integers(1, sum(leg for leg in legs if leg > 0)))
    shares = share_out(legs, amount)
    assert sum(shares) == 0
    assert sum(share for share in shares if share > 0) == amount
    for share, leg in zip(shares, legs, strict=True):
        assert abs(share) <= abs(leg)
        assert share * leg >= 0
