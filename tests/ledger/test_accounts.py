"""Opening, freezing and closing accounts."""

import pytest

from teahouse.ledger import (
    FREE,
    NEVER,
    AccountClosed,
    AccountFrozen,
    AccountNotEmpty,
    BadTransaction,
    UnknownAccount,
    close_account,
    expire_holds,
    find_account,
    find_balance,
    find_balances,
    freeze_account,
    list_accounts,
    list_postings,
    make_statement,
    open_account,
    post_hold,
    unfreeze_account,
    up_to,
    void_hold,
)
from teahouse.platform.money import Currency, UnknownCurrency
from tests.ledger.kit import CNY, EUR, Desk

_MADE_UP = [
    "",
    "acc_",
    "acc_0000000000000000000001",
    "acc_" + "f" * 22,
    "acc_" + "0" * 21 + "\N{ARABIC-INDIC DIGIT ONE}",
    "txn_0000000000000000000001",
    "acc_+00000000000000000000_1",
    "\0",
    "x" * 10_000,
]


def test_an_account_is_what_it_was_opened_as(desk: Desk) -> None:
    account_id = desk.open("income", currency=EUR, overdraft=up_to(7), code="4100", owner="pty_7")
    account = desk.db.look(find_account, account_id)
    assert account is not None
    assert (account.id, account.owner, account.currency) == (account_id, "pty_7", EUR)
    assert (account.kind, account.code, account.overdraft) == ("income", "4100", up_to(7))
    assert (account.status, account.opened_at) == ("open", desk.clock.now_ms())
    assert desk.balances(account_id) == (0, 0, 0, 0)


def test_the_normal_side_follows_from_the_kind(desk: Desk) -> None:
    sides = {}
    for kind in ("asset", "liability", "equity", "income", "expense"):
        account = desk.db.look(find_account, desk.open(kind))
        assert account is not None
        sides[kind] = account.normal_side
    assert [kind for kind, side in sides.items() if side == "debit"] == ["asset", "expense"]


def test_accounts_are_found_by_owner_and_heading(desk: Desk) -> None:
    one = desk.open(owner="pty_1", code="2100")
    two = desk.open(owner="pty_1", code="2200")
    desk.open(owner="pty_2", code="2100")
    found = desk.db.look(list_accounts, owner="pty_1")
    assert [account.id for account in found] == [one, two]
    found = desk.db.look(list_accounts, owner="pty_1", code="2200")
    assert [account.id for account in found] == [two]


def test_an_account_needs_an_owner_that_is_text(desk: Desk) -> None:
    for owner in ("", "x" * 256, "\0", "\ud800"):
        with pytest.raises(BadTransaction):
            desk.open(owner=owner)
    with pytest.raises(BadTransaction):
        desk.open(code="x" * 256)


def test_an_account_needs_a_currency(desk: Desk) -> None:
    with pytest.raises(UnknownCurrency):
        desk.open(currency=Currency("XXX"))


def test_an_id_that_was_never_given_is_unknown(desk: Desk) -> None:
    desk.open()
    assert desk.db.look(find_balances, _MADE_UP) == {}
    for account_id in _MADE_UP:
        assert desk.db.look(find_account, account_id) is None
        for query in (find_balance, list_postings):
            with pytest.raises(UnknownAccount):
                desk.db.look(query, account_id)
        with pytest.raises(UnknownAccount):
            desk.db.look(make_statement, account_id, since=0, until=1)
        for command in (freeze_account, unfreeze_account, close_account):
            with pytest.raises(UnknownAccount):
                desk.db.run(command, account_id)


def test_an_id_with_another_time_is_unknown(desk: Desk) -> None:
    account_id = desk.open()
    other = f"{account_id[:15]}{int(account_id[15], 16) ^ 1:x}{account_id[16:]}"
    assert desk.db.look(find_account, other) is None
    with pytest.raises(UnknownAccount):
        desk.db.run(freeze_account, other)


def test_nothing_moves_on_a_frozen_account(desk: Desk) -> None:
    bank, account, other = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, account, 100)
    held = desk.hold((account, 30), (other, -30))
    desk.db.run(freeze_account, account)
    found = desk.db.look(find_account, account)
    assert found is not None
    assert found.status == "frozen"
    with pytest.raises(AccountFrozen):
        desk.pay(account, other, 1)
    with pytest.raises(AccountFrozen):
        desk.fund(bank, account, 1)
    with pytest.raises(AccountFrozen):
        desk.hold((account, 1), (other, -1))
    with pytest.raises(AccountFrozen):
        desk.db.run(post_hold, key="post", hold=held)
    assert desk.balances(account) == (100, 0, 30, 70)
    desk.db.run(unfreeze_account, account)
    desk.db.run(post_hold, key="post", hold=held)
    assert desk.balances(account) == (70, 0, 0, 70)


def test_holds_on_a_frozen_account_can_be_given_back(desk: Desk) -> None:
    bank, account, other = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, account, 100)
    voided = desk.hold((account, 30), (other, -30))
    expired = desk.hold((account, 20), (other, -20))
    desk.db.run(freeze_account, account)
    desk.db.run(void_hold, key="void", hold=voided)
    desk.clock.advance(60_000)
    assert desk.db.run(expire_holds) == [expired]
    assert desk.balances(account) == (100, 0, 0, 100)


def test_only_an_empty_account_is_closed_and_for_good(desk: Desk) -> None:
    bank, account, other = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, account, 100)
    with pytest.raises(AccountNotEmpty):
        desk.db.run(close_account, account)
    held = desk.hold((account, 100), (other, -100))
    with pytest.raises(AccountNotEmpty):
        desk.db.run(close_account, other)
    desk.db.run(post_hold, key="post", hold=held)
    desk.db.run(close_account, account)
    desk.db.run(close_account, account)
    with pytest.raises(AccountClosed):
        desk.pay(other, account, 1)
    for command in (freeze_account, unfreeze_account):
        with pytest.raises(AccountClosed):
            desk.db.run(command, account)
    found = desk.db.look(find_account, account)
    assert found is not None
    assert found.status == "closed"


def test_balances_of_many_accounts_are_found_in_the_order_asked(desk: Desk) -> None:
    bank, one, two = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, one, 5)
    found = desk.db.look(find_balances, [two, "acc_unknown", one, bank])
    assert list(found) == [two, one, bank]
    assert [balance.posted.minor for balance in found.values()] == [0, 5, 5]
    assert desk.db.look(find_balances, []) == {}


def test_overdrafts_are_not_negative(desk: Desk) -> None:
    with pytest.raises(AssertionError):
        up_to(-1)
    assert up_to(0) == NEVER
    assert FREE.limit is None
    assert desk.db.run(open_account, owner="pty_1", currency=CNY, kind="asset")
