"""Changing a password, and closing an account."""

import msgspec
import pytest
import sqlalchemy as sa

from teahouse.accounts import (
    MemberDeactivated,
    deactivate_member,
    erase_member,
    export_member,
    find_member,
    grant_role,
    reset_password,
    search_members,
)
from teahouse.platform.db import Database, Read, metadata
from teahouse.platform.errors import Forbidden, NotFound
from teahouse.platform.requester import Requester
from tests.accounts.test_passkeys import ORIGIN, add
from tests.kit.authenticator import SoftwareAuthenticator
from tests.kit.house import PASSWORD, House

pytestmark = pytest.mark.anyio
ROSE = "@rose:teahouse.test"
NEW = "a different password"


async def whoami(house: House, token: str) -> int:
    return (await house.call("GET", "/account/whoami", token=token)).status_code


async def test_a_changed_password_signs_the_others_out(house: House) -> None:
    this = (await house.register("rose"))["access_token"]
    other = (await house.log_in("rose"))["access_token"]
    body = {"new_password": NEW}
    answer = await house.confirm("POST", "/account/password", body, token=this)
    assert (answer.status_code, answer.json()) == (200, {})
    assert await whoami(house, this) == 200
    assert await whoami(house, other) == 401
    old = {"type": "m.login.password", "user": "rose", "password": PASSWORD}
    assert (await house.call("POST", "/login", old)).status_code == 403
    await house.log_in("rose", NEW)


async def test_the_others_stay_signed_in_where_asked(house: House) -> None:
    this = (await house.register("rose"))["access_token"]
    other = (await house.log_in("rose"))["access_token"]
    body = {"new_password": NEW, "logout_devices": False}
    await house.confirm("POST", "/account/password", body, token=this)
    assert await whoami(house, other) == 200


async def test_changing_a_password_needs_the_old_one_and_a_good_new_one(house: House) -> None:
    this = (await house.register("rose"))["access_token"]
    wrong = await house.confirm(
        "POST", "/account/password", {"new_password": NEW}, token=this, password="wrong"
    )
    assert (wrong.status_code, wrong.json()["errcode"]) == (401, "M_FORBIDDEN")
    weak = await house.call("POST", "/account/password", {"new_password": "short"}, token=this)
    assert (weak.status_code, weak.json()["errcode"]) == (400, "M_WEAK_PASSWORD")
    for body in ({}, {"new_password": 5}):
        answer = await house.call("POST", "/account/password", body, token=this)
        assert (answer.status_code, answer.json()["errcode"]) == (400, "M_BAD_JSON")
    assert (await house.call("POST", "/account/password", {"new_password": NEW})).status_code == 401
    await house.log_in("rose")


async def test_a_closed_account_opens_no_more_and_its_name_stays_taken(
    house: House, db: Database
) -> None:
    heard: list[MemberDeactivated] = []
    db.react(MemberDeactivated, lambda _tx, said: heard.append(said))
    token = (await house.register("rose"))["access_token"]
    key = SoftwareAuthenticator(ORIGIN)
    await add(house, token, key)
    answer = await house.confirm("POST", "/account/deactivate", {"erase": True}, token=token)
    assert answer.json() == {"id_server_unbind_result": "success"}
    assert heard == [MemberDeactivated(ROSE, erase=True)]

    assert await whoami(house, token) == 401
    login = {"type": "m.login.password", "user": "rose", "password": PASSWORD}
    refused = await house.call("POST", "/login", login)
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    taken = await house.call("GET", "/register/available", params={"username": "rose"})
    assert taken.json()["errcode"] == "M_USER_IN_USE"
    assert (await house.call("GET", f"/profile/{ROSE}")).status_code == 404
    assert await db.read(search_members, "rose") == []
    assert await db.read(_rows_about, ROSE) == {"accounts_member": 1}
    member = await db.read(find_member, ROSE)
    assert member is not None
    assert (member.is_active, member.erased, member.has_password) == (False, True, False)


async def test_without_erasing_the_name_is_still_shown(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    await house.confirm("POST", "/account/deactivate", {}, token=token)
    assert (await house.call("GET", f"/profile/{ROSE}")).json() == {"displayname": "rose"}


async def test_only_operators_close_or_reset_others_accounts(house: House, db: Database) -> None:
    token = (await house.register("rose"))["access_token"]
    stranger = Requester(user_id="@lily:teahouse.test")
    operator = Requester(user_id="@olga:teahouse.test", roles=frozenset({"operator"}))
    with pytest.raises(Forbidden):
        await db.write(deactivate_member, ROSE, erase=False, by=stranger)
    with pytest.raises(Forbidden):
        await db.write(reset_password, ROSE, "hash", by=stranger)
    assert await whoami(house, token) == 200
    await db.write(reset_password, ROSE, "hash", by=operator)
    assert await whoami(house, token) == 401
    await db.write(deactivate_member, ROSE, erase=False, by=operator)
    with pytest.raises(NotFound):
        await db.write(deactivate_member, ROSE, erase=False, by=operator)
    with pytest.raises(NotFound):
        await db.write(reset_password, ROSE, "hash", by=None)


async def test_mail_addresses_are_not_kept(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    listed = await house.call("GET", "/account/3pid", token=token)
    assert listed.json() == {"threepids": []}
    for path in (
        "/account/3pid/add",
        "/account/3pid/bind",
        "/register/email/requestToken",
        "/account/password/msisdn/requestToken",
        "/account/3pid/email/requestToken",
    ):
        answer = await house.call("POST", path, {}, token=token)
        assert (answer.status_code, answer.json()["errcode"]) == (403, "M_THREEPID_DENIED")


async def test_an_export_tells_all_but_secrets(house: House, db: Database) -> None:
    login = await house.register("rose", device_id="PHONE")
    await db.write(grant_role, ROSE, "auditor", by=None)
    told = msgspec.json.encode(await db.read(export_member, ROSE)).decode()
    for part in ("PHONE", '"displayname":"rose"', "auditor", "127.0.0.1"):
        assert part in told
    assert login["access_token"] not in told
    assert "argon2" not in told
    assert await db.read(export_member, "@nobody:x") == {}


async def test_erasing_leaves_only_the_reserved_id_and_the_staff_log(
    house: House, db: Database
) -> None:
    await house.register("rose")
    await db.write(grant_role, ROSE, "auditor", by=None)
    await db.write(erase_member, ROSE)
    assert await db.read(_rows_about, ROSE) == {"accounts_member": 1, "accounts_staff_log": 2}


def _rows_about(read: Read, user_id: str) -> dict[str, int]:
    """How many rows of each table name a member."""
    counts = {}
    for table in metadata.sorted_tables:
        if table.name.startswith("accounts_") and "user_id" in table.c:
            rows = sa.select(sa.func.count()).select_from(table).where(table.c.user_id == user_id)
            if found := read.conn.execute(rows).scalar_one():
                counts[table.name] = found
    return counts
