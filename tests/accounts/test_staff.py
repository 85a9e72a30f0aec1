"""Staff roles: least privilege, who grants them, and what is remembered of it."""

from typing import get_args

import pytest

from teahouse.accounts import StaffActed, grant_role, is_allowed, list_staff_log
from teahouse.accounts.staff.rules import POWERS, Power
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.errors import NotFound
from teahouse.platform.requester import Role
from teahouse.privacy.transparency_log.queries import list_entries_about
from tests.kit.house import House

pytestmark = pytest.mark.anyio
LILY = "@lily:teahouse.test"


def test_every_role_has_powers_and_every_power_a_role() -> None:
    assert set(POWERS) == set(get_args(Role))
    assert set().union(*POWERS.values()) == set(get_args(Power))


def test_nobody_has_a_power_without_its_role() -> None:
    assert not is_allowed([], "rooms.list")
    assert not is_allowed(["operator"], "bank.decide")
    assert not is_allowed(["auditor", "bank_officer"], "roles.change")
    assert is_allowed(["auditor", "operator"], "roles.change")


async def test_an_operator_grants_and_revokes_and_the_log_tells(
    house: House, db: Database, clock: ManualClock
) -> None:
    operator = (await house.register("olga"))["access_token"]
    lily = (await house.register("lily"))["access_token"]
    path = f"/api/v1/staff/{LILY}/auditor"
    assert (await house.call("PUT", path, token=operator)).status_code == 403
    await db.write(grant_role, "@olga:teahouse.test", "operator", by=None)
    clock.advance(1)

    assert (await house.call("GET", "/api/v1/staff", token=lily)).status_code == 403
    assert (await house.call("PUT", path, token=operator)).status_code == 204
    assert (await house.call("PUT", path, token=operator)).status_code == 204
    # The new role holds at once, for tokens that were used before too.
    listed = await house.call("GET", "/api/v1/staff", token=lily)
    assert [(grant["user_id"], grant["role"]) for grant in listed.json()] == [
        (LILY, "auditor"),
        ("@olga:teahouse.test", "operator"),
    ]
    assert (await house.call("PUT", path, token=lily)).status_code == 403
    clock.advance(1)
    assert (await house.call("DELETE", path, token=operator)).status_code == 204
    assert (await house.call("DELETE", path, token=operator)).status_code == 404
    assert (await house.call("GET", "/api/v1/staff", token=lily)).status_code == 403

    log = (await house.call("GET", "/api/v1/staff/log", token=operator)).json()
    assert [(e["user_id"], e["role"], e["change"], e["by_user_id"]) for e in log] == [
        (LILY, "auditor", "revoked", "@olga:teahouse.test"),
        (LILY, "auditor", "granted", "@olga:teahouse.test"),
        ("@olga:teahouse.test", "operator", "granted", None),
    ]


async def test_roles_are_known_and_held_by_members(house: House, db: Database) -> None:
    token = (await house.register("olga"))["access_token"]
    await db.write(grant_role, "@olga:teahouse.test", "operator", by=None)
    unknown = await house.call("PUT", "/api/v1/staff/@olga:teahouse.test/king", token=token)
    assert unknown.status_code == 404
    with pytest.raises(NotFound):
        await db.write(grant_role, "@nobody:teahouse.test", "auditor", by=None)
    assert len(await db.read(list_staff_log)) == 1


async def test_members_see_in_the_log_who_of_the_staff_looked(house: House, db: Database) -> None:
    await house.register("lily")
    await db.write(grant_role, (await house.register("olga"))["user_id"], "moderator", by=None)
    for about in (LILY, "", "@other:teahouse.test"):
        await db.write(
            lambda tx, about: tx.announce(
                StaffActed("@olga:teahouse.test", "members.list", about, "she asked")
            ),
            about,
        )
    entries = db.look(list_entries_about, LILY, before=None, limit=10)
    # What is about everybody is about Lily too; what is about another member is not.
    assert [entry.index for entry in entries] == [1, 0]
    assert '"actor":"@olga:teahouse.test"' in entries[1].body
    assert '"role":"moderator"' in entries[1].body
    assert '"reason":"she asked"' in entries[1].body
    assert "accounts_profile.value" in entries[1].body
