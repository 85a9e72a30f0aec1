"""Webhooks to real receivers: signed, tried again, given up, replayed; and never to us."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker, count_jobs
from teahouse.platform.money import Currency, Money
from teahouse.wallet.settlements.announcements import SettlementMade
from teahouse.wallet.settlements.types import SettlementId
from teahouse.wallet.shops.types import ShopId
from teahouse.wallet.webhooks.commands import forget_old_messages
from teahouse.wallet.webhooks.jobs import JOB_KINDS
from teahouse.wallet.webhooks.live import Couriers
from teahouse.wallet.webhooks.tables import (
    wallet_webhook_delivery,
    wallet_webhook_message,
    wallet_webhook_secret,
    wallet_webhook_try,
)
from teahouse.wallet.webhooks.types import DeliveryId, EndpointId, MessageId, Parcel
from tests.kit.house import House
from tests.kit.shop_house import (
    ADMIN,
    OpenShop,
    Till,
    ask,
    decide,
    make_key,
    register_staff,
    start_shop,
)
from tests.kit.wallet_house import Payer, make_wallet_house, money, register_payer
from tests.kit.webhook_receiver import WebhookReceiver, receiver
from tests.wallet.mandates import test_api as mandates

__all__ = ["receiver"]
pytestmark = pytest.mark.anyio
HOOKS = "/webhooks"
DAY_MS = 86_400_000


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return make_wallet_house(db, tmp_path, webhook_hosts_allowed=["127.0.0.1"])


async def _work(house: House) -> None:
    """Do what is due."""
    await Worker(house.db, house.services, JOB_KINDS).run_due()


async def _listen(shop: OpenShop, receiver: WebhookReceiver, *kinds: str) -> Any:
    wish = {"url": receiver.url, "event_types": [*kinds] or ["*"]}
    return await shop.till.asked("POST", HOOKS, wish)


async def _sell(shop: OpenShop, payer: Payer, minor: int = 5_00) -> Any:
    made = await shop.till.asked("POST", "/charges", {"amount": money(minor)})
    await payer.asked("POST", f"/pay/{made['code']}", {})
    return made


def _told(receiver: WebhookReceiver) -> list[str]:
    return [json.loads(body)["type"] for _, body in receiver.received]


async def test_a_shop_is_told_and_can_trust_it(
    house: House, receiver: WebhookReceiver, clock: ManualClock
) -> None:
    # The library compares with the time of the machine.
    clock.advance(round(time.time() * 1000) - clock.now_ms())
    shop, mei = await start_shop(house), await register_payer(house, "mei", cny=100_00)
    added = await _listen(shop, receiver)
    made = await _sell(shop, mei)
    refund = await shop.till.asked("POST", f"/charges/{made['charge_id']}/refunds", {})
    await _work(house)
    assert sorted(_told(receiver)) == ["charge.captured", "refund.created"]
    for headers, body in receiver.received:
        told = Webhook(added["secret"]).verify(body, headers)
        assert told["data"]["charge_id"] == made["charge_id"]
        assert mei.user_id not in body.decode()
        if told["type"] == "refund.created":
            assert told["data"]["refund_id"] == refund["refund_id"]

    log = (await shop.till.asked("GET", f"{HOOKS}/deliveries"))["items"]
    assert [(one["status"], len(one["tries"])) for one in log] == [("delivered", 1)] * 2
    assert log[0]["tries"][0]["status"] == 204
    shown = await shop.till.asked("GET", f"{HOOKS}/messages/{log[0]['message_id']}")
    assert shown["body"].encode() in [body for _, body in receiver.received]


async def test_only_what_was_asked_for_is_told(house: House, receiver: WebhookReceiver) -> None:
    shop, mei = await start_shop(house), await register_payer(house, "mei", cny=100_00)
    await _listen(shop, receiver, "charge.voided", "charge.expired", "shop.suspended", "tip.given")
    await _sell(shop, mei)
    held = {"amount": money(5_00), "capture": "manual", "tip": "ask"}
    made = await shop.till.asked("POST", "/charges", held)
    await mei.asked("POST", f"/pay/{made['code']}", {})
    await shop.till.asked("POST", f"/charges/{made['charge_id']}/void")
    await decide(shop.officer, shop.shop_id, "suspended")
    await _work(house)
    assert sorted(_told(receiver)) == ["charge.voided", "shop.suspended"]


async def test_a_frozen_shop_sees_why_and_is_told_when_it_is_free(
    house: House, receiver: WebhookReceiver
) -> None:
    shop = await start_shop(house)
    other = await register_staff(house, "other", "bank_officer")
    await _listen(shop, receiver, "shop.frozen", "shop.unfrozen")
    party = (await shop.officer.asked("GET", f"{ADMIN}/{shop.shop_id}"))["party"]
    freezes = "/admin/freezes"
    wish = {"party": party, "reason": "Stolen cards were used here."}

    proposed = await shop.officer.asked("POST", freezes, wish)
    assert await shop.owner.asked("GET", f"{shop.path}/freezes") == []
    one = f"{freezes}/{proposed['freeze']['freeze_id']}"
    await other.asked("POST", f"{one}/approve", {"note": "Seen."})
    [shown] = await shop.owner.asked("GET", f"{shop.path}/freezes")
    assert (shown["status"], shown["reason"]) == ("in_force", wish["reason"])
    assert (await other.refused("GET", f"{shop.path}/freezes"))[0] == 404

    await other.asked("POST", f"{one}/lift", {"note": "Explained."})
    await shop.officer.asked("POST", f"{one}/lift/approve", {"note": "So it is."})
    await _work(house)
    told = {
        kind: json.loads(body)["data"]
        for kind, (_, body) in zip(_told(receiver), receiver.received, strict=True)
    }
    assert sorted(told) == ["shop.frozen", "shop.unfrozen"]
    assert len(receiver.received) == 2
    assert told["shop.frozen"]["reason"] == wish["reason"]
    assert (await shop.owner.asked("GET", f"{shop.path}/freezes"))[0]["status"] == "lifted"


async def test_what_is_not_told_of_a_freeze_yet_is_not_told_to_the_shop_either(
    house: House, receiver: WebhookReceiver, clock: ManualClock
) -> None:
    shop = await start_shop(house)
    await _listen(shop, receiver, "shop.frozen", "shop.unfrozen")
    party = (await shop.officer.asked("GET", f"{ADMIN}/{shop.shop_id}"))["party"]
    wish = {
        "party": party,
        "reason": "Asked by the court.",
        "is_emergency": True,
        "gag_until": clock.now_ms() + DAY_MS,
    }
    await shop.officer.asked("POST", "/admin/freezes", wish)
    await _work(house)
    [(_, body)] = receiver.received
    assert json.loads(body)["data"]["reason"] is None
    assert "court" not in str(await shop.owner.asked("GET", f"{shop.path}/freezes"))


async def test_what_does_not_arrive_comes_again_and_later(
    house: House, receiver: WebhookReceiver, clock: ManualClock
) -> None:
    shop, mei = await start_shop(house), await register_payer(house, "mei", cny=100_00)
    added = await _listen(shop, receiver)
    receiver.status = 503
    await _sell(shop, mei)
    await _work(house)
    clock.advance(4000)
    await _work(house)
    assert len(receiver.received) == 1
    clock.advance(2000)
    await _work(house)
    assert len(receiver.received) == 2
    path = f"{HOOKS}/{added['endpoint']['endpoint_id']}"
    assert (await shop.till.asked("GET", path))["failing_since"] is not None

    receiver.status = 200
    clock.advance(400_000)
    await _work(house)
    (log,) = (await shop.till.asked("GET", f"{HOOKS}/deliveries"))["items"]
    assert [one["status"] for one in log["tries"]] == [503, 503, 200]
    assert (log["status"], log["next_try_at"]) == ("delivered", None)
    assert (await shop.till.asked("GET", path))["failing_since"] is None
    # Each time the same id and body, and another time and signature.
    heads = [headers for headers, _ in receiver.received]
    assert len({head["webhook-id"] for head in heads}) == 1
    assert len({body for _, body in receiver.received}) == 1
    assert len({head["webhook-timestamp"] for head in heads}) == 3
    assert len({head["webhook-signature"] for head in heads}) == 3
    # A receiver that fails is the shop's trouble: no job is dead.
    assert (await house.db.read(count_jobs)) == {"waiting": 0, "dead": 0}


async def test_an_endpoint_that_never_answers_well_is_disabled(
    house: House, receiver: WebhookReceiver, clock: ManualClock
) -> None:
    shop, mei = await start_shop(house), await register_payer(house, "mei", cny=100_00)
    added = await _listen(shop, receiver)
    path = f"{HOOKS}/{added['endpoint']['endpoint_id']}"
    receiver.status = 500
    await _sell(shop, mei)
    for _ in range(11):
        await _work(house)
        clock.advance(27 * 3_600_000)
    (log,) = (await shop.till.asked("GET", f"{HOOKS}/deliveries"))["items"]
    assert (log["status"], log["next_try_at"]) == ("failed", None)
    found = await shop.till.asked("GET", path)
    assert found["status"] == "disabled"
    assert "days" in found["disabled_why"]
    tries = len(receiver.received)
    await _sell(shop, mei)
    await _work(house)
    assert len(receiver.received) == tries
    assert await shop.till.refused("POST", f"{path}/test") == (409, "webhook-endpoint-disabled")

    receiver.status = 200
    enabled = await ask(
        shop.till.secret, "PATCH", f"/api/v1/shop{path}", {"status": "enabled"}, house=house
    )
    assert (enabled.json()["status"], enabled.json()["failing_since"]) == ("enabled", None)
    replayed = await shop.till.asked("POST", f"{path}/replay", {"since": 0})
    assert replayed["count"] == 1
    await _work(house)
    assert len(receiver.received) == tries + 1
    assert (await shop.till.asked("POST", f"{path}/replay", {"since": 0}))["count"] == 0
    again = {"since": 0, "only_failed": False}
    assert (await shop.till.asked("POST", f"{path}/replay", again))["count"] == 1


async def test_who_says_that_it_is_gone_is_disabled_at_once(
    house: House, receiver: WebhookReceiver
) -> None:
    shop = await start_shop(house)
    added = await _listen(shop, receiver)
    path = f"{HOOKS}/{added['endpoint']['endpoint_id']}"
    receiver.status = 410
    await shop.till.asked("POST", f"{path}/test")
    await _work(house)
    assert (await shop.till.asked("GET", path))["status"] == "disabled"


async def test_one_message_is_sent_again_under_its_id(
    house: House, receiver: WebhookReceiver
) -> None:
    shop = await start_shop(house)
    added = await _listen(shop, receiver)
    endpoint_id = added["endpoint"]["endpoint_id"]
    await shop.till.asked("POST", f"{HOOKS}/{endpoint_id}/test")
    await _work(house)
    message_id = receiver.received[0][0]["webhook-id"]
    await shop.till.asked("POST", f"{HOOKS}/messages/{message_id}/replay/{endpoint_id}")
    await _work(house)
    assert [head["webhook-id"] for head, _ in receiver.received] == [message_id] * 2
    missing = await shop.till.refused("POST", f"{HOOKS}/messages/msg_no/replay/{endpoint_id}")
    assert missing == (404, "webhook-not-found")


async def test_after_a_rotation_both_secrets_sign_for_a_day(
    house: House, receiver: WebhookReceiver, clock: ManualClock
) -> None:
    shop = await start_shop(house)
    added = await _listen(shop, receiver)
    path = f"{HOOKS}/{added['endpoint']['endpoint_id']}"
    clock.advance(1)
    fresh = await shop.till.asked("POST", f"{path}/secret")
    assert fresh["secret"] != added["secret"]
    for after_ms in (0, DAY_MS):
        clock.advance(after_ms)
        await shop.till.asked("POST", f"{path}/test")
        await _work(house)
    signed = [_signers(one, added["secret"], fresh["secret"]) for one in receiver.received]
    assert signed == [[True, True], [False, True]]
    assert len(receiver.received[0][0]["webhook-signature"].split(" ")) == 2
    assert len(receiver.received[1][0]["webhook-signature"].split(" ")) == 1


def _signers(received: tuple[dict[str, str], bytes], *secrets: str) -> list[bool]:
    headers, body = received
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    return [
        Webhook(secret).sign(headers["webhook-id"], at, body.decode())
        in headers["webhook-signature"].split(" ")
        for secret in secrets
    ]


async def test_secrets_are_sealed_in_the_database(house: House, receiver: WebhookReceiver) -> None:
    shop = await start_shop(house)
    added = await _listen(shop, receiver)
    with house.db.reading() as read:
        rows = read.conn.execute(sa.select(wallet_webhook_secret)).all()
    assert added["secret"].encode() not in rows[0].sealed
    listed = await shop.till.asked("GET", HOOKS)
    assert "secret" not in str(listed)


# Where nothing is sent


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "https://10.0.0.1/hook",
        "https://localhost/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest/meta-data/",
        "https://user:secret@shop.example/hook",
        "https://no-such-host.invalid/hook",
        "file:///etc/passwd",
        "gopher://127.0.0.1:25/",
        "shop.example",
        "https://0x7f000001/hook",
    ],
)
async def test_private_addresses_are_refused_when_they_are_given(house: House, url: str) -> None:
    shop = await start_shop(house)
    wish = {"url": url, "event_types": ["*"]}
    assert await shop.till.refused("POST", HOOKS, wish) == (400, "unsafe-url")
    assert await shop.till.asked("GET", HOOKS) == []


async def test_a_name_that_turned_private_is_refused_when_it_is_used() -> None:
    # Registered while the name led elsewhere: at the try it leads to this machine.
    made = await Couriers([], ManualClock()).bring(_parcel("https://localhost/hook"))
    assert made.status is None
    assert "private" in made.error


async def test_a_redirect_is_not_followed(receiver: WebhookReceiver) -> None:
    receiver.status, receiver.location = 307, receiver.url
    made = await Couriers(["127.0.0.1"], ManualClock()).bring(_parcel(receiver.url))
    assert (made.status, len(receiver.received)) == (307, 1)
    assert "307" in made.error


async def test_who_hangs_is_cut_off(receiver: WebhookReceiver) -> None:
    receiver.hangs = True
    started = monotonic()
    couriers = Couriers(["127.0.0.1"], ManualClock(), try_seconds=0.3)
    made = await couriers.bring(_parcel(receiver.url))
    assert (made.status, made.error) == (None, "No answer: TimeoutError.")
    assert monotonic() - started < 5


async def test_an_endless_answer_is_not_read(receiver: WebhookReceiver) -> None:
    receiver.is_endless, receiver.status = True, 200
    started = monotonic()
    made = await Couriers(["127.0.0.1"], ManualClock()).bring(_parcel(receiver.url))
    assert (made.status, made.error) == (200, "")
    assert monotonic() - started < 5


def _parcel(url: str) -> Parcel:
    return Parcel(
        delivery_id=DeliveryId("whd_1"),
        message_id=MessageId("msg_1"),
        endpoint_id=EndpointId("whe_1"),
        url=url,
        body="{}",
        secrets=["whsec_" + "A" * 44],
        try_count=0,
    )


async def test_one_slow_endpoint_holds_up_no_other(
    house: House, receiver: WebhookReceiver, clock: ManualClock
) -> None:
    couriers = house.services.get(Couriers)
    assert [couriers.take(name) for name in "aabcde"] == [True, False, True, True, True, False]
    for name in "abcd":
        couriers.leave(name)

    shop = await start_shop(house)
    added = await _listen(shop, receiver)
    endpoint_id = added["endpoint"]["endpoint_id"]
    couriers.take(endpoint_id)
    await shop.till.asked("POST", f"{HOOKS}/{endpoint_id}/test")
    await _work(house)
    assert receiver.received == []
    couriers.leave(endpoint_id)
    clock.advance(5000)
    await _work(house)
    (log,) = (await shop.till.asked("GET", f"{HOOKS}/deliveries"))["items"]
    assert len(log["tries"]) == 1


# Who may


async def test_only_who_may_sees_and_changes_endpoints(
    house: House, receiver: WebhookReceiver
) -> None:
    shop = await start_shop(house)
    added = await _listen(shop, receiver)
    path = f"{HOOKS}/{added['endpoint']['endpoint_id']}"
    wish = {"url": receiver.url, "event_types": ["*"]}
    reader = Till(house, await make_key(shop.owner, shop.shop_id, "charges:write"))
    stranger = await register_payer(house, "wu")
    cashier = await register_payer(house, "li")
    await shop.owner.call("PUT", f"{shop.path}/staff/{cashier.user_id}", {"role": "cashier"})
    calls: list[tuple[str, str, Any]] = [
        ("GET", HOOKS, None),
        ("POST", HOOKS, wish),
        ("GET", path, None),
        ("PATCH", path, {"description": "Till"}),
        ("POST", f"{path}/secret", None),
        ("POST", f"{path}/test", None),
        ("POST", f"{path}/replay", {"since": 0}),
        ("GET", f"{HOOKS}/deliveries", None),
        ("DELETE", path, None),
    ]
    for method, target, body in calls:
        assert await reader.refused(method, target, body) == (403, "scope-missing")
        people = shop.path + target
        assert await cashier.refused(method, people, body) == (403, "shop-power-missing")
        assert await stranger.refused(method, people, body) == (404, "shop-not-found")
        assert (await house.call(method, people, body)).status_code == 401
        assert (await house.call(method, f"/api/v1/shop{target}", body)).status_code == 401
        assert (await ask(shop.owner, method, people, body)).is_success


async def test_impossible_endpoints_are_refused(house: House, receiver: WebhookReceiver) -> None:
    shop = await start_shop(house)
    for wrong in (
        {"url": receiver.url, "event_types": []},
        {"url": receiver.url, "event_types": ["charge.eaten"]},
        {"url": receiver.url},
        {"url": "", "event_types": ["*"]},
        {"url": receiver.url, "event_types": ["*"], "secret": "mine"},
        {"url": receiver.url + "a" * 2000, "event_types": ["*"]},
    ):
        assert (await shop.till.refused("POST", HOOKS, wrong))[0] == 400
    for _ in range(16):
        await _listen(shop, receiver)
    wish = {"url": receiver.url, "event_types": ["*"]}
    assert await shop.till.refused("POST", HOOKS, wish) == (409, "too-many-webhook-endpoints")


async def test_a_removed_endpoint_leaves_nothing(house: House, receiver: WebhookReceiver) -> None:
    shop = await start_shop(house)
    added = await _listen(shop, receiver)
    path = f"{HOOKS}/{added['endpoint']['endpoint_id']}"
    await shop.till.asked("POST", f"{path}/test")
    await _work(house)
    await shop.till.asked("POST", f"{path}/test")
    assert (await shop.till.ask("DELETE", path)).status_code == 204
    await _work(house)
    assert len(receiver.received) == 1
    with house.db.reading() as read:
        for table in (wallet_webhook_secret, wallet_webhook_delivery, wallet_webhook_try):
            assert read.conn.execute(sa.select(table)).all() == []


async def test_messages_are_forgotten_after_a_month(
    house: House, receiver: WebhookReceiver, clock: ManualClock
) -> None:
    shop = await start_shop(house)
    added = await _listen(shop, receiver)
    await shop.till.asked("POST", f"{HOOKS}/{added['endpoint']['endpoint_id']}/test")
    await _work(house)
    clock.advance(30 * DAY_MS)
    assert await house.db.write(forget_old_messages) == 0
    clock.advance(1)
    assert await house.db.write(forget_old_messages) == 1
    with house.db.reading() as read:
        for table in (wallet_webhook_message, wallet_webhook_delivery, wallet_webhook_try):
            assert read.conn.execute(sa.select(table)).all() == []


async def test_a_shop_without_endpoints_keeps_no_messages(house: House) -> None:
    shop, mei = await start_shop(house), await register_payer(house, "mei", cny=100_00)
    await _sell(shop, mei)
    with house.db.reading() as read:
        assert read.conn.execute(sa.select(wallet_webhook_message)).all() == []


# Of other subjects


async def test_a_shop_is_told_of_its_mandates_and_settlements(
    house: House, receiver: WebhookReceiver
) -> None:
    shop, mei = await start_shop(house), await register_payer(house, "mei", cny=100_00)
    await _listen(shop, receiver)
    today = mandates.today(house).isoformat()
    terms = mandates.terms(start_on=today, description_en="Tea", description_zh="茶")
    wish = {"terms": terms, "payer": mei.user_id, "key": "sub-1"}
    proposal = await shop.till.asked("POST", "/mandates", wish)
    mandate = await mandates.accept(mei, proposal)
    await mei.asked("POST", f"/mandates/{mandate['mandate_id']}/cancel")
    cny = Currency("CNY")
    settled = SettlementMade(
        SettlementId("stl_1"), ShopId(shop.shop_id), Money(25_00, cny), Money(0, cny)
    )
    await house.db.write(lambda tx: tx.announce(settled))
    await _work(house)
    assert sorted(_told(receiver)) == [
        "mandate.accepted",
        "mandate.charged",
        "mandate.ended",
        "settlement.made",
    ]
    assert not any(mei.user_id in body.decode() for _, body in receiver.received)
