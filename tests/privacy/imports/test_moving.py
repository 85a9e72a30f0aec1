"""Moving house: what a member takes out of one is there in another, and can be taken back."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from teahouse import accounts
from teahouse.app import checks
from teahouse.chat.archives import live
from teahouse.chat.archives.commands import say_again
from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.media.tables import chat_media
from teahouse.platform.checks import run_checks
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Tx
from teahouse.platform.requester import Requester
from teahouse.privacy.imports.commands import undo_import
from teahouse.privacy.imports.tables import privacy_import_item
from tests.kit.archives import make_archive, run_jobs
from tests.kit.chat_house import Guest, register_guest
from tests.kit.database import DatabaseKind, Databases, open_database
from tests.kit.wallet_house import Payer, register_payer
from tests.kit.whole_house import WholeHouse

IMPORTS = "/api/v1/privacy/imports"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"a picture" * 50
ALL = ["profile", "avatar", "settings", "contacts", "ignored", "chats", "documents", "encrypted"]


@dataclass
class Move:
    """Two houses, and a member of each who is one person."""

    loop: asyncio.Runner
    old: WholeHouse
    new: WholeHouse
    ada: Payer
    newcomer: Guest
    room: str
    archive: bytes


@pytest.fixture
def move(
    databases: Databases, database_kind: DatabaseKind, clock: ManualClock, tmp_path: Path
) -> Iterator[Move]:
    urls = [databases.create(database_kind) for _ in range(2)]
    with open_database(urls[0], clock) as one, open_database(urls[1], clock) as two:
        old = WholeHouse(one, tmp_path / "old", server_name="old.test")
        new = WholeHouse(two, tmp_path / "new", server_name="new.test")
        with asyncio.Runner() as loop:
            yield loop.run(_live(loop, old, new, clock))
    for url in urls:
        databases.drop(url)


async def _live(loop: asyncio.Runner, old: WholeHouse, new: WholeHouse, clock: ManualClock) -> Move:
    ada, ben = await register_payer(old, "ada", cny=5000), await register_guest(old, "ben")
    me = ada.user_id
    picture = await upload(ada, PICTURE)
    await ada.change("PUT", f"/profile/{me}/displayname", {"displayname": "Ada of Old"})
    await ada.change("PUT", f"/profile/{me}/avatar_url", {"avatar_url": picture})
    room = await ada.create_room(name="Tea & talk")
    locked = await ada.create_room(preset="private_chat", name="Secret", invite=[ben.user_id])
    await ben.join(room)
    for number in range(1, 6):
        clock.advance(60_000)
        await (ada if number % 2 else ben).say(room, f"message {number}")
    await ada.send(room, {"msgtype": "m.image", "body": "leaf.png", "url": picture})
    settings: dict[str, dict[str, Any]] = {
        "m.direct": {ben.user_id: [locked]},
        "m.ignored_user_list": {"ignored_users": {"@troll:old.test": {}}},
        "org.example.theme": {"colour": "green"},
        "m.secret_storage.default_key": {"key": "abc"},
    }
    for kind, content in settings.items():
        await ada.change("PUT", f"/user/{me}/account_data/{kind}", content)
    newcomer = await register_guest(new, "ada2")
    archive = await make_archive(ada)
    return Move(loop, old, new, ada, newcomer, room, archive)


async def upload(guest: Guest, content: bytes) -> str:
    done = await guest.house.http.post(
        "/_matrix/media/v3/upload?filename=leaf.png",
        content=content,
        headers={"Authorization": f"Bearer {guest.token}", "Content-Type": "image/png"},
    )
    return str(done.json()["content_uri"])


async def bring(guest: Guest, archive: bytes) -> httpx.Response:
    return await guest.house.http.post(
        IMPORTS, content=archive, headers={"Authorization": f"Bearer {guest.token}"}
    )


async def _messages(guest: Guest, room: str) -> list[Any]:
    path = f"/rooms/{quote(room, safe='')}/messages"
    told = await guest.get(path, dir="f", limit=100)
    return [one for one in told["chunk"] if one["type"] == "m.room.message"]


async def _account_data(guest: Guest, kind: str) -> Any:
    done = await guest.call("GET", f"/user/{guest.user_id}/account_data/{kind}")
    return done.json() if done.is_success else None


async def _try_move(move: Move) -> None:
    me = move.newcomer
    done = await bring(me, move.archive)
    assert done.status_code == httpx.codes.CREATED, done.text
    taken = done.json()
    assert taken["from_server"] == "old.test"
    assert taken["from_user"] == move.ada.user_id
    offers = {one["kind"]: (one["count"], one["will"], one["why"]) for one in taken["offers"]}
    assert offers == {
        "profile": (1, True, ""),
        "avatar": (1, True, ""),
        "settings": (1, True, ""),
        "contacts": (1, True, ""),
        "ignored": (1, True, ""),
        "chats": (1, True, ""),
        "documents": (3, True, ""),
        "encrypted": (1, False, "locked"),
        "money": (1, False, "money-stays"),
    }
    # Nothing is brought in before the member says so, and the same archive is kept once.
    assert (await me.get("/joined_rooms"))["joined_rooms"] == []
    assert (await bring(me, move.archive)).json()["import_id"] == taken["import_id"]
    place = f"{IMPORTS}/{taken['import_id']}"
    begun = await me.call("POST", f"{place}/begin", {"kinds": ALL})
    assert begun.status_code == httpx.codes.ACCEPTED, begun.text
    again = await me.call("POST", f"{place}/begin", {"kinds": ALL})
    assert again.status_code == httpx.codes.CONFLICT
    await run_jobs(me)
    told = (await me.call("GET", place)).json()
    assert (told["status"], told["progress"]) == ("done", 100)
    await _check_brought(move)
    # Once more: it stands already.
    assert (await bring(me, move.archive)).json()["status"] == "done"
    assert await asyncio.to_thread(find_problems, move.new) == []
    await me.call("DELETE", place)
    await run_jobs(me)
    assert (await me.call("GET", place)).json()["status"] == "undone"
    await _check_taken_back(move)
    assert await asyncio.to_thread(find_problems, move.new) == []


def find_problems(house: WholeHouse) -> list[Any]:
    found = house.db.look(lambda read: list(run_checks(read, checks(house.services.settings))))
    return [problem for checked in found for problem in checked.problems]


async def _check_brought(move: Move) -> None:
    me = move.newcomer
    shown = await me.get(f"/profile/{me.user_id}")
    assert shown["displayname"] == "Ada of Old"
    media_id = shown["avatar_url"].rpartition("/")[2]
    got = await me.call("GET", f"/_matrix/client/v1/media/download/new.test/{media_id}")
    assert got.content == PICTURE
    assert await _account_data(me, "org.example.theme") == {"colour": "green"}
    assert await _account_data(me, "m.secret_storage.default_key") is None
    ignored = await _account_data(me, "m.ignored_user_list")
    assert ignored == {"ignored_users": {"@troll:old.test": {}}}
    contacts = await _account_data(me, "org.teahouse.brought_contacts")
    assert [one["user_id"] for one in contacts["contacts"]] == ["@ben:old.test"]
    rooms = (await me.get("/joined_rooms"))["joined_rooms"]
    names = {
        (await me.get(f"/rooms/{quote(room, safe='')}/state/m.room.name"))["name"]: room
        for room in rooms
    }
    assert sorted(names) == ["Tea & talk (old.test)", "old.test: statements · 对账单"]
    here = await _messages(me, names["Tea & talk (old.test)"])
    there = await _messages(move.ada, move.room)
    assert len(here) == len(there) == 6
    for one, other in zip(here, there, strict=True):
        said = one["content"]["org.teahouse.archived"]
        assert said["sender"] == other["sender"]
        assert said["body"] == other["content"]["body"]
        assert one["origin_server_ts"] == other["origin_server_ts"]
        assert one["sender"] == "@archives:new.test"
    assert here[-1]["content"]["msgtype"] == "m.image"
    media_id = here[-1]["content"]["url"].rpartition("/")[2]
    got = await me.call("GET", f"/_matrix/client/v1/media/download/new.test/{media_id}")
    assert got.content == PICTURE
    # It is what was said: nobody adds to it.
    path = f"/rooms/{quote(names['Tea & talk (old.test)'], safe='')}/send/m.room.message/1"
    added = await me.call("PUT", path, {"msgtype": "m.text", "body": "and I say"})
    assert added.status_code == httpx.codes.FORBIDDEN
    papers = await _messages(me, names["old.test: statements · 对账单"])
    assert len(papers) == 3


async def _check_taken_back(move: Move) -> None:
    me = move.newcomer
    shown = await me.get(f"/profile/{me.user_id}")
    assert shown.get("displayname") != "Ada of Old"
    assert "avatar_url" not in shown
    assert await _account_data(me, "org.example.theme") == {}
    assert await _account_data(me, "m.ignored_user_list") == {"ignored_users": {}}
    assert (await _account_data(me, "org.teahouse.brought_contacts"))["contacts"] == []
    assert (await me.get("/joined_rooms"))["joined_rooms"] == []
    with move.new.db.engine.connect() as conn:
        said = list(conn.execute(sa.select(chat_event.c.pdu)).scalars())
        media = conn.execute(sa.select(sa.func.count()).select_from(chat_media)).scalar_one()
    assert media == 0
    assert not any(b"message 1" in pdu for pdu in said)


def test_what_is_taken_out_of_one_house_is_there_in_another_and_can_be_taken_back(
    move: Move,
) -> None:
    move.loop.run(_try_move(move))


async def _try_crash(move: Move, monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    me, calls = move.newcomer, [0]

    def break_off(tx: Tx, *args: Any, **options: Any) -> None:
        calls[0] += 1
        say_again(tx, *args, **options)
        if calls[0] == 2:
            raise OSError("the power is gone")

    monkeypatch.setattr(live, "say_again", break_off)
    monkeypatch.setattr(live, "_SAID_AT_ONCE", 2)
    taken = (await bring(me, move.archive)).json()
    place = f"{IMPORTS}/{taken['import_id']}"
    await me.call("POST", f"{place}/begin", {"kinds": ["chats", "profile"]})
    await run_jobs(me)
    assert (await me.call("GET", place)).json()["status"] == "importing"
    assert (await me.get("/joined_rooms"))["joined_rooms"] == [], "let in when all is said"
    clock.advance(60_000)
    await run_jobs(me)
    assert (await me.call("GET", place)).json()["status"] == "done"
    (room,) = (await me.get("/joined_rooms"))["joined_rooms"]
    said = [one["content"]["org.teahouse.archived"]["body"] for one in await _messages(me, room)]
    assert said == [*(f"message {number}" for number in range(1, 6)), "leaf.png"]


async def _try_stop(move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    me = move.newcomer
    taken = (await bring(me, move.archive)).json()
    place = f"{IMPORTS}/{taken['import_id']}"

    def stop(tx: Tx, *args: Any, **options: Any) -> None:
        """The member takes it back while it comes in."""
        undo_import(tx, Requester(user_id=me.user_id), taken["import_id"])
        say_again(tx, *args, **options)

    monkeypatch.setattr(live, "say_again", stop)
    await me.call("POST", f"{place}/begin", {"kinds": ["chats", "profile"]})
    # What was taken back in a transaction that is refused was not taken back.
    await run_jobs(me)
    assert (await me.call("GET", place)).json()["status"] == "importing"
    assert (await me.call("DELETE", place)).json()["status"] == "undoing"
    await run_jobs(me)
    assert (await me.call("GET", place)).json()["status"] == "undone"
    assert (await me.get("/joined_rooms"))["joined_rooms"] == []
    shown = await me.get(f"/profile/{me.user_id}")
    assert shown.get("displayname") != "Ada of Old"


async def _try_erasure(move: Move) -> None:
    me = move.newcomer
    assert len((await me.get("/joined_rooms"))["joined_rooms"]) == 1
    await move.new.db.write(accounts.erase_member, me.user_id)
    await run_jobs(me)
    with move.new.db.engine.connect() as conn:
        said = list(conn.execute(sa.select(chat_event.c.pdu)).scalars())
        left = conn.execute(sa.select(privacy_import_item)).all()
    assert not any(b"message 1" in pdu for pdu in said)
    assert left == []


def test_it_can_be_stopped_a_crash_doubles_nothing_and_it_goes_with_its_member(
    move: Move, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    with monkeypatch.context() as patch:
        move.loop.run(_try_stop(move, patch))
    with monkeypatch.context() as patch:
        move.loop.run(_try_crash(move, patch, clock))
    move.loop.run(_try_erasure(move))
