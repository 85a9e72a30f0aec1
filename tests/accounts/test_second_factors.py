"""One-time codes, recovery codes, and their place in signing in."""

import math
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from teahouse.accounts.jobs import job_kinds
from teahouse.accounts.second_factors.access import MARK_BYTES, Seal, load_seal
from teahouse.accounts.second_factors.rules import (
    RECOVERY_ALPHABET,
    compute_lock_ms,
    compute_recovery_digest,
    find_step,
    format_recovery_code,
)
from teahouse.accounts.tables import accounts_recovery_code, accounts_totp
from teahouse.platform.chance import Chance
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Read, Tx
from teahouse.platform.jobs import NoPayload
from tests.kit.house import PASSWORD, House, make_house

ROOT = "/api/v1/account"
STEP_MS = 30_000
# RFC 6238, appendix B (SHA-1), the last six digits; the secret is "12345678901234567890".
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_EXAMPLES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), RFC_EXAMPLES)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    now = seconds * 1000
    assert find_step(RFC_SECRET, code, now=now, last_step=0) == seconds // 30


def test_a_code_counts_one_step_around_its_own_and_once() -> None:
    now = 1111111109 * 1000
    step = now // STEP_MS
    for shift in (-1, 0, 1):
        assert find_step(RFC_SECRET, "081804", now=now + shift * STEP_MS, last_step=0) == step
    for shift in (-2, 2):
        assert find_step(RFC_SECRET, "081804", now=now + shift * STEP_MS, last_step=0) is None
    assert find_step(RFC_SECRET, "081 804", now=now, last_step=step - 1) == step
    assert find_step(RFC_SECRET, "081804", now=now, last_step=step) is None


@given(code=st.text(max_size=12), now=st.integers(0, 2**42))
def test_what_is_not_six_digits_is_no_code(code: str, now: int) -> None:
    found = find_step(RFC_SECRET, code, now=now, last_step=0)
    assert found is None or code.replace(" ", "").isdigit()


@given(st.integers(0, 1000))
def test_each_wrong_code_locks_at_least_as_long_as_the_one_before(failures: int) -> None:
    assert compute_lock_ms(failures) <= compute_lock_ms(failures + 1) <= 3_600_000


def test_recovery_codes_are_read_as_people_type_them() -> None:
    code = format_recovery_code("abcdefghijkmnpqr")
    assert code == "abcd-efgh-ijkm-npqr"
    assert compute_recovery_digest(" ABCDEFGH ijkm-npqr") == compute_recovery_digest(code)


def test_a_sealed_secret_opens_for_its_owner_only(tmp_path: Path) -> None:
    seal = load_seal(tmp_path / "keys" / "a.key", Chance())
    again = load_seal(tmp_path / "keys" / "a.key", Chance())
    sealed = seal.seal("secret", owner="@rose:x", nonce=bytes(12))
    assert again.open(sealed, owner="@rose:x") == "secret"
    assert (tmp_path / "keys" / "a.key").stat().st_mode & 0o077 == 0
    for opener, owner in ((seal, "@lily:x"), (Seal(bytes(32)), "@rose:x")):
        with pytest.raises(InvalidTag):
            opener.open(sealed, owner=owner)


async def set_up(house: House, clock: ManualClock, token: str) -> tuple[pyotp.TOTP, list[str]]:
    """Set up one-time codes; the code of the step is used up."""
    made = await house.confirm("POST", f"{ROOT}/totp", {}, token=token)
    assert made.status_code == 200, made.text
    totp = pyotp.TOTP(made.json()["secret"])
    assert made.json()["uri"].startswith("otpauth://totp/")
    code = totp.at(clock.now_ms() // 1000)
    done = await house.call("POST", f"{ROOT}/totp/confirm", {"code": code}, token=token)
    assert done.status_code == 200, done.text
    return totp, done.json()["recovery_codes"]


async def log_in(house: House, **body: Any) -> httpx.Response:
    """Sign in with the password and what is given."""
    asked = {"type": "m.login.password", "user": "rose", "password": PASSWORD, **body}
    return await house.call("POST", "/login", asked)


@pytest.mark.anyio
async def test_with_a_second_factor_the_password_alone_opens_nothing(
    house: House, clock: ManualClock
) -> None:
    token = (await house.register("rose"))["access_token"]
    totp, _ = await set_up(house, clock, token)

    answer = await log_in(house)
    assert answer.status_code == 403
    assert answer.json()["errcode"] == "ORG.TEAHOUSE.SECOND_FACTOR_NEEDED"
    # A wrong password is told before anything of a second factor.
    answer = await log_in(house, password="wrong")
    assert answer.json()["error"] == "The name or the password is wrong."

    used = totp.at(clock.now_ms() // 1000)
    answer = await log_in(house, **{"org.teahouse.totp": used})
    assert (answer.status_code, answer.json()["errcode"]) == (403, "M_FORBIDDEN")
    clock.advance(STEP_MS)
    fresh = totp.at(clock.now_ms() // 1000)
    assert (await log_in(house, **{"org.teahouse.totp": fresh})).status_code == 200
    assert (await log_in(house, **{"org.teahouse.totp": fresh})).status_code == 403


@pytest.mark.anyio
async def test_a_recovery_code_signs_in_once(house: House, clock: ManualClock) -> None:
    token = (await house.register("rose"))["access_token"]
    _, codes = await set_up(house, clock, token)
    assert len(set(codes)) == 10
    assert (await log_in(house, **{"org.teahouse.recovery_code": codes[0]})).status_code == 200
    assert (await log_in(house, **{"org.teahouse.recovery_code": codes[0]})).status_code == 403
    state = await house.call("GET", f"{ROOT}/security", token=token)
    assert (state.json()["has_totp"], state.json()["recovery_codes_left"]) == (True, 9)


def _kept_codes(read: Read) -> list[bytes]:
    return list(read.conn.execute(sa.select(accounts_recovery_code.c.digest)).scalars())


def _keep_bare(tx: Tx, code: str) -> None:
    """Keep a code as earlier releases did."""
    row = {"user_id": "@rose:teahouse.test", "digest": compute_recovery_digest(code)}
    tx.conn.execute(sa.insert(accounts_recovery_code), row)


@pytest.mark.anyio
async def test_recovery_codes_have_at_least_128_bits_and_are_kept_under_a_key(
    house: House, clock: ManualClock, db: Database
) -> None:
    token = (await house.register("rose"))["access_token"]
    _, codes = await set_up(house, clock, token)
    for code in codes:
        letters = code.replace("-", "")
        assert set(letters) <= set(RECOVERY_ALPHABET)
        assert len(letters) * math.log2(len(RECOVERY_ALPHABET)) >= 128
    kept = set(await db.read(_kept_codes))
    assert len(kept) == 10
    seal = house.services.get(Seal)
    assert kept == {seal.mark(compute_recovery_digest(code)) for code in codes}
    # Neither the bare digest nor one made under another key.
    for maker in (lambda digest: digest, Seal(bytes(32)).mark):
        assert not kept & {maker(compute_recovery_digest(code)) for code in codes}


@pytest.mark.anyio
async def test_recovery_codes_of_earlier_releases_are_put_under_the_key_and_still_work_once(
    house: House, clock: ManualClock, db: Database
) -> None:
    token = (await house.register("rose"))["access_token"]
    await set_up(house, clock, token)
    old = ["abcd-efgh-ijkm-npqr", "bbcd-efgh-ijkm-npqr"]
    for code in old:
        await db.write(_keep_bare, code)
    # Before the job has run, and after it.
    assert (await log_in(house, **{"org.teahouse.recovery_code": old[0]})).status_code == 200
    [job] = [kind for kind in job_kinds() if kind.name == "accounts.mark_old_recovery_codes"]
    await job.handler(house.services, NoPayload())
    kept = await db.read(_kept_codes)
    assert len(kept) == 11
    assert {len(one) for one in kept} == {MARK_BYTES}
    assert (await log_in(house, **{"org.teahouse.recovery_code": old[1]})).status_code == 200
    for code in old:
        assert (await log_in(house, **{"org.teahouse.recovery_code": code})).status_code == 403


@pytest.mark.anyio
async def test_wrong_codes_lock_the_one_time_codes_but_not_recovery(
    house: House, clock: ManualClock
) -> None:
    token = (await house.register("rose"))["access_token"]
    totp, codes = await set_up(house, clock, token)
    for _ in range(5):
        assert (await log_in(house, **{"org.teahouse.totp": "000000"})).status_code == 403
    clock.advance(STEP_MS)
    right = {"org.teahouse.totp": totp.at(clock.now_ms() // 1000)}
    locked = await log_in(house, **right)
    assert (locked.status_code, locked.json()["errcode"]) == (429, "M_LIMIT_EXCEEDED")
    assert locked.json()["retry_after_ms"] == 30_000
    assert (await log_in(house, **{"org.teahouse.recovery_code": codes[0]})).status_code == 200
    clock.advance(STEP_MS)
    right = {"org.teahouse.totp": totp.at(clock.now_ms() // 1000)}
    assert (await log_in(house, **right)).status_code == 200


@pytest.mark.anyio
async def test_confirming_asks_for_password_and_code(house: House, clock: ManualClock) -> None:
    token = (await house.register("rose"))["access_token"]
    totp, _ = await set_up(house, clock, token)
    await log_in(house)
    first = await house.call("DELETE", "/devices/A", {}, token=token)
    assert first.json()["flows"] == [{"stages": ["m.login.password", "org.teahouse.login.totp"]}]
    session = first.json()["session"]
    auth = {"type": "m.login.password", "session": session, "password": PASSWORD}
    second = await house.call("DELETE", "/devices/A", {"auth": auth}, token=token)
    assert second.status_code == 401
    assert second.json()["completed"] == ["m.login.password"]
    assert "errcode" not in second.json()

    # What was confirmed in part cannot be turned into something else.
    clock.advance(STEP_MS)
    code = totp.at(clock.now_ms() // 1000)
    auth = {"type": "org.teahouse.login.totp", "session": session, "code": code}
    changed = await house.call("DELETE", "/devices/A", {"auth": auth, "x": 1}, token=token)
    assert (changed.status_code, changed.json()["errcode"]) == (403, "M_FORBIDDEN")
    done = await house.call("DELETE", "/devices/A", {"auth": auth}, token=token)
    assert done.status_code == 200
    # And the session cannot be used again.
    again = await house.call("DELETE", "/devices/A", {"auth": auth}, token=token)
    assert again.status_code == 401


@pytest.mark.anyio
async def test_setting_up_takes_a_right_code_and_happens_once(
    house: House, clock: ManualClock
) -> None:
    token = (await house.register("rose"))["access_token"]
    none = await house.call("POST", f"{ROOT}/totp/confirm", {"code": "123456"}, token=token)
    assert none.status_code == 404
    await house.confirm("POST", f"{ROOT}/totp", {}, token=token)
    wrong = await house.call("POST", f"{ROOT}/totp/confirm", {"code": "x"}, token=token)
    assert wrong.status_code == 403
    assert wrong.headers["content-type"] == "application/problem+json"
    assert (await log_in(house)).status_code == 200, "unconfirmed codes are not asked for"

    totp, _ = await set_up(house, clock, token)
    first = await house.call("POST", f"{ROOT}/totp", {}, token=token)
    assert first.status_code == 401
    clock.advance(STEP_MS)
    auth = {"type": "m.login.password", "password": PASSWORD, "session": first.json()["session"]}
    await house.call("POST", f"{ROOT}/totp", {"auth": auth}, token=token)
    auth = auth | {
        "type": "org.teahouse.login.totp",
        "code": totp.at(clock.now_ms() // 1000),
    }
    answer = await house.call("POST", f"{ROOT}/totp", {"auth": auth}, token=token)
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        "urn:teahouse:problem:second-factor-present",
    )


@pytest.mark.anyio
async def test_a_removed_second_factor_is_asked_for_no_more(
    house: House, clock: ManualClock
) -> None:
    token = (await house.register("rose"))["access_token"]
    totp, _ = await set_up(house, clock, token)
    clock.advance(STEP_MS)
    first = await house.call("DELETE", f"{ROOT}/totp", {}, token=token)
    session = first.json()["session"]
    auth: dict[str, Any] = {"type": "m.login.password", "session": session, "password": PASSWORD}
    await house.call("DELETE", f"{ROOT}/totp", {"auth": auth}, token=token)
    auth = {
        "type": "org.teahouse.login.totp",
        "session": session,
        "code": totp.at(clock.now_ms() // 1000),
    }
    done = await house.call("DELETE", f"{ROOT}/totp", {"auth": auth}, token=token)
    assert (done.status_code, done.content) == (204, b"")
    assert (await log_in(house)).status_code == 200


@pytest.mark.anyio
async def test_the_secret_is_not_in_the_database(db: Database, tmp_path: Path) -> None:
    house = make_house(db, tmp_path)
    token = (await house.register("rose"))["access_token"]
    made = await house.confirm("POST", f"{ROOT}/totp", {}, token=token)
    secret = made.json()["secret"]
    assert not _is_in_files(tmp_path, secret)
    assert secret not in str(await db.read(_totp_rows))


def _totp_rows(read: Read) -> object:
    return read.conn.execute(sa.select(accounts_totp)).all()


def _is_in_files(folder: Path, text: str) -> bool:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return any(text.encode() in file.read_bytes() for file in files)
