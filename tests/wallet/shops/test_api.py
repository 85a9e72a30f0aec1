"""Shops through the API: who may do what, and what strangers learn."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.platform.clock import ManualClock
from teahouse.wallet.shops.personal_data import erase_member, export_member
from teahouse.wallet.shops.queries import find_fee_rate, find_shop
from teahouse.wallet.shops.tables import wallet_shop_key
from tests.kit.chat_house import Guest, register_guest
from tests.kit.house import House
from tests.kit.shop_house import (
    ADMIN,
    KEYS,
    NEW_SHOP,
    SHOPS,
    apply_for_shop,
    ask,
    decide,
    make_key,
    open_shop,
    register_staff,
)


async def _people(house: House) -> tuple[Guest, Guest]:
    """An owner and a bank officer."""
    return (
        await register_guest(house, "lin"),
        await register_staff(house, "officer", "bank_officer"),
    )


@pytest.mark.anyio
async def test_a_shop_applies_and_is_verified(house: House) -> None:
    owner, officer = await _people(house)
    shop_id = await apply_for_shop(owner)
    assert (await owner.call("GET", f"{SHOPS}/{shop_id}/page")).status_code == 404

    waiting = (await officer.call("GET", f"{ADMIN}?status=applied")).json()
    assert [shop["shop_id"] for shop in waiting["items"]] == [shop_id]
    await decide(officer, shop_id, "verified")

    (mine,) = (await owner.call("GET", SHOPS)).json()
    assert (mine["shop"]["status"], mine["role"]) == ("verified", "owner")
    assert "payouts.change" in mine["powers"]
    page = (await officer.call("GET", f"{SHOPS}/{shop_id}/page")).json()
    assert (page["name"], page["name_zh"], page["is_verified"]) == (
        "Morning Dew Teas",
        "朝露茶庄",
        True,
    )
    assert page["category"].startswith("Miscellaneous food shops")
    assert "party" not in page
    (decision,) = (await officer.call("GET", f"{ADMIN}/{shop_id}/decisions")).json()
    assert (decision["by"], decision["status"]) == (officer.user_id, "verified")
    balances = (await owner.call("GET", f"{SHOPS}/{shop_id}/balances")).json()
    assert [balance["posted"] for balance in balances] == [{"minor": 0, "currency": "CNY"}]


@pytest.mark.anyio
async def test_the_form_of_an_application_knows_the_categories(house: House) -> None:
    owner, _ = await _people(house)
    found = (await owner.call("GET", "/api/v1/wallet/shop-categories")).json()
    assert {"code": "5812", "name": "Eating places and restaurants"} in found
    codes = [one["code"] for one in found]
    assert codes == sorted(set(codes))


@pytest.mark.anyio
async def test_applying_twice_with_one_key_opens_one_shop(house: House) -> None:
    owner, _ = await _people(house)
    first = await ask(owner, "POST", SHOPS, NEW_SHOP, key="k")
    again = await ask(owner, "POST", SHOPS, NEW_SHOP, key="k")
    other = await ask(owner, "POST", SHOPS, {**NEW_SHOP, "name": "Other"}, key="k")
    assert first.json() == again.json()
    assert other.status_code == 422
    assert len((await owner.call("GET", SHOPS)).json()) == 1
    assert (await owner.call("POST", SHOPS, NEW_SHOP)).status_code == 400


@pytest.mark.anyio
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a" * 61},
        {"name": 5},
        {"name": "a\u0000b"},
        {"name": "a\u202eb"},
        {"category_code": "12"},
        {"category_code": "0000"},
        {"country": "cn"},
        {"country": "ZZ"},
        {"currency": "GBP"},
        {"currency": "XXX"},
        {"status": "verified"},
        {"opening_hours": [{"day": 8, "opens": "09:00", "closes": "10:00"}]},
        {"opening_hours": [{"day": 1, "opens": "9", "closes": "10:00"}]},
    ],
)
async def test_impossible_shops_are_refused(house: House, wrong: dict[str, Any]) -> None:
    owner, _ = await _people(house)
    refused = await ask(owner, "POST", SHOPS, {**NEW_SHOP, **wrong})
    assert refused.status_code == 400, refused.text
    assert (await owner.call("GET", SHOPS)).json() == []


@pytest.mark.anyio
async def test_only_the_houses_staff_decide_and_not_about_their_own(house: House) -> None:
    owner, officer = await _people(house)
    moderator = await register_staff(house, "mod", "moderator")
    shop_id = await apply_for_shop(owner)
    wish = {"status": "verified", "reason": "mine"}
    for stranger in (owner, moderator):
        for method, path, body in (
            ("GET", ADMIN, None),
            ("GET", f"{ADMIN}/{shop_id}", None),
            ("GET", f"{ADMIN}/{shop_id}/fees", None),
            ("GET", f"{ADMIN}/{shop_id}/decisions", None),
            ("POST", f"{ADMIN}/{shop_id}/decisions", wish),
            ("POST", f"{ADMIN}/{shop_id}/fees", {"currency": "CNY", "basis_points": 0}),
        ):
            assert (await ask(stranger, method, path, body)).status_code == 403
    own = await apply_for_shop(officer)
    refused = await ask(officer, "POST", f"{ADMIN}/{own}/decisions", wish)
    assert refused.json()["type"] == "urn:teahouse:problem:own-shop-decided"
    missing = await ask(officer, "POST", f"{ADMIN}/shp_none/decisions", wish)
    assert missing.status_code == 404
    assert (await house.db.read(find_shop, shop_id)).status == "applied"


@pytest.mark.anyio
async def test_what_was_verified_can_be_changed_only_before(house: House) -> None:
    owner, officer = await _people(house)
    shop_id = await apply_for_shop(owner)
    path = f"{SHOPS}/{shop_id}"
    assert (await owner.call("PATCH", path, {"name": "Dew"})).json()["name"] == "Dew"
    await decide(officer, shop_id, "refused")
    applied = (await owner.call("PATCH", path, {"city": "Suzhou"})).json()
    assert (applied["status"], applied["status_reason"]) == ("applied", "")
    await decide(officer, shop_id, "verified")
    assert (await owner.call("PATCH", path, {"name": "Bank of China"})).status_code == 409
    hours = [{"day": 1, "opens": "09:00", "closes": "18:00"}]
    changed = await owner.call("PATCH", path, {"opening_hours": hours})
    assert changed.json()["opening_hours"] == hours


@pytest.mark.anyio
async def test_each_role_may_do_its_own(house: House) -> None:
    owner, officer = await _people(house)
    shop_id = await open_shop(owner, officer)
    path = f"{SHOPS}/{shop_id}"
    cashier, stranger = await register_guest(house, "mei"), await register_guest(house, "wu")
    added = await owner.call("PUT", f"{path}/staff/{cashier.user_id}", {"role": "cashier"})
    assert added.json()["role"] == "cashier"

    assert (await cashier.call("GET", path)).status_code == 200
    forbidden: list[tuple[str, str, Any]] = [
        ("PATCH", path, {"city": "Suzhou"}),
        ("GET", f"{path}/keys", None),
        ("POST", f"{path}/keys", {"name": "k", "scopes": ["charges:read"]}),
        ("PUT", f"{path}/staff/{cashier.user_id}", {"role": "owner"}),
        ("DELETE", f"{path}/staff/{owner.user_id}", None),
        ("GET", f"{path}/balances", None),
        ("GET", f"{path}/fees", None),
        ("POST", f"{path}/balances", {"currency": "EUR"}),
    ]
    for method, target, body in forbidden:
        assert (await ask(cashier, method, target, body)).status_code == 403, target
        # A stranger does not learn that there is such a shop.
        assert (await ask(stranger, method, target, body)).status_code == 404, target
    assert (await stranger.call("GET", path)).status_code == 404

    nobody = await owner.call("PUT", f"{path}/staff/@no:teahouse.test", {"role": "cashier"})
    assert nobody.status_code == 404
    left = await cashier.call("DELETE", f"{path}/staff/{cashier.user_id}")
    assert left.status_code == 204
    assert (await cashier.call("GET", path)).status_code == 404


@pytest.mark.anyio
async def test_a_shop_always_has_an_owner(house: House) -> None:
    owner, officer = await _people(house)
    shop_id = await open_shop(owner, officer)
    mine = f"{SHOPS}/{shop_id}/staff/{owner.user_id}"
    assert (await owner.call("DELETE", mine)).status_code == 409
    assert (await owner.call("PUT", mine, {"role": "cashier"})).status_code == 409
    people = (await owner.call("GET", f"{SHOPS}/{shop_id}/staff")).json()
    assert [(one["user_id"], one["role"]) for one in people] == [(owner.user_id, "owner")]


@pytest.mark.anyio
async def test_keys_are_shown_once_and_reach_what_their_scopes_say(
    house: House, clock: ManualClock
) -> None:
    owner, officer = await _people(house)
    shop_id = await open_shop(owner, officer)
    secret = await make_key(owner, shop_id, "charges:read")
    assert secret.startswith("tsk_")

    assert (await house.call("GET", KEYS, token=secret)).json()["shop_id"] == shop_id
    refused = await house.call("GET", f"{KEYS}/balances", token=secret)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:teahouse:problem:scope-missing"
    # Keys of one millisecond have no order.
    clock.advance(1)
    reporting = await make_key(owner, shop_id, "reports:read")
    assert (await house.call("GET", f"{KEYS}/balances", token=reporting)).status_code == 200

    keys = (await owner.call("GET", f"{SHOPS}/{shop_id}/keys")).json()
    assert [key["prefix"] for key in keys] == [reporting[:10], secret[:10]]
    assert keys[1]["last_used_at"] is not None
    assert secret not in str(keys)
    with house.db.reading() as read:
        rows = read.conn.execute(sa.select(wallet_shop_key)).all()
    assert secret[4:] not in str(rows)


@pytest.mark.anyio
async def test_without_a_key_or_with_a_wrong_one_nothing_opens(house: House) -> None:
    owner, officer = await _people(house)
    shop_id = await open_shop(owner, officer)
    secret = await make_key(owner, shop_id, "charges:read")
    keys = (await owner.call("GET", f"{SHOPS}/{shop_id}/keys")).json()
    gone = await owner.call("DELETE", f"{SHOPS}/{shop_id}/keys/{keys[0]['shop_key_id']}")
    assert gone.status_code == 204
    again = await owner.call("DELETE", f"{SHOPS}/{shop_id}/keys/{keys[0]['shop_key_id']}")
    assert again.status_code == 404
    assert (await house.call("GET", KEYS)).status_code == 401
    for token in (secret, "tsk_" + "A" * 43, owner.token, "x"):
        assert (await house.call("GET", KEYS, token=token)).status_code == 401
    # And an API key is no access token.
    fresh = await make_key(owner, shop_id, "charges:read")
    assert (await house.call("GET", SHOPS, token=fresh)).status_code == 401


@pytest.mark.anyio
async def test_a_closed_shop_has_no_keys(house: House) -> None:
    owner, officer = await _people(house)
    shop_id = await open_shop(owner, officer)
    secret = await make_key(owner, shop_id, "charges:read")
    await decide(officer, shop_id, "suspended")
    assert (await house.call("GET", KEYS, token=secret)).json()["status"] == "suspended"
    await decide(officer, shop_id, "closed")
    assert (await house.call("GET", KEYS, token=secret)).status_code == 401


@pytest.mark.anyio
async def test_fees_keep_their_history(house: House, clock: ManualClock) -> None:
    owner, officer = await _people(house)
    shop_id = await open_shop(owner, officer)
    assert await house.db.read(find_fee_rate, shop_id, "CNY") is None
    for basis_points in (60, 38):
        clock.advance(1000)
        wish: dict[str, Any] = {"currency": "CNY", "basis_points": basis_points, "fixed": 5}
        assert (await ask(officer, "POST", f"{ADMIN}/{shop_id}/fees", wish)).status_code == 201
    found = (await owner.call("GET", f"{SHOPS}/{shop_id}/fees")).json()
    assert [fee["basis_points"] for fee in found] == [38, 60]
    rate = await house.db.read(find_fee_rate, shop_id, "CNY")
    assert rate is not None
    assert (rate.basis_points, rate.fixed) == (38, 5)
    for wrong in (10_001, -1, 1.5, "60", None):
        wish = {"currency": "CNY", "basis_points": wrong}
        assert (await ask(officer, "POST", f"{ADMIN}/{shop_id}/fees", wish)).status_code == 400


@pytest.mark.anyio
async def test_a_shop_takes_more_currencies_of_this_house(house: House) -> None:
    owner, officer = await _people(house)
    shop_id = await open_shop(owner, officer)
    path = f"{SHOPS}/{shop_id}/balances"
    made = await ask(owner, "POST", path, {"currency": "XAF"})
    assert [one["posted"]["currency"] for one in made.json()] == ["CNY", "XAF"]
    assert (await ask(owner, "POST", path, {"currency": "GBP"})).status_code == 400


@pytest.mark.anyio
async def test_erasing_an_owner_leaves_the_shop_to_a_manager_or_closes_it(house: House) -> None:
    owner, officer = await _people(house)
    heir = await register_guest(house, "mei")
    left, orphan = await open_shop(owner, officer), await open_shop(owner, officer)
    await owner.call("PUT", f"{SHOPS}/{left}/staff/{heir.user_id}", {"role": "manager"})
    exported = await house.db.read(export_member, owner.user_id)
    assert len(exported["shops"]) == 2  # type: ignore[arg-type]  # a list

    await house.db.write(erase_member, owner.user_id)
    (theirs,) = (await heir.call("GET", SHOPS)).json()
    assert (theirs["role"], theirs["shop"]["status"]) == ("owner", "verified")
    assert (await house.db.read(find_shop, orphan)).status == "closed"
    assert (await house.db.read(export_member, owner.user_id)) == {"shops": []}
