"""What orders become, and what account numbers can be."""

from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.errors import Refusal
from teahouse.wallet.outside.errors import BadAccountNumber, BadHouseAccount
from teahouse.wallet.outside.rules import (
    advance,
    check_account_number,
    id_of,
    last4_of,
    parse_house_accounts,
    reference_of,
)
from teahouse.wallet.outside.types import Effect, OrderEvent, OrderKind, OrderStatus

KINDS: tuple[OrderKind, ...] = get_args(OrderKind)
EVENTS: tuple[OrderEvent, ...] = get_args(OrderEvent)


def run(kind: OrderKind, events: tuple[OrderEvent, ...]) -> tuple[OrderStatus, list[Effect]]:
    status: OrderStatus = "requested"
    effects: list[Effect] = []
    for event in events:
        step = advance(kind, status, event)
        status = step.status
        if step.effect != "none":
            effects.append(step.effect)
    return status, effects


@pytest.mark.parametrize(
    ("kind", "events", "status", "effects"),
    [
        ("top_up", ("sent", "accepted", "booked"), "booked", ["credit"]),
        ("top_up", ("sent", "booked", "accepted", "booked"), "booked", ["credit"]),
        ("top_up", ("sent", "rejected"), "rejected", ["void"]),
        ("top_up", ("sent", "booked", "returned"), "returned", ["credit", "take_back"]),
        ("top_up", ("sent", "returned", "booked"), "returned", ["void"]),
        ("top_up", ("sent", "rejected", "booked"), "rejected", ["void", "report"]),
        ("top_up", ("sent", "booked", "rejected"), "booked", ["credit", "report"]),
        ("withdrawal", ("sent", "accepted", "booked"), "booked", []),
        ("withdrawal", ("sent", "rejected"), "rejected", ["give_back"]),
        ("withdrawal", ("accepted", "sent", "booked", "returned"), "returned", ["give_back"]),
        ("withdrawal", ("returned", "booked", "accepted"), "returned", ["give_back"]),
        ("payout", ("rejected", "returned"), "rejected", ["give_back", "report"]),
        ("payout", ("booked", "rejected"), "booked", ["report"]),
        ("verification", ("sent", "rejected", "sent"), "rejected", ["give_back"]),
    ],
)
def test_what_an_order_becomes(
    kind: OrderKind, events: tuple[OrderEvent, ...], status: OrderStatus, effects: list[str]
) -> None:
    assert run(kind, events) == (status, effects)


@given(kind=st.sampled_from(KINDS), events=st.lists(st.sampled_from(EVENTS), max_size=12))
def test_money_moves_once_whatever_is_told(kind: OrderKind, events: list[OrderEvent]) -> None:
    _, effects = run(kind, tuple(events))
    moves = [effect for effect in effects if effect != "report"]
    if kind == "top_up":
        assert moves in ([], ["credit"], ["void"], ["credit", "take_back"])
    else:
        assert moves in ([], ["give_back"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_in_which_sound_news_come_does_not_matter(kind: OrderKind) -> None:
    for news in (("sent", "accepted", "booked"), ("sent", "accepted", "rejected")):
        ends = {run(kind, order)[0] for order in permutations(news)}  # type: ignore[arg-type]
        assert len(ends) == 1


@pytest.mark.parametrize(
    ("text", "number", "is_iban"),
    [
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000", True),
        ("gb82-west-1234-5698-7654-32", "GB82WEST12345698765432", True),
        ("6222 0212 3456 7890 123", "6222021234567890123", False),
        ("12345678", "12345678", False),
    ],
)
def test_account_numbers_as_people_write_them(text: str, number: str, *, is_iban: bool) -> None:
    found = check_account_number(text)
    assert (found.number, found.is_iban) == (number, is_iban)
    assert last4_of(found) == number[-4:]


@pytest.mark.parametrize(
    "text",
    [
        "", "1234567", "1" * 31, "DE88 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 0",
        "XX89370400440532013000", "DE89<script>", "٤٤٤٤٤٤٤٤٤٤", "DE89370400440532013000; DROP",
        "１２３４５６７８",
    ],
)  # fmt: skip
def test_what_no_account_can_have(text: str) -> None:
    with pytest.raises(BadAccountNumber):
        check_account_number(text)


@given(
    bban=st.text("0123456789", min_size=18, max_size=18),
    check=st.text("0123456789", min_size=2, max_size=2),
)
def test_ibans_are_checked_by_their_digits(bban: str, check: str) -> None:
    number = f"DE{check}{bban}"
    try:
        check_account_number(number)
        ours = True
    except Refusal:
        ours = False
    # ISO/IEC 7064: D is 13, E is 14.
    assert ours == (int(f"{bban}1314{check}") % 97 == 1 and 2 <= int(check) <= 98)


def test_the_house_has_an_account_for_each_currency() -> None:
    found = parse_house_accounts(["EUR:DE89 3704 0044 0532 0130 00", "CNY:6222021234567890123"])
    assert {currency: one.is_iban for currency, one in found.items()} == {"EUR": True, "CNY": False}
    for bad in (["EUR"], ["EUR:x"], ["XXX:12345678"], ["EUR:12345678", "EUR:12345679"]):
        with pytest.raises(BadHouseAccount):
            parse_house_accounts(bad)


def test_ids_come_back_from_the_bank_as_they_went() -> None:
    assert reference_of("bor_06o1m5vq8000e5j0c4m9o3aq") == "bor-06o1m5vq8000e5j0c4m9o3aq"
    assert id_of(" bor-06o1m5vq8000e5j0c4m9o3aq") == "bor_06o1m5vq8000e5j0c4m9o3aq"
