"""Freezes: by oneself at once, by staff with four eyes, and the log of it all."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse import ledger
from teahouse.accounts import grant_role
from teahouse.platform.clock import ManualClock
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester, Role
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.freezes.commands import lapse_freezes
from teahouse.wallet.freezes.personal_data import erase_member, export_member
from teahouse.wallet.freezes.rules import EMERGENCY_MS, StaffAct, change, is_in_force
from teahouse.wallet.freezes.types import Freeze, FreezeId
from teahouse.wallet.limits.commands import check_payment
from teahouse.wallet.limits.errors import PayerFrozen
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.commands import open_wallet
from teahouse.wallet.wallets.queries import find_wallet
from teahouse.wallet.wallets.types import Wallet
from tests.kit.factors import (
    add_passkey,
    add_totp,
    confirm,
    confirm_identity,
    register_with_password,
)
from tests.kit.house import PASSWORD, House
from tests.kit.wallet_house import Payer, find_problems

pytestmark = pytest.mark.anyio
STAFF = "/admin/freezes"
HOUR_MS = 3_600_000
NOTE = {"note": "checked the file"}


def wallet_of(payer: Payer) -> Wallet:
    def find(tx: Any) -> Wallet:
        return open_wallet(tx, party_of(tx, payer.user_id), Currency("CNY"))

    return payer.house.db.run(find)


def judge(payer: Payer) -> None:
    """Ask whether a member may pay one fen to the house."""
    wallet = wallet_of(payer)
    payer.house.db.run(
        check_payment,
        authority=Authority(Requester(user_id=payer.user_id, device_id=payer.device_id)),
        payer=wallet,
        payee_party=None,
        amount=Money(1, Currency("CNY")),
        kind="transfer",
    )


async def officer(house: House, name: str, role: Role = "bank_officer") -> Payer:
    made = await register_with_password(house, name)
    house.db.run(grant_role, made.user_id, role, by=None)
    return made


async def member(house: House) -> Payer:
    rose = await register_with_password(house, "rose", cny=1000)
    confirm_identity(rose, 3)
    return rose


async def test_who_lost_their_phone_stops_their_wallet_at_once(house: House) -> None:
    rose = await member(house)
    judge(rose)
    made = await rose.asked("POST", "/freezes", {"reason": "my phone is gone"})
    assert made["can_lift"]
    with pytest.raises(PayerFrozen) as refused:
        judge(rose)
    assert refused.value.data["reason"] == "my phone is gone"
    assert wallet_of(rose).status == "frozen"
    told = (await rose.asked("GET", "/decisions"))["items"]
    assert sorted(one["outcome"] for one in told) == ["passed", "refused"]
    assert [one["reasons"][0]["rule"] for one in told if one["reasons"]] == ["frozen"]
    # One factor lifts nothing; nor does a confirmation of something else.
    path = f"/freezes/{made['freeze_id']}/lift"
    weak = await confirm(rose, None, kind="unfreeze")
    refusal = await rose.refused("POST", path, {"confirmation": weak})
    assert refusal == (403, "two-factors-needed")
    codes = await add_totp(rose)
    other = await confirm(
        rose, Money(1, Currency("CNY")), kind="withdrawal", proofs=(PASSWORD, codes)
    )
    refusal = await rose.refused("POST", path, {"confirmation": other})
    assert refusal == (403, "confirmation-mismatch")
    both = await confirm(rose, None, kind="unfreeze", proofs=(PASSWORD, codes))
    lifted = await rose.asked("POST", path, {"confirmation": both})
    assert lifted["status"] == "lifted"
    judge(rose)
    assert wallet_of(rose).status == "open"
    again = await rose.refused("POST", path, {"confirmation": both})
    assert again == (409, "freeze-wrong-status")


async def test_two_officers_freeze_and_two_unfreeze(house: House) -> None:
    rose = await member(house)
    first, second = await officer(house, "fern"), await officer(house, "moss")
    body = {"user_id": rose.user_id, "reason": "a court order"}
    made = (await first.asked("POST", STAFF, body))["freeze"]
    path = f"{STAFF}/{made['freeze_id']}"
    assert made["status"] == "proposed"
    judge(rose)
    assert await rose.asked("GET", "/freezes") == [], "what is only proposed is not told"
    assert await first.refused("POST", f"{path}/approve", NOTE) == (403, "four-eyes-needed")
    waiting = await second.asked("GET", STAFF)
    assert [one["freeze"]["freeze_id"] for one in waiting["items"]] == [made["freeze_id"]]
    await second.asked("POST", f"{path}/approve", NOTE)
    with pytest.raises(PayerFrozen):
        judge(rose)
    (seen,) = await rose.asked("GET", "/freezes")
    assert (seen["reason"], seen["can_lift"]) == ("a court order", False)
    passkey = await add_passkey(rose)
    signed = await confirm(rose, None, kind="unfreeze", proofs=(passkey,))
    own = await rose.refused("POST", f"/freezes/{made['freeze_id']}/lift", {"confirmation": signed})
    assert own == (403, "not-yours-to-lift")
    assert await second.refused("POST", f"{path}/lift/approve", NOTE) == (
        409,
        "freeze-wrong-status",
    )
    await second.asked("POST", f"{path}/lift", NOTE)
    assert await second.refused("POST", f"{path}/lift/approve", NOTE) == (403, "four-eyes-needed")
    done = await first.asked("POST", f"{path}/lift/approve", NOTE)
    judge(rose)
    assert [(line["act"], line["by"]) for line in done["log"]] == [
        ("proposed", first.user_id),
        ("approved", second.user_id),
        ("lift_proposed", second.user_id),
        ("lifted", first.user_id),
    ]


async def test_an_emergency_freeze_holds_a_day_unless_it_is_approved(
    house: House, clock: ManualClock
) -> None:
    rose = await member(house)
    first, second = await officer(house, "fern"), await officer(house, "moss")
    body = {"user_id": rose.user_id, "reason": "card stolen", "is_emergency": True}
    made = (await first.asked("POST", STAFF, body))["freeze"]
    clock.advance(EMERGENCY_MS - 1)
    with pytest.raises(PayerFrozen):
        judge(rose)
    assert house.db.run(lapse_freezes) == 0
    clock.advance(1)
    judge(rose)
    late = await second.refused("POST", f"{STAFF}/{made['freeze_id']}/approve", NOTE)
    assert late == (409, "freeze-wrong-status")
    assert house.db.run(lapse_freezes) == 1
    assert wallet_of(rose).status == "open"
    again = (await first.asked("POST", STAFF, body))["freeze"]
    await second.asked("POST", f"{STAFF}/{again['freeze_id']}/approve", NOTE)
    clock.advance(10 * EMERGENCY_MS)
    assert house.db.run(lapse_freezes) == 0
    with pytest.raises(PayerFrozen):
        judge(rose)


async def test_a_gag_hides_the_reason_until_its_date(house: House, clock: ManualClock) -> None:
    rose = await member(house)
    fern = await officer(house, "fern")
    until = clock.now_ms() + 10 * HOUR_MS
    body = {
        "user_id": rose.user_id,
        "reason": "an inquiry",
        "is_emergency": True,
        "gag_until": until,
    }
    await fern.asked("POST", STAFF, body)
    (seen,) = await rose.asked("GET", "/freezes")
    assert (seen["reason"], seen["reason_from"]) == (None, until)
    with pytest.raises(PayerFrozen) as refused:
        judge(rose)
    assert "inquiry" not in str(refused.value.data)
    assert "inquiry" not in str(await rose.asked("GET", "/decisions"))
    clock.advance(10 * HOUR_MS)
    (seen,) = await rose.asked("GET", "/freezes")
    assert (seen["reason"], seen["reason_from"]) == ("an inquiry", None)
    for gag in (clock.now_ms(), clock.now_ms() + 91 * 24 * HOUR_MS):
        refusal = await fern.refused("POST", STAFF, {**body, "gag_until": gag})
        assert refusal == (400, "invalid-parameter")


async def test_one_wallet_is_frozen_and_others_not_and_a_total_freeze_takes_nothing(
    house: House,
) -> None:
    rose = await member(house)
    fern, moss = await officer(house, "fern"), await officer(house, "moss")
    wallet = wallet_of(rose)
    body = {
        "user_id": rose.user_id,
        "wallet_id": wallet.id,
        "reason": "x",
        "is_total": True,
        "is_emergency": True,
    }
    made = (await fern.asked("POST", STAFF, body))["freeze"]
    euros = house.db.run(lambda tx: open_wallet(tx, party_of(tx, rose.user_id), Currency("EUR")))
    assert euros.status == "open"
    account = house.db.look(ledger.find_account, wallet.account)
    assert account is not None
    assert account.status == "frozen"
    # A second freeze holds on when the first one ends.
    await rose.asked("POST", "/freezes", {})
    await moss.asked("POST", f"{STAFF}/{made['freeze_id']}/reject", NOTE)
    account = house.db.look(ledger.find_account, wallet.account)
    assert account is not None
    assert account.status == "open"
    assert wallet_of(rose).status == "frozen"
    found = house.db.look(find_wallet, wallet.party, "EUR")
    assert found is not None
    assert found.status == "frozen"


async def test_what_a_member_wrote_is_erased_and_that_it_was_frozen_stays(house: House) -> None:
    rose = await member(house)
    await rose.asked("POST", "/freezes", {"reason": "my phone is gone"})
    assert "my phone is gone" in str(house.db.look(export_member, rose.user_id))
    assert find_problems(house) == []
    house.db.run(erase_member, rose.user_id)
    told: Any = house.db.look(export_member, rose.user_id)
    assert [(one["status"], one["reason"]) for one in told["freezes"]] == [("in_force", "")]


async def test_hostile_hands_freeze_nothing(house: House) -> None:
    rose, lily = await member(house), await register_with_password(house, "lily", cny=5)
    fern, auditor = await officer(house, "fern"), await officer(house, "ash", "auditor")
    body = {"user_id": rose.user_id, "reason": "x", "is_emergency": True}
    assert await lily.refused("POST", STAFF, body) == (403, "forbidden")
    assert await auditor.refused("POST", STAFF, body) == (403, "forbidden")
    assert await rose.refused("GET", STAFF) == (403, "forbidden")
    theirs = {"wallet_id": wallet_of(rose).id}
    assert await lily.refused("POST", "/freezes", theirs) == (404, "wallet-not-found")
    own = {**body, "user_id": fern.user_id}
    assert await fern.refused("POST", STAFF, own) == (403, "own-wallets")
    made = await rose.asked("POST", "/freezes", {})
    lift = f"/freezes/{made['freeze_id']}/lift"
    assert await lily.refused("POST", lift, {"confirmation": "x"}) == (404, "freeze-not-found")
    one = f"{STAFF}/{made['freeze_id']}"
    assert (await auditor.asked("GET", one))["user_id"] == rose.user_id
    assert await lily.refused("GET", one) == (403, "forbidden")
    for verb in ("approve", "reject", "lift", "lift/approve", "lift/reject"):
        assert await rose.refused("POST", f"{one}/{verb}", NOTE) == (403, "forbidden")
    for wrong in (
        {"reason": "x"},
        {"reason": "x", "user_id": rose.user_id, "party": "pty_1"},
        {"reason": "", "user_id": rose.user_id},
        {"reason": "x", "user_id": "@nobody:teahouse.test"},
        {"reason": "x", "party": "pty_1"},
        {"reason": "x", "user_id": lily.user_id, **theirs},
        {"reason": "x", "user_id": rose.user_id, "more": 1},
    ):
        status, _ = await fern.refused("POST", STAFF, wrong)
        assert status in {400, 404}, wrong
    assert await fern.refused("GET", f"{STAFF}?status=odd") == (400, "invalid-parameter")
    unkeyed = await rose.call("POST", "/api/v1/wallet/freezes", {})
    assert unkeyed.status_code == 400


# The machine of statuses

ACTS: tuple[StaffAct, ...] = ("approve", "reject", "propose_lift", "approve_lift", "reject_lift")
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(["a", "b"]), st.integers(0, EMERGENCY_MS)),
    max_size=8,
)


@given(st.sampled_from(["staff", "emergency"]), steps)
def test_it_takes_two_to_freeze_for_long_and_two_to_lift(
    kind: Any, taken: list[tuple[StaffAct, str, int]]
) -> None:
    now = 0
    freeze = Freeze(
        freeze_id=FreezeId("frz_1"),
        party=PartyId("pty_1"),
        wallet_id=None,
        kind=kind,
        is_total=False,
        status="in_force" if kind == "emergency" else "proposed",
        reason="x",
        gag_until=None,
        created_at=0,
        created_by="a",
        lapses_at=EMERGENCY_MS if kind == "emergency" else None,
    )
    for act, by, later in taken:
        now += later
        before = freeze
        try:
            freeze = change(freeze, act, by, now)
        except Refusal:
            continue
        assert before.status in {"proposed", "in_force"}, "what has ended stays so"
        if freeze.status == "lifted":
            assert before.lift_proposed_by not in {None, by}
    if is_in_force(freeze, now) and (kind == "staff" or now >= EMERGENCY_MS):
        assert freeze.approved_by == "b"
    ended = msgspec.structs.replace(freeze, status="lifted")
    assert not is_in_force(ended, now)
