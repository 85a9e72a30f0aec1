"""Requests and splits by HTTP."""

from typing import Any

import pytest

from teahouse.wallet.requests.jobs import JOB_KINDS
from teahouse.wallet.requests.types import OPEN_MS, REMIND_EVERY_MS, REQUEST_BLOCK, SPLIT_BLOCK
from tests.kit.house import House
from tests.kit.wallet_house import (
    Payer,
    find_problems,
    money,
    pass_time,
    register_payer,
    run_job,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(house: House) -> Payer:
    return await register_payer(house, "ada", cny=100_00)


@pytest.fixture
async def ben(house: House) -> Payer:
    return await register_payer(house, "ben", cny=50_00)


@pytest.fixture
async def cleo(house: House) -> Payer:
    return await register_payer(house, "cleo", cny=50_00)


@pytest.fixture
async def room(ada: Payer, ben: Payer, cleo: Payer) -> str:
    room_id = await ada.create_room()
    await ben.join(room_id)
    await cleo.join(room_id)
    return room_id


async def ask(asker: Payer, payer: Payer, minor: Any = 20_00, **more: Any) -> dict[str, Any]:
    body = {"payer": payer.user_id, "amount": money(minor), **more}
    made: dict[str, Any] = await asker.asked("POST", "/requests", body)
    return made


async def messages(guest: Payer, room_id: str) -> list[dict[str, Any]]:
    """The messages of a room, the newest first."""
    found = await guest.get(f"/rooms/{room_id}/messages", dir="b", limit="50")
    return [event["content"] for event in found["chunk"] if event["type"] == "m.room.message"]


async def test_a_request_is_paid(house: House, ada: Payer, ben: Payer, room: str) -> None:
    made = await ask(ada, ben, message="dinner", room_id=room)
    assert (made["status"], made["may"], made["direction"]) == ("open", ["cancel", "remind"], "out")
    path = f"/requests/{made['request_id']}"
    assert (await ben.asked("GET", path))["may"] == ["pay", "decline"]
    paid = await ben.asked("POST", f"{path}/pay", {}, key="k")
    assert await ben.asked("POST", f"{path}/pay", {}, key="k") == paid
    assert (paid["request"]["status"], paid["payment"]["kind"]) == ("paid", "request_paid")
    assert paid["payment"]["reference"] == made["request_id"]
    assert (ada.balance(), ben.balance()) == (120_00, 30_00)
    assert await ben.refused("POST", f"{path}/pay", {}) == (409, "request-not-open")
    assert await ada.refused("POST", f"{path}/cancel", {}) == (409, "request-not-open")
    edit, payment, first = await messages(ben, room)
    assert first["body"] == "ada asks ben for CN¥20.00: dinner"
    assert first[REQUEST_BLOCK]["request_id"] == made["request_id"]
    assert payment["body"] == "ben paid ada CN¥20.00"
    assert edit["m.new_content"]["body"] == "ben has paid ada CN¥20.00: dinner"
    assert find_problems(house) == []


@pytest.mark.parametrize(
    ("who", "deed", "status"), [("ben", "decline", "declined"), ("ada", "cancel", "cancelled")]
)
async def test_a_request_is_ended(ada: Payer, ben: Payer, who: str, deed: str, status: str) -> None:
    made = await ask(ada, ben)
    path = f"/requests/{made['request_id']}"
    other = {"decline": ada, "cancel": ben}[deed]
    assert (await other.refused("POST", f"{path}/{deed}", {}))[0] == 409
    done = await {"ada": ada, "ben": ben}[who].asked("POST", f"{path}/{deed}", {})
    assert (done["status"], done["may"]) == (status, [])
    assert (await ben.refused("POST", f"{path}/pay", {}))[0] == 409
    assert (ada.balance(), ben.balance()) == (100_00, 50_00)


async def test_a_request_is_between_two(ada: Payer, ben: Payer, cleo: Payer) -> None:
    path = f"/requests/{(await ask(ada, ben))['request_id']}"
    assert await cleo.refused("GET", path) == (404, "request-not-found")
    for deed in ("pay", "decline", "cancel", "remind"):
        assert await cleo.refused("POST", f"{path}/{deed}", {}) == (404, "request-not-found")
    assert await ada.refused("POST", f"{path}/pay", {}) == (409, "request-not-open")
    assert (await cleo.asked("GET", "/requests"))["items"] == []


async def test_a_request_expires(house: House, ada: Payer, ben: Payer) -> None:
    path = f"/requests/{(await ask(ada, ben))['request_id']}"
    pass_time(house, OPEN_MS)
    assert await ben.refused("POST", f"{path}/pay", {}) == (409, "request-not-open")
    await run_job(house, JOB_KINDS, "wallet.expire_requests")
    assert (await ada.asked("GET", path))["status"] == "expired"
    assert ben.balance() == 50_00


async def test_a_reminder_a_day(house: House, ada: Payer, ben: Payer, room: str) -> None:
    made = await ask(ada, ben, room_id=room)
    path = f"/requests/{made['request_id']}/remind"
    assert (await ada.refused("POST", path, {}))[0] == 429
    pass_time(house, REMIND_EVERY_MS)
    assert (await ada.asked("POST", path, {}))["requests"] == [made["request_id"]]
    assert (await ada.refused("POST", path, {}))[0] == 429
    reminder = (await messages(ben, room))[0]
    assert reminder["body"] == "ada reminds ben of CN¥20.00"
    assert reminder["m.mentions"] == {"user_ids": [ben.user_id]}


async def test_requests_are_listed(ada: Payer, ben: Payer) -> None:
    for number in range(3):
        pass_time(ada.house, 1)
        await ask(ada, ben, 1 + number)
    pass_time(ada.house, 1)
    await ask(ben, ada, 9)
    page = await ada.asked("GET", "/requests?limit=2")
    assert [one["amount"]["minor"] for one in page["items"]] == [9, 3]
    rest = await ada.asked("GET", f"/requests?limit=2&cursor={page['next_cursor']}")
    assert [one["amount"]["minor"] for one in rest["items"]] == [2, 1]
    asked = await ada.asked("GET", "/requests?direction=in&status=open")
    assert [one["amount"]["minor"] for one in asked["items"]] == [9]
    assert (await ada.refused("GET", "/requests?status=lost"))[0] == 400


HOSTILE: list[tuple[dict[str, Any], int, str]] = [
    ({"amount": money(0)}, 400, "invalid-amount"),
    ({"amount": money(-5)}, 400, "invalid-amount"),
    ({"amount": money(2**63)}, 400, "bad-json"),
    ({"amount": money(1.5)}, 400, "bad-json"),
    ({"amount": money(1, "JPY")}, 400, "currency-not-offered"),
    ({"payer": "@ada:teahouse.test"}, 400, "self-payment"),
    ({"payer": "@nobody:teahouse.test"}, 404, "payee-unknown"),
    ({"room_id": "!nowhere:teahouse.test"}, 403, "not-in-room"),
    ({"message": "x" * 201}, 400, "bad-json"),
    ({"asker": "@cleo:teahouse.test"}, 400, "bad-json"),
]


async def test_what_cannot_be_asked_is_refused(ada: Payer, ben: Payer) -> None:
    for wrong, status, code in HOSTILE:
        body = {"payer": ben.user_id, "amount": money(1), **wrong}
        assert await ada.refused("POST", "/requests", body) == (status, code), wrong
    assert (await ben.asked("GET", "/requests"))["items"] == []


async def test_more_than_one_has_cannot_be_paid(ada: Payer, ben: Payer) -> None:
    path = f"/requests/{(await ask(ada, ben, 50_01))['request_id']}"
    assert await ben.refused("POST", f"{path}/pay", {}) == (409, "insufficient-funds")
    assert (await ben.asked("GET", path))["status"] == "open"
    assert (ada.balance(), ben.balance()) == (100_00, 50_00)


async def test_nobody_is_flooded_with_requests(ada: Payer, ben: Payer) -> None:
    for _ in range(10):
        await ask(ada, ben, 1)
    body = {"payer": ben.user_id, "amount": money(1)}
    assert await ada.refused("POST", "/requests", body) == (409, "too-many-requests")


async def split(
    ada: Payer, room: str, *shares: dict[str, Any], total: Any = 100_00, **more: Any
) -> dict[str, Any]:
    body = {"room_id": room, "total": money(total), "shares": [*shares], **more}
    made: dict[str, Any] = await ada.asked("POST", "/splits", body)
    return made


async def test_a_bill_is_split_evenly_and_paid(
    house: House, ada: Payer, ben: Payer, cleo: Payer, room: str
) -> None:
    everybody = [{"user_id": one.user_id} for one in (ada, ben, cleo)]
    made = await split(ada, room, *everybody, message="dinner")
    assert [one["amount"]["minor"] for one in made["shares"]] == [33_33, 33_33]
    assert (made["own"], made["left"]) == (money(33_34), money(66_66))
    [mine] = (await ben.asked("GET", "/requests?direction=in"))["items"]
    paid = await ben.asked("POST", f"/requests/{mine['request_id']}/pay", {})
    assert paid["payment"]["kind"] == "split_paid"
    seen = await cleo.asked("GET", f"/splits/{made['split_id']}")
    assert [(one["user_id"], one["status"]) for one in seen["shares"]] == [
        (ben.user_id, "paid"), (cleo.user_id, "open"),
    ]  # fmt: skip
    assert (seen["paid"], seen["left"]) == (money(33_33), money(33_33))
    assert (ada.balance(), ben.balance()) == (133_33, 16_67)
    edit, _, first = await messages(cleo, room)
    assert first["body"] == "ada splits CN¥100.00: 0 of 2 have paid: dinner"
    assert edit["m.new_content"]["body"] == "ada splits CN¥100.00: 1 of 2 have paid: dinner"
    statuses = [one["status"] for one in edit["m.new_content"][SPLIT_BLOCK]["shares"]]
    assert statuses == ["paid", "open"]
    assert [one["split_id"] for one in (await cleo.asked("GET", "/splits"))["items"]] == [
        made["split_id"]
    ]
    assert find_problems(house) == []


async def test_a_bill_is_cancelled_but_paid_is_paid(
    ada: Payer, ben: Payer, cleo: Payer, room: str
) -> None:
    made = await split(
        ada, room,
        {"user_id": ben.user_id, "minor": 10_00}, {"user_id": cleo.user_id, "minor": 20_00},
        total=30_00, division="amounts",
    )  # fmt: skip
    first, second = made["shares"]
    await ben.asked("POST", f"/requests/{first['request_id']}/pay", {})
    path = f"/splits/{made['split_id']}"
    assert (await ben.refused("POST", f"{path}/cancel", {}))[0] == 409
    done = await ada.asked("POST", f"{path}/cancel", {})
    assert [one["status"] for one in done["shares"]] == ["paid", "cancelled"]
    refused = await cleo.refused("POST", f"/requests/{second['request_id']}/pay", {})
    assert refused == (409, "request-not-open")
    assert (ada.balance(), ben.balance(), cleo.balance()) == (110_00, 40_00, 50_00)


async def test_who_has_not_paid_is_reminded(
    house: House, ada: Payer, ben: Payer, cleo: Payer, room: str
) -> None:
    made = await split(
        ada, room,
        {"user_id": ben.user_id, "weight": 1}, {"user_id": cleo.user_id, "weight": 3},
        total=40_00, division="weights",
    )  # fmt: skip
    assert [one["amount"]["minor"] for one in made["shares"]] == [10_00, 30_00]
    await ben.asked("POST", f"/requests/{made['shares'][0]['request_id']}/pay", {})
    pass_time(house, REMIND_EVERY_MS)
    path = f"/splits/{made['split_id']}/remind"
    reminded = await ada.asked("POST", path, {})
    assert reminded["requests"] == [made["shares"][1]["request_id"]]
    assert (await messages(ben, room))[0]["body"] == "ada reminds cleo of CN¥30.00"
    assert (await ada.refused("POST", path, {}))[0] == 429


async def test_only_members_of_the_room_share_its_bills(
    house: House, ada: Payer, ben: Payer, room: str
) -> None:
    eve = await register_payer(house, "eve")
    shares = [{"user_id": one.user_id} for one in (ben, eve)]
    body = {"room_id": room, "total": money(100), "shares": shares}
    assert await ada.refused("POST", "/splits", body) == (403, "not-in-room")
    body["shares"] = [{"user_id": one.user_id} for one in (ada, ben)]
    assert await eve.refused("POST", "/splits", body) == (403, "not-in-room")
    made = await split(ada, room, {"user_id": ada.user_id}, {"user_id": ben.user_id})
    assert await eve.refused("GET", f"/splits/{made['split_id']}") == (404, "split-not-found")
    assert await eve.refused("POST", f"/splits/{made['split_id']}/cancel", {}) == (
        404,
        "split-not-found",
    )


SPLIT_HOSTILE: list[tuple[dict[str, Any], int]] = [
    ({"total": money(0)}, 400),
    ({"total": money(-1)}, 400),
    ({"total": money(1)}, 400),
    ({"total": money(1.5)}, 400),
    ({"shares": []}, 400),
    ({"shares": [{"user_id": "@ada:teahouse.test"}]}, 400),
    ({"division": "amounts"}, 400),
    ({"division": "unfair"}, 400),
    ({"shares": [{"user_id": f"@u{number}:x"} for number in range(101)]}, 400),
    ({"room_id": "!nowhere:teahouse.test"}, 403),
]


async def test_what_cannot_be_split_is_refused(ada: Payer, ben: Payer, room: str) -> None:
    for wrong, status in SPLIT_HOSTILE:
        shares = [{"user_id": one.user_id} for one in (ada, ben)]
        body = {"room_id": room, "total": money(100), "shares": shares, **wrong}
        assert (await ada.refused("POST", "/splits", body))[0] == status, wrong
    assert (await ben.asked("GET", "/requests"))["items"] == []


async def test_amounts_that_do_not_sum_are_refused_with_the_difference(
    ada: Payer, ben: Payer, room: str
) -> None:
    shares = [{"user_id": one.user_id, "minor": 60} for one in (ada, ben)]
    body = {"room_id": room, "total": money(100), "division": "amounts", "shares": shares}
    answer = await ada.ask("POST", "/splits", body)
    assert (answer.status_code, answer.json()["difference"]) == (422, 20)
