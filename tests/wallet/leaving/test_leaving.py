"""Closing and erasing an account that has a wallet."""

from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.wallet import find_obstacles
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.tables import wallet_party
from teahouse.wallet.payments import personal_data as payments
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.requests import personal_data as requests
from teahouse.wallet.requests.tables import wallet_request
from teahouse.wallet.transfers import personal_data as transfers
from teahouse.wallet.wallets import personal_data as wallets
from tests.kit.house import PASSWORD, House
from tests.kit.wallet_house import Payer, find_problems, money, register_payer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(house: House) -> Payer:
    return await register_payer(house, "ada", cny=100_00)


@pytest.fixture
async def ben(house: House) -> Payer:
    return await register_payer(house, "ben", cny=1)


async def close(guest: Payer, *, erase: bool) -> Any:
    """Close one's account; the answer."""
    return await guest.house.confirm(
        "POST", "/account/deactivate", {"erase": erase}, token=guest.token, password=PASSWORD
    )


async def give(ada: Payer, ben: Payer, minor: int, **more: Any) -> Any:
    body = {"payee": ben.user_id, "amount": money(minor), **more}
    return await ada.asked("POST", "/transfers", body)


async def test_closing_lets_nothing_wait(house: House, ada: Payer, ben: Payer) -> None:
    await give(ada, ben, 10_00, by_hand=True)
    await give(ben, ada, 1, by_hand=True)
    await ada.asked("POST", "/requests", {"payer": ben.user_id, "amount": money(5)})
    done = await close(ben, erase=False)
    assert done.status_code == 200, done.text
    assert (ada.balance(), ben.balance()) == (100_00, 1)
    [request] = (await ada.asked("GET", "/requests"))["items"]
    assert request["status"] == "declined"
    statuses = {one["status"] for one in (await ada.asked("GET", "/transfers"))["items"]}
    assert statuses == {"declined", "cancelled"}
    assert find_problems(house) == []


async def test_who_has_money_is_not_erased(house: House, ada: Payer, ben: Payer) -> None:
    done = await close(ben, erase=True)
    assert (done.status_code, done.json()["errcode"]) == (409, "ORG.TEAHOUSE.MONEY_LEFT")
    assert done.json()["obstacles"] == [{"code": "money-left", "amount": money(1)}]
    assert (await ben.asked("GET", "/wallets"))["wallets"][0]["status"] == "open"
    assert house.db.look(find_obstacles, ada.user_id) != []
    assert find_problems(house) == []


async def test_what_is_left_in_a_red_packet_keeps_its_giver(ada: Payer, ben: Payer) -> None:
    room = await ada.create_room()
    await ben.join(room)
    body = {"room_id": room, "total": money(100_00), "count": 2, "split": "equal"}
    packet = await ada.asked("POST", "/red-packets", body)
    await ben.asked("POST", f"/red-packets/{packet['packet_id']}/claim", {})
    done = await close(ada, erase=True)
    assert (done.status_code, done.json()["errcode"]) == (409, "ORG.TEAHOUSE.MONEY_LEFT")
    assert done.json()["obstacles"] == [{"code": "red-packet-open", "amount": money(50_00)}]


async def test_erasing_keeps_payments_of_a_party_that_is_nobodys(
    house: House, ada: Payer, ben: Payer
) -> None:
    room = await ada.create_room()
    await ben.join(room)
    await give(ben, ada, 1, message="our secret", room_id=room)
    await ben.asked(
        "POST", "/requests", {"payer": ada.user_id, "amount": money(5), "message": "my rent"}
    )
    party = house.db.look(find_party, ben.user_id)
    assert house.db.look(find_obstacles, ben.user_id) == []
    done = await close(ben, erase=True)
    assert done.status_code == 200, done.text

    seen = (await ada.asked("GET", "/payments?kind=transfer"))["items"][0]
    assert (seen["amount"], seen["message"], seen["room_id"]) == (money(1), "", None)
    assert seen["counterparty"] == {"party": party, "user_id": None}

    def find_words(read: Read) -> list[Any]:
        return [
            *read.conn.execute(sa.select(wallet_payment.c.message)).scalars(),
            *read.conn.execute(sa.select(wallet_request.c.message)).scalars(),
            *read.conn.execute(
                sa.select(wallet_party.c.user_id).where(wallet_party.c.party_id == party)
            ).scalars(),
        ]

    assert not any(house.db.look(find_words))
    assert await ada.refused("POST", "/transfers", {"payee": ben.user_id, "amount": money(1)}) == (
        404,
        "payee-unknown",
    )
    assert find_problems(house) == []


async def test_a_member_takes_all_with_them(house: House, ada: Payer, ben: Payer) -> None:
    sent = await give(ada, ben, 10_00, message="for the tea")
    await ada.asked("POST", "/requests", {"payer": ben.user_id, "amount": money(5)})
    told: dict[str, Any] = {}
    for subject in (payments, transfers, requests, wallets):
        told |= house.db.look(subject.export_member, ada.user_id)
    assert {one["payment_id"] for one in told["payments"]} >= {sent["payment"]["payment_id"]}
    assert [one["id"] for one in told["transfers"]] == [sent["transfer_id"]]
    assert [one["amount"] for one in told["requests"]] == [money(5)]
    assert [one["posted"] for one in told["wallets"]] == [money(90_00)]
    # Somebody without a wallet has nothing.
    assert house.db.look(payments.export_member, "@nobody:teahouse.test") == {"payments": []}
