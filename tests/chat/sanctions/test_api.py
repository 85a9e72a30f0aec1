"""Sanctions and appeals over HTTP, on both databases."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from teahouse import accounts
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.sanctions.commands import CHANGED, end_due
from teahouse.chat.sanctions.personal_data import erase_member, export_member
from teahouse.chat.sanctions.tables import chat_sanction
from teahouse.platform.clock import ManualClock
from tests.kit.chat_house import Guest, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000


def _now(house: House) -> int:
    return house.services.clock.now_ms()


def _room(room_id: str, what: str) -> str:
    return f"/api/v1/rooms/{quote(room_id)}/{what}"


async def _own(guest: Guest) -> list[dict[str, Any]]:
    return list((await guest.get("/api/v1/sanctions"))["sanctions"])


async def _remove(owner: Guest, room_id: str, target: Guest, **more: Any) -> httpx.Response:
    body = {"user_id": target.user_id, "kind": "kick", "rule": "spam", "reason": "Adverts", **more}
    return await owner.call("POST", _room(room_id, "removals"), body)


async def _appeal(guest: Guest, sanction: dict[str, Any], text: str = "I sell no tea") -> Any:
    return await guest.call("POST", f"/api/v1/sanctions/{sanction['sanction_id']}/appeal",
                            {"text": text})  # fmt: skip


async def _decide(guest: Guest, sanction: dict[str, Any], decision: str = "lifted") -> Any:
    path = f"/api/v1/sanctions/{sanction['sanction_id']}/decision"
    return await guest.call("POST", path, {"decision": decision, "reason": "True enough"})


@pytest.fixture
async def mo(house: House) -> Guest:
    """A moderator of the house."""
    made = await register_guest(house, "mo")
    house.db.run(accounts.grant_role, made.user_id, "moderator", by=None)
    return made


@pytest.fixture
async def room_id(ada: Guest, ben: Guest) -> str:
    """Ada's room, with Ben in it."""
    made = await ada.create_room()
    await ben.join(made)
    return made


async def test_a_ban_is_told_with_its_reason_and_ends_on_its_date(
    house: House, ada: Guest, ben: Guest, room_id: str
) -> None:
    until = _now(house) + DAY_MS
    done = await _remove(ada, room_id, ben, kind="ban", until=until)
    told = await ben.get("/sync")
    [sanction] = await _own(ben)
    shut = await ben.call("POST", f"/rooms/{quote(room_id)}/join", {})

    clock = house.services.clock
    assert isinstance(clock, ManualClock)
    clock.advance(DAY_MS - 1)
    early = house.db.run(end_due, house.services.get(RoomStore))
    clock.advance(1)
    due = house.db.run(end_due, house.services.get(RoomStore))

    assert done.status_code == 204
    assert CHANGED in [one["type"] for one in told["to_device"]["events"]]
    assert (sanction["rule"], sanction["reason"], sanction["until"]) == ("spam", "Adverts", until)
    assert shut.status_code == 403
    assert (early, due) == (0, 1)
    [sanction] = await _own(ben)
    assert (sanction["ended_why"], sanction["ended_at"]) == ("expired", _now(house))
    await ben.join(room_id)


async def test_a_sanction_without_reason_or_end_is_refused(
    house: House, ada: Guest, ben: Guest, room_id: str
) -> None:
    now = _now(house)
    wrong: list[dict[str, Any]] = [
        {"reason": " "},
        {"reason": "x" * 2001},
        {"kind": "ban"},
        {"kind": "ban", "until": now},
        {"kind": "ban", "until": now + 367 * DAY_MS},
        {"until": now + DAY_MS},
        {"rule": "mood"},
        {"more": 1},
    ]
    for more in wrong:
        assert (await _remove(ada, room_id, ben, **more)).status_code == 400, more
    assert (await _remove(ben, room_id, ada)).status_code == 403
    assert await _own(ben) == []


async def test_who_imposed_it_does_not_decide(
    house: House, ada: Guest, ben: Guest, mo: Guest, room_id: str
) -> None:
    await _remove(ada, room_id, ben, kind="ban", until=_now(house) + DAY_MS)
    [sanction] = await _own(ben)
    unasked = await _decide(mo, sanction)
    stranger = await _appeal(ada, sanction)
    said = await _appeal(ben, sanction)
    twice = await _appeal(ben, sanction)

    seen = await ada.get(_room(room_id, "sanctions"))
    refused = [await _decide(ada, sanction), await _decide(ben, sanction)]
    decided = await _decide(mo, sanction)
    again = await _decide(mo, sanction)

    assert [one.status_code for one in (unasked, stranger, said, twice)] == [409, 404, 200, 409]
    assert [one["appeal"] for one in seen["sanctions"]] == ["I sell no tea"]
    assert [one.status_code for one in refused] == [403, 404]
    assert (decided.status_code, again.status_code) == (200, 409)
    [sanction] = await _own(ben)
    assert (sanction["decision"], sanction["decided_by"]) == ("lifted", mo.user_id)
    assert sanction["ended_why"] == "appeal"
    await ben.join(room_id)
    log = (await ada.get(_room(room_id, "moderation_log")))["entries"]
    assert [(e["deed"], e["reason"]) for e in log][:2] == [
        ("unban", "Lifted on appeal: True enough"),
        ("ban", "Adverts"),
    ]


async def test_another_owner_decides_and_who_was_kicked_is_invited(
    house: House, ada: Guest, ben: Guest, room_id: str
) -> None:
    cleo = await register_guest(house, "cleo")
    await cleo.join(room_id)
    levels = await ada.get(f"/rooms/{quote(room_id)}/state/m.room.power_levels")
    users = {**levels["users"], cleo.user_id: 50}
    await ada.set_state(room_id, "m.room.power_levels", {**levels, "users": users})
    # As any other Matrix client does it: without rule, reason or end.
    await ada.change("POST", f"/rooms/{quote(room_id)}/kick", {"user_id": ben.user_id})
    [sanction] = await _own(ben)
    await _appeal(ben, sanction)

    decided = await _decide(cleo, sanction)

    assert decided.status_code == 200
    assert (sanction["kind"], sanction["reason"], sanction["rule"]) == ("kick", "", "other")
    invited = await ben.get("/sync")
    assert room_id in invited["rooms"]["invite"]


async def test_an_upheld_ban_stays_and_an_owner_may_lift_it(
    house: House, ada: Guest, ben: Guest, mo: Guest, room_id: str
) -> None:
    await _remove(ada, room_id, ben, kind="ban", until=_now(house) + DAY_MS)
    [sanction] = await _own(ben)
    await _appeal(ben, sanction)

    upheld = await _decide(mo, sanction, "upheld")
    shut = await ben.call("POST", f"/rooms/{quote(room_id)}/join", {})
    await ada.change("POST", f"/rooms/{quote(room_id)}/unban", {"user_id": ben.user_id})

    assert (upheld.status_code, shut.status_code) == (200, 403)
    [sanction] = await _own(ben)
    assert (sanction["decision"], sanction["ended_why"]) == ("upheld", "lifted")


async def test_an_appeal_comes_in_time(house: House, ada: Guest, ben: Guest, room_id: str) -> None:
    await _remove(ada, room_id, ben)
    [sanction] = await _own(ben)
    clock = house.services.clock
    assert isinstance(clock, ManualClock)
    assert (await _appeal(ben, sanction, " ")).status_code == 400
    clock.advance(30 * DAY_MS + 1)
    assert (await _appeal(ben, sanction)).status_code == 409


async def _suspend(guest: Guest, target: Guest, until: int, **more: Any) -> httpx.Response:
    body = {"user_id": target.user_id, "rule": "abuse", "reason": "Threats", "until": until, **more}
    key = {"Idempotency-Key": f"{until}{''.join(more.values())}"}
    return await guest.call("POST", "/api/v1/staff/sanctions", body, headers=key)


async def test_who_is_suspended_reads_and_leaves_and_says_nothing(
    house: House, ada: Guest, ben: Guest, mo: Guest, room_id: str
) -> None:
    said = await ben.say(room_id, "Before")
    until = _now(house) + DAY_MS
    done = await _suspend(mo, ben, until)
    room = f"/rooms/{quote(room_id)}"
    text = {"msgtype": "m.text", "body": "x"}

    shut = [
        await ben.call("PUT", f"{room}/send/m.room.message/1", text),
        await ben.call("PUT", f"{room}/state/m.room.topic", {"topic": "x"}),
        await ben.call("POST", f"{room}/join", {}),
        await ben.call("POST", f"{room}/invite", {"user_id": mo.user_id}),
        await ben.call("POST", f"{room}/kick", {"user_id": ada.user_id}),
        await ben.call("POST", "/createRoom", {}),
        await ben.call("POST", f"/knock/{quote(room_id)}", {}),
        await ben.call("PUT", f"/profile/{quote(ben.user_id)}/displayname", {"displayname": "B"}),
        await ben.call("POST", f"{room}/upgrade", {"new_version": "11"}),
        await _remove(ben, room_id, ada),
    ]
    await ben.get("/sync")
    await ben.redact(room_id, said)
    [sanction] = await _own(ben)
    await _appeal(ben, sanction, "It was a play")
    await ben.leave(room_id)

    assert done.status_code == 201
    assert {(one.status_code, one.json().get("errcode")) for one in shut[:-1]} == {
        (403, "M_USER_SUSPENDED")
    }
    assert shut[-1].status_code == 403
    assert shut[0].json()["until"] == until
    clock = house.services.clock
    assert isinstance(clock, ManualClock)
    clock.advance(DAY_MS)
    await ben.join(room_id)
    assert house.db.run(end_due, house.services.get(RoomStore)) == 1
    [sanction] = await _own(ben)
    assert sanction["ended_why"] == "expired"


async def test_another_of_the_staff_lifts_a_suspension_and_all_of_it_is_logged(
    house: House, ben: Guest, mo: Guest
) -> None:
    olga = await register_guest(house, "olga")
    house.db.run(accounts.grant_role, olga.user_id, "moderator", by=None)
    until = _now(house) + DAY_MS
    refused = [
        await _suspend(ben, mo, until),
        await _suspend(mo, mo, until, reason="self"),
        await _suspend(mo, olga, until, reason="staff"),
    ]
    wrong = [
        await _suspend(mo, ben, until, reason=""),
        await _suspend(mo, ben, _now(house)),
    ]
    await _suspend(mo, ben, until)
    [sanction] = await _own(ben)
    await _appeal(ben, sanction)

    waiting = await olga.get("/api/v1/staff/sanctions", waits="true")
    own = await _decide(mo, sanction)
    done = await _decide(olga, sanction)

    assert [one.status_code for one in refused] == [403, 403, 403]
    assert [one.status_code for one in wrong] == [400, 400]
    assert [one["appeal"] for one in waiting["sanctions"]] == ["I sell no tea"]
    assert (own.status_code, done.status_code) == (403, 200)
    await ben.create_room()
    looks = house.db.look(_deeds_about, ben.user_id)
    assert looks == ["sanctions.impose", "sanctions.decide"]
    assert (await ben.call("GET", "/api/v1/staff/sanctions")).status_code == 403


def _deeds_about(read: Any, user_id: str) -> list[str]:
    from teahouse.chat.moderation.tables import chat_staff_access

    row = chat_staff_access.c
    statement = sa.select(row.deed).where(row.about == user_id).order_by(row.access_id)
    found = list(read.conn.execute(statement).scalars())
    # Of one millisecond the ids have no order.
    return sorted(found, key=["sanctions.impose", "sanctions.decide"].index)


async def test_clients_of_the_specification_suspend_too(ben: Guest, mo: Guest) -> None:
    path = f"/_matrix/client/v1/admin/suspend/{quote(ben.user_id)}"
    capabilities = (await mo.get("/capabilities"))["capabilities"]
    before = await mo.get(path)
    on = await mo.change("PUT", path, {"suspended": True})
    after = await mo.get(path)
    [sanction] = await _own(ben)
    off = await mo.change("PUT", path, {"suspended": False})

    assert capabilities["m.account_moderation"] == {"suspend": True}
    assert "m.account_moderation" not in (await ben.get("/capabilities"))["capabilities"]
    assert (before, on, after, off) == (
        {"suspended": False},
        {"suspended": True},
        {"suspended": True},
        {"suspended": False},
    )
    assert sanction["reason"] == "Suspended by the house's staff."
    await ben.create_room()
    root = "/_matrix/client/v1/admin/suspend/"
    codes = [
        (await guest.call("GET", root + quote(user_id))).status_code
        for guest, user_id in (
            (ben, mo.user_id),
            (ben, "@none:teahouse.test"),
            (mo, "@none:teahouse.test"),
            (mo, "@peter:elsewhere"),
            (mo, mo.user_id),
        )
    ]
    assert codes == [403, 403, 404, 400, 403]


async def test_a_member_gets_and_erases_what_was_imposed_on_them(
    house: House, ada: Guest, ben: Guest, mo: Guest, room_id: str
) -> None:
    await _remove(ada, room_id, ben)
    [sanction] = await _own(ben)
    await _appeal(ben, sanction)
    await _decide(mo, sanction)

    exported = house.db.look(export_member, ben.user_id)
    for one in (ada, mo):
        house.db.run(erase_member, one.user_id)
    [left] = await _own(ben)
    house.db.run(erase_member, ben.user_id)

    assert [one["appeal"] for one in exported["sanctions"]] == ["I sell no tea"]  # type: ignore[union-attr,index,call-overload]
    assert (left["by_user_id"], left["decided_by"]) == ("", None)
    assert await _own(ben) == []


async def test_the_database_itself_lets_nobody_decide_about_their_own(
    house: House, ada: Guest, ben: Guest, room_id: str
) -> None:
    await _remove(ada, room_id, ben)
    with house.db.engine.begin() as conn, pytest.raises(IntegrityError):
        conn.execute(sa.update(chat_sanction).values(decided_by=ada.user_id))
