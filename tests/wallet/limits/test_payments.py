"""Payments of members, judged by the shipped rules, on both databases."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from teahouse.accounts import StaffActed, grant_role
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Tx
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester, Role
from teahouse.wallet.confirmations.errors import ConfirmationMismatch, ConfirmationUsed
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.limits.commands import check_payment, put_rule_set
from teahouse.wallet.limits.errors import LimitReached, SecondFactorNeeded
from teahouse.wallet.limits.personal_data import export_member
from teahouse.wallet.limits.queries import load_rule_set_text
from teahouse.wallet.limits.tables import wallet_spent
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.payments.commands import (
    hold_payment,
    pay,
    reverse_payment,
    settle_payment,
    void_payment,
)
from teahouse.wallet.payments.types import Payment, PaymentDraft, PaymentKind
from teahouse.wallet.wallets.commands import open_wallet
from tests.kit.database import Databases, open_database
from tests.kit.factors import (
    add_passkey,
    add_totp,
    confirm,
    confirm_identity,
    register_with_password,
)
from tests.kit.house import PASSWORD, House
from tests.kit.wallet_house import Payer, find_problems, fund, make_wallet_house, money

pytestmark = pytest.mark.anyio
DAY_MS = 86_400_000
keys = itertools.count(1)


def cny(minor: int) -> Money:
    return Money(minor, Currency("CNY"))


async def pair(house: House, sources: int = 3) -> tuple[Payer, Payer]:
    """A member with 1,000,000.00 CNY, old devices, and a friend they have paid before."""
    rose = await register_with_password(house, "rose", cny=100_000_000)
    lily = await register_with_password(house, "lily", cny=1)
    confirm_identity(rose, sources)
    clock_of(house).advance(10 * DAY_MS)
    send(rose, lily, 1)
    return rose, lily


def clock_of(house: House) -> ManualClock:
    assert isinstance(house.services.clock, ManualClock)
    return house.services.clock


def draft(tx: Tx, rose: Payer, lily: Payer, minor: int, confirmation: str | None) -> PaymentDraft:
    return PaymentDraft(
        kind=PaymentKind.TRANSFER,
        payer=open_wallet(tx, party_of(tx, rose.user_id), Currency("CNY")).id,
        payee=open_wallet(tx, party_of(tx, lily.user_id), Currency("CNY")).id,
        amount=cny(minor),
        key=f"{tx.new_id('key')}-{next(keys)}",
        authority=authority(rose, confirmation),
    )


def authority(rose: Payer, confirmation: str | None = None) -> Authority:
    return Authority(Requester(user_id=rose.user_id, device_id=rose.device_id), confirmation)


def send(rose: Payer, lily: Payer, minor: int, confirmation: str | None = None) -> Payment:
    """Pay a friend."""
    return rose.house.db.run(lambda tx: pay(tx, draft(tx, rose, lily, minor, confirmation)))


def told_by(refused: pytest.ExceptionInfo[Any]) -> Any:
    """What a refusal says beyond its sentence."""
    return refused.value.data


async def used(rose: Payer, rule: str) -> int:
    """What the limits route says is used."""
    told = await rose.asked("GET", "/limits")
    (state,) = (one for one in told["currencies"] if one["currency"] == "CNY")
    (cap,) = (one for one in state["caps"] if one["rule"] == rule)
    assert cap["used"]["minor"] + cap["left"]["minor"] == cap["limit"]["minor"]
    return int(cap["used"]["minor"])


async def test_a_refusal_says_which_rule_how_much_is_left_and_how_to_raise_it(
    house: House,
) -> None:
    rose, lily = await pair(house, sources=1)
    send(rose, lily, 99_000)
    with pytest.raises(LimitReached) as refused:
        send(rose, lily, 1_000)
    body = told_by(refused)
    assert body["rule"] == "type-i-lifetime"
    assert body["article"] == "Article 11 (1)"
    assert (body["used"], body["left"]) == (cny(99_001), cny(999))
    assert "tier II" in refused.value.text
    assert "Ⅱ类" in body["how_to_raise"].zh
    # To the last unit, and not one further.
    send(rose, lily, 999)
    with pytest.raises(LimitReached):
        send(rose, lily, 1)
    # Three sources make it tier II.
    confirm_identity(rose, 3)
    clock_of(house).advance(DAY_MS)
    send(rose, lily, 1)


async def test_a_member_whom_nobody_confirmed_pays_nothing(house: House) -> None:
    rose, lily = (
        await register_with_password(house, "rose", cny=100),
        await register_with_password(house, "lily"),
    )
    with pytest.raises(LimitReached, match="outside source"):
        send(rose, lily, 1)
    assert lily.balance() == 0
    told = await rose.asked("GET", "/decisions")
    assert [one["outcome"] for one in told["items"]] == ["refused"]


async def test_the_daily_limit_rises_with_the_proof(house: House) -> None:
    rose, lily = await pair(house)
    passkey, codes = await add_passkey(rose), await add_totp(rose)
    send(rose, lily, 99_999)
    with pytest.raises(SecondFactorNeeded) as asked:
        send(rose, lily, 1)
    assert told_by(asked)["factors"] == (("passkey",), ("password", "totp"))
    send(rose, lily, 1, await confirm(rose, cny(1), payee=lily.user_id, proofs=(PASSWORD, codes)))
    rest = cny(399_998)
    both = await confirm(rose, rest, payee=lily.user_id, proofs=(PASSWORD, codes))
    send(rose, lily, rest.minor, both)
    again = await confirm(rose, cny(2), payee=lily.user_id, proofs=(PASSWORD, codes))
    with pytest.raises(SecondFactorNeeded) as asked:
        send(rose, lily, 2, again)
    assert told_by(asked)["factors"] == (("passkey",),)
    signed = await confirm(rose, cny(9_500_000), payee=lily.user_id, proofs=(passkey,))
    send(rose, lily, 9_500_000, signed)
    # Of the 100,000.00 of the year 0.00 is left: 1 + 99,999 + 1 + 399,998 + 9,500,000.
    assert await used(rose, "type-ii-year") == 9_999_999
    last = await confirm(rose, cny(2), payee=lily.user_id, proofs=(passkey,))
    with pytest.raises(LimitReached, match="calendar year"):
        send(rose, lily, 2, last)
    assert lily.balance() == 1 + 9_999_999


async def test_a_new_day_and_a_new_year_begin_at_the_houses_midnight(house: House) -> None:
    rose, lily = await pair(house)
    clock = clock_of(house)
    told = await rose.asked("GET", "/limits")
    (state,) = (one for one in told["currencies"] if one["currency"] == "CNY")
    resets = {cap["rule"]: cap["resets_at"] for cap in state["caps"]}
    midnight = resets["day-under-two-factors"]
    assert (midnight + 8 * 3_600_000) % DAY_MS == 0, "midnight in Shanghai"
    clock.advance(midnight - 1 - clock.now_ms())
    send(rose, lily, 99_999)
    with pytest.raises(LimitReached):
        send(rose, lily, 1)
    clock.advance(1)
    send(rose, lily, 100_000)
    # A clock that goes back finds the day before as it was.
    clock.advance(-1)
    with pytest.raises(LimitReached):
        send(rose, lily, 1)
    clock.advance(resets["type-ii-year"] - clock.now_ms() - 1)
    assert await used(rose, "type-ii-year") == 200_000
    clock.advance(1)
    assert await used(rose, "type-ii-year") == 0


async def test_what_comes_back_counts_no_longer(house: House) -> None:
    rose, lily = await pair(house)
    db = house.db
    day = "day-under-two-factors"
    until = db.clock.now_ms() + DAY_MS
    held = db.run(lambda tx: hold_payment(tx, draft(tx, rose, lily, 60_000, None), until=until))
    assert await used(rose, day) == 60_001
    with pytest.raises(LimitReached):
        send(rose, lily, 40_000)
    db.run(void_payment, held.id, key="void-1")
    db.run(void_payment, held.id, key="void-1")
    assert await used(rose, day) == 1
    part = db.run(lambda tx: hold_payment(tx, draft(tx, rose, lily, 50_000, None), until=until))
    db.run(settle_payment, part.id, key="settle-1", amount=cny(20_000))
    assert await used(rose, day) == 20_001
    done = send(rose, lily, 30_000)
    db.run(reverse_payment, done.id, key="reverse-1")
    assert await used(rose, day) == 20_001
    assert await used(rose, "type-ii-year") == 20_001


async def test_what_comes_back_later_counts_less_on_the_day_it_was_paid(house: House) -> None:
    rose, lily = await pair(house)
    db = house.db
    held = db.run(
        lambda tx: hold_payment(
            tx, draft(tx, rose, lily, 60_000, None), until=db.clock.now_ms() + 9 * DAY_MS
        )
    )
    clock_of(house).advance(DAY_MS)
    send(rose, lily, 70_000)
    db.run(void_payment, held.id, key="void-1")
    assert await used(rose, "day-under-two-factors") == 70_000
    assert await used(rose, "type-ii-year") == 70_001


async def test_a_new_device_and_a_new_payee_ask_for_a_second_factor(house: House) -> None:
    rose, _ = await pair(house)
    passkey = await add_passkey(rose)
    holly = await register_with_password(house, "holly", cny=1)
    with pytest.raises(SecondFactorNeeded, match="never paid this payee"):
        send(rose, holly, 50_000)
    laptop = Payer(house, await house.log_in("rose"))
    with pytest.raises(SecondFactorNeeded) as asked:
        send(laptop, holly, 50_000)
    reasons = told_by(asked)["reasons"]
    assert {reason.rule for reason in reasons} == {"new-device", "new-payee"}
    signed = await confirm(laptop, cny(50_000), payee=holly.user_id, proofs=(passkey,))
    # The confirmation of one device is worth nothing on another.
    with pytest.raises(ConfirmationMismatch):
        send(rose, holly, 50_000, signed)
    send(laptop, holly, 50_000, signed)
    with pytest.raises(ConfirmationUsed):
        send(laptop, holly, 50_000, signed)
    # Paid once, holly is known.
    send(rose, holly, 50_000)
    assert holly.balance() == 1 + 100_000


async def test_whoever_signs_in_by_a_known_device_id_is_on_a_new_device(house: House) -> None:
    rose, lily = await pair(house)
    send(rose, lily, 20_000)
    # The ids of devices are no secret, and the password was stolen.
    thief = Payer(house, await house.log_in("rose", device_id=rose.device_id))
    with pytest.raises(SecondFactorNeeded, match="only lately"):
        send(thief, lily, 20_000)


async def test_every_decision_is_logged_and_explained(house: House) -> None:
    rose, lily = await pair(house)
    await add_passkey(rose)
    clock_of(house).advance(1)
    payment = send(rose, lily, 10_000)
    clock_of(house).advance(1)
    with pytest.raises(SecondFactorNeeded) as asked:
        send(rose, lily, 100_000)
    told = await rose.asked("GET", "/decisions", params={"limit": 1})
    (last,) = told["items"]
    assert last["decision_id"] == told_by(asked)["decision_id"]
    assert last["outcome"] == "factor_asked"
    assert last["payment_id"] is None
    assert [reason["article"] for reason in last["reasons"]] == ["Article 24 (3)"]
    assert all(reason["en"] and reason["zh"] for reason in last["reasons"])
    rest = await rose.asked("GET", "/decisions", params={"cursor": told["next_cursor"]})
    assert [one["outcome"] for one in rest["items"]] == ["passed", "passed"]
    assert rest["items"][0]["payment_id"] == payment.id
    assert rest["next_cursor"] is None
    one = await rose.asked("GET", f"/decisions/{last['decision_id']}")
    assert one == last
    # Nobody else's business.
    assert await lily.refused("GET", f"/decisions/{last['decision_id']}") == (404, "not-found")
    assert (await lily.asked("GET", "/decisions"))["items"] == []


async def test_limits_are_told_before_anything_is_paid(house: House) -> None:
    rose = await register_with_password(house, "rose")
    told = await rose.asked("GET", "/limits")
    assert told["tier"] == "none"
    assert told["rule_set"] == "pboc-2015"
    assert told["time_zone"] == "Asia/Shanghai"
    assert told["factors"] == {"password": ["knowledge"]}
    assert [cap["rule"] for cap in told["currencies"][0]["caps"]] == ["unconfirmed"]
    assert "type-i-lifetime" in [cap["rule"] for cap in told["next_tier"][0]["caps"]]
    fund(house.db, rose.user_id, Money(5, Currency("EUR")))
    told = await rose.asked("GET", "/limits")
    assert [(one["currency"], one["is_covered"]) for one in told["currencies"]] == [
        ("CNY", True),
        ("EUR", False),
    ]
    rules = await rose.asked("GET", "/limits/rule-set")
    assert rules["name"] == "pboc-2015"
    assert {cap["article"] for cap in rules["caps"]} >= {"Article 11 (1)", "Article 24 (3)"}


async def test_other_currencies_pass(house: House) -> None:
    rose, lily = (
        await register_with_password(house, "rose"),
        await register_with_password(house, "lily"),
    )
    fund(house.db, rose.user_id, Money(5000, Currency("EUR")))

    def in_euros(tx: Tx) -> Payment:
        paid = draft(tx, rose, lily, 1, None)
        euros = Currency("EUR")
        payer = open_wallet(tx, party_of(tx, rose.user_id), euros)
        payee = open_wallet(tx, party_of(tx, lily.user_id), euros)
        return pay(
            tx,
            PaymentDraft(
                kind=paid.kind,
                payer=payer.id,
                payee=payee.id,
                amount=Money(1500, euros),
                key=paid.key,
                authority=paid.authority,
            ),
        )

    assert house.db.run(in_euros).status == "completed"
    assert lily.balance("EUR") == 1500


def race(databases: Iterator[Database], attempt: Any) -> list[bool]:
    """Let several servers try at the same moment."""
    passed: list[bool] = []
    barrier = threading.Barrier(2)

    def run(db: Database) -> None:
        barrier.wait()
        for _ in range(10):
            try:
                db.run(attempt)
                passed.append(True)
            except Refusal:
                passed.append(False)

    threads = [threading.Thread(target=run, args=(db,)) for db in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return passed


async def test_two_devices_at_once_share_the_last_of_a_limit(
    house: House, database_url: str, clock: ManualClock
) -> None:
    rose, lily = await pair(house)
    laptop = Payer(house, await house.log_in("rose"))
    devices = itertools.cycle([rose, laptop])

    def attempt(tx: Tx) -> Payment:
        return pay(tx, draft(tx, next(devices), lily, 10_000, None))

    with open_database(database_url, clock, seed=1) as other:
        passed = race(iter([house.db, other]), attempt)
    # 999.99 are left of the day: nine times 100.00 and not ten.
    assert sum(passed) == 9
    assert lily.balance() == 1 + 1 + 90_000
    assert await used(rose, "day-under-two-factors") == 90_001


async def test_new_rules_take_hold_at_once_and_count_what_was_paid(house: House) -> None:
    rose, lily = await pair(house)
    send(rose, lily, 50_000)
    stricter = load_rule_set_text("pboc-2015").replace("CNY = 100_000,", "CNY = 40_000,")
    house.db.run(put_rule_set, stricter, "Asia/Shanghai")
    with pytest.raises(LimitReached) as refused:
        send(rose, lily, 1)
    assert told_by(refused)["left"] == cny(0)
    assert await rose.asked("GET", "/limits/rule-set") != {}


async def test_shops_are_no_consumers(house: House) -> None:
    from teahouse.wallet.parties.commands import new_shop_party

    rose = await register_with_password(house, "rose")

    def by_a_shop(tx: Tx) -> str:
        wallet = open_wallet(tx, new_shop_party(tx), Currency("CNY"))
        return check_payment(
            tx,
            authority=authority(rose),
            payer=wallet,
            payee_party=party_of(tx, rose.user_id),
            amount=cny(10**9),
            kind="refund",
        )

    assert house.db.run(by_a_shop).startswith("dec_")


async def test_strangers_and_bad_cursors_are_told_so(house: House) -> None:
    rose = await register_with_password(house, "rose")
    for path in ("/limits", "/limits/rule-set", "/decisions", "/decisions/dec_1"):
        assert (await house.call("GET", f"/api/v1/wallet{path}")).status_code == 401
    assert (await rose.ask("GET", "/decisions", params={"cursor": "!"})).status_code == 400
    assert (await rose.ask("GET", "/decisions", params={"cursor": money(1)})).status_code == 400
    assert await rose.refused("GET", "/decisions/dec_unknown") == (404, "not-found")
    admin = f"/admin/members/{rose.user_id}/decisions"
    assert await rose.refused("GET", admin) == (403, "forbidden")


async def test_staff_may_look_and_that_they_looked_is_told(house: House) -> None:
    rose, lily = await pair(house)
    looks: list[StaffActed] = []
    house.db.react(StaffActed, lambda _tx, acted: looks.append(acted))
    path = f"/admin/members/{rose.user_id}/decisions"
    roles: list[Role] = ["auditor", "bank_officer", "operator"]
    for role, name in zip(roles, ("ash", "fern", "oak"), strict=True):
        staff = await register_with_password(house, name)
        house.db.run(grant_role, staff.user_id, role, by=None)
        if role == "operator":
            assert await staff.refused("GET", path) == (403, "forbidden")
            continue
        seen = await staff.asked("GET", path)
        assert [one["outcome"] for one in seen["items"]] == ["passed"]
    assert [(look.deed, look.about) for look in looks] == [
        ("wallet.decisions.see", rose.user_id)
    ] * 2
    assert await lily.refused("GET", path) == (403, "forbidden")


async def test_export_holds_every_decision_and_checks_find_what_was_changed(house: House) -> None:
    rose, lily = await pair(house)
    send(rose, lily, 500)
    told: Any = house.db.look(export_member, rose.user_id)
    assert sorted(one["amount"]["minor"] for one in told["decisions"]) == [1, 500]
    assert [one["minor"] for one in told["spent"]] == [501]
    assert house.db.look(export_member, "@nobody:teahouse.test") == {"decisions": [], "spent": []}
    assert find_problems(house) == []

    def tamper(tx: Tx) -> None:
        tx.conn.execute(sa.update(wallet_spent).values(minor=1))

    house.db.run(tamper)
    (problem,) = find_problems(house)
    assert "1 counts, and decisions say 501" in problem


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "hold", "settle", "void", "reverse", "day"]),
        st.integers(1, 60_000),
    ),
    min_size=4,
    max_size=14,
)


# A step takes milliseconds, and what fails is told by its steps: shrinking would take minutes.
@settings(max_examples=8, phases=[Phase.generate])
@given(steps=STEPS)
def test_whatever_happens_no_limit_is_passed_and_all_that_came_back_counts_no_more(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    url = databases.create("sqlite")
    clock = ManualClock()
    with open_database(url, clock) as db:
        house = make_wallet_house(db, tmp_path_factory.mktemp("data"), wallet_rule_set="pboc-2015")
        rose, lily = asyncio.run(pair(house))
        live(rose, lily, steps)
        assert find_problems(house) == []
    databases.drop(url)


def live(rose: Payer, lily: Payer, steps: list[tuple[str, int]]) -> None:
    """Pay, hold and take back in the order of some steps, beside a model that adds up."""
    db, clock = rose.house.db, clock_of(rose.house)
    held: list[Payment] = []
    done: list[Payment] = []
    today, counted = 0, {0: 0}
    of_day: dict[str, int] = {}
    for number, (act, minor) in enumerate(steps):
        key = f"step-{number}"
        if act == "day":
            clock.advance(DAY_MS)
            today += 1
            counted[today] = 0
        elif act in {"pay", "hold"}:
            until = clock.now_ms() + 30 * DAY_MS if act == "hold" else None
            fits = counted[today] + (today == 0) + minor <= 100_000
            try:
                made = pay_or_hold(rose, lily, minor, until)
            except LimitReached:
                assert not fits
                continue
            except SecondFactorNeeded:
                # Ten at once, or far more than usual: it was asked, and nothing was paid.
                continue
            assert fits, "more passed than the limit allows"
            counted[today] += minor
            of_day[made.id] = today
            (held if until else done).append(made)
        elif act == "settle" and held:
            part = min(minor, held[0].amount.minor)
            settled = db.run(settle_payment, held[0].id, key=key, amount=cny(part))
            counted[of_day[settled.id]] -= held.pop(0).amount.minor - part
            done.append(settled)
        elif act == "void" and held:
            counted[of_day[held[0].id]] -= held[0].amount.minor
            db.run(void_payment, held.pop(0).id, key=key)
        elif act == "reverse" and done:
            counted[of_day[done[0].id]] -= done[0].amount.minor
            db.run(reverse_payment, done.pop(0).id, key=key)


def pay_or_hold(rose: Payer, lily: Payer, minor: int, until: int | None) -> Payment:
    def make(tx: Tx) -> Payment:
        drafted = draft(tx, rose, lily, minor, None)
        return pay(tx, drafted) if until is None else hold_payment(tx, drafted, until=until)

    return rose.house.db.run(make)
