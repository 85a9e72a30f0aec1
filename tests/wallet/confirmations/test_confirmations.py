"""Confirmations: bound to payee, amount, kind and device; used once; gone after five minutes."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Tx
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.commands import confirmed_factors, forget_old_confirmations
from teahouse.wallet.confirmations.errors import (
    ConfirmationMismatch,
    ConfirmationUnknown,
    ConfirmationUsed,
)
from teahouse.wallet.confirmations.personal_data import erase_member, export_member
from teahouse.wallet.confirmations.rules import compute_challenge, compute_summary, is_for
from teahouse.wallet.confirmations.types import Authority, Confirmation, Factor, Facts
from teahouse.wallet.parties.commands import new_shop_party, party_of
from teahouse.wallet.parties.types import PartyId
from tests.kit.database import open_database
from tests.kit.factors import (
    add_passkey,
    add_totp,
    code_of,
    confirm,
    proof_body,
    register_with_password,
)
from tests.kit.house import PASSWORD, House
from tests.kit.wallet_house import Payer, money

pytestmark = pytest.mark.anyio
MINUTE_MS = 60_000


def cny(minor: int) -> Money:
    return Money(minor, Currency("CNY"))


def use(payer: Payer, confirmation: str, facts: Facts, **who: Any) -> frozenset[Factor]:
    """Use a confirmation up, as a payment does."""
    chosen = {"user_id": payer.user_id, "device_id": payer.device_id, **who}
    asked = Authority(Requester(**chosen), confirmation)
    return payer.house.db.run(confirmed_factors, asked, facts)


def facts_for(house: House, payee: Payer | None, minor: int | None, **more: Any) -> Facts:
    party = None if payee is None else house.db.run(party_of, payee.user_id)
    amount = None if minor is None else cny(minor)
    return Facts(**{"kind": "transfer", "payee_party": party, "amount": amount, **more})


async def pair(house: House) -> tuple[Payer, Payer]:
    return await register_with_password(house, "rose"), await register_with_password(house, "lily")


async def test_a_confirmation_holds_for_one_payment_to_one_payee(house: House) -> None:
    rose, lily = await pair(house)
    holly = await register_with_password(house, "holly")
    right = facts_for(house, lily, 2000)
    made = await confirm(rose, cny(2000), payee=lily.user_id)
    wrong = [
        facts_for(house, holly, 2000),
        facts_for(house, None, 2000),
        facts_for(house, lily, 2001),
        facts_for(house, lily, 1999),
        facts_for(house, lily, None, amount=Money(2000, Currency("EUR"))),
        facts_for(house, lily, 2000, kind="purchase"),
    ]
    for facts in wrong:
        with pytest.raises(ConfirmationMismatch):
            use(rose, made, facts)
    with pytest.raises(ConfirmationMismatch):
        use(rose, made, right, device_id="ANOTHER")
    # Another member's confirmation is none at all.
    with pytest.raises(ConfirmationUnknown):
        use(lily, made, right)
    assert use(rose, made, right) == {"password"}
    with pytest.raises(ConfirmationUsed):
        use(rose, made, right)


async def test_without_a_confirmation_nothing_is_confirmed(house: House) -> None:
    rose, lily = await pair(house)
    facts = facts_for(house, lily, 1)
    asked = Authority(Requester(user_id=rose.user_id))
    assert house.db.run(confirmed_factors, asked, facts) == frozenset()
    with pytest.raises(ConfirmationUnknown):
        use(rose, "cnf_unknown", facts)


async def test_it_is_gone_after_five_minutes(house: House, clock: ManualClock) -> None:
    rose, lily = await pair(house)
    facts = facts_for(house, lily, 1)
    made = await confirm(rose, cny(1), payee=lily.user_id)
    clock.advance(5 * MINUTE_MS - 1)
    unused = await confirm(rose, cny(1), payee=lily.user_id)
    assert use(rose, made, facts) == {"password"}
    clock.advance(5 * MINUTE_MS)
    with pytest.raises(ConfirmationUnknown):
        use(rose, unused, facts)
    path = f"/confirmations/{unused}"
    assert await rose.refused("GET", path) == (404, "confirmation-unknown")
    proof = {"factor": "password", "password": PASSWORD}
    assert (await rose.refused("POST", f"{path}/proofs", proof))[0] == 404
    assert house.db.run(forget_old_confirmations) == 0
    clock.advance(61 * MINUTE_MS)
    assert house.db.run(forget_old_confirmations) == 2


async def test_what_a_refused_payment_would_have_used_is_still_there(house: House) -> None:
    rose, lily = await pair(house)
    facts = facts_for(house, lily, 1)
    made = await confirm(rose, cny(1), payee=lily.user_id)
    asked = Authority(Requester(user_id=rose.user_id, device_id=rose.device_id), made)

    def use_and_fail(tx: Tx) -> None:
        confirmed_factors(tx, asked, facts)
        raise ConfirmationMismatch

    with pytest.raises(ConfirmationMismatch):
        house.db.run(use_and_fail)
    assert use(rose, made, facts) == {"password"}


async def test_three_factors_prove_one_after_another(house: House) -> None:
    rose, lily = await pair(house)
    passkey, codes = await add_passkey(rose), await add_totp(rose)
    opened = await rose.asked(
        "POST",
        "/confirmations",
        {"kind": "transfer", "payee": {"user_id": lily.user_id}, "amount": money(123_456)},
    )
    assert opened["offered"] == ["password", "totp", "passkey"]
    assert opened["summary"]["en"] == f"Transfer CN¥1,234.56 to lily ({lily.user_id})"
    assert opened["summary"]["zh"] == f"转账 ¥1,234.56 给 lily ({lily.user_id})"
    path = f"/confirmations/{opened['confirmation_id']}"
    confirmed: list[str] = []
    for factor, proof in (("totp", codes), ("passkey", passkey), ("password", PASSWORD)):
        told = await rose.asked("POST", f"{path}/proofs", proof_body(rose, opened, proof))
        confirmed.append(factor)
        assert told["confirmed"] == confirmed
        assert told["tries_left"] == 5
    shown = await rose.asked("GET", path)
    assert shown["confirmed"] == confirmed
    facts = facts_for(house, lily, 123_456)
    assert use(rose, str(opened["confirmation_id"]), facts) == {"password", "totp", "passkey"}


async def test_a_passkey_signs_just_these_facts(house: House) -> None:
    rose, lily = await pair(house)
    passkey = await add_passkey(rose)
    body = {"kind": "transfer", "payee": {"user_id": lily.user_id}, "amount": money(100)}
    cheap = await rose.asked("POST", "/confirmations", body)
    dear = await rose.asked("POST", "/confirmations", {**body, "amount": money(100_000)})
    assert cheap["public_key"]["challenge"] != dear["public_key"]["challenge"]
    # A signature over one amount proves no other.
    signed = {"factor": "passkey", "credential": passkey.get(cheap["public_key"])}
    path = f"/confirmations/{dear['confirmation_id']}/proofs"
    assert await rose.refused("POST", path, signed) == (403, "proof-refused")
    # Nor does somebody else's passkey.
    theirs = await add_passkey(lily)
    strange = {"factor": "passkey", "credential": theirs.get(dear["public_key"])}
    assert await rose.refused("POST", path, strange) == (403, "proof-refused")


async def test_five_wrong_proofs_close_it(house: House) -> None:
    rose, lily = await pair(house)
    opened = await rose.asked(
        "POST",
        "/confirmations",
        {"kind": "transfer", "payee": {"user_id": lily.user_id}, "amount": money(1)},
    )
    path = f"/confirmations/{opened['confirmation_id']}/proofs"
    right = {"factor": "password", "password": PASSWORD}
    tried = await asyncio.gather(
        *(rose.ask("POST", path, {"factor": "password", "password": "x"}) for _ in range(9))
    )
    codes = [answer.json()["type"].rpartition(":")[2] for answer in tried]
    assert codes.count("proof-refused") == 5, "no number of hands gets more tries"
    assert codes.count("confirmation-closed") == 4
    assert await rose.refused("POST", path, right) == (403, "confirmation-closed")


async def test_wrong_and_missing_proofs_prove_nothing(house: House) -> None:
    rose, lily = await pair(house)
    codes = await add_totp(rose)
    opened = await rose.asked(
        "POST",
        "/confirmations",
        {"kind": "transfer", "payee": {"user_id": lily.user_id}, "amount": money(1)},
    )
    path = f"/confirmations/{opened['confirmation_id']}"
    code = code_of(rose, codes)
    for proof in (
        {"factor": "password"},
        {"factor": "password", "code": code},
        {"factor": "passkey", "credential": {"rawId": "AAAA"}},
        {"factor": "totp", "code": "12345"},
    ):
        assert await rose.refused("POST", f"{path}/proofs", proof) == (403, "proof-refused")
    assert (await rose.asked("GET", path))["confirmed"] == []
    # A code that was used elsewhere is used.
    right = {"factor": "totp", "code": code}
    await rose.asked("POST", f"{path}/proofs", right)
    again = await rose.asked("POST", "/confirmations", {"kind": "red_packet", "amount": money(1)})
    other = f"/confirmations/{again['confirmation_id']}/proofs"
    assert await rose.refused("POST", other, right) == (403, "proof-refused")


SENSELESS: list[dict[str, Any]] = [
    {},
    {"kind": "transfer"},
    {"kind": "gift", "amount": money(1)},
    {"kind": "transfer", "amount": money(0)},
    {"kind": "transfer", "amount": money(-1)},
    {"kind": "transfer", "amount": money(1.5)},
    {"kind": "transfer", "amount": money("1")},
    {"kind": "transfer", "amount": money(10**16)},
    {"kind": "transfer", "amount": money(1, "XXX")},
    {"kind": "transfer", "amount": money(1), "payee": {}},
    {"kind": "transfer", "amount": money(1), "payee": {"user_id": "@a:b", "party": "pty_1"}},
    {"kind": "transfer", "amount": money(1), "payee": {"user_id": "@nobody:teahouse.test"}},
    {"kind": "transfer", "amount": money(1), "payee": {"party": "pty_1"}},
    {"kind": "transfer", "amount": money(1), "reference": "x" * 65},
    {"kind": "transfer", "amount": money(1), "reference": "\0"},
    {"kind": "transfer", "amount": money(1), "extra": 1},
    {"kind": "unfreeze", "amount": money(1)},
]


async def test_what_makes_no_sense_cannot_be_confirmed(house: House) -> None:
    rose = await register_with_password(house, "rose")
    for body in SENSELESS:
        status, _ = await rose.refused("POST", "/confirmations", body)
        assert status in {400, 404}, body


async def test_others_confirmations_and_other_devices_are_strangers(house: House) -> None:
    rose, lily = await pair(house)
    made = await confirm(rose, cny(1), payee=lily.user_id)
    path = f"/confirmations/{made}"
    proof = {"factor": "password", "password": PASSWORD}
    assert await lily.refused("GET", path) == (404, "confirmation-unknown")
    assert await lily.refused("POST", f"{path}/proofs", proof) == (404, "confirmation-unknown")
    laptop = Payer(house, await house.log_in("rose"))
    refused = await laptop.refused("POST", f"{path}/proofs", proof)
    assert refused == (403, "confirmation-mismatch")
    assert (await house.call("GET", f"/api/v1/wallet{path}")).status_code == 401


async def test_two_servers_at_once_use_a_confirmation_once(
    house: House, database_url: str, clock: ManualClock
) -> None:
    rose, lily = await pair(house)
    facts = facts_for(house, lily, 5)
    made = [await confirm(rose, cny(5), payee=lily.user_id) for _ in range(5)]
    barrier = threading.Barrier(2)

    def attempt(db: Database) -> list[bool]:
        barrier.wait()
        return [try_to_use(db, confirmation) for confirmation in made]

    def try_to_use(db: Database, confirmation: str) -> bool:
        requester = Requester(user_id=rose.user_id, device_id=rose.device_id)
        try:
            return bool(db.run(confirmed_factors, Authority(requester, confirmation), facts))
        except ConfirmationUsed:
            return False

    with (
        open_database(database_url, clock, seed=1) as other,
        ThreadPoolExecutor(2) as threads,
    ):
        outcomes = [*threads.map(attempt, [house.db, other])]
    assert [sum(tried) for tried in zip(*outcomes, strict=True)] == [1] * 5


async def test_what_is_kept_can_be_exported_and_erased(house: House) -> None:
    rose, lily = await pair(house)
    made = await confirm(rose, cny(5), payee=lily.user_id)
    told: Any = house.db.look(export_member, rose.user_id)
    assert [one["confirmation_id"] for one in told["confirmations"]] == [made]
    assert "nonce" not in str(told)
    house.db.run(erase_member, rose.user_id)
    assert house.db.look(export_member, rose.user_id) == {"confirmations": []}
    assert house.db.look(export_member, "@nobody:teahouse.test") == {"confirmations": []}


async def test_ten_can_be_open_at_once(house: House, clock: ManualClock) -> None:
    rose = await register_with_password(house, "rose")
    body = {"kind": "withdrawal", "amount": money(1)}
    for _ in range(10):
        await rose.asked("POST", "/confirmations", body)
    assert await rose.refused("POST", "/confirmations", body) == (429, "too-many-confirmations")
    clock.advance(5 * MINUTE_MS)
    await rose.asked("POST", "/confirmations", body)


async def test_shops_and_consents_are_confirmed_alike(house: House) -> None:
    rose = await register_with_password(house, "rose")
    shop = house.db.run(new_shop_party)
    for kind in ("purchase", "mandate"):
        body = {
            "kind": kind,
            "payee": {"party": shop},
            "amount": money(500),
            "reference": "chg_1",
        }
        opened = await rose.asked("POST", "/confirmations", body)
        proof = {"factor": "password", "password": PASSWORD}
        path = f"/confirmations/{opened['confirmation_id']}/proofs"
        await rose.asked("POST", path, proof)
        facts = Facts(kind=kind, payee_party=shop, amount=cny(500), reference="chg_2")
        made = str(opened["confirmation_id"])
        with pytest.raises(ConfirmationMismatch):
            use(rose, made, facts)
        right = Facts(kind=kind, payee_party=shop, amount=cny(500), reference="chg_1")
        assert use(rose, made, right) == {"password"}


# Rules

all_facts = st.builds(
    Facts,
    kind=st.sampled_from(["transfer", "purchase", "unfreeze"]),
    payee_party=st.none() | st.sampled_from([PartyId("pty_1"), PartyId("pty_2")]),
    amount=st.none() | st.builds(cny, st.integers(1, 3)),
    reference=st.sampled_from(["", "chg_1", "chg_2"]),
)
devices = st.none() | st.sampled_from(["A", "B"])


@given(all_facts, all_facts, devices, devices)
def test_only_the_same_facts_have_the_same_challenge(
    one: Facts, two: Facts, first: str | None, second: str | None
) -> None:
    nonce = bytes(32)
    left = compute_challenge(one, party="pty_0", device_id=first, nonce=nonce)
    right = compute_challenge(two, party="pty_0", device_id=second, nonce=nonce)
    assert (left == right) == ((one, first) == (two, second))
    other = compute_challenge(one, party="pty_0", device_id=first, nonce=bytes(31) + b"1")
    assert other != left


@given(all_facts, all_facts, devices, devices)
def test_a_confirmation_is_for_what_it_says(
    confirmed: Facts, happens: Facts, begun_on: str | None, used_on: str | None
) -> None:
    made = Confirmation(
        confirmation_id="cnf_1",
        party=PartyId("pty_0"),
        device_id=begun_on,
        facts=confirmed,
        nonce=b"",
        factors=(),
        attempts=0,
        expires_at=0,
        used_at=None,
    )
    if is_for(made, happens, used_on):
        assert begun_on == used_on
        assert (confirmed.kind, confirmed.payee_party, confirmed.amount) == (
            happens.kind,
            happens.payee_party,
            happens.amount,
        )
        assert "" in {confirmed.reference, happens.reference} or (
            confirmed.reference == happens.reference
        )
    assert is_for(made, confirmed, begun_on)


@given(all_facts)
def test_every_kind_can_be_told_in_both_languages(facts: Facts) -> None:
    told = compute_summary(facts, "Lily (@lily:x)")
    assert "Lily" in told["en"]
    assert "Lily" in told["zh"]
