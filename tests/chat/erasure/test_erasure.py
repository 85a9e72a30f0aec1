"""Closing an account with `erase`: what the member wrote is nowhere any more."""

from pathlib import Path
from typing import Any

import pytest

from teahouse import chat
from teahouse.chat.retention.queries import list_destroyed
from teahouse.platform.jobs import Worker
from tests.kit.chat_house import Guest
from tests.kit.house import House
from tests.kit.traces import files_that_hold, rows_that_hold

pytestmark = pytest.mark.anyio

MARK = "xyzzyplugh"
PUBLIC_KEY = "0" * 43


async def _write_everywhere(ada: Guest, ben: Guest, room: str) -> dict[str, str]:
    """Leave the mark by every route that takes a member's own words; the ids of messages."""
    me = ada.user_id
    await ada.change("PUT", f"/profile/{me}/displayname", {"displayname": f"{MARK}1"})
    await ada.change("PUT", f"/profile/{me}/avatar_url", {"avatar_url": f"mxc://x/{MARK}2"})
    said = await ada.say(room, f"{MARK}3")
    edit = {"rel_type": "m.replace", "event_id": said}
    new = {"msgtype": "m.text", "body": f"{MARK}4"}
    edited = await ada.send(room, {**new, "m.new_content": new, "m.relates_to": edit})
    reaction = {"rel_type": "m.annotation", "event_id": said, "key": f"{MARK}5"}
    reacted = await ada.send(room, {"m.relates_to": reaction}, "m.reaction")
    gone = await ada.say(room, f"{MARK}6")
    path = f"/rooms/{room}/redact/{gone}/{MARK}7"
    redaction = (await ada.change("PUT", path, {"reason": f"{MARK}8"}))["event_id"]
    own: dict[str, dict[str, Any]] = {
        "account_data/org.note": {"note": f"{MARK}9"},
        f"rooms/{room}/account_data/org.note": {"note": f"{MARK}10"},
        f"rooms/{room}/tags/u.{MARK}11": {"order": 0.5},
    }
    for part, content in own.items():
        await ada.change("PUT", f"/user/{me}/{part}", content)
    await ada.change("POST", f"/user/{me}/filter", {"room": {"rooms": [f"!{MARK}12"]}})
    uploaded = await ada.house.http.post(
        "/_matrix/media/v3/upload",
        params={"filename": f"{MARK}13.txt"},
        content=f"{MARK}14".encode(),
        headers={"Authorization": f"Bearer {ada.token}"},
    )
    assert uploaded.status_code == 200, uploaded.text
    rule = {"pattern": f"{MARK}15", "actions": ["notify"]}
    await ada.change("PUT", f"/pushrules/global/content/{MARK}16", rule)
    await ada.change("PUT", f"/devices/{ada.device_id}", {"display_name": f"{MARK}17"})
    backup = {"algorithm": "m.megolm_backup.v1", "auth_data": {"public_key": f"{MARK}18"}}
    await ada.change("POST", "/room_keys/version", backup)
    waiting = {"messages": {ben.user_id: {ben.device_id: {"body": f"{MARK}19"}}}}
    await ada.change("PUT", f"/sendToDevice/org.note/{MARK}20", waiting)
    await ada.change("POST", f"/rooms/{room}/report/{said}", {"reason": f"{MARK}21"})
    pusher = {
        "kind": "http",
        "app_id": f"{MARK}22",
        "pushkey": f"{MARK}23",
        "app_display_name": f"{MARK}24",
        "device_display_name": f"{MARK}25",
        "lang": "en",
        "data": {"url": "https://push.example/_matrix/push/v1/notify"},
    }
    await ada.change("POST", "/pushers/set", pusher)
    await ada.change("POST", f"/rooms/{room}/receipt/m.read/{said}", {})
    return {"said": said, "edited": edited, "reacted": reacted, "redaction": redaction}


async def _finish_jobs(house: House) -> None:
    worker = Worker(house.db, house.services, chat.job_kinds())
    while await worker.run_due():
        pass


async def test_nothing_that_an_erased_member_wrote_is_left(
    house: House, ada: Guest, ben: Guest, tmp_path: Path
) -> None:
    room = await ben.create_room(name="tea")
    await ada.join(room)
    his = await ben.say(room, "stays")
    events = await _write_everywhere(ada, ben, room)
    assert {"chat_event", "chat_media", "chat_push_rules"} <= set(rows_that_hold(house.db, MARK))
    since = (await ben.get("/sync"))["next_batch"]

    done = await house.confirm("POST", "/account/deactivate", {"erase": True}, token=ada.token)
    assert done.status_code == 200, done.text
    await _finish_jobs(house)

    assert rows_that_hold(house.db, MARK) == []
    assert files_that_hold(house.db, tmp_path, MARK) == []
    page = await ben.get(f"/rooms/{room}/messages", dir="b", limit=100)
    contents: dict[str, Any] = {e["event_id"]: e["content"] for e in page["chunk"]}
    assert [contents[events[name]] for name in ("said", "edited", "reacted")] == [{}, {}, {}]
    assert contents[his]["body"] == "stays"
    for query in ({}, {"since": since}):
        assert MARK not in (await ben.call("GET", "/sync", params=query)).text
    assert {run.reason for run in house.db.look(list_destroyed)} == {"erased"}


async def test_without_erasing_the_messages_stay(house: House, ada: Guest, ben: Guest) -> None:
    room = await ben.create_room()
    await ada.join(room)
    said = await ada.say(room, MARK)
    await house.confirm("POST", "/account/deactivate", {"erase": False}, token=ada.token)
    await _finish_jobs(house)
    assert (await ben.get(f"/rooms/{room}/event/{said}"))["content"]["body"] == MARK
    assert house.db.look(list_destroyed) == []


async def test_a_room_works_on_after_one_of_its_members_was_erased(
    house: House, ada: Guest, ben: Guest
) -> None:
    room = await ada.create_room(name="her room", topic="tea")
    await ben.join(room)
    await ada.say(room, MARK)
    await house.confirm("POST", "/account/deactivate", {"erase": True}, token=ada.token)
    await _finish_jobs(house)
    said = await ben.say(room, "still here")
    page = await ben.get(f"/rooms/{room}/messages", dir="b", limit=1)
    assert page["chunk"][0]["event_id"] == said
    state = {(e["type"], e["state_key"]): e for e in await ben.get(f"/rooms/{room}/state")}
    assert state["m.room.topic", ""]["content"]["topic"] == "tea"
    assert state["m.room.member", ada.user_id]["content"] == {"membership": "leave"}


async def test_the_job_may_run_twice(house: House, ada: Guest, ben: Guest) -> None:
    room = await ben.create_room()
    await ada.join(room)
    for number in range(150):
        await ada.say(room, f"{MARK} {number}")
    await house.confirm("POST", "/account/deactivate", {"erase": True}, token=ada.token)
    await _finish_jobs(house)
    runs = house.db.look(list_destroyed)
    assert sum(run.event_count for run in runs) == 152
    [job] = [kind for kind in chat.job_kinds() if kind.name == "chat.erase_history"]
    await job.handler(house.services, job.payload(ada.user_id))
    assert house.db.look(list_destroyed) == runs
