"""Guessing is held off, and no stranger can lock a member out by guessing at their name."""

from pathlib import Path

import pytest

from teahouse.accounts import Authenticator
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit.house import PASSWORD, House, make_house

pytestmark = pytest.mark.anyio
HOME, CAFE, THIEF = "198.51.100.1", "198.51.100.2", "203.0.113.9"


def make_guarded(db: Database, data: Path, **settings: str) -> House:
    """A house with limits, behind a proxy of the operator's."""
    return make_house(db, data, rate_limits=True, trusted_proxies=["127.0.0.1"], **settings)


async def sign_in(house: House, address: str, password: str = PASSWORD, name: str = "rose") -> int:
    """The status of a try to sign in at an address, by each of the two doors in turn."""
    body = {"type": "m.login.password", "user": name, "password": password}
    headers = {"X-Forwarded-For": address}
    return (await house.call("POST", "/login", body, headers=headers)).status_code


async def sign_in_on_page(house: House, address: str, password: str = PASSWORD) -> int:
    """The status of a try to sign in on the page of single sign-on."""
    body = {"name": "rose", "password": password}
    path = "/api/v1/account/sign-in/password"
    headers = {"X-Forwarded-For": address}
    return (await house.call("POST", path, body, headers=headers)).status_code


async def test_a_stranger_who_guesses_locks_out_themself_and_not_the_member(
    db: Database, tmp_path: Path
) -> None:
    house = make_guarded(db, tmp_path, rate_login="3/hour")
    await house.register("rose")
    tries = [await sign_in(house, THIEF, "a wrong guess") for _ in range(5)]
    assert tries == [403, 403, 403, 429, 429]
    # Neither by the right password nor at the other door.
    assert await sign_in(house, THIEF) == 429
    assert await sign_in_on_page(house, THIEF) == 429
    assert await sign_in(house, HOME) == 200
    assert await sign_in_on_page(house, CAFE) == 200


async def test_one_address_cannot_try_many_names(db: Database, tmp_path: Path) -> None:
    house = make_guarded(db, tmp_path, rate_login="3/hour", rate_login_address="5/hour")
    await house.register("rose")
    tries = [await sign_in(house, THIEF, "a wrong guess", f"member{n}") for n in range(6)]
    assert tries == [403] * 5 + [429]
    assert await sign_in(house, HOME) == 200


async def test_guesses_from_many_addresses_are_slowed_and_known_addresses_go_on(
    db: Database, tmp_path: Path, clock: ManualClock
) -> None:
    house = make_guarded(
        db, tmp_path, rate_login="10/hour", rate_login_name="6/hour", rate_login_slow="1/hour"
    )
    made = await house.register("rose")
    clock.advance(6 * 60_000)
    # Her phone was seen at home.
    headers = {"X-Forwarded-For": HOME}
    await house.call("GET", "/account/whoami", token=made["access_token"], headers=headers)
    await house.services.get(Authenticator).settle()

    for number in range(6):
        assert await sign_in(house, f"203.0.113.{number}", "a wrong guess") == 403
    # From now on each new address has one try in an hour.
    assert await sign_in(house, THIEF, "a wrong guess") == 403
    assert await sign_in(house, THIEF, "a wrong guess") == 429
    # The member goes on at home, and has her try where she was never seen.
    assert [await sign_in(house, HOME) for _ in range(3)] == [200, 200, 200]
    assert await sign_in(house, CAFE) == 200
    # Who signed in there is known there.
    assert await sign_in(house, CAFE) == 200


async def test_who_signs_in_rightly_is_never_slowed(db: Database, tmp_path: Path) -> None:
    house = make_guarded(db, tmp_path, rate_login="100/hour", rate_login_name="2/hour")
    await house.register("rose")
    assert [await sign_in(house, f"198.51.100.{n}") for n in range(6)] == [200] * 6


async def test_the_addresses_of_one_line_in_ipv6_count_as_one(db: Database, tmp_path: Path) -> None:
    house = make_guarded(db, tmp_path, rate_login="3/hour")
    await house.register("rose")
    tries = [await sign_in(house, f"2001:db8:1:2::{n}", "a wrong guess") for n in range(1, 5)]
    assert tries == [403, 403, 403, 429]
    assert await sign_in(house, "2001:db8:1:3::1") == 200
