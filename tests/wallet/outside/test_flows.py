"""Money that comes in and goes out, with the bank's answers in any order."""

from pathlib import Path
from typing import Any

import pytest

from teahouse.partner_bank import DAY_MS, Terms
from teahouse.platform.db import Database
from tests.kit.wallet_house import find_problems
from tests.wallet.outside.kit import EUR, Town, iban, new_account

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def town(db: Database, tmp_path: Path) -> Town:
    return Town(db, tmp_path, opening=50_000)


async def status_of(payer: Any, kind: str, order: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = await payer.asked("GET", f"/{kind}/{order['order_id']}")
    return told


async def test_an_account_is_verified_by_the_code_of_a_small_credit(town: Town) -> None:
    ada = await town.register("ada")
    linked = await ada.asked(
        "POST", "/outside-accounts", new_account("DE89 3704 0044 0532 0130 00")
    )
    assert (linked["status"], linked["last4"], linked["holder"]) == (
        "pending",
        "3000",
        "Ada Lovelace",
    )
    number = iban()
    verified = await town.link(ada, number)
    assert verified["last4"] == number[-4:]
    assert number not in (await ada.ask("GET", "/outside-accounts")).text
    await town.end_day()
    assert town.books()["fee_expense"] == 2
    assert find_problems(town.house) == []


async def test_a_top_up_is_credited_only_when_the_bank_has_booked(
    db: Database, tmp_path: Path
) -> None:
    town = Town(db, tmp_path, terms=Terms(delay_ms=60_000), opening=1000)
    ada = await town.register("ada")
    account = await town.link(ada)
    order = await town.top_up(ada, account, 2500)
    [wallet] = (await ada.asked("GET", "/wallets"))["wallets"]
    assert (wallet["available"]["minor"], wallet["pending_in"]["minor"]) == (0, 2500)
    assert order["status"] == "requested"
    await town.exchange(1)
    assert (await status_of(ada, "top-ups", order))["status"] == "accepted"
    assert town.balance(ada) == 0
    town.clock.advance(60_000)
    await town.exchange()
    told = await status_of(ada, "top-ups", order)
    assert (told["status"], town.balance(ada)) == ("booked", 2500)
    [payment] = (await ada.asked("GET", "/payments?kind=topup"))["items"]
    assert (payment["status"], payment["reference"]) == ("completed", order["order_id"])
    assert town.books()["topups_in_transit"] == 2500
    await town.end_day()
    assert "topups_in_transit" not in town.books()
    assert town.books()["cash_at_bank"] == town.at_bank() == 1000 + 2500 - 1
    assert find_problems(town.house) == []


@pytest.mark.parametrize(
    ("ending", "reason"), [("0003", "AM04"), ("0002", "MD01"), ("0006", "AC06")]
)
async def test_a_top_up_that_the_bank_rejects_comes_to_nothing(
    town: Town, ending: str, reason: str
) -> None:
    ada = await town.register("ada")
    # The small credit arrives there all the same, but for a blocked account: verified before.
    account = await town.link(ada, iban("1111"))
    number = iban(ending)
    if ending == "0006":
        linked = await ada.asked("POST", "/outside-accounts", new_account(number))
        await town.exchange()
        told = await ada.asked("GET", f"/outside-accounts/{linked['outside_account_id']}")
        assert (told["status"], told["reason"]) == ("failed", "The account is blocked.")
        return
    account = await town.link(ada, number)
    order = await town.top_up(ada, account, 700)
    await town.exchange()
    told = await status_of(ada, "top-ups", order)
    assert (told["status"], told["reason_code"]) == ("rejected", reason)
    assert told["reason"].endswith(".")
    [wallet] = (await ada.asked("GET", "/wallets"))["wallets"]
    assert (wallet["available"]["minor"], wallet["pending_in"]["minor"]) == (0, 0)
    await town.end_day()
    assert find_problems(town.house) == []


async def test_a_withdrawal_arrives(town: Town) -> None:
    ada = await town.register("ada", eur=10_000)
    account = await town.link(ada)
    order = await town.withdraw(ada, account, 4000)
    assert (order["status"], town.balance(ada)) == ("requested", 6000)
    await town.exchange()
    told = await status_of(ada, "withdrawals", order)
    assert (told["status"], told["reason"]) == ("booked", "")
    assert town.at_bank(iban()) == 1_000_000 + 4000 + 1
    await town.end_day()
    assert "withdrawals_in_transit" not in town.books()
    assert find_problems(town.house) == []


async def test_a_withdrawal_that_is_rejected_comes_back_with_a_reason(town: Town) -> None:
    ada = await town.register("ada", eur=10_000)
    # 50,000 at the bank: one of these two finds not enough.
    account = await town.link(ada)
    order = await town.withdraw(ada, account, 9000)
    town.bank.pay_in(
        "DE89370400440532013000", -_money(45_000), name="Bank", text="All the fees at once"
    )
    await town.exchange()
    told = await status_of(ada, "withdrawals", order)
    assert (told["status"], told["reason_code"], town.balance(ada)) == ("rejected", "AM04", 10_000)
    [back] = (await ada.asked("GET", "/payments?kind=withdrawal_return"))["items"]
    assert told["return_payment_id"] == back["payment_id"]
    await town.end_day()
    assert find_problems(town.house) == []


async def test_a_withdrawal_that_is_returned_comes_back(town: Town) -> None:
    ada = await town.register("ada", eur=10_000)
    account = await town.link(ada, iban("0010"))
    order = await town.withdraw(ada, account, 4000)
    await town.exchange(1)
    town.clock.advance(DAY_MS)
    await town.exchange()
    told = await status_of(ada, "withdrawals", order)
    assert (told["status"], told["reason"], town.balance(ada)) == (
        "returned",
        "The account is closed.",
        10_000,
    )
    await town.end_day()
    await town.end_day()
    assert "withdrawals_in_transit" not in town.books()
    assert find_problems(town.house) == []


@pytest.mark.parametrize("spent", [0, 300, 700])
async def test_a_top_up_that_comes_back_is_taken_back_and_what_was_spent_is_told(
    town: Town, spent: int
) -> None:
    ada, bob = await town.register("ada"), await town.register("bob", eur=5)
    account = await town.link(ada, iban("0011"))
    order = await town.top_up(ada, account, 700)
    # Booked, and not given back yet: the bank looks for both at each piece of work.
    await town.work()
    _book_once(town)
    town.clock.advance(10_000)
    await town.work()
    assert town.balance(ada) == 700
    if spent:
        await _give(town, ada, bob, spent)
    await town.exchange()
    told = await status_of(ada, "top-ups", order)
    assert (told["status"], told["reason_code"]) == ("returned", "MD06")
    assert town.balance(ada) == 0
    assert town.books().get("suspense", 0) == -spent
    await town.end_day()
    assert "topups_in_transit" not in town.books()
    assert find_problems(town.house) == []


async def test_a_silent_bank_leaves_a_top_up_pending_until_it_is_over(town: Town) -> None:
    ada = await town.register("ada")
    account = await town.link(ada, iban("1111"))
    silent = await town.link(ada, iban("1112"))
    assert account != silent
    order = await town.top_up(ada, account, 700)
    await town.work()
    for file in (town.folder / "inbox").iterdir():
        file.unlink()
    town.clock.advance(33 * DAY_MS)
    await town.end_day()
    assert (await status_of(ada, "top-ups", order))["status"] == "sent"
    assert town.balance(ada) == 0
    assert find_problems(town.house) == []


def _money(minor: int) -> Any:
    from teahouse.platform.money import Money

    return Money(minor, EUR)


def _book_once(town: Town) -> None:
    """Let the bank book, without giving anything back yet."""
    from teahouse.partner_bank import commands, live

    def once(desk: Any) -> None:
        commands.book_due(desk)

    before = live._book_all
    live._book_all = once
    try:
        town.bank.work()
    finally:
        live._book_all = before


async def _give(town: Town, payer: Any, payee: Any, minor: int) -> None:
    from teahouse.platform.money import Money
    from teahouse.wallet.parties.commands import party_of
    from teahouse.wallet.payments.commands import pay
    from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
    from teahouse.wallet.wallets.commands import open_wallet

    def give(tx: Any) -> None:
        sides = [open_wallet(tx, party_of(tx, one.user_id), EUR) for one in (payer, payee)]
        pay(
            tx,
            PaymentDraft(
                kind=PaymentKind.TRANSFER,
                payer=sides[0].id,
                payee=sides[1].id,
                amount=Money(minor, EUR),
                key=tx.new_id("give"),
            ),
        )

    await town.house.db.write(give)
