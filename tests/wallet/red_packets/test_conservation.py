"""Whatever happens to a red packet, in any order: no unit is lost, made, or had twice."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teahouse.platform.clock import ManualClock
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.red_packets.commands import claim_packet, give_packet, return_packet
from teahouse.wallet.red_packets.errors import PacketStillOpen
from teahouse.wallet.red_packets.types import OPEN_MS, PacketBounds, PacketDraft, PacketView
from teahouse.wallet.wallets.types import HouseAccount
from tests.kit.database import Databases, open_database
from tests.kit.house import House
from tests.kit.wallet_house import (
    Payer,
    find_problems,
    house_balance,
    make_wallet_house,
    pass_time,
    register_payer,
)

CNY = Currency("CNY")
GUESTS = 5
# Who taps (the giver is 0), a step of time in hours, or the job that returns the rest.
steps = st.lists(
    st.one_of(
        st.integers(0, GUESTS),
        st.sampled_from(["return"]),
        st.integers(1, 30).map(lambda hours: f"{hours} h"),
    ),
    max_size=14,
)


@dataclass
class Party:
    """A giver with guests in a room."""

    house: House
    people: list[Payer]
    room: str

    def balances(self) -> list[int]:
        return [one.balance() for one in self.people]


@pytest.fixture(scope="module")
def party(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    url = databases.create("sqlite")
    with open_database(url, ManualClock(), seed=7) as db:
        yield asyncio.run(gather(make_wallet_house(db, tmp_path_factory.mktemp("party"))))
    databases.drop(url)


async def gather(house: House) -> Party:
    names = ["giver", *(f"guest{number}" for number in range(GUESTS))]
    people = [await register_payer(house, name, cny=10_000_000) for name in names]
    room = await people[0].create_room()
    for guest in people[1:]:
        await guest.join(room)
    return Party(house, people, room)


@dataclass
class Model:
    """What should be so."""

    total: int
    count: int
    had: dict[int, int] = field(default_factory=dict)
    age_ms: int = 0
    is_returned: bool = False

    def refusal(self, who: int) -> str | None:
        """Why a tap is refused; None: it is not."""
        if who in self.had:
            return "red-packet-already-claimed"
        if len(self.had) == self.count:
            return "red-packet-empty"
        if self.is_returned or self.age_ms >= OPEN_MS:
            return "red-packet-expired"
        return None


@given(
    count=st.integers(1, GUESTS + 2),
    more=st.integers(0, 50_000),
    is_random=st.booleans(),
    taken=steps,
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_unit_is_lost_made_or_had_twice(
    party: Party, count: int, more: int, *, is_random: bool, taken: list[int | str]
) -> None:
    before = party.balances()
    in_packets = house_balance(party.house.db, HouseAccount.RED_PACKETS)
    model = Model(count + more, count)
    packet = give(party, model, is_random=is_random)
    for step in taken:
        if isinstance(step, int):
            tap(party, packet, model, step)
        elif step == "return":
            give_back(party, packet, model)
        else:
            model.age_ms += int(step.split()[0]) * 3_600_000
            pass_time(party.house, int(step.split()[0]) * 3_600_000)

    gained = [after - was for after, was in zip(party.balances(), before, strict=True)]
    left = 0 if model.is_returned else model.total - sum(model.had.values())
    back = model.total - sum(model.had.values()) - left
    expected = [model.had.get(who, 0) for who in range(GUESTS + 1)]
    expected[0] += back - model.total
    assert gained == expected
    assert house_balance(party.house.db, HouseAccount.RED_PACKETS) == in_packets + left
    if not is_random:
        assert all(share - model.total // count in {0, 1} for share in model.had.values())
    assert all(share >= 1 for share in model.had.values())
    if len(model.had) == count:
        assert sum(model.had.values()) == model.total


def give(party: Party, model: Model, *, is_random: bool) -> PacketView:
    draft = PacketDraft(
        room_id=party.room,
        total=Money(model.total, CNY),
        count=model.count,
        split="random" if is_random else "equal",
    )
    services = party.house.services
    return services.db.run(
        give_packet,
        Authority(Requester(user_id=party.people[0].user_id)),
        draft,
        bounds=PacketBounds(100, {}),
        teller=services.get(Teller),
    )


def tap(party: Party, packet: PacketView, model: Model, who: int) -> None:
    requester = Requester(user_id=party.people[who].user_id)
    expected = model.refusal(who)
    if expected is not None:
        with pytest.raises(Refusal) as refused:
            party.house.db.run(claim_packet, requester, packet.packet_id)
        assert refused.value.code == expected
        return
    claimed = party.house.db.run(claim_packet, requester, packet.packet_id)
    model.had[who] = claimed.amount.minor
    assert claimed.left_count == model.count - len(model.had)


def give_back(party: Party, packet: PacketView, model: Model) -> None:
    is_open = len(model.had) < model.count and not model.is_returned
    if is_open and model.age_ms < OPEN_MS:
        with pytest.raises(PacketStillOpen):
            party.house.db.run(return_packet, packet.packet_id)
        return
    assert party.house.db.run(return_packet, packet.packet_id) == is_open
    model.is_returned = model.is_returned or is_open


def test_the_books_say_the_same_in_the_end(party: Party) -> None:
    assert find_problems(party.house) == []
