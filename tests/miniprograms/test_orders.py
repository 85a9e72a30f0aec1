"""What members allow programs, and what they order by them: over HTTP, on both databases."""

from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from teahouse import accounts, chat, miniprograms, privacy, wallet
from teahouse.app import archive_sources
from teahouse.demo.money.rules import MENU
from teahouse.miniprograms.orders.rules import NEXT_STATUSES, compute_total, price_lines
from teahouse.miniprograms.orders.types import LineWish, Menu
from teahouse.platform.db import Database, Read, metadata
from teahouse.privacy.archives.queries import find_stand_ins, plan_records, read_rows
from tests.kit.house import House, make_services
from tests.kit.shop_house import SHOPS, ask, open_shop, register_staff
from tests.kit.wallet_house import Payer, register_payer

pytestmark = pytest.mark.anyio
API = "/api/v1/miniprograms"
COFFEE = "org.teahouse.coffee"
LATTE = {"item": "latte", "choices": {"size": "large", "milk": "oat"}}
ORDER = {"program_id": COFFEE, "lines": [LATTE], "called": "Lin", "note": "Hot"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    services = make_services(db, tmp_path, wallet_rule_set="open")
    routes = [
        *privacy.install(services),
        *accounts.install(services),
        *chat.install(services),
        *wallet.install(services),
        *miniprograms.install(services),
    ]
    return House(services, routes)


async def _shop(house: House) -> tuple[Payer, str]:
    owner = await register_payer(house, "owner")
    officer = await register_staff(house, "officer", "bank_officer")
    shop_id = await open_shop(owner, officer)
    await owner.asked("PUT", f"{API}/shops/{shop_id}/menu", MENU)
    return owner, shop_id


def _find_amiss(read: Read) -> list[str]:
    return [
        found
        for check in miniprograms.make_checks()
        for found in check.find_problems(read)
        if found
    ]


async def _pay(guest: Payer, order: dict[str, Any]) -> dict[str, Any]:
    paid: dict[str, Any] = await guest.asked("POST", f"/pay/{order['code']}", {})
    return paid


async def test_the_menu_sets_the_price_and_the_order_follows_its_charge(house: House) -> None:
    owner, shop_id = await _shop(house)
    guest = await register_payer(house, "guest", cny=10_000)

    order = await guest.asked("POST", f"{API}/shops/{shop_id}/orders", ORDER)

    assert (order["total"]["minor"], order["status"], order["number"]) == (3_400, "unpaid", 1)
    counter = f"{API}/shops/{shop_id}/orders"
    assert await owner.asked("GET", counter) == []
    await _pay(guest, order)
    [seen] = await owner.asked("GET", counter)
    assert (seen["status"], seen["called"], seen["code"]) == ("paid", "Lin", None)
    assert guest.user_id not in str(seen)
    one = f"{counter}/{order['order_id']}/status"
    assert (await owner.refused("PUT", one, {"status": "collected"}))[1] == "wrong-order-status"
    for status in ("accepted", "ready", "collected"):
        await owner.asked("PUT", one, {"status": status})
    [mine] = await guest.asked("GET", f"{API}/orders?program_id={COFFEE}")
    assert mine["status"] == "collected"
    assert house.db.look(_find_amiss) == []


async def test_who_pays_is_who_ordered_and_what_is_refused_is_given_back(house: House) -> None:
    owner, shop_id = await _shop(house)
    guest = await register_payer(house, "guest", cny=10_000)
    other = await register_payer(house, "other", cny=10_000)
    order = await guest.asked("POST", f"{API}/shops/{shop_id}/orders", ORDER)

    assert (await other.refused("POST", f"/pay/{order['code']}", {}))[1] == "charge-of-another"
    assert (await other.refused("GET", f"{API}/orders/{order['order_id']}"))[0] == 404
    await _pay(guest, order)
    assert (await guest.refused("POST", f"{API}/orders/{order['order_id']}/cancel"))[0] == 409
    one = f"{API}/shops/{shop_id}/orders/{order['order_id']}/status"
    assert (await guest.refused("PUT", one, {"status": "accepted"}))[0] == 404
    await owner.asked("PUT", one, {"status": "refused", "reason": "No oat milk"})

    assert guest.balance() == 10_000
    [mine] = await guest.asked("GET", f"{API}/orders")
    assert (mine["status"], mine["reason"]) == ("refused", "No oat milk")


async def test_an_unpaid_order_is_cancelled_with_its_charge(house: House) -> None:
    _, shop_id = await _shop(house)
    guest = await register_payer(house, "guest", cny=10_000)
    order = await guest.asked("POST", f"{API}/shops/{shop_id}/orders", ORDER)

    gone = await guest.asked("POST", f"{API}/orders/{order['order_id']}/cancel")

    assert gone["status"] == "cancelled"
    assert (await guest.refused("POST", f"/pay/{order['code']}", {}))[1] == "wrong-charge-status"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": [{"item": "longjing"}]}, "not-on-menu"),
        ({"lines": [{"item": "champagne"}]}, "not-on-menu"),
        ({"lines": [{"item": "latte", "choices": {"size": "tiny"}}]}, "not-on-menu"),
        ({"lines": [{"item": "espresso", "choices": {"milk": "oat"}}]}, "not-on-menu"),
        ({"lines": [{"item": "latte", "count": 0}]}, "bad-json"),
        ({"lines": [{"item": "latte", "price": 1}]}, "bad-json"),
        ({"lines": []}, "bad-json"),
        ({"program_id": "org.example.unknown"}, "program-not-found"),
    ],
)
async def test_what_cannot_be_ordered_is_refused(
    house: House, change: dict[str, Any], code: str
) -> None:
    _, shop_id = await _shop(house)
    guest = await register_payer(house, "guest")
    refused = await guest.refused("POST", f"{API}/shops/{shop_id}/orders", {**ORDER, **change})
    assert refused[1] == code


async def test_a_program_knows_a_member_by_an_id_of_its_own(house: House) -> None:
    lin = await register_payer(house, "lin")
    one = f"{API}/programs/{COFFEE}"
    assert (await lin.refused("POST", f"{one}/who-am-i"))[1] == "permission-missing"
    yes = {"permission": "profile", "is_allowed": True}
    await lin.asked("PUT", f"{one}/grants", yes)

    first = await lin.asked("POST", f"{one}/who-am-i")

    assert first == await lin.asked("POST", f"{one}/who-am-i")
    assert lin.user_id not in str(first)
    bao = await register_payer(house, "bao")
    await bao.asked("PUT", f"{one}/grants", yes)
    assert (await bao.asked("POST", f"{one}/who-am-i"))["id"] != first["id"]
    await lin.asked("DELETE", f"{one}/grants")
    assert await lin.asked("GET", f"{API}/grants") == []
    await lin.asked("PUT", f"{one}/grants", yes)
    assert (await lin.asked("POST", f"{one}/who-am-i"))["id"] != first["id"]
    wrong = {"permission": "room", "is_allowed": True, "room_id": "!a:b"}
    assert (await lin.refused("PUT", f"{one}/grants", wrong))[1] == "permission-not-declared"


async def test_a_result_is_signed_for_who_paid_and_verified_by_anybody(house: House) -> None:
    _, shop_id = await _shop(house)
    guest = await register_payer(house, "guest", cny=10_000)
    other = await register_payer(house, "other")
    order = await guest.asked("POST", f"{API}/shops/{shop_id}/orders", ORDER)
    wish = {"payment_id": (await _pay(guest, order))["payment_id"]}
    path = f"{API}/programs/{COFFEE}/payment-results"
    assert (await guest.refused("POST", path, wish))[1] == "permission-missing"
    yes = {"permission": "payments", "is_allowed": True}
    for member in (guest, other):
        await member.asked("PUT", f"{API}/programs/{COFFEE}/grants", yes)

    found = await guest.asked("POST", path, wish)

    assert (await other.refused("POST", path, wish))[0] == 404
    head, body, signature = (urlsafe_b64decode(f"{part}==") for part in found["jws"].split("."))
    key = (await house.call("GET", f"{API}/key")).json()
    public = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(f"{key['x']}=="))
    public.verify(signature, found["jws"].rpartition(".")[0].encode())
    claims = msgspec.json.decode(body)
    assert claims == found["result"]
    assert (claims["charge_id"], claims["shop_id"]) == (order["charge_id"], shop_id)
    assert (claims["status"], claims["aud"]) == ("completed", COFFEE)
    assert msgspec.json.decode(head)["alg"] == "EdDSA"
    assert guest.user_id not in body.decode()


async def test_only_who_may_changes_a_menu_and_it_names_what_it_has(house: House) -> None:
    owner, shop_id = await _shop(house)
    path = f"{API}/shops/{shop_id}/menu"
    stranger = await register_payer(house, "stranger")
    assert (await stranger.refused("PUT", path, MENU))[0] == 404
    items = MENU["items"]
    assert isinstance(items, list)
    assert (await owner.refused("PUT", path, {**MENU, "items": items * 2}))[1] == "invalid-menu"
    assert (await owner.refused("PUT", path, {**MENU, "options": []}))[1] == "invalid-menu"
    await owner.asked("PUT", path, {**MENU, "is_open": False})
    refused = await stranger.refused("POST", f"{API}/shops/{shop_id}/orders", ORDER)
    assert refused[1] == "no-orders-taken"
    assert (await ask(owner, "GET", SHOPS)).is_success


async def test_a_shop_sees_who_changed_what_of_its_menu(house: House) -> None:
    owner, shop_id = await _shop(house)
    path = f"{API}/shops/{shop_id}/menu"
    read = (await ask(owner, "GET", path)).json()
    latte = next(item for item in read["menu"]["items"] if item["id"] == "latte")
    had = latte["price"]
    latte.update(price=had + 200, is_sold_out=True, en="Latte, large cup")

    changed = await owner.asked("PUT", f"{path}?based_on={read['changed_at']}", read["menu"])

    assert changed["changed_at"] > read["changed_at"]
    (newest, first) = (await ask(owner, "GET", f"{path}/changes")).json()
    assert newest["changed_by"] == owner.user_id
    assert [edit["kind"] for edit in newest["edits"]] == ["renamed", "repriced", "sold_out"]
    assert (newest["edits"][1]["before"], newest["edits"][1]["after"]) == (had, had + 200)
    assert {edit["kind"] for edit in first["edits"]} == {"added"}

    # Who began from the menu before overwrites nothing, and the same again is no change.
    stale = await owner.refused("PUT", f"{path}?based_on={read['changed_at']}", MENU)
    assert stale[:2] == (409, "menu-changed")
    await owner.asked("PUT", f"{path}?based_on={changed['changed_at']}", changed["menu"])
    assert len((await ask(owner, "GET", f"{path}/changes")).json()) == 2

    stranger = await register_payer(house, "stranger")
    assert (await stranger.refused("GET", f"{path}/changes"))[0] == 404
    guest_sees = (await ask(stranger, "GET", path)).json()["menu"]["items"]
    assert [item["en"] for item in guest_sees if item["is_sold_out"]] == [
        "Latte, large cup",
        "Longjing",
    ]
    sold_out = await stranger.refused("POST", f"{API}/shops/{shop_id}/orders", ORDER)
    assert sold_out[1] == "not-on-menu"


async def test_only_so_many_changes_of_a_menu_are_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.miniprograms.orders.commands.CHANGES_MAX", 2)
    owner, shop_id = await _shop(house)
    for is_open in (False, True, False):
        path = f"{API}/shops/{shop_id}/menu"
        await owner.asked("PUT", path, {**MENU, "is_open": is_open})
    found = (await ask(owner, "GET", f"{API}/shops/{shop_id}/menu/changes")).json()
    assert [change["edits"][0]["kind"] for change in found] == ["closed", "opened"]


def _archived(read: Read, user_id: str) -> dict[str, bytes]:
    """What an archive holds of a member from the tables of mini-programs."""
    sources = archive_sources()
    plan = plan_records(sources.told, sources.left_out)
    stand_ins = find_stand_ins(read, user_id)
    return {
        table.name: read_rows(read, table, stand_ins, after=None)[0]
        for table in plan.tables
        if table.name.startswith("miniprograms_")
    }


async def test_all_of_a_member_is_in_their_archive_and_goes_when_they_are_erased(
    house: House,
) -> None:
    owner, shop_id = await _shop(house)
    guest = await register_payer(house, "guest")
    await guest.asked("POST", f"{API}/shops/{shop_id}/orders", ORDER)
    yes = {"permission": "profile", "is_allowed": True}
    await guest.asked("PUT", f"{API}/programs/{COFFEE}/grants", yes)
    known_as = await guest.asked("POST", f"{API}/programs/{COFFEE}/who-am-i")

    told = house.db.look(_archived, guest.user_id)
    for table, words in {
        "miniprograms_order": ("Latte", "Lin", "Hot", shop_id, COFFEE, "3400"),
        "miniprograms_grant": (COFFEE, "profile"),
        "miniprograms_alias": (known_as["id"], COFFEE),
    }.items():
        assert [word for word in words if word.encode() not in told[table]] == [], table
    assert shop_id.encode() in house.db.look(_archived, owner.user_id)["miniprograms_menu_change"]

    for member in (guest, owner):
        await house.db.write(accounts.deactivate_member, member.user_id, erase=True, by=None)
        assert set(house.db.look(_archived, member.user_id).values()) == {b""}
        assert house.db.look(_holders_of, member.user_id) == []


def _holders_of(read: Read, user_id: str) -> list[str]:
    """Columns of mini-programs' tables in which a member still stands."""
    return [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        if table.name.startswith("miniprograms_")
        for column in table.columns
        if isinstance(column.type, sa.Text)
        and read.conn.execute(
            sa.select(sa.func.count()).where(column.contains(user_id, autoescape=True))
        ).scalar_one()
    ]


@given(counts=st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_a_total_is_the_sum_of_its_lines(counts: list[int]) -> None:
    menu = msgspec.convert(MENU, Menu)
    lines = price_lines(menu, [LineWish("espresso", count) for count in counts])
    assert compute_total(lines) == 1_800 * sum(counts)


def test_every_status_leads_to_known_ones() -> None:
    assert set().union(*NEXT_STATUSES.values()) <= set(NEXT_STATUSES)
