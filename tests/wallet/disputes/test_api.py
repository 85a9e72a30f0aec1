"""Disputes from the purchase to the money, by all three sides, and by hostile hands."""

import json
from pathlib import Path
from typing import Any

import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from teahouse.platform.money import Currency, Money
from teahouse.wallet.disputes import rules
from teahouse.wallet.disputes.jobs import JOB_KINDS
from teahouse.wallet.disputes.personal_data import erase_member, export_member
from teahouse.wallet.wallets.types import HouseAccount
from teahouse.wallet.webhooks.jobs import JOB_KINDS as WEBHOOK_JOBS
from tests.kit.factors import confirm_identity
from tests.kit.house import House
from tests.kit.shop_house import OpenShop, ask, register_staff, start_shop
from tests.kit.wallet_house import (
    Payer,
    find_problems,
    fund,
    house_balance,
    make_wallet_house,
    money,
    register_payer,
    run_job,
)
from tests.kit.webhook_receiver import WebhookReceiver, receiver

__all__ = ["receiver"]
pytestmark = pytest.mark.anyio
DAY_MS = 86_400_000
WORDS = {"text": "The tea never came.", "files": ["mxc://teahouse.test/abc"]}
ANSWER = {"text": "It was sent on Monday."}


class Scene:
    """A shop, its owner, an officer, and a member who has paid 50.00."""

    def __init__(self, shop: OpenShop, mei: Payer, payment_id: str) -> None:
        self.shop, self.mei, self.payment_id = shop, mei, payment_id
        self.house = mei.house
        self.claim = {"payment_id": payment_id, "cause": "not_received", **WORDS}

    async def open(self, **more: Any) -> Any:
        return await self.mei.asked("POST", "/disputes", {**self.claim, **more})

    async def answer(self, dispute: Any) -> Any:
        return await self.of_shop("answer", dispute, ANSWER)

    async def of_shop(self, verb: str, dispute: Any, body: Any = None) -> Any:
        path = f"{self.shop.path}/disputes/{dispute['dispute_id']}/{verb}"
        done = await ask(self.shop.owner, "POST", path, body)
        assert done.is_success, done.text
        return done.json()

    async def rule(self, officer: Payer, dispute: Any, minor: int) -> Any:
        path = f"/admin/disputes/{dispute['dispute_id']}/decide"
        ruling = {"refund": money(minor), "text": "The carrier lost it."}
        return await officer.asked("POST", path, ruling)

    async def open_again(self, dispute: Any) -> Any:
        return await self.mei.asked("GET", f"/disputes/{dispute['dispute_id']}")

    async def lapse(self) -> None:
        await run_job(self.house, JOB_KINDS, "wallet.lapse_disputes")


async def purchase(shop: OpenShop, payer: Payer, minor: int) -> str:
    made = await shop.till.asked("POST", "/charges", {"amount": money(minor)})
    paid = await payer.asked("POST", f"/pay/{made['code']}", {})
    return str(paid["payment_id"])


async def set_up(house: House, minor: int = 50_00) -> Scene:
    shop = await start_shop(house, basis_points=60)
    mei = await register_payer(house, "mei", cny=2_000_00)
    return Scene(shop, mei, await purchase(shop, mei, minor))


async def test_the_claim_is_kept_and_given_back_when_nobody_appeals(
    house: House, clock: ManualClock
) -> None:
    scene = await set_up(house)
    before = scene.mei.balance()
    # The fee leaves 49.70 of 50.00: another sale fills it up.
    await purchase(scene.shop, scene.mei, 10_00)
    dispute = await scene.open()
    assert (dispute["status"], dispute["claim"]) == ("awaiting_shop", money(50_00))
    assert dispute["by_default"]["zh"]
    assert scene.shop.balance() == 50_00 - 30 + 10_00 - 6 - 50_00
    answered = await scene.answer(dispute)
    assert [one["author"] for one in answered["said"]] == ["payer", "shop"]
    await scene.rule(scene.shop.officer, dispute, 30_00)
    mine = await scene.mei.asked("GET", f"/disputes/{dispute['dispute_id']}")
    assert (mine["status"], mine["refund"], mine["can_appeal"]) == ("decided", money(30_00), True)
    assert scene.mei.balance() == before - 10_00, "no money moves while one can appeal"
    clock.advance(rules.APPEAL_MS)
    await scene.lapse()
    await scene.lapse()
    mine = await scene.mei.asked("GET", f"/disputes/{dispute['dispute_id']}")
    assert (mine["status"], mine["closed_at"]) == ("closed", clock.now_ms())
    assert scene.mei.balance() == before - 10_00 + 30_00
    assert scene.shop.balance() == 50_00 - 30 + 10_00 - 6 - 30_00
    # What the house gave back, the shop cannot give back again.
    charges = (await scene.mei.asked("GET", "/charges"))["items"]
    (charge,) = (one for one in charges if one["payment_id"] == scene.payment_id)
    refused = await scene.shop.till.refused(
        "POST", f"/charges/{charge['charge_id']}/refunds", {"amount": money(20_01)}
    )
    assert refused == (422, "refund-too-large")
    assert find_problems(house) == []


async def test_a_shop_gives_in_and_a_payer_thinks_again(house: House) -> None:
    scene = await set_up(house)
    await purchase(scene.shop, scene.mei, 10_00)
    before = scene.mei.balance()
    gone = await scene.open()
    assert scene.shop.balance() < 50_00
    left = await scene.mei.asked("POST", f"/disputes/{gone['dispute_id']}/withdraw")
    assert left["status"] == "withdrawn"
    assert (scene.mei.balance(), scene.shop.balance()) == (before, 60_00 - 36)
    dispute = await scene.open(amount=money(20_00))
    ended = await scene.of_shop("concede", dispute)
    assert (ended["status"], ended["refund"]) == ("closed", money(20_00))
    assert scene.mei.balance() == before + 20_00
    assert find_problems(house) == []


async def test_a_shop_that_does_not_answer_loses(house: House, clock: ManualClock) -> None:
    scene = await set_up(house)
    await purchase(scene.shop, scene.mei, 10_00)
    before = scene.mei.balance()
    dispute = await scene.open()
    clock.advance(rules.ANSWER_MS - 1)
    await scene.lapse()
    assert (await scene.open_again(dispute))["status"] == "awaiting_shop"
    clock.advance(1)
    await scene.lapse()
    assert (await scene.open_again(dispute))["refund"] == money(50_00)
    appealed = await scene.of_shop("appeal", dispute, {"text": "We were closed for the feast."})
    assert appealed["status"] == "in_review"
    clock.advance(rules.DECIDE_MS)
    await scene.lapse()
    assert scene.mei.balance() == before + 50_00, "of an appeal the first decision stands"
    assert find_problems(house) == []


async def test_the_house_pays_where_it_is_late_or_the_shop_has_nothing(
    house: House, clock: ManualClock
) -> None:
    scene = await set_up(house)
    before = scene.mei.balance()
    # The fee was taken, so the shop has not got 50.00, and nothing can be kept.
    dispute = await scene.open()
    await scene.answer(dispute)
    seen = await scene.shop.officer.asked("GET", f"/admin/disputes/{dispute['dispute_id']}")
    assert seen["has_hold"] is False
    await scene.rule(scene.shop.officer, dispute, 50_00)
    clock.advance(rules.APPEAL_MS)
    await scene.lapse()
    mine = await scene.open_again(dispute)
    assert (mine["status"], mine["is_borne_by_house"]) == ("closed", True)
    assert scene.mei.balance() == before + 50_00
    assert scene.shop.balance() == 50_00 - 30
    assert house_balance(house.db, HouseAccount.FEE_EXPENSE) == 50_00
    late = Scene(scene.shop, scene.mei, await purchase(scene.shop, scene.mei, 10_00))
    other = await late.open()
    await late.answer(other)
    clock.advance(rules.DECIDE_MS)
    await late.lapse()
    assert (await late.open_again(other))["is_borne_by_house"]
    assert house_balance(house.db, HouseAccount.FEE_EXPENSE) == 60_00
    assert find_problems(house) == []


async def test_a_large_claim_takes_two_officers_and_an_appeal_others(
    house: House, clock: ManualClock
) -> None:
    scene = await set_up(house, 1_000_00)
    await purchase(scene.shop, scene.mei, 100_00)
    before = scene.mei.balance()
    second = await register_staff(house, "moss", "bank_officer")
    third = await register_staff(house, "ash", "bank_officer")
    dispute = await scene.open()
    await scene.answer(dispute)
    path = f"/admin/disputes/{dispute['dispute_id']}"
    proposed = await scene.rule(scene.shop.officer, dispute, 1_000_00)
    assert (proposed["status"], proposed["proposed"]) == ("proposed", money(1_000_00))
    assert (await scene.open_again(dispute))["status"] == "in_review", "a matter of the house"
    assert await scene.shop.officer.refused("POST", f"{path}/approve") == (
        403,
        "another-officer-needed",
    )
    await second.asked("POST", f"{path}/approve")
    assert (await scene.open_again(dispute))["refund"] == money(1_000_00)
    await scene.of_shop("appeal", dispute, ANSWER)
    refused = await second.refused("POST", f"{path}/decide", {"refund": money(1), "text": "x"})
    assert refused == (403, "another-officer-needed")
    await scene.rule(third, dispute, 0)
    clock.advance(rules.DECIDE_MS)
    await scene.lapse()
    assert scene.mei.balance() == before + 1_000_00
    assert find_problems(house) == []


async def test_what_the_shop_refunds_meanwhile_is_not_given_twice(
    house: House, clock: ManualClock
) -> None:
    scene = await set_up(house)
    await purchase(scene.shop, scene.mei, 100_00)
    before = scene.mei.balance()
    dispute = await scene.open()
    charges = (await scene.mei.asked("GET", "/charges"))["items"]
    (charge,) = (one for one in charges if one["payment_id"] == scene.payment_id)
    refund = f"/charges/{charge['charge_id']}/refunds"
    await scene.shop.till.asked("POST", refund, {"amount": money(45_00)})
    clock.advance(rules.ANSWER_MS)
    await scene.lapse()
    clock.advance(rules.APPEAL_MS)
    await scene.lapse()
    mine = await scene.open_again(dispute)
    assert (mine["status"], mine["refund"]) == ("closed", money(5_00))
    assert scene.mei.balance() == before + 50_00
    assert find_problems(house) == []


async def test_hostile_hands_dispute_nothing(house: House, clock: ManualClock) -> None:
    scene = await set_up(house)
    mei, rose = scene.mei, await register_payer(house, "rose", cny=5_00)
    confirm_identity(rose, 3)
    for body, refusal in (
        ({**scene.claim, "amount": money(0)}, (409, "claim-too-large")),
        ({**scene.claim, "amount": money(-1)}, (409, "claim-too-large")),
        ({**scene.claim, "amount": money(50_01)}, (409, "claim-too-large")),
        ({**scene.claim, "amount": money(1, "EUR")}, (409, "claim-too-large")),
        ({**scene.claim, "amount": money(1.5)}, (400, "bad-json")),
        ({**scene.claim, "cause": "spite"}, (400, "bad-json")),
        ({**scene.claim, "text": ""}, (400, "bad-json")),
        ({**scene.claim, "files": ["https://evil.example/x"]}, (400, "bad-json")),
        ({**scene.claim, "files": ["mxc://a/b"] * 11}, (400, "bad-json")),
        ({**scene.claim, "more": 1}, (400, "bad-json")),
        ({**scene.claim, "payment_id": "pay_unknown"}, (404, "payment-not-found")),
    ):
        assert await mei.refused("POST", "/disputes", body) == refusal, body
    assert await rose.refused("POST", "/disputes", scene.claim) == (404, "payment-not-found")
    dispute = await scene.open()
    twice = await mei.refused("POST", "/disputes", scene.claim)
    assert twice == (409, "already-disputed")
    one = f"/disputes/{dispute['dispute_id']}"
    for method, path, words in (
        ("GET", one, None),
        ("POST", f"{one}/statements", WORDS),
        ("POST", f"{one}/withdraw", None),
        ("POST", f"{one}/appeal", WORDS),
    ):
        assert await rose.refused(method, path, words) == (404, "dispute-not-found")
    shops = f"{scene.shop.path}/disputes/{dispute['dispute_id']}"
    for path in (shops, f"{scene.shop.path}/disputes"):
        assert (await ask(rose, "GET", path)).status_code == 404
    assert (await ask(mei, "POST", f"{shops}/concede")).status_code == 404
    staff = f"/admin/disputes/{dispute['dispute_id']}"
    ruling = {"refund": money(50_00), "text": "mine"}
    for who in (mei, rose, scene.shop.owner):
        assert await who.refused("GET", "/admin/disputes") == (403, "forbidden")
        assert await who.refused("POST", f"{staff}/decide", ruling) == (403, "forbidden")
        assert await who.refused("POST", f"{staff}/approve") == (403, "forbidden")
    await scene.answer(dispute)
    for wrong in (money(50_01), money(-1), money(1, "EUR")):
        refused = await scene.shop.officer.refused(
            "POST", f"{staff}/decide", {"refund": wrong, "text": "x"}
        )
        assert refused == (409, "claim-too-large")
    assert await mei.refused("POST", f"{one}/appeal", WORDS) == (409, "dispute-wrong-status")
    clock.advance(rules.DISPUTABLE_MS)
    old = {**scene.claim, "payment_id": scene.payment_id}
    assert (await mei.refused("POST", "/disputes", old))[0] == 409


async def test_too_late_and_no_purchase_is_not_disputable(house: House, clock: ManualClock) -> None:
    scene = await set_up(house)
    clock.advance(rules.DISPUTABLE_MS - 1)
    gone = await scene.open()
    await scene.mei.asked("POST", f"/disputes/{gone['dispute_id']}/withdraw")
    clock.advance(1)
    refused = await scene.mei.refused("POST", "/disputes", scene.claim)
    assert refused == (409, "not-disputable")
    owned = (await scene.shop.owner.asked("GET", "/payments"))["items"]
    assert owned == []
    history = (await scene.mei.asked("GET", "/payments"))["items"]
    (topup,) = (one for one in history if one["kind"] == "topup")
    body = {**scene.claim, "payment_id": topup["payment_id"]}
    assert await scene.mei.refused("POST", "/disputes", body) == (409, "not-disputable")


async def test_the_shops_program_is_told(
    db: Database, tmp_path: Path, receiver: WebhookReceiver, clock: ManualClock
) -> None:
    house = make_wallet_house(db, tmp_path, webhook_hosts_allowed=["127.0.0.1"])
    scene = await set_up(house)
    wish = {"url": receiver.url, "event_types": ["dispute.opened", "dispute.decided"]}
    await scene.shop.till.asked("POST", "/webhooks", wish)
    dispute = await scene.open()
    clock.advance(rules.ANSWER_MS)
    await scene.lapse()
    clock.advance(rules.APPEAL_MS)
    await scene.lapse()
    await Worker(house.db, house.services, WEBHOOK_JOBS).run_due()
    told = [json.loads(body) for _, body in receiver.received]
    assert sorted((one["type"], one["data"]["status"]) for one in told) == [
        ("dispute.decided", "closed"),
        ("dispute.decided", "decided"),
        ("dispute.opened", "awaiting_shop"),
    ]
    assert {one["data"]["dispute_id"] for one in told} == {dispute["dispute_id"]}
    assert scene.mei.user_id not in str(told)


async def test_words_have_an_end_and_can_be_erased(house: House) -> None:
    scene = await set_up(house)
    dispute = await scene.open()
    path = f"/disputes/{dispute['dispute_id']}/statements"
    for _ in range(rules.STATEMENTS_MAX - 1):
        await scene.mei.asked("POST", path, WORDS)
    assert await scene.mei.refused("POST", path, WORDS) == (409, "too-much-said")
    told: Any = house.db.look(export_member, scene.mei.user_id)
    assert len(told["said"]) == rules.STATEMENTS_MAX
    house.db.run(erase_member, scene.mei.user_id)
    seen = await scene.mei.asked("GET", f"/disputes/{dispute['dispute_id']}")
    assert {one["text"] for one in seen["said"]} == {""}
    assert house.db.look(export_member, "@nobody:teahouse.test")["said"] == []


async def test_an_officer_does_not_decide_about_themself(db: Database, tmp_path: Path) -> None:
    house = make_wallet_house(db, tmp_path)
    shop = await start_shop(house)
    await purchase(shop, await register_payer(house, "rose", cny=100_00), 50_00)
    fern = await register_staff(house, "fern", "bank_officer")
    scene = Scene(shop, fern, "")
    fund(house.db, fern.user_id, Money(10_00, Currency("CNY")))
    scene.claim["payment_id"] = await purchase(shop, fern, 10_00)
    dispute = await scene.open()
    await scene.answer(dispute)
    path = f"/admin/disputes/{dispute['dispute_id']}"
    assert await fern.refused("GET", path) == (403, "own-dispute")
    ruling = {"refund": money(10_00), "text": "mine"}
    assert await fern.refused("POST", f"{path}/decide", ruling) == (403, "own-dispute")
    listed = await shop.officer.asked("GET", "/admin/disputes")
    assert [one["view"]["dispute_id"] for one in listed["items"]] == [dispute["dispute_id"]]


async def _told(member: Payer) -> list[str]:
    """The steps of disputes that wait for a member's device."""
    synced = await member.get("/sync")
    events = synced["to_device"]["events"]
    return [one["content"]["status"] for one in events if one["type"] == "org.teahouse.dispute"]


async def test_both_sides_are_told_of_every_step(house: House) -> None:
    scene = await set_up(house)
    dispute = await scene.open()
    await scene.answer(dispute)
    owner = scene.shop.owner
    assert await _told(scene.mei) == await _told(owner) != []
    assert (await _told(scene.mei))[0] == "open"
