"""Which passwords are taken, how they are kept, and what checking one costs."""

from pathlib import Path
from typing import Any

import argon2
import pytest

from teahouse.accounts.errors import CommonPassword, WeakPassword
from teahouse.accounts.passwords.access import PasswordHasher
from teahouse.accounts.rules import PASSWORD_CHARACTERS_MIN, check_password
from teahouse.platform.db import Database
from teahouse.platform.settings import Settings
from tests.kit.house import PASSWORD, House, make_house

pytestmark = pytest.mark.anyio
ROSE = "@rose:tea.example.org"
COMMON = ["password", "12345678", "iloveyou", "qwertyuiop", "Password1", "PASSW0RD"]
NAMES = ["rose1234", "Rose-2026!", "tea.example.org", "teahouse", "TeaHouse99", "2026example"]


@pytest.mark.parametrize("password", COMMON)
def test_the_passwords_that_most_people_choose_are_refused(password: str) -> None:
    with pytest.raises(CommonPassword) as refused:
        check_password(password, ROSE)
    assert refused.value.errcode == "M_WEAK_PASSWORD"


def test_more_than_the_3000_most_common_passwords_are_refused() -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    ranked = [w for w in FREQUENCY_LISTS["passwords"] if len(w) >= PASSWORD_CHARACTERS_MIN]
    assert len(ranked) > 3000
    for word in ranked:
        with pytest.raises(CommonPassword):
            check_password(word, ROSE)


@pytest.mark.parametrize("password", NAMES)
def test_the_names_of_member_and_house_are_refused_as_passwords(password: str) -> None:
    with pytest.raises(CommonPassword):
        check_password(password, ROSE)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD, "only lower case words", "        8", "73910582", "密码由几个词组成才好",
        "a rose by another name", "x" * 64, "ab" * 256, "\tOdd\x01signs", "🍵" * 8,
    ],
)  # fmt: skip
def test_any_characters_and_up_to_512_of_them_are_taken(password: str) -> None:
    check_password(password, ROSE)
    # A name made of digits alone is within no password made of digits.
    check_password(password, "@1:192.0.2.7")


@pytest.mark.parametrize("password", ["", "7 signs", "x" * 513])
def test_too_short_and_too_long_a_password_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(password, ROSE)


async def test_a_common_password_is_refused_at_registration_and_the_client_is_told_why(
    house: House,
) -> None:
    asked = {"username": "rose", "password": "iloveyou"}
    answer = await house.call("POST", "/register", asked)
    assert answer.status_code == 400
    assert answer.json()["errcode"] == "M_WEAK_PASSWORD"
    assert answer.json()["org.teahouse.reason"] == "common"
    assert "another" in answer.json()["error"]
    short = await house.call("POST", "/register", {"username": "rose", "password": "short"})
    assert (short.json()["errcode"], "org.teahouse.reason" in short.json()) == (
        "M_WEAK_PASSWORD",
        False,
    )


async def test_a_common_password_is_refused_where_it_is_changed_and_the_old_one_stays(
    house: House,
) -> None:
    token = (await house.register("rose"))["access_token"]
    for new in ("iloveyou", "rose2026"):
        answer = await house.call("POST", "/account/password", {"new_password": new}, token=token)
        assert (answer.status_code, answer.json()["errcode"]) == (400, "M_WEAK_PASSWORD")
    await house.log_in("rose")


@pytest.mark.parametrize(
    "typed", [PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", PASSWORD[:-1], PASSWORD + "x" * 500]
)
async def test_a_password_is_checked_exactly_as_typed(house: House, typed: str) -> None:
    await house.register("rose")
    body = {"type": "m.login.password", "user": "rose", "password": typed}
    assert (await house.call("POST", "/login", body)).status_code == 403


async def test_two_long_passwords_that_differ_at_their_end_are_two(house: House) -> None:
    long = "tea and toast " * 20
    await house.register("rose", long + "a")
    await house.log_in("rose", long + "a")
    body = {"type": "m.login.password", "user": "rose", "password": long + "b"}
    assert (await house.call("POST", "/login", body)).status_code == 403


# How they are kept. OWASP Password Storage Cheat Sheet: argon2id with at least 19 MiB, two passes
# and one lane.


def test_the_default_password_hash_is_argon2id_at_owasps_minimum(
    db: Database, tmp_path: Path
) -> None:
    hasher = PasswordHasher(Settings(data=str(tmp_path)), db)
    found = argon2.extract_parameters(hasher.hash_now(PASSWORD))
    assert found.type is argon2.Type.ID
    assert found.version == 19
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2
    assert found.parallelism >= 1
    assert found.salt_len >= 16
    assert found.hash_len >= 32


def test_the_same_password_of_two_members_has_two_hashes(db: Database, tmp_path: Path) -> None:
    hasher = make_house(db, tmp_path).services.get(PasswordHasher)
    assert hasher.hash_now(PASSWORD) != hasher.hash_now(PASSWORD)


# What checking costs


async def test_an_unknown_name_costs_the_same_argon2_work_as_a_wrong_password(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = make_house(db, tmp_path)
    await house.register("rose")
    gone = (await house.register("lily"))["access_token"]
    await house.confirm("POST", "/account/deactivate", {}, token=gone)
    work: list[argon2.Parameters] = []
    verify = argon2.PasswordHasher.verify
    hash_anew = argon2.PasswordHasher.hash

    def note_verify(self: argon2.PasswordHasher, kept: str, password: bytes) -> bool:
        work.append(argon2.extract_parameters(kept))
        return verify(self, kept, password)

    def note_hash(self: argon2.PasswordHasher, password: bytes) -> str:
        made: str = hash_anew(self, password)
        work.append(argon2.extract_parameters(made))
        return made

    monkeypatch.setattr(argon2.PasswordHasher, "verify", note_verify)
    monkeypatch.setattr(argon2.PasswordHasher, "hash", note_hash)

    async def refuse(name: str) -> tuple[list[argon2.Parameters], Any]:
        work.clear()
        body = {"type": "m.login.password", "user": name, "password": "a wrong password"}
        answer = await house.call("POST", "/login", body)
        assert answer.status_code == 403
        return list(work), answer.json()

    # The first unknown name after a start too; a closed account is one.
    unknown = await refuse("nobody")
    assert unknown == await refuse("rose") == await refuse("lily")
    assert len(unknown[0]) == 1
