"""Identity: what outside sources confirm, the tier that follows, and who may record it."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from teahouse.accounts import erase_member, export_member, grant_role
from teahouse.accounts.identity.access import IdentityProviders
from teahouse.accounts.identity.rules import compute_steps, compute_tier
from teahouse.accounts.identity.tables import accounts_identity_check
from teahouse.accounts.identity.types import TIERS, IdentityCheck
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Read
from teahouse.platform.requester import Role
from teahouse.platform.settings import SettingsError
from tests.kit.house import House, make_house

pytestmark = pytest.mark.anyio
ROOT = "/api/v1/account/identity"
CLAIM = {
    "provider": "simulated",
    "kind": "id_card_registry",
    "full_name": "Rose Tea",
    "number": "110101199003071234",
}
NEW = {"kind": "face_to_face", "provider": "the counter", "evidence": "file 12, page 3"}


@pytest.fixture
def house(db: Any, tmp_path: Any) -> House:
    return make_house(db, tmp_path, identity_providers=["simulated"])


async def ask(
    house: House, token: str, method: str, path: str, body: Any = None, key: str = ""
) -> Any:
    headers = {"Idempotency-Key": key or f"{method}{path}{body}"[:200].replace(" ", "")}
    return await house.call(method, path, body, token=token, headers=headers)


async def staff(house: House, name: str, role: Role) -> Any:
    made = await house.register(name)
    house.db.run(grant_role, made["user_id"], role, by=None)
    return made


async def test_the_tier_rises_with_the_sources(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    seen = []
    kinds = (await ask(house, token, "GET", f"{ROOT}/providers")).json()["simulated"]
    assert "face_to_face" not in kinds
    for kind in kinds[:5]:
        state = (await ask(house, token, "GET", ROOT)).json()
        seen.append((state["tier"], [step["checks_missing"] for step in state["steps"]]))
        made = await ask(house, token, "POST", f"{ROOT}/checks", {**CLAIM, "kind": kind}, kind)
        assert made.status_code == 201, made.text
    assert seen == [
        ("none", [1, 3, 5]),
        ("I", [2, 4]),
        ("I", [1, 3]),
        ("II", [2]),
        ("II", [1]),
    ]
    state = (await ask(house, token, "GET", ROOT)).json()
    assert (state["tier"], state["steps"]) == ("III", [])


async def test_what_the_member_says_of_themself_is_not_kept(house: House) -> None:
    rose = await house.register("rose")
    token = rose["access_token"]
    wrong = await ask(house, token, "POST", f"{ROOT}/checks", {**CLAIM, "number": "10"})
    assert wrong.status_code == 422
    assert wrong.json()["type"].endswith("identity-not-confirmed")
    made = await ask(house, token, "POST", f"{ROOT}/checks", CLAIM, "key-1")
    again = await ask(house, token, "POST", f"{ROOT}/checks", CLAIM, "key-1")
    assert made.content == again.content

    def rows(read: Read) -> str:
        return str(read.conn.execute(sa.select(accounts_identity_check)).all())

    kept = house.db.look(rows)
    assert kept.count("idc_") == 1
    for secret in (CLAIM["full_name"], CLAIM["number"], "simulated:"):
        assert secret not in kept
    told = house.db.look(export_member, rose["user_id"])
    assert told["identity"]["tier"] == "I"  # type: ignore[index, call-overload]
    house.db.run(erase_member, rose["user_id"])
    assert "idc_" not in house.db.look(rows)


async def test_an_officer_records_and_takes_back_and_an_auditor_sees_the_proof(
    house: House,
) -> None:
    rose = await house.register("rose")
    fern = await staff(house, "fern", "bank_officer")
    ash = await staff(house, "ash", "auditor")
    member = f"{ROOT}/members/{rose['user_id']}"
    made = await ask(house, fern["access_token"], "POST", f"{member}/checks", NEW)
    assert made.status_code == 201, made.text
    seen = (await ask(house, fern["access_token"], "GET", member)).json()
    assert seen["tier"] == "III"
    check = f"{ROOT}/checks/{made.json()['check_id']}"
    proof = await ask(house, ash["access_token"], "GET", f"{check}/evidence")
    assert proof.json() == {"evidence": "file 12, page 3"}
    assert (await ask(house, fern["access_token"], "GET", f"{check}/evidence")).status_code == 403
    why = {"reason": "the passport was forged"}
    gone = await ask(house, fern["access_token"], "DELETE", check, why)
    assert gone.status_code == 204
    twice = await ask(house, fern["access_token"], "DELETE", check, why)
    assert twice.status_code == 409
    own = (await ask(house, rose["access_token"], "GET", ROOT)).json()
    assert own["tier"] == "none"
    assert own["checks"][0]["revoked_at"] is not None


async def test_hostile_hands_confirm_nobody(house: House) -> None:
    rose = await house.register("rose")
    fern = await staff(house, "fern", "bank_officer")
    token, officer = rose["access_token"], fern["access_token"]
    member = f"{ROOT}/members/{rose['user_id']}"
    assert (await ask(house, token, "POST", f"{member}/checks", NEW)).status_code == 403
    assert (await ask(house, token, "GET", member)).status_code == 403
    own = f"{ROOT}/members/{fern['user_id']}/checks"
    assert (await ask(house, officer, "POST", own, NEW)).json()["type"].endswith("own-identity")
    nobody = f"{ROOT}/members/@nobody:teahouse.test/checks"
    assert (await ask(house, officer, "POST", nobody, NEW)).status_code == 404
    for wrong in (
        {},
        {**NEW, "kind": "horoscope"},
        {**NEW, "evidence": ""},
        {**NEW, "expires_at": 1},
        {**NEW, "more": 1},
    ):
        assert (await ask(house, officer, "POST", f"{member}/checks", wrong)).status_code == 400
    for claim, status in (
        ({**CLAIM, "provider": "another"}, 404),
        ({**CLAIM, "kind": "face_to_face"}, 404),
        ({**CLAIM, "born_on": "yesterday"}, 400),
        ({**CLAIM, "number": ""}, 400),
    ):
        answer = await ask(house, token, "POST", f"{ROOT}/checks", claim)
        assert answer.status_code == status, claim
    unkeyed = await house.call("POST", f"{ROOT}/checks", CLAIM, token=token)
    assert unkeyed.status_code == 400
    assert (
        await ask(house, token, "DELETE", f"{ROOT}/checks/idc_1", {"reason": "x"})
    ).status_code == 403
    assert (
        await ask(house, officer, "DELETE", f"{ROOT}/checks/idc_1", {"reason": "x"})
    ).status_code == 404


async def test_a_check_counts_until_it_expires(house: House, clock: ManualClock) -> None:
    rose = await house.register("rose")
    fern = await staff(house, "fern", "bank_officer")
    body = {**NEW, "expires_at": clock.now_ms() + 1000}
    path = f"{ROOT}/members/{rose['user_id']}/checks"
    assert (await ask(house, fern["access_token"], "POST", path, body)).status_code == 201
    clock.advance(999)
    assert (await ask(house, rose["access_token"], "GET", ROOT)).json()["tier"] == "III"
    clock.advance(1)
    assert (await ask(house, rose["access_token"], "GET", ROOT)).json()["tier"] == "none"


def test_a_provider_that_is_not_installed_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="not installed"):
        IdentityProviders(["nobody"])


# Rules

checks = st.lists(
    st.builds(
        IdentityCheck,
        check_id=st.just("idc_1"),
        kind=st.sampled_from(
            ["id_card_registry", "bank_account", "phone_operator", "tax_register"]
        ),
        provider=st.sampled_from(["a", "b"]),
        confirmed_at=st.just(0),
        expires_at=st.none() | st.integers(0, 20),
        revoked_at=st.none() | st.integers(0, 20),
    ),
    max_size=12,
)


@given(checks, st.integers(0, 20))
def test_each_step_leads_where_it_says(known: list[IdentityCheck], now: int) -> None:
    tier = compute_tier(known, now)
    steps = compute_steps(known, now)
    assert [step.tier for step in steps] == list(TIERS[TIERS.index(tier) + 1 :])
    for step in steps:
        assert step.checks_missing > 0
        more = [
            IdentityCheck(
                check_id="idc_2", kind="education_register", provider=str(number), confirmed_at=0
            )
            for number in range(step.checks_missing)
        ]
        assert compute_tier([*known, *more], now) == step.tier
        assert compute_tier([*known, *more[1:]], now) != step.tier


@given(checks, st.integers(0, 20))
def test_the_same_source_twice_is_one_source(known: list[IdentityCheck], now: int) -> None:
    assert compute_tier([*known, *known], now) == compute_tier(known, now)
