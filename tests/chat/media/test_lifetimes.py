"""When media go: with the events that showed them, or after nobody looked at them for long."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from teahouse import chat
from teahouse.chat.media.live import MediaDesk
from teahouse.chat.media.rules import find_media_ids
from teahouse.chat.media.tables import MEDIA_FILES, chat_media
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

SERVER = "teahouse.test"
DAY = 86_400_000
GONE = {"seconds": 60}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return make_chat_house(db, tmp_path, media_days=30)


async def upload(guest: Guest) -> str:
    answered = await guest.call("POST", "/_matrix/media/v3/upload", content=b"a picture of tea")
    assert answered.status_code == 200, answered.text
    uri: str = answered.json()["content_uri"]
    return uri


async def is_there(guest: Guest, uri: str) -> bool:
    path = f"/_matrix/client/v1/media/download/{uri.removeprefix('mxc://')}"
    answered = await guest.call("GET", path)
    assert answered.status_code in {200, 404}
    return bool(answered.status_code == 200)


async def files(house: House) -> int:
    return len([file async for file in house.services.files.list(MEDIA_FILES)])


async def run_jobs(house: House) -> None:
    while await Worker(house.db, house.services, chat.job_kinds()).run_due():
        pass


async def disappearing_room(guest: Guest) -> str:
    room = await guest.create_room()
    await guest.set_state(room, "org.teahouse.disappearing", GONE)
    return room


async def show(guest: Guest, room: str, uri: str, **content: Any) -> str:
    return await guest.send(room, {"msgtype": "m.image", "body": "tea", "url": uri, **content})


async def test_media_go_with_the_message_that_showed_them(house: House, clock: ManualClock) -> None:
    ada, ben = await register_guest(house, "ada"), await register_guest(house, "ben")
    picture, small, other = await upload(ada), await upload(ada), await upload(ada)
    room = await disappearing_room(ada)
    await show(ada, room, picture, info={"thumbnail_url": small})
    clock.advance(59_999)
    await run_jobs(house)
    assert await is_there(ben, picture)
    clock.advance(60_001)
    await run_jobs(house)
    assert [await is_there(ben, uri) for uri in (picture, small, other)] == [False, False, True]
    assert await files(house) == 1


async def test_media_that_are_shown_elsewhere_stay(house: House, clock: ManualClock) -> None:
    ada = await register_guest(house, "ada")
    uris = [await upload(ada) for _ in range(5)]
    forwarded, avatar, sticker, of_room, twice = uris
    room, lasting = await disappearing_room(ada), await ada.create_room()
    for uri in uris:
        await show(ada, room, uri)
    await show(ada, room, twice)
    await show(ada, lasting, forwarded)
    me = quote(ada.user_id, safe="")
    await ada.change("PUT", f"/profile/{me}/avatar_url", {"avatar_url": avatar})
    pack = {"images": {"tea": {"url": sticker}}}
    await ada.change("PUT", f"/user/{me}/account_data/im.ponies.user_emotes", pack)
    await ada.set_state(lasting, "m.room.avatar", {"url": of_room})
    clock.advance(120_000)
    await run_jobs(house)
    there = [await is_there(ada, uri) for uri in uris]
    assert there == [True, True, True, True, False]


async def test_nobodys_message_takes_anothers_media_along(house: House, clock: ManualClock) -> None:
    ada, eve = await register_guest(house, "ada"), await register_guest(house, "eve")
    hers = await upload(ada)
    await show(eve, await disappearing_room(eve), hers)
    clock.advance(120_000)
    await run_jobs(house)
    assert await is_there(ada, hers)


async def test_a_redacted_message_holds_media_no_longer(house: House, clock: ManualClock) -> None:
    ada = await register_guest(house, "ada")
    uri = await upload(ada)
    room, lasting = await disappearing_room(ada), await ada.create_room()
    await show(ada, room, uri)
    await ada.redact(lasting, await show(ada, lasting, uri))
    assert await is_there(ada, uri)
    clock.advance(120_000)
    await run_jobs(house)
    assert not await is_there(ada, uri)


async def test_of_media_older_than_our_notes_nothing_is_guessed(
    house: House, clock: ManualClock
) -> None:
    ada = await register_guest(house, "ada")
    uri = await upload(ada)
    house.db.run(lambda tx: tx.conn.execute(chat_media.update().values(knows_uses=None)))
    await show(ada, await disappearing_room(ada), uri)
    clock.advance(120_000)
    await run_jobs(house)
    assert await is_there(ada, uri)


async def test_what_nobody_looks_at_is_removed(house: House, clock: ManualClock) -> None:
    ada = await register_guest(house, "ada")
    unseen, seen, avatar, of_room, aside = [await upload(ada) for _ in range(5)]
    me = quote(ada.user_id, safe="")
    await ada.change("PUT", f"/profile/{me}/avatar_url", {"avatar_url": avatar})
    room = await ada.create_room()
    await ada.set_state(room, "m.room.avatar", {"url": of_room})
    await show(ada, room, unseen)
    aside_id = aside.rpartition("/")[2]
    put_aside = chat_media.update().where(chat_media.c.media_id == aside_id)
    house.db.run(lambda tx: tx.conn.execute(put_aside.values(is_quarantined=True)))
    clock.advance(29 * DAY)
    await run_jobs(house)
    assert await is_there(ada, seen)
    await house.services.get(MediaDesk).settle()
    clock.advance(2 * DAY)
    await run_jobs(house)
    assert await files(house) == 4
    house.db.run(lambda tx: tx.conn.execute(put_aside.values(is_quarantined=False)))
    there = [await is_there(ada, uri) for uri in (unseen, seen, avatar, of_room, aside)]
    assert there == [False, True, True, True, True]


async def test_pictures_of_rooms_stay_though_they_are_older_than_our_notes(
    house: House, clock: ManualClock
) -> None:
    ada = await register_guest(house, "ada")
    uri, other = await upload(ada), await upload(ada)
    await ada.set_state(await ada.create_room(), "m.room.avatar", {"url": uri})
    old = chat_media.update().values(knows_uses=None, last_used_at=0)
    house.db.run(lambda tx: tx.conn.execute(old))
    house.db.run(lambda tx: tx.conn.exec_driver_sql("DELETE FROM chat_media_use"))
    clock.advance(31 * DAY)
    await run_jobs(house)
    assert [await is_there(ada, uri), await is_there(ada, other)] == [True, False]


async def test_without_a_lifetime_everything_stays(
    db: Database, tmp_path: Path, clock: ManualClock
) -> None:
    house = make_chat_house(db, tmp_path)
    ada = await register_guest(house, "ada")
    uri = await upload(ada)
    clock.advance(4000 * DAY)
    await run_jobs(house)
    assert await is_there(ada, uri)


async def test_an_event_may_name_media_that_are_not_there(house: House) -> None:
    ada = await register_guest(house, "ada")
    room = await ada.create_room()
    await show(ada, room, f"mxc://{SERVER}/nothing")
    await show(ada, room, "mxc://elsewhere.example/tea")
    many = {f"key{n}": f"mxc://{SERVER}/{n:040}" for n in range(800)}
    await show(ada, room, f"mxc://{SERVER}/{'a' * 500}", **many)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"url":"mxc://teahouse.test/abc_-9"}', ["abc_-9"]),
        ('["mxc://teahouse.test/b","mxc://teahouse.test/a","mxc://teahouse.test/b"]', ["b", "a"]),
        (b'{"url":"mxc://teahouseXtest/abc"}', []),
        (b'{"url":"mxc://teahouse.test.evil/abc"}', []),
        (b'{"url":"https://teahouse.test/abc"}', []),
        (b'{"url":"mxc://teahouse.test/"}', []),
    ],
)  # fmt: skip
async def test_content_uris_are_found_in_json(text: bytes | str, found: list[str]) -> None:
    assert find_media_ids(text, SERVER) == found
