"""Balances as of any time, lists of postings, statements; and how they are found."""

import pytest

from teahouse.ledger import (
    find_balance,
    list_postings,
    make_statement,
    post_hold,
    post_transactions,
)
from teahouse.ledger.rules import MARK_EVERY
from tests.ledger.kit import Desk

_COUNT = 3 * MARK_EVERY + 7


@pytest.fixture
def history(desk: Desk) -> list[tuple[int, int]]:
    """An account with `_COUNT` postings: their instants, and the balance after each."""
    bank, account, other = desk.bank(), desk.open(), desk.open()
    known = []
    posted = 0
    for number in range(_COUNT):
        desk.clock.advance(number % 3)
        posted += number
        # Others' postings lie between those of the account.
        items = [
            (desk.draft((bank, number + 1), (other, -number - 1)),),
            (desk.draft((bank, number), (account, -number)),),
        ]
        desk.db.run(post_transactions, items if number else items[:1])
        known.append((desk.clock.now_ms(), posted))
    return known


def _account(desk: Desk) -> str:
    from teahouse.ledger import list_accounts

    return desk.db.look(list_accounts, owner="pty_1")[0].id


def test_a_balance_is_known_as_of_any_time(desk: Desk, history: list[tuple[int, int]]) -> None:
    account = _account(desk)
    expected = dict(history)  # of one instant the last
    for at, posted in expected.items():
        assert desk.db.look(find_balance, account, at).posted.minor == posted
    first, last = history[0][0], history[-1][0]
    assert desk.db.look(find_balance, account, first - 1).posted.minor == 0
    assert desk.db.look(find_balance, account, 0).posted.minor == 0
    assert desk.db.look(find_balance, account, last + 10**12).posted.minor == history[-1][1]


def test_pending_sums_are_known_as_of_any_time(desk: Desk) -> None:
    bank, payer, payee = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, payer, 100)
    start = desk.clock.now_ms()
    desk.clock.advance(10)
    held = desk.hold((payer, 60), (payee, -60))
    desk.clock.advance(10)
    desk.db.run(post_hold, key="p", hold=held, amount=20)
    assert desk.balances(payer, start) == (100, 0, 0, 100)
    assert desk.balances(payer, start + 9) == (100, 0, 0, 100)
    assert desk.balances(payer, start + 10) == (100, 0, 60, 40)
    assert desk.balances(payee, start + 19) == (0, 60, 0, 0)
    assert desk.balances(payee, start + 20) == (20, 0, 0, 20)


def test_postings_are_listed_newest_first_page_by_page(
    desk: Desk, history: list[tuple[int, int]]
) -> None:
    account = _account(desk)
    lines = desk.db.look(list_postings, account, limit=20)
    while page := desk.db.look(list_postings, account, before=lines[-1].cursor, limit=20):
        lines += page
    assert [line.posted.minor for line in lines] == [posted for _, posted in history[:0:-1]]
    assert [line.booked_at for line in lines] == [at for at, _ in history[:0:-1]]
    assert [line.amount.minor for line in lines] == list(range(_COUNT - 1, 0, -1))


def test_postings_are_listed_oldest_first_page_by_page(
    desk: Desk, history: list[tuple[int, int]]
) -> None:
    account = _account(desk)
    for limit in (7, MARK_EVERY, 500):
        lines = desk.db.look(list_postings, account, after=0, limit=limit)
        while page := desk.db.look(list_postings, account, after=lines[-1].cursor, limit=limit):
            assert len(page) <= limit
            lines += page
        assert [line.posted.minor for line in lines] == [posted for _, posted in history[1:]]


def test_holds_are_no_lines_of_a_statement(desk: Desk) -> None:
    bank, payer, payee = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, payer, 100)
    for _ in range(MARK_EVERY):
        desk.hold((payer, 1), (payee, -1))
    desk.pay(payer, payee, 5)
    amounts = [100, -5]
    assert [line.amount.minor for line in desk.db.look(list_postings, payer)] == amounts[::-1]
    found = desk.db.look(list_postings, payer, after=0, limit=2)
    assert [line.amount.minor for line in found] == amounts


def test_a_cursor_of_another_account_finds_nothing_of_it(desk: Desk) -> None:
    bank, one, two = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, one, 100)
    desk.fund(bank, two, 100)
    cursor = desk.db.look(list_postings, two)[0].cursor
    assert desk.db.look(list_postings, one, before=cursor) == []
    assert desk.db.look(list_postings, one, before=10**9) == []
    assert desk.db.look(list_postings, one, before=-1) == []


def test_a_statement_goes_from_its_opening_to_its_closing_balance(
    desk: Desk, history: list[tuple[int, int]]
) -> None:
    account = _account(desk)
    since, until = history[50][0], history[150][0]
    statement = desk.db.look(make_statement, account, since=since, until=until)
    inside = [(at, posted) for at, posted in history if since <= at < until]
    assert statement.opening.minor == max(p for at, p in history if at < since)
    assert statement.closing.minor == inside[-1][1]
    assert [line.posted.minor for line in statement.lines] == [posted for _, posted in inside]
    assert statement.opening.minor + sum(l.amount.minor for l in statement.lines) == (
        statement.closing.minor
    )
    assert statement.next_cursor is None
    part = desk.db.look(make_statement, account, since=since, until=until, limit=10)
    assert part.lines == statement.lines[:10]
    assert part.next_cursor == part.lines[-1].cursor


def test_the_past_is_found_without_reading_it_all(
    desk: Desk, history: list[tuple[int, int]]
) -> None:
    """From the next mark back to the instant: at most `MARK_EVERY` postings are looked at."""
    account = _account(desk)
    from teahouse.ledger.queries import _find_mark_after, find_last_posting_no
    from teahouse.ledger.types import read_id

    parts = read_id(account, "acc")
    assert parts is not None
    with desk.db.reading() as read:
        all_lines = [line.cursor for line in list_postings(read, account, after=0, limit=500)]
        for at, _ in history:
            last = find_last_posting_no(read, at)
            mark = _find_mark_after(read, parts[1], last) or all_lines[-1]
            assert sum(1 for no in all_lines if last < no <= mark) <= MARK_EVERY
