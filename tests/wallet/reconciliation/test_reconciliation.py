"""The bank's statements against the books: what fits, what does not, and what staff do then."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from teahouse.platform.db import Database, Tx
from teahouse.wallet.outside.tables import wallet_bank_order
from teahouse.wallet.reconciliation.tables import (
    wallet_bank_statement,
    wallet_reconciliation_item,
)
from tests.kit.wallet_house import find_problems
from tests.wallet.outside.kit import Town, iban
from tests.wallet.reconciliation.kit import (
    ADMIN,
    DAY,
    decision,
    line,
    make_officers,
    notification,
    statement,
    tell,
    write,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def town(db: Database, tmp_path: Path) -> Town:
    return Town(db, tmp_path, opening=0)


async def _linked(town: Town, name: str = "ada", *, eur: int = 10_000) -> tuple[Any, Any]:
    """A member with money and an account, of which no statement tells yet."""
    payer = await town.register(name, eur=eur)
    number = iban()
    linked = await payer.asked(
        "POST",
        "/outside-accounts",
        {"number": number, "bank": "B", "holder": "Ada", "currency": "EUR", "allow_debits": True},
    )
    await town.work()
    for file in (town.folder / "inbox").iterdir():
        file.rename(town.folder / "archive" / file.name)
    path = f"/outside-accounts/{linked['outside_account_id']}/verify"
    account = await payer.asked("POST", path, {"code": town.code_of(number)})
    return payer, account


async def _cent(town: Town) -> str:
    """The reference of the small credit."""
    from teahouse import iso20022

    [file] = (town.folder / "archive").glob("bfl-*.xml")
    return iso20022.read_transfers(file.read_bytes()).transfers[0].end_to_end_id


async def test_lines_that_were_ordered_move_what_is_in_transit(town: Town) -> None:
    ada, account = await _linked(town)
    out = await town.withdraw(ada, account, 4000)
    into = await town.top_up(ada, account, 2500)
    await town.work()
    lines = (line(-4000, out), line(2500, into), line(-1, await _cent(town)))
    await tell(town, statement(*lines, opening=10_000))
    assert town.books() == {"cash_at_bank": 8499, "fee_expense": 1}
    # The statement alone is confirmation enough.
    assert town.balance(ada) == 10_000 - 4000 + 2500
    one, _ = await make_officers(town)
    [told] = (await one.asked("GET", f"{ADMIN}/statements"))["items"]
    assert (told["status"], told["line_count"], told["matched_count"]) == ("reconciled", 3, 3)
    [_, standing] = await one.asked("GET", ADMIN)
    assert standing["cash_at_bank"]["minor"] == standing["cash_in_books"]["minor"] == 8499
    assert standing["open_item_count"] == 0
    assert find_problems(town.house) == []


async def test_a_line_that_nobody_ordered_waits_for_two_of_the_staff(town: Town) -> None:
    ada = await town.register("ada")
    one, two = await make_officers(town)
    await ada.asked("POST", "/wallets", {"currency": "EUR"})
    told = line(700, "", name="Somebody", text="For Ada")
    await tell(town, statement(told, line(-30, "unknown-1", text="Charges")))
    assert town.books() == {"cash_at_bank": 670, "suspense": 670}
    # Noted in one instant: their order means nothing.
    charge, credit = sorted(await one.items(), key=lambda item: item["amount"]["minor"])
    assert (credit["kind"], credit["name"], credit["in_suspense"]["minor"]) == (
        "unmatched",
        "Somebody",
        700,
    )
    assert (await one.propose(credit, "nothing")).status_code == 422
    assert (await one.propose(credit, "to_order")).status_code == 422
    assert (await one.propose(credit, "to_wallet", user_id="@nobody:x")).status_code == 422
    assert (await one.propose(credit, "to_wallet", user_id=ada.user_id)).status_code == 200
    assert (await two.propose(credit, "to_fees")).status_code == 409
    assert (await one.agree(credit)).status_code == 403
    assert town.balance(ada) == 0
    assert (await two.agree(credit)).status_code == 200
    assert (await two.agree(credit)).status_code == 409
    assert town.balance(ada) == 700
    assert (await one.propose(charge, "to_wallet", user_id=ada.user_id)).status_code == 422
    assert (await two.propose(charge, "to_fees")).status_code == 200
    assert (await two.decline(charge)).status_code == 200
    assert (await one.propose(charge, "to_fees")).status_code == 200
    assert (await two.agree(charge)).status_code == 200
    assert town.books() == {"cash_at_bank": 670, "fee_expense": 30}
    assert await one.items() == []
    done = await one.items("resolved")
    assert {(item["proposed_by"], item["decided_by"]) for item in done} == {
        (one.user_id, two.user_id)
    }
    assert find_problems(town.house) == []


@pytest.mark.parametrize(("booked", "income", "expense"), [(-4100, 0, 101), (-3900, 100, 1)])
async def test_another_amount_than_was_ordered_is_decided_by_staff(
    town: Town, booked: int, income: int, expense: int
) -> None:
    ada, account = await _linked(town)
    order = await town.withdraw(ada, account, 4000)
    await town.work()
    await tell(town, notification(line(booked, order)))
    lines = (line(booked, order), line(-1, await _cent(town)))
    await tell(town, statement(*lines, opening=10_000))
    one, two = await make_officers(town)
    [item] = await one.items()
    assert (item["kind"], item["in_suspense"]["minor"]) == ("differs", booked)
    assert (await ada.asked("GET", f"/withdrawals/{order['order_id']}"))["status"] == "sent"
    await one.propose(item, "to_order")
    assert (await two.agree(item)).status_code == 200
    assert (await ada.asked("GET", f"/withdrawals/{order['order_id']}"))["status"] == "booked"
    books = town.books()
    assert (books.get("fee_income", 0), books["fee_expense"]) == (income, expense)
    assert "suspense" not in books
    assert "withdrawals_in_transit" not in books
    assert find_problems(town.house) == []


async def test_an_order_that_is_on_no_statement_is_missing_until_it_is(town: Town) -> None:
    ada, account = await _linked(town)
    order = await town.withdraw(ada, account, 4000)
    await town.work()
    await tell(town, notification(line(-4000, order)))
    one, _ = await make_officers(town)
    for _ in range(2):
        town.clock.advance(6 * 86_400_000)
        await town.work()
    items = await one.items()
    assert {(item["kind"], item["in_suspense"]["minor"]) for item in items} == {("missing", 0)}
    assert order["order_id"] in {item["order_id"] for item in items}
    lines = (line(-4000, order), line(-1, await _cent(town)))
    await tell(town, statement(*lines, opening=10_000))
    assert await one.items() == []
    assert find_problems(town.house) == []


async def test_statements_may_come_in_any_order(db: Database, tmp_path: Path) -> None:
    town = Town(db, tmp_path)
    first = statement(line(100), sequence=1)
    others = [
        statement(line(10), opening=100, sequence=2),
        statement(line(-5), opening=110, sequence=3),
        statement(line(1), opening=105, sequence=4),
    ]
    await tell(town, first, *others[::-1])
    assert town.books() == {"cash_at_bank": 106, "suspense": 106}
    one, _ = await make_officers(town)
    found = (await one.asked("GET", f"{ADMIN}/statements"))["items"]
    assert [told["status"] for told in found] == ["reconciled"] * 4
    assert find_problems(town.house) == []


async def test_a_missing_statement_holds_the_later_ones_up(town: Town) -> None:
    await tell(town, statement(line(100)), statement(line(1), opening=110, sequence=3))
    one, _ = await make_officers(town)
    [_, standing] = await one.asked("GET", ADMIN)
    assert (standing["waiting_statement_count"], standing["cash_in_books"]["minor"]) == (1, 100)
    await tell(town, statement(line(10), opening=100, sequence=2))
    [_, standing] = await one.asked("GET", ADMIN)
    assert (standing["waiting_statement_count"], standing["cash_in_books"]["minor"]) == (0, 111)


async def test_a_statement_that_does_not_follow_is_told(town: Town) -> None:
    await tell(
        town,
        statement(line(100)),
        statement(line(1), opening=99, sequence=2),
        statement(line(1), opening=0, sequence=1),
    )
    one, _ = await make_officers(town)
    told = [item["told"] for item in await one.items() if item["kind"] == "contradiction"]
    assert len(told) == 2
    assert "does not open with" in told[0]
    assert "earlier than" in told[1]
    assert town.books()["cash_at_bank"] == 100
    assert find_problems(town.house) == []


async def test_a_first_statement_may_open_with_more_than_the_books_have(town: Town) -> None:
    await tell(town, statement(opening=5000))
    one, _ = await make_officers(town)
    [item] = await one.items()
    assert (item["kind"], item["in_suspense"]["minor"]) == ("opening", 5000)
    assert town.books() == {"cash_at_bank": 5000, "suspense": 5000}


# What comes twice, late, or from somebody else


async def test_the_same_news_in_any_order_and_number_move_money_once(
    db: Database, tmp_path: Path
) -> None:
    town = Town(db, tmp_path)
    ada, account = await _linked(town)
    into = await town.top_up(ada, account, 2500)
    await town.work()
    lines = (line(2500, into), line(-1, await _cent(town)))
    news = (
        decision(into, "ACCP"),
        notification(line(2500, into)),
        statement(*lines, opening=10_000),
    )
    for index in (0, 2, 1, 0, 2):
        await tell(town, news[index])
    again = msgspec.structs.replace(news[1], message_id="NO-again", id="NO-again")
    await tell(town, again)
    assert town.balance(ada) == 12_500
    assert town.books() == {"cash_at_bank": 12_499, "fee_expense": 1}
    one, _ = await make_officers(town)
    assert await one.items() == []
    assert find_problems(town.house) == []


async def test_a_message_that_comes_again_with_another_content_is_told_and_not_obeyed(
    town: Town,
) -> None:
    ada, account = await _linked(town)
    into = await town.top_up(ada, account, 2500)
    await town.work()
    true = notification(line(5, "somebody-elses"))
    forged = msgspec.structs.replace(notification(line(2500, into)), message_id=true.message_id)
    await tell(town, true, forged)
    assert town.balance(ada) == 10_000
    one, _ = await make_officers(town)
    [item] = await one.items()
    assert item["kind"] == "contradiction"
    assert "twice with different contents" in item["told"]


async def test_a_confirmation_of_another_amount_credits_nothing(town: Town) -> None:
    ada, account = await _linked(town)
    into = await town.top_up(ada, account, 2500)
    await town.work()
    for minor in (2501, 1, -2500, 250_000):
        await tell(town, notification(line(minor, into)))
    assert town.balance(ada) == 10_000
    one, _ = await make_officers(town)
    assert [item["kind"] for item in await one.items()] == ["differs"]


async def test_news_of_an_account_that_is_not_ours_are_told_and_not_obeyed(town: Town) -> None:
    from teahouse.iso20022 import AccountNumber

    ada, account = await _linked(town)
    into = await town.top_up(ada, account, 2500)
    await town.work()
    other = AccountNumber("GB82WEST12345698765432", is_iban=True)
    await tell(
        town,
        notification(line(2500, into), account=other),
        statement(line(2500, into), account=other),
        decision({"order_id": "bor_nobody"}, "RJCT"),
    )
    assert town.balance(ada) == 10_000
    one, _ = await make_officers(town)
    assert [item["kind"] for item in await one.items()] == ["contradiction"] * 3


async def test_a_line_in_another_currency_moves_nothing(town: Town) -> None:
    ada, account = await _linked(town)
    into = await town.top_up(ada, account, 2500)
    await town.work()
    raw = write(notification(line(2500, into))).replace(b'Ccy="EUR"', b'Ccy="USD"')
    await tell(town, raw)
    assert town.balance(ada) == 10_000
    one, _ = await make_officers(town)
    assert [item["kind"] for item in await one.items()] == ["differs"]


async def test_a_file_that_cannot_be_read_is_told_and_put_away(town: Town) -> None:
    entity = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
    huge = b"<" + b"a" * 17_000_000 + b"/>"
    bad = (b"", b"hello", b"<Document/>", b"\xff\xfe<\x00a\x00", entity, b"<a>" * 20_000, huge)
    await tell(town, *bad, statement(line(5)))
    one, _ = await make_officers(town)
    kinds = sorted(item["kind"] for item in await one.items())
    assert kinds == ["contradiction"] * len(bad) + ["unmatched"]
    assert list((town.folder / "outbox").iterdir()) == []
    # What staff are told says nothing of what an attacker wanted to read.
    assert "root:" not in str(await one.items())


async def test_money_booked_twice_stands_in_suspense(town: Town) -> None:
    ada, account = await _linked(town)
    order = await town.withdraw(ada, account, 4000)
    await town.work()
    lines = (line(-4000, order), line(-4000, order), line(-1, await _cent(town)))
    await tell(town, statement(*lines, opening=10_000))
    one, _ = await make_officers(town)
    [item] = await one.items()
    assert (item["kind"], item["in_suspense"]["minor"]) == ("contradiction", -4000)
    assert town.balance(ada) == 6000
    assert find_problems(town.house) == []


async def test_an_order_that_was_rejected_and_booked_all_the_same_is_told(town: Town) -> None:
    ada, account = await _linked(town)
    order = await town.withdraw(ada, account, 4000)
    await town.work()
    await tell(town, decision(order, "RJCT", "AC04"))
    assert town.balance(ada) == 10_000
    lines = (line(-4000, order), line(-1, await _cent(town)))
    await tell(town, statement(*lines, opening=10_000))
    one, _ = await make_officers(town)
    [item] = await one.items()
    assert (item["kind"], item["in_suspense"]["minor"]) == ("contradiction", -4000)
    assert find_problems(town.house) == []


async def test_a_decision_about_a_whole_file_is_one_about_each_order(town: Town) -> None:
    ada, account = await _linked(town)
    orders = [await town.withdraw(ada, account, 1000 + one) for one in range(3)]
    await town.work()
    names = {file.stem for file in (town.folder / "inbox").iterdir()}
    reports = [
        msgspec.structs.replace(
            decision(orders[0], "ACCP"), original_id=name, group_status=status, transactions=()
        )
        for name in names
        for status in ("ACTC", "RJCT")
    ]
    accepted, rejected = reports[::2], reports[1::2]
    await tell(town, *accepted)
    found = (await ada.asked("GET", "/withdrawals"))["items"]
    assert {one["status"] for one in found} == {"accepted"}
    again = [msgspec.structs.replace(one, group_reason="DU01") for one in rejected]
    await tell(town, *again)
    assert town.balance(ada) == 10_000 - 3003
    true = [msgspec.structs.replace(one, message_id=f"{one.message_id}-2") for one in rejected]
    await tell(town, *true)
    assert town.balance(ada) == 10_000
    found = (await ada.asked("GET", "/withdrawals"))["items"]
    assert {one["status"] for one in found} == {"rejected"}


async def test_a_rejection_because_it_came_twice_rejects_nothing(town: Town) -> None:
    ada, account = await _linked(town)
    order = await town.withdraw(ada, account, 4000)
    await town.work()
    await tell(town, decision(order, "RJCT", "DU04"), decision(order, "RJCT", "AM05"))
    assert town.balance(ada) == 6000
    assert (await ada.asked("GET", f"/withdrawals/{order['order_id']}"))["status"] == "sent"


async def test_only_staff_see_and_decide(town: Town) -> None:
    ada = await town.register("ada")
    await tell(town, statement(line(5)))
    one, _ = await make_officers(town)
    [item] = await one.items()
    for path in ("", "/items", "/statements", "/files"):
        assert (await ada.refused("GET", f"{ADMIN}{path}"))[0] == 403
    body = {"action": "to_fees", "note": "x"}
    path = f"{ADMIN}/items/{item['item_id']}"
    assert (await ada.refused("POST", f"{path}/propose", body))[0] == 403
    assert (await ada.refused("POST", f"{path}/agree"))[0] == 403
    assert (await one.refused("POST", f"{ADMIN}/items/none/agree"))[0] == 404
    assert (await one.refused("POST", f"{path}/propose", {"action": "burn", "note": "x"}))[0] == 400
    assert (await one.refused("GET", f"{ADMIN}/items?status=lost"))[0] == 400
    assert str(DAY) in (await one.ask("GET", f"{ADMIN}/items")).text


async def test_the_check_sees_what_was_changed_behind_the_books(town: Town) -> None:
    ada, account = await _linked(town)
    await town.withdraw(ada, account, 4000)
    await tell(town, statement(line(5), opening=10_000))
    assert find_problems(town.house) == []
    for table, change, told in (
        (wallet_bank_statement, {"closing_minor": 10_006}, "its statement"),
        (wallet_bank_order, {"stated_at": 1}, "withdrawals_in_transit holds"),
        (wallet_reconciliation_item, {"suspense_minor": 6}, "suspense holds"),
    ):

        def tamper(tx: Tx, table: sa.Table = table, change: Any = change) -> None:
            tx.conn.execute(sa.update(table).values(change))

        await town.house.db.write(tamper)
        assert any(told in problem for problem in find_problems(town.house)), table.name
