"""The chart of accounts, the operator's own books, and what is exported of an owner."""

import pytest
import sqlalchemy as sa

from teahouse.ledger import (
    FREE,
    AccountKind,
    BadTransaction,
    HeadingInUse,
    export_owner,
    list_headings,
    name_heading,
    trial_balance,
)
from teahouse.ledger.queries import LINES_MAX
from teahouse.ledger.tables import ledger_heading
from tests.ledger.kit import Desk


def test_the_operator_keeps_books_of_their_own(desk: Desk) -> None:
    headings: list[tuple[str, AccountKind, str]] = [
        ("1100", "asset", "Cash at bank"),
        ("3000", "equity", "Shares of the members"),
        ("5200", "expense", "Rent"),
    ]
    for code, kind, name in headings:
        desk.db.run(name_heading, code=code, kind=kind, name=name)
    cash = desk.open("asset", code="1100", owner="house")
    shares = desk.open("equity", code="3000", owner="house")
    rent = desk.open("expense", code="5200", owner="house")
    desk.post((cash, 10_000), (shares, -10_000))
    desk.post((rent, 800), (cash, -800))
    found = desk.db.look(trial_balance)
    assert [(line.name, line.kind, line.debit, line.credit) for line in found.lines] == [
        ("Cash at bank", "asset", 9200, 0),
        ("Shares of the members", "equity", 0, 10_000),
        ("Rent", "expense", 800, 0),
    ]
    desk.db.run(name_heading, code="5200", kind="expense", name="Rent and heating")
    assert desk.db.look(list_headings)[-1].name == "Rent and heating"


def test_the_accounts_of_a_heading_are_of_its_kind(desk: Desk) -> None:
    desk.db.run(name_heading, code="2100", kind="liability", name="Members' wallets")
    with pytest.raises(HeadingInUse):
        desk.open("asset", code="2100")
    desk.open("liability", code="2100")
    with pytest.raises(HeadingInUse):
        desk.db.run(name_heading, code="2100", kind="asset", name="x")
    desk.open("asset", code="1900")
    with pytest.raises(HeadingInUse):
        desk.db.run(name_heading, code="1900", kind="expense", name="x")
    assert [heading.code for heading in desk.db.look(list_headings)] == ["2100"]


def test_a_heading_has_a_code_and_a_name(desk: Desk) -> None:
    for code, name in (("", "x"), ("1", ""), ("1\0", "x"), ("1", "x" * 256)):
        with pytest.raises(BadTransaction):
            desk.db.run(name_heading, code=code, kind="asset", name=name)


def test_an_account_under_a_heading_of_another_kind_shows(desk: Desk) -> None:
    desk.open("asset", code="1100")

    def tamper(tx: object) -> None:
        tx.conn.execute(  # type: ignore[attr-defined]
            sa.insert(ledger_heading).values(code="1100", kind="income", name="x")
        )

    desk.db.run(tamper)
    assert desk.problems() == ["account 1 under 1100 is asset instead of income"]
    desk.db.run(lambda tx: tx.conn.execute(sa.delete(ledger_heading)))


def test_an_owner_gets_all_that_the_books_hold_of_them(desk: Desk) -> None:
    bank, one = desk.bank(), desk.open(owner="pty_1", overdraft=FREE)
    desk.open(owner="pty_2")
    for _ in range(4):
        desk.post(*[(bank, 1), (one, -1)] * 64)
    desk.fund(bank, one, 5)
    found = desk.db.look(export_owner, "pty_1")
    assert isinstance(found["accounts"], list)
    (account,) = found["accounts"]
    assert isinstance(account, dict)
    assert isinstance(account["postings"], list)
    assert len(account["postings"]) == 4 * 64 + 1 < LINES_MAX
    assert account["balance"]["posted"] == {"minor": 261, "currency": "CNY"}  # type: ignore[index,call-overload]
    assert desk.db.look(export_owner, "pty_9") == {"accounts": []}
