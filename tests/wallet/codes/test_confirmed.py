"""A code at a till where the rules of limits ask for a second factor."""

from __future__ import annotations

from pathlib import Path

import pytest

from teahouse.platform.db import Database
from tests.kit.factors import confirm_identity, proof_body, register_with_password
from tests.kit.house import PASSWORD, House
from tests.kit.shop_house import start_shop
from tests.kit.wallet_house import find_problems, make_wallet_house, money

pytestmark = pytest.mark.anyio


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    """A server whose payments are judged by the shipped rules."""
    return make_wallet_house(db, tmp_path, wallet_rule_set="pboc-2015")


async def test_a_second_factor_turns_a_scanned_code_into_a_question(house: House) -> None:
    shop = await start_shop(house)
    mei = await register_with_password(house, "mei", cny=1000_00)
    confirm_identity(mei, 3)
    code = (await mei.asked("POST", "/payment-codes"))["code"]
    # From 200 yuan on the rules ask, because the device is new.
    body = {"code": code, "charge": {"amount": money(300_00)}}
    asked = await shop.till.asked("POST", "/payment-codes/charge", body)
    assert (asked["status"], mei.balance()) == ("awaiting_member", 1000_00)
    # The code is used up by it.
    again = await shop.till.refused("POST", "/payment-codes/charge", body)
    assert again == (409, "payment-code-used")

    (waiting,) = (await mei.asked("GET", "/charges?status=awaiting_member"))["items"]
    path = f"/charges/{waiting['charge_id']}/confirm"
    refused = await mei.refused("POST", path, {})
    assert refused == (403, "payment-confirmation-needed")
    wish = {
        "kind": "purchase",
        "amount": waiting["total"],
        "payee": {"party": waiting["payee"]},
    }
    opened = await mei.asked("POST", "/confirmations", wish)
    proofs = f"/confirmations/{opened['confirmation_id']}/proofs"
    await mei.asked("POST", proofs, proof_body(mei, opened, PASSWORD))
    paid = await mei.asked("POST", path, {"confirmation": opened["confirmation_id"]})
    assert (paid["status"], mei.balance(), shop.balance()) == ("captured", 700_00, 300_00)
    assert find_problems(house) == []


async def test_little_money_needs_no_second_factor(house: House) -> None:
    shop = await start_shop(house)
    mei = await register_with_password(house, "mei", cny=1000_00)
    confirm_identity(mei, 3)
    code = (await mei.asked("POST", "/payment-codes"))["code"]
    body = {"code": code, "charge": {"amount": money(19_00)}}
    charged = await shop.till.asked("POST", "/payment-codes/charge", body)
    assert (charged["status"], shop.balance()) == ("captured", 19_00)


async def test_a_shop_does_not_learn_what_a_payers_limits_are(house: House) -> None:
    shop = await start_shop(house)
    mei = await register_with_password(house, "mei", cny=1000_00)
    code = (await mei.asked("POST", "/payment-codes"))["code"]
    body = {"code": code, "charge": {"amount": money(19_00)}}
    # Nobody has confirmed who Mei is.
    refused = await shop.till.ask("POST", "/payment-codes/charge", body)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:teahouse:problem:payer-cannot-pay"
    assert not {"rule", "limit", "left", "used"} & set(refused.json())
    assert (await shop.till.asked("GET", "/charges"))["items"] == []
