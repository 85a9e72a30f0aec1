"""Red packets and mandates under the shipped rules."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.mandates.commands import charge_mandate, create_mandate
from teahouse.wallet.mandates.rules import day_of
from teahouse.wallet.mandates.types import Proposal, Terms
from teahouse.wallet.red_packets.jobs import JOB_KINDS
from teahouse.wallet.red_packets.types import OPEN_MS
from teahouse.wallet.wallets.types import HouseAccount
from tests.kit.factors import confirm, confirm_identity
from tests.kit.house import PASSWORD, House
from tests.kit.wallet_house import (
    Payer,
    find_problems,
    make_wallet_house,
    money,
    pass_time,
    register_payer,
)

pytestmark = pytest.mark.anyio
CNY = Currency("CNY")
DAY_MS = 86_400_000


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    """A house with the rules of the People's Bank of China."""
    return make_wallet_house(db, tmp_path, wallet_rule_set="pboc-2015")


@pytest.fixture
async def ada(house: House) -> Payer:
    """A member with 2,000.00, one outside check, and a device that is not new."""
    made = await register_payer(house, "ada", cny=200_000)
    confirm_identity(made, 1)
    pass_time(house, 10 * DAY_MS)
    return made


async def give(ada: Payer, room: str, minor: int, **more: Any) -> tuple[int, str]:
    body = {"room_id": room, "total": money(minor), "count": 5, **more}
    done = await ada.ask("POST", "/red-packets", body)
    return done.status_code, str(done.json().get("type", "")).rpartition(":")[2]


async def test_what_comes_back_of_a_packet_was_never_spent(house: House, ada: Payer) -> None:
    room = await ada.create_room()
    proof = await confirm(ada, Money(60_000, CNY), kind="red_packet")
    assert await give(ada, room, 60_000, confirmation=proof) == (201, "")
    # Type I pays 1,000.00 in all: 600.00 are gone.
    again = await confirm(ada, Money(50_000, CNY), kind="red_packet")
    assert await give(ada, room, 50_000, confirmation=again) == (422, "limit-reached")
    pass_time(house, OPEN_MS)
    await Worker(house.db, house.services, JOB_KINDS).run_due()
    assert ada.balance() == 200_000
    third = await confirm(ada, Money(50_000, CNY), kind="red_packet")
    assert await give(ada, room, 50_000, confirmation=third) == (201, "")
    assert find_problems(house) == []


async def test_a_charge_beyond_the_payers_limits_is_tried_again(house: House, ada: Payer) -> None:
    today = day_of(house.services.clock.now_ms())
    proposal = Proposal(
        payee=HouseAccount.FEE_INCOME,
        payee_party=None,
        payee_name="Teahouse cinema",
        payer=None,
        key="cinema",
        terms=Terms(
            charge_max=Money(150_000, CNY),
            period="irregular",
            start_on=today,
            end_on=today + timedelta(days=90),
            description_en="Cinema",
        ),
    )
    facts = {"kind": "mandate", "amount": money(150_000), "reference": "cinema"}
    opened = await ada.asked("POST", "/confirmations", facts)
    proof = str(opened["confirmation_id"])
    body = {"factor": "password", "password": PASSWORD}
    await ada.asked("POST", f"/confirmations/{proof}/proofs", body)
    authority = Authority(Requester(user_id=ada.user_id, device_id=ada.device_id), proof)
    mandate = house.db.run(create_mandate, authority, proposal)

    def charge(minor: int, key: str) -> tuple[str, str]:
        made = house.db.run(
            charge_mandate, mandate=mandate.mandate_id, amount=Money(minor, CNY), key=key
        )
        return made.status, made.refusal

    # Nobody is there to confirm: the consent was, so no second factor is asked for.
    assert charge(90_000, "one") == ("paid", "")
    assert charge(20_000, "two") == ("retrying", "limit-reached")
    assert ada.balance() == 110_000
    assert find_problems(house) == []
