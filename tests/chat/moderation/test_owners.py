"""What owners of rooms do: let in who knocks, and read the log. On both databases."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.kit.chat_house import Guest, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio


def _path(room_id: str, what: str) -> str:
    return f"/api/v1/rooms/{quote(room_id)}/{what}"


async def _knocked_at(ada: Guest, *guests: Guest) -> str:
    room_id = await ada.create_room()
    await ada.set_state(room_id, "m.room.join_rules", {"join_rule": "knock"})
    for guest in guests:
        await guest.change("POST", f"/knock/{quote(room_id)}", {"reason": f"I am {guest.user_id}"})
    return room_id


async def test_an_owner_lets_in_and_turns_away(house: House, ada: Guest, ben: Guest) -> None:
    cleo = await register_guest(house, "cleo")
    room_id = await _knocked_at(ada, ben, cleo)
    path = _path(room_id, "join_requests")

    first = await ada.get(path, limit=1)
    rest = await ada.get(path, limit=1, after=first["next"])
    let_in = await ada.call("POST", path, {"user_id": ben.user_id, "decision": "approve"})
    refusal = {"user_id": cleo.user_id, "decision": "refuse", "reason": "Full"}
    refused = await ada.call("POST", path, refusal)

    [request] = first["join_requests"]
    assert (request["user_id"], request["reason"]) == (ben.user_id, f"I am {ben.user_id}")
    assert [r["user_id"] for r in rest["join_requests"]] == [cleo.user_id]
    assert rest["next"] is None
    assert (let_in.status_code, refused.status_code) == (204, 204)
    assert await ada.get(path) == {"join_requests": [], "next": None}
    await ben.join(room_id)
    assert (await cleo.call("POST", f"/rooms/{quote(room_id)}/join", {})).status_code == 403


async def test_only_who_may_invite_decides(house: House, ada: Guest, ben: Guest) -> None:
    cleo = await register_guest(house, "cleo")
    room_id = await _knocked_at(ada, cleo)
    path = _path(room_id, "join_requests")
    yes: dict[str, Any] = {"user_id": cleo.user_id, "decision": "approve"}
    await ada.change("POST", f"/rooms/{quote(room_id)}/invite", {"user_id": ben.user_id})
    await ben.join(room_id)

    refused = [
        await ben.call("GET", path),
        await ben.call("POST", path, yes),
        await cleo.call("POST", path, yes),
        await ada.call("GET", _path("!no:teahouse.test", "join_requests")),
    ]
    unknown = await ada.call("POST", path, {**yes, "user_id": ben.user_id})
    malformed = [
        await ada.call("POST", path, {**yes, "decision": "perhaps"}),
        await ada.call("POST", path, {**yes, "more": 1}),
        await ada.call("GET", path, params={"after": "x"}),
    ]

    assert {r.status_code for r in refused} == {403}
    assert refused[0].headers["content-type"] == "application/problem+json"
    assert unknown.status_code == 404
    assert [r.status_code for r in malformed] == [400, 400, 400]


@pytest.mark.parametrize("version", ["10", "12"])
async def test_the_log_tells_who_did_what(
    house: House, ada: Guest, ben: Guest, version: str
) -> None:
    cleo = await register_guest(house, "cleo")
    room_id = await ada.create_room(room_version=version)
    room = f"/rooms/{quote(room_id)}"
    for guest in (ben, cleo):
        await guest.join(room_id)
    await ada.change("POST", f"{room}/kick", {"user_id": ben.user_id, "reason": "Slurping"})
    await ada.change("POST", f"{room}/ban", {"user_id": ben.user_id})
    await ada.change("POST", f"{room}/unban", {"user_id": ben.user_id})
    said = await cleo.say(room_id, "Bah")
    await ada.redact(room_id, said)
    await ada.redact(room_id, await ada.say(room_id, "Oops"))
    levels = await ada.get(f"{room}/state/m.room.power_levels")
    users = {**levels["users"], cleo.user_id: 50}
    await ada.set_state(room_id, "m.room.power_levels", {**levels, "users": users})

    log = await cleo.get(_path(room_id, "moderation_log"))

    told = [(e["deed"], e["by"], e["about"], e["reason"]) for e in log["entries"]]
    assert told[:5] == [
        ("power_change", ada.user_id, None, None),
        ("redaction", ada.user_id, cleo.user_id, None),
        ("unban", ada.user_id, ben.user_id, None),
        ("ban", ada.user_id, ben.user_id, None),
        ("kick", ada.user_id, ben.user_id, "Slurping"),
    ]
    changes = [{"user_id": cleo.user_id, "before": None, "after": 50}]
    assert log["entries"][0]["changes"] == changes
    assert log["entries"][1]["target_event_id"] == said
    first = await cleo.get(_path(room_id, "moderation_log"), limit=3)
    rest = await cleo.get(_path(room_id, "moderation_log"), before=first["next"])
    assert first["entries"] + rest["entries"] == log["entries"]
    assert (await ben.call("GET", _path(room_id, "moderation_log"))).status_code == 403
