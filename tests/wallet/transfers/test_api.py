"""Transfers by HTTP: what members are promised, and what hostile ones try."""

import asyncio
from typing import Any

import pytest

from teahouse.wallet.transfers.types import ACCEPT_MS
from teahouse.wallet.wallets.commands import freeze_wallet
from tests.kit.house import House
from tests.kit.wallet_house import (
    Payer,
    expire_holds,
    find_problems,
    money,
    pass_time,
    register_payer,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(house: House) -> Payer:
    return await register_payer(house, "ada", cny=100_00)


@pytest.fixture
async def ben(house: House) -> Payer:
    return await register_payer(house, "ben")


def gift(payee: Payer, minor: Any = 20_00, **more: Any) -> dict[str, Any]:
    """The body of a transfer."""
    return {"payee": payee.user_id, "amount": money(minor), **more}


async def test_a_transfer_arrives_at_once(house: House, ada: Payer, ben: Payer) -> None:
    sent = await ada.asked("POST", "/transfers", gift(ben, message="for the tea"))
    assert (ada.balance(), ben.balance()) == (80_00, 20_00)
    assert (sent["status"], sent["may"]) == ("completed", [])
    payment = sent["payment"]
    assert (payment["direction"], payment["message"]) == ("out", "for the tea")
    assert payment["counterparty"]["user_id"] == ben.user_id
    received = await ben.asked("GET", f"/transfers/{sent['transfer_id']}")
    assert received["payment"]["direction"] == "in"
    [seen] = (await ben.asked("GET", "/payments"))["items"]
    assert (seen["payment_id"], seen["fee"]) == (payment["payment_id"], money(0))
    assert payment["fee"] is None
    [listed] = (await ben.asked("GET", "/transfers"))["items"]
    assert listed == received
    assert find_problems(house) == []


async def test_a_retry_moves_money_once(ada: Payer, ben: Payer) -> None:
    first = await ada.asked("POST", "/transfers", gift(ben), key="k1")
    assert await ada.asked("POST", "/transfers", gift(ben), key="k1") == first
    other = await ada.refused("POST", "/transfers", gift(ben, 21_00), key="k1")
    assert other == (422, "idempotency-key-reused")
    assert (ada.balance(), ben.balance()) == (80_00, 20_00)


async def test_a_transfer_without_a_key_is_refused(ada: Payer, ben: Payer) -> None:
    answer = await ada.call("POST", "/api/v1/wallet/transfers", gift(ben))
    assert (answer.status_code, ada.balance()) == (400, 100_00)


async def test_a_pending_transfer_is_accepted(house: House, ada: Payer, ben: Payer) -> None:
    sent = await ada.asked("POST", "/transfers", gift(ben, by_hand=True))
    assert (sent["status"], sent["may"]) == ("pending", ["cancel"])
    assert (ada.balance(), ben.balance()) == (80_00, 0)
    path = f"/transfers/{sent['transfer_id']}"
    assert (await ben.asked("GET", path))["may"] == ["accept", "decline"]
    [waiting] = (await ben.asked("GET", "/transfers?status=pending"))["items"]
    assert waiting["transfer_id"] == sent["transfer_id"]
    done = await ben.asked("POST", f"{path}/accept", {})
    assert (done["status"], ben.balance()) == ("completed", 20_00)
    for answer in ("accept", "decline"):
        assert (await ben.refused("POST", f"{path}/{answer}", {}))[1] == "transfer-not-pending"
    assert (await ada.refused("POST", f"{path}/cancel", {}))[0] == 409
    assert (ada.balance(), ben.balance()) == (80_00, 20_00)
    assert find_problems(house) == []


@pytest.mark.parametrize(("who", "answer"), [("ben", "decline"), ("ada", "cancel")])
async def test_a_pending_transfer_is_given_back(
    house: House, ada: Payer, ben: Payer, who: str, answer: str
) -> None:
    sent = await ada.asked("POST", "/transfers", gift(ben, by_hand=True))
    path = f"/transfers/{sent['transfer_id']}"
    payer = {"ada": ada, "ben": ben}[who]
    done = await payer.asked("POST", f"{path}/{answer}", {})
    assert done["status"] == {"decline": "declined", "cancel": "cancelled"}[answer]
    assert (ada.balance(), ben.balance()) == (100_00, 0)
    assert (await ben.refused("POST", f"{path}/accept", {}))[0] == 409
    assert find_problems(house) == []


async def test_only_the_right_side_answers(ada: Payer, ben: Payer) -> None:
    sent = await ada.asked("POST", "/transfers", gift(ben, by_hand=True))
    eve = await register_payer(ada.house, "eve", cny=1)
    path = f"/transfers/{sent['transfer_id']}"
    assert (await ada.refused("POST", f"{path}/accept", {}))[0] == 409
    assert (await ben.refused("POST", f"{path}/cancel", {}))[0] == 409
    for answer in ("accept", "decline", "cancel"):
        assert await eve.refused("POST", f"{path}/{answer}", {}) == (404, "transfer-not-found")
    assert await eve.refused("GET", path) == (404, "transfer-not-found")
    assert (ada.balance(), ben.balance(), eve.balance()) == (80_00, 0, 1)


async def test_what_nobody_accepts_goes_back_after_a_day(
    house: House, ada: Payer, ben: Payer
) -> None:
    sent = await ada.asked("POST", "/transfers", gift(ben, by_hand=True))
    path = f"/transfers/{sent['transfer_id']}"
    pass_time(house, ACCEPT_MS)
    assert (await ben.asked("GET", path))["may"] == []
    assert (await ben.refused("POST", f"{path}/accept", {}))[0] == 409
    await expire_holds(house)
    assert (await ben.asked("GET", path))["status"] == "expired"
    assert (ada.balance(), ben.balance()) == (100_00, 0)
    assert find_problems(house) == []


async def test_who_accepts_by_hand_is_waited_for(ada: Payer, ben: Payer) -> None:
    await ben.asked("PUT", "/settings", {"accepts_by_hand": True, "language": "zh"})
    sent = await ada.asked("POST", "/transfers", gift(ben))
    assert (sent["status"], ben.balance()) == ("pending", 0)
    chosen = await ben.asked("GET", "/settings")
    assert chosen == {"preferred_currency": "CNY", "accepts_by_hand": True, "language": "zh"}


HOSTILE: list[tuple[dict[str, Any], int, str]] = [
    ({"amount": money(-1)}, 400, "invalid-amount"),
    ({"amount": money(0)}, 400, "invalid-amount"),
    ({"amount": money(10**15 + 1)}, 400, "bad-json"),
    ({"amount": money(2**63)}, 400, "bad-json"),
    ({"amount": money(10**15)}, 409, "insufficient-funds"),
    ({"amount": money(1.5)}, 400, "bad-json"),
    ({"amount": money(1.0)}, 400, "bad-json"),
    ({"amount": money("1")}, 400, "bad-json"),
    ({"amount": money(True)}, 400, "bad-json"),
    ({"amount": money(None)}, 400, "bad-json"),
    ({"amount": {"minor": 1}}, 400, "bad-json"),
    ({"amount": 1}, 400, "bad-json"),
    ({"amount": money(1, "XXX")}, 400, "unknown-currency"),
    ({"amount": money(1, "cny")}, 400, "unknown-currency"),
    ({"amount": money(1, "JPY")}, 400, "currency-not-offered"),
    ({"amount": money(1, "EUR")}, 409, "no-wallet"),
    ({"payee": "@nobody:teahouse.test"}, 404, "payee-unknown"),
    ({"payee": "nonsense"}, 404, "payee-unknown"),
    ({"payee": "@wallet:teahouse.test"}, 404, "payee-unknown"),
    ({"payee": "@ada:teahouse.test"}, 400, "self-payment"),
    ({"message": "x" * 201}, 400, "bad-json"),
    ({"message": "\0"}, 400, "bad-json"),
    ({"room_id": "!nowhere:teahouse.test"}, 403, "not-in-room"),
    ({"fee": money(1)}, 400, "bad-json"),
    ({"payer": "@ben:teahouse.test"}, 400, "bad-json"),
]


async def test_what_is_wrong_moves_nothing(ada: Payer, ben: Payer) -> None:
    for wrong, status, code in HOSTILE:
        refused = await ada.refused("POST", "/transfers", {**gift(ben), **wrong})
        assert refused == (status, code), wrong
    assert (ada.balance(), ben.balance()) == (100_00, 0)
    assert (await ada.asked("GET", "/transfers"))["items"] == []


async def test_a_deactivated_member_is_not_paid(house: House, ada: Payer, ben: Payer) -> None:
    await house.confirm("POST", "/account/deactivate", {}, token=ben.token)
    assert await ada.refused("POST", "/transfers", gift(ben)) == (404, "payee-unknown")
    assert ada.balance() == 100_00


async def test_whoever_ignores_a_member_hears_nothing_of_them(ada: Payer, ben: Payer) -> None:
    ignored: dict[str, Any] = {"ignored_users": {ada.user_id: {}}}
    path = f"/user/{ben.user_id}/account_data/m.ignored_user_list"
    await ben.change("PUT", path, ignored)
    body = gift(ben, 1, message="you will hear from me")
    assert await ada.refused("POST", "/transfers", body) == (404, "payee-unknown")
    asked = {"payer": ben.user_id, "amount": money(1)}
    assert await ada.refused("POST", "/requests", asked) == (404, "payee-unknown")
    assert (ada.balance(), ben.balance()) == (100_00, 0)


async def test_frozen_wallets_take_no_part(house: House, ada: Payer, ben: Payer) -> None:
    opened = await ben.asked("POST", "/wallets", {"currency": "CNY"})
    pending = await ada.asked("POST", "/transfers", gift(ben, 1_00, by_hand=True))
    house.db.run(freeze_wallet, opened["wallet_id"])
    assert await ada.refused("POST", "/transfers", gift(ben)) == (409, "payee-unavailable")
    accept = f"/transfers/{pending['transfer_id']}/accept"
    assert await ben.refused("POST", accept, {}) == (409, "payee-unavailable")
    [wallet] = (await ada.asked("GET", "/wallets"))["wallets"]
    house.db.run(freeze_wallet, wallet["wallet_id"])
    assert await ada.refused("POST", "/transfers", gift(ben)) == (403, "wallet-frozen")
    assert (ada.balance(), ben.balance()) == (99_00, 0)


async def test_two_at_once_cannot_spend_the_same_money(ada: Payer, ben: Payer) -> None:
    answers = await asyncio.gather(
        *(ada.ask("POST", "/transfers", gift(ben, 30_00)) for _ in range(6))
    )
    assert sorted(one.status_code for one in answers) == [201, 201, 201, 409, 409, 409]
    assert (ada.balance(), ben.balance()) == (10_00, 90_00)


async def test_one_of_two_answers_at_once_holds(house: House, ada: Payer, ben: Payer) -> None:
    sent = await ada.asked("POST", "/transfers", gift(ben, by_hand=True))
    path = f"/transfers/{sent['transfer_id']}"
    answers = await asyncio.gather(
        *(ben.ask("POST", f"{path}/accept", {}) for _ in range(3)),
        *(ada.ask("POST", f"{path}/cancel", {}) for _ in range(3)),
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409, 409]
    assert ada.balance() + ben.balance() == 100_00
    assert find_problems(house) == []


async def test_wallets_are_opened_once_in_offered_currencies(ada: Payer, ben: Payer) -> None:
    opened = await ben.asked("POST", "/wallets", {"currency": "EUR"})
    again = await ben.asked("POST", "/wallets", {"currency": "EUR"})
    assert opened == again
    assert opened["available"] == money(0, "EUR")
    refused = await ben.refused("POST", "/wallets", {"currency": "JPY"})
    assert refused == (400, "currency-not-offered")
    mine = f"/wallets/{opened['wallet_id']}"
    assert await ben.asked("GET", mine) == opened
    assert await ada.refused("GET", mine) == (404, "wallet-not-found")
    listed = await ada.asked("GET", "/wallets")
    assert listed["currencies"] == ["CNY", "EUR", "USD", "XAF"]
    assert [one["posted"] for one in listed["wallets"]] == [money(100_00)]


async def test_a_history_is_searched(ada: Payer, ben: Payer) -> None:
    for number in range(5):
        pass_time(ada.house, 1)
        await ada.asked("POST", "/transfers", gift(ben, 1 + number, message=f"tea {number}"))
    page = await ada.asked("GET", "/payments?limit=2&kind=transfer")
    assert [one["message"] for one in page["items"]] == ["tea 4", "tea 3"]
    rest = await ada.asked("GET", f"/payments?limit=9&cursor={page['next_cursor']}")
    assert len(rest["items"]) == 4
    assert rest["next_cursor"] is None
    found = await ada.asked("GET", f"/payments?text=TEA%203&with={ben.user_id}&direction=out")
    assert [one["amount"] for one in found["items"]] == [money(4)]
    assert (await ada.asked("GET", "/payments?with=@nobody:teahouse.test"))["items"] == []
    for wrong in ("kind=gift", "status=lost", "direction=up", "cursor=x", "limit=0", "since=-1"):
        assert (await ada.refused("GET", f"/payments?{wrong}"))[0] == 400
