"""Outside accounts, top-ups and withdrawals through the API: hostile input moves nothing."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.accounts import Seal
from teahouse.partner_bank import DAY_MS
from teahouse.platform.db import Database, Read
from teahouse.wallet.outside.personal_data import erase_member, export_member
from teahouse.wallet.outside.tables import wallet_bank_order, wallet_outside_account
from tests.kit.house import PASSWORD
from tests.kit.wallet_house import find_problems, make_wallet_house, register_payer
from tests.wallet.outside.kit import CNY, Town, eur, iban, new_account

pytestmark = pytest.mark.anyio


@pytest.fixture
def town(db: Database, tmp_path: Path) -> Town:
    return Town(db, tmp_path, opening=50_000)


def count(read: Read, table: sa.Table) -> int:
    return int(read.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


async def test_an_amount_that_is_none_moves_nothing(town: Town) -> None:
    ada = await town.register("ada", eur=1000)
    account = await town.link(ada)
    before = (town.balance(ada), town.house.db.look(count, wallet_bank_order))
    wrong: tuple[Any, ...] = (
        eur(0), eur(-1), eur(10**15 + 1), eur(2**63), eur(1.5), eur("100"), eur(None), eur([]),
        {"minor": 1}, {"currency": "EUR"}, {"minor": 1, "currency": "XXX"},
        {"minor": 1, "currency": "CNY"}, {"minor": 1, "currency": "eur"},
        100, "1.00 EUR", None, [],
    )  # fmt: skip
    for amount in wrong:
        body = {"outside_account_id": account["outside_account_id"], "amount": amount}
        for path in ("/top-ups", "/withdrawals"):
            status, _ = await ada.refused("POST", path, body)
            assert status in {400, 409, 422}, amount
    assert (town.balance(ada), town.house.db.look(count, wallet_bank_order)) == before


async def test_an_account_that_is_none_is_not_linked(town: Town) -> None:
    ada = await town.register("ada")
    for change in (
        {"number": "DE88370400440532013000"}, {"number": "12"}, {"number": "x" * 50},
        {"number": "DE89370400440532013000\u0000"}, {"number": 12345678}, {"bank": ""},
        {"bank": "b" * 71}, {"holder": ""}, {"holder": None}, {"currency": "JPY"},
        {"currency": "euro"}, {"allow_debits": "yes"}, {"party": "pty_other"},
    ):  # fmt: skip
        status, _ = await ada.refused(
            "POST", "/outside-accounts", {**new_account(iban()), **change}
        )
        assert status in {400, 422}, change
    assert town.house.db.look(count, wallet_outside_account) == 0
    assert town.house.db.look(count, wallet_bank_order) == 0


async def test_a_confirmation_is_of_a_withdrawal_to_one_account(town: Town) -> None:
    ada = await town.register("ada", eur=1000)
    mine, other = await town.link(ada, iban("1111")), await town.link(ada, iban("2222"))
    facts = {"kind": "withdrawal", "amount": eur(100), "reference": mine["outside_account_id"]}
    begun = await ada.asked("POST", "/confirmations", facts)
    proof = {"factor": "password", "password": PASSWORD}
    confirmation = begun["confirmation_id"]
    await ada.asked("POST", f"/confirmations/{confirmation}/proofs", proof)
    told = {"amount": eur(100), "confirmation": confirmation}
    body = {**told, "outside_account_id": other["outside_account_id"]}
    assert await ada.refused("POST", "/withdrawals", body) == (403, "confirmation-mismatch")
    body["outside_account_id"] = mine["outside_account_id"]
    more = {**body, "amount": eur(101)}
    assert await ada.refused("POST", "/withdrawals", more) == (403, "confirmation-mismatch")
    await ada.asked("POST", "/withdrawals", body)
    assert await ada.refused("POST", "/withdrawals", body) == (409, "confirmation-used")
    assert town.balance(ada) == 900


async def test_another_members_ids_are_nobodys(town: Town) -> None:
    ada, eve = await town.register("ada", eur=5000), await town.register("eve", eur=5000)
    account = await town.link(ada)
    order = await town.withdraw(ada, account, 100)
    into = await town.top_up(ada, account, 100)
    account_id = account["outside_account_id"]
    body = {"outside_account_id": account_id, "amount": eur(100)}
    for method, path, told in (
        ("GET", f"/outside-accounts/{account_id}", None),
        ("POST", f"/outside-accounts/{account_id}/verify", {"code": "123456"}),
        ("DELETE", f"/outside-accounts/{account_id}", None),
        ("POST", "/top-ups", body),
        ("POST", "/withdrawals", body),
        ("GET", f"/withdrawals/{order['order_id']}", None),
        ("GET", f"/top-ups/{into['order_id']}", None),
    ):
        assert (await eve.refused(method, path, told))[0] == 404, path
    # One kind of order is not the other.
    assert (await ada.refused("GET", f"/top-ups/{order['order_id']}"))[0] == 404
    assert (await eve.asked("GET", "/outside-accounts")) == []
    assert (await eve.asked("GET", "/withdrawals"))["items"] == []
    assert town.balance(eve) == 5000


async def test_a_code_is_tried_five_times(town: Town) -> None:
    ada = await town.register("ada")
    linked = await ada.asked("POST", "/outside-accounts", new_account(iban()))
    await town.exchange()
    path = f"/outside-accounts/{linked['outside_account_id']}/verify"
    code = town.code_of(iban())
    wrong = {"code": "000000" if code != "000000" else "000001"}
    for left in (4, 3, 2, 1, 0):
        refused = await ada.ask("POST", path, wrong)
        assert (refused.status_code, refused.json()["tries_left"]) == (403, left)
    assert await ada.refused("POST", path, {"code": code}) == (409, "code-expired")
    for bad in ("12345", "1234567", "12345a", "１２３４５６", 123456, None):
        assert (await ada.refused("POST", path, {"code": bad}))[0] == 400


async def test_a_code_does_not_last(town: Town) -> None:
    ada = await town.register("ada")
    linked = await ada.asked("POST", "/outside-accounts", new_account(iban()))
    await town.exchange()
    town.clock.advance(31 * DAY_MS)
    path = f"/outside-accounts/{linked['outside_account_id']}/verify"
    refused = await ada.refused("POST", path, {"code": town.code_of(iban())})
    assert refused == (409, "code-expired")


async def test_nothing_moves_before_an_account_is_verified(town: Town) -> None:
    ada = await town.register("ada", eur=1000)
    linked = await ada.asked("POST", "/outside-accounts", new_account(iban()))
    body = {"outside_account_id": linked["outside_account_id"], "amount": eur(100)}
    for path in ("/top-ups", "/withdrawals"):
        assert await ada.refused("POST", path, body) == (409, "outside-account-not-verified")
    account = await town.link(ada, iban("2222"), allow_debits=False)
    body["outside_account_id"] = account["outside_account_id"]
    assert await ada.refused("POST", "/top-ups", body) == (409, "debits-not-allowed")
    assert town.balance(ada) == 1000


async def test_no_more_goes_out_than_is_there(town: Town) -> None:
    ada = await town.register("ada", eur=1000)
    account = await town.link(ada)
    body = {"outside_account_id": account["outside_account_id"], "amount": eur(1001)}
    assert await ada.refused("POST", "/withdrawals", body) == (409, "insufficient-funds")
    # Money that is promised to come is not there.
    await town.top_up(ada, account, 5000)
    assert await ada.refused("POST", "/withdrawals", body) == (409, "insufficient-funds")
    assert find_problems(town.house) == []


async def test_the_same_request_twice_orders_once(town: Town) -> None:
    ada = await town.register("ada", eur=1000)
    account = await town.link(ada)
    body = {"outside_account_id": account["outside_account_id"], "amount": eur(100)}
    for path in ("/top-ups", "/withdrawals"):
        one = await ada.ask("POST", path, body, key=f"k{path}")
        two = await ada.ask("POST", path, body, key=f"k{path}")
        assert one.json()["order_id"] == two.json()["order_id"]
        other = {**body, "amount": eur(101)}
        refused = await ada.refused("POST", path, other, key=f"k{path}")
        assert refused == (422, "idempotency-key-reused")
        assert len((await ada.asked("GET", path))["items"]) == 1
    assert town.balance(ada) == 900


async def test_accounts_are_not_linked_without_end(town: Town) -> None:
    ada = await town.register("ada")
    first = await ada.asked("POST", "/outside-accounts", new_account(iban("0000")))
    again = await ada.refused("POST", "/outside-accounts", new_account(iban("0000")))
    assert again == (409, "already-linked")
    for one in range(1, 5):
        await ada.asked("POST", "/outside-accounts", new_account(iban(f"000{one}")))
    # Removing one does not buy another small credit.
    await ada.ask("DELETE", f"/outside-accounts/{first['outside_account_id']}")
    more = await ada.refused("POST", "/outside-accounts", new_account(iban("9999")))
    assert more == (409, "too-many-outside-accounts")


async def test_top_ups_are_not_asked_for_without_end(town: Town) -> None:
    ada = await town.register("ada")
    account = await town.link(ada)
    for _ in range(10):
        await town.top_up(ada, account, 1)
    body = {"outside_account_id": account["outside_account_id"], "amount": eur(1)}
    assert await ada.refused("POST", "/top-ups", body) == (409, "too-much-on-its-way")


async def test_lists_come_in_pages(town: Town) -> None:
    ada = await town.register("ada", eur=1000)
    account = await town.link(ada)
    made = []
    for minor in range(1, 6):
        town.clock.advance(1)
        made.append((await town.withdraw(ada, account, minor))["order_id"])
    first = await ada.asked("GET", "/withdrawals?limit=2")
    second = await ada.asked("GET", f"/withdrawals?limit=3&cursor={first['next_cursor']}")
    seen = [one["order_id"] for one in first["items"] + second["items"]]
    assert (seen, second["next_cursor"]) == (made[::-1], None)
    assert (await ada.refused("GET", "/withdrawals?cursor=x"))[0] == 400


async def test_a_house_without_a_bank_says_so(db: Database, tmp_path: Path) -> None:
    house = make_wallet_house(db, tmp_path)
    ada = await register_payer(house, "ada")
    done = await ada.ask("POST", "/outside-accounts", new_account(iban()))
    assert (done.status_code, done.json()["title"]) == (
        503,
        "This house has no link to outside banks.",
    )


async def test_a_member_takes_their_data_and_is_forgotten_by_the_link(town: Town) -> None:
    ada = await town.register("ada", eur=1000)
    number = iban()
    account = await town.link(ada, number)
    await town.withdraw(ada, account, 100)
    seal = town.house.services.get(Seal)
    told = town.house.db.look(export_member, ada.user_id, seal)
    assert number in str(told["numbers"])
    kinds = [one["kind"] for one in told["bank_orders"]]  # type: ignore[union-attr,index,call-overload]
    assert kinds == ["withdrawal", "verification"]
    town.house.db.run(erase_member, ada.user_id)
    left = town.house.db.look(export_member, ada.user_id, seal)
    # Its last order is not sent yet: until then the bank must be told the number.
    assert left["outside_accounts"] == []
    assert number in str(left["numbers"])
    await town.exchange()
    assert town.at_bank(number) == 1_000_000 + 101
    assert town.house.db.look(export_member, ada.user_id, seal)["numbers"] == {}


async def test_what_is_stored_does_not_tell_the_number(town: Town) -> None:
    ada = await town.register("ada")
    await ada.asked("POST", "/outside-accounts", new_account(iban("4321"), holder="Augusta"))

    def read_all(read: Read) -> str:
        return str(read.conn.execute(sa.select(wallet_outside_account)).all())

    stored = town.house.db.look(read_all)
    assert iban("4321")[4:-4] not in stored
    assert "Augusta" not in stored
    assert CNY not in stored
