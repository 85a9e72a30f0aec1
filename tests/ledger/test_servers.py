"""Two servers keep the same books."""

import threading

from teahouse.ledger import (
    AccountFrozen,
    InsufficientFunds,
    freeze_account,
    list_accounts,
    post_transaction,
    trial_balance,
)
from teahouse.platform.errors import Refusal
from tests.kit.database import open_database
from tests.ledger.kit import Desk

_PAYMENTS = 25


def test_two_servers_that_write_at_once_lose_nothing_and_overdraw_nothing(desk: Desk) -> None:
    bank, payer, payee = desk.bank(), desk.open(), desk.open()
    desk.fund(bank, payer, 30)
    url = desk.db.engine.url.render_as_string(hide_password=False)
    paid: list[str] = []
    refused: list[Refusal] = []
    drafts = [desk.draft((payer, 1), (payee, -1)) for _ in range(2 * _PAYMENTS)]

    def pay(first: int) -> None:
        with open_database(url, desk.clock, seed=first) as db:
            for draft in drafts[first::2]:
                try:
                    paid.append(db.run(post_transaction, draft))
                except InsufficientFunds as refusal:
                    refused.append(refusal)

    threads = [threading.Thread(target=pay, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paid) == len(set(paid)) == 30
    assert len(refused) == 2 * _PAYMENTS - 30
    assert desk.balances(payer) == (0, 0, 0, 0)
    assert desk.balances(payee)[0] == 30
    assert desk.db.look(trial_balance).differences() == {}


def test_a_server_sees_what_another_froze(desk: Desk) -> None:
    bank, account = desk.bank(), desk.open()
    desk.fund(bank, account, 30)
    url = desk.db.engine.url.render_as_string(hide_password=False)
    with open_database(url, desk.clock) as other:
        other.run(freeze_account, account)
        try:
            desk.fund(bank, account, 1)
        except AccountFrozen:
            pass
        else:
            raise AssertionError
        assert [one.status for one in other.look(list_accounts, owner="pty_1")] == ["frozen"]
