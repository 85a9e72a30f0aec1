"""A payment that is asked to be confirmed, confirmed, and made: as a client lives through it."""

from typing import Any

import pytest

from tests.kit.factors import add_passkey, confirm_identity, proof_body, register_with_password
from tests.kit.house import House
from tests.kit.shop_house import start_shop
from tests.kit.wallet_house import Payer, money, register_payer

pytestmark = pytest.mark.anyio


async def confirmed(payer: Payer, key: Any, body: dict[str, Any]) -> str:
    """Confirm with a passkey."""
    opened = await payer.asked("POST", "/confirmations", body)
    path = f"/confirmations/{opened['confirmation_id']}/proofs"
    await payer.asked("POST", path, proof_body(payer, opened, key))
    return str(opened["confirmation_id"])


async def test_a_transfer_is_confirmed_and_the_confirmation_pays_nothing_else(
    house: House,
) -> None:
    rose = await register_with_password(house, "rose", cny=500_000)
    lily = await register_payer(house, "lily", cny=1)
    confirm_identity(rose, 3)
    key = await add_passkey(rose)
    body = {"payee": lily.user_id, "amount": money(200_000)}
    refused = await rose.ask("POST", "/transfers", body)
    assert refused.status_code == 403, refused.text
    problem = refused.json()
    assert problem["type"] == "urn:teahouse:problem:payment-confirmation-needed"
    assert problem["factors"] == [["passkey"]]
    told = {reason["rule"] for reason in problem["reasons"]}
    assert told == {"day-under-two-factors", "new-device", "new-payee"}
    assert (rose.balance(), lily.balance()) == (500_000, 1)
    what = {"kind": "transfer", "payee": {"user_id": lily.user_id}, "amount": money(200_000)}
    proof = await confirmed(rose, key, what)
    other = {**body, "amount": money(200_001), "confirmation": proof}
    assert await rose.refused("POST", "/transfers", other) == (403, "confirmation-mismatch")
    await rose.asked("POST", "/transfers", {**body, "confirmation": proof})
    again = await rose.refused("POST", "/transfers", {**body, "confirmation": proof})
    assert again == (409, "confirmation-used")
    assert lily.balance() == 200_001


async def test_a_purchase_over_a_limit_says_how_to_raise_it(house: House) -> None:
    shop = await start_shop(house)
    rose = await register_with_password(house, "rose", cny=500_000)
    confirm_identity(rose, 1)
    key = await add_passkey(rose)
    made = await shop.till.asked("POST", "/charges", {"amount": money(100_001)})
    seen = await rose.asked("GET", f"/pay/{made['code']}/charge")
    what = {"kind": "purchase", "payee": {"party": seen["payee"]}, "amount": money(100_001)}
    opened = await rose.asked("POST", "/confirmations", what)
    assert opened["summary"]["en"] == "Pay CN¥1,000.01 to Morning Dew Teas, Hangzhou"
    proof = await confirmed(rose, key, what)
    pay = f"/pay/{made['code']}"
    refused = await rose.ask("POST", pay, {"confirmation": proof})
    assert refused.status_code == 422, refused.text
    problem = refused.json()
    assert problem["type"] == "urn:teahouse:problem:limit-reached"
    assert (problem["limit"], problem["left"]) == (money(100_000), money(100_000))
    assert "1,000 yuan" in problem["explanation"]["en"]
    assert "Ⅱ类" in problem["how_to_raise"]["zh"]
    # With two sources more it passes, by the very same confirmation: it was not used up.
    confirm_identity(rose, 3)
    await rose.asked("POST", pay, {"confirmation": proof})
    assert rose.balance() == 500_000 - 100_001
