"""The house tells each member once, in a chat of their own and in their language."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from teahouse.chat.news.jobs import tell_all
from teahouse.chat.news.rules import NEWS, make_message
from teahouse.chat.news.types import News
from teahouse.platform.data_map import FILE_CLASSES
from teahouse.platform.db import Database, Tx, metadata
from teahouse.platform.jobs import platform_job
from teahouse.privacy.official_requests.announcements import MembersTold
from teahouse.privacy.policy.commands import publish_version
from teahouse.privacy.policy.rules import collect_data, make_source
from teahouse.privacy.policy.types import PURPOSES, House
from tests.kit.chat_house import Guest, register_guest
from tests.kit.readability import reading_grade
from tests.kit.whole_house import WholeHouse

pytestmark = pytest.mark.anyio


@pytest.fixture
def house(db: Database, tmp_path: Path) -> WholeHouse:
    return WholeHouse(db, tmp_path)


def _publish(tx: Tx, *, without: str = "") -> int:
    data = [one for one in collect_data(metadata, FILE_CLASSES) if one.where != without]
    about = House(server_name="teahouse.test", contact="house@teahouse.test")
    return publish_version(tx, make_source(tuple(data), PURPOSES.values()), about)


async def _tell(house: WholeHouse) -> list[News]:
    """Do what waits, without taking it from the queue: as after a crash at the very end."""
    rows = house.db.run(
        lambda tx: list(
            tx.conn.execute(
                platform_job.select().where(platform_job.c.kind == "chat.tell_news")
            ).all()
        )
    )
    news = [msgspec.json.decode(row.payload, type=News) for row in rows]
    for one in news:
        await tell_all(house.services, one)
    return news


async def _said(guest: Guest) -> list[str]:
    """What the house has said to somebody, in all their chats."""
    synced = await guest.get("/sync")
    found: list[str] = []
    for room in synced.get("rooms", {}).get("join", {}).values():
        events: list[Any] = room["timeline"]["events"]
        found += [e["content"]["body"] for e in events if NEWS in e.get("content", {})]
    return found


async def test_members_are_told_of_a_new_version_once_and_go_on(house: WholeHouse) -> None:
    house.db.run(_publish, without="accounts_member.created_at")
    mei, tom = await register_guest(house, "mei"), await register_guest(house, "tom")
    me = quote(mei.user_id, safe="")
    path = f"/user/{me}/account_data/org.teahouse.language"
    await mei.change("PUT", path, {"language": "zh"})
    assert await _tell(house) == []
    house.services.clock.advance(1)  # type: ignore[attr-defined]
    house.db.run(_publish)
    late = await register_guest(house, "late")

    for _ in range(2):
        assert len(await _tell(house)) == 1

    [in_chinese] = await _said(mei)
    [in_both] = await _said(tom)
    assert "规则" in in_chinese
    assert "rules" not in in_chinese
    assert "rules" in in_both
    assert in_chinese in in_both
    # Whoever came after it has read it when they came.
    assert await _said(late) == []
    # Nobody has answered, and all goes on.
    room_id = await tom.create_room()
    await tom.say(room_id, "Tea at five?")
    standing = (await tom.call("GET", "/api/v1/privacy/policy")).json()
    assert standing["coming"]["number"] == 2


async def test_who_has_left_that_chat_is_not_called_back(house: WholeHouse) -> None:
    tom = await register_guest(house, "tom")
    house.db.run(lambda tx: tx.announce(MembersTold("oreq_1", (tom.user_id,))))
    await _tell(house)
    assert len(await _said(tom)) == 1
    [room_id] = (await tom.get("/joined_rooms"))["joined_rooms"]
    refused = await tom.call(
        "PUT", f"/rooms/{quote(room_id)}/send/m.room.message/1", {"msgtype": "m.text", "body": "?"}
    )
    assert refused.status_code == 403

    await tom.leave(room_id)
    house.db.run(lambda tx: tx.announce(MembersTold("oreq_2", (tom.user_id,))))
    await _tell(house)

    assert (await tom.get("/joined_rooms"))["joined_rooms"] == []
    assert (await tom.get("/sync")).get("rooms", {}).get("invite", {}) == {}


@pytest.mark.parametrize("kind", ["policy", "official"])
def test_it_is_said_in_words_for_a_child_of_twelve(kind: Any) -> None:
    said = make_message(News(key="x", kind=kind, day="2026-12-24"), "en")["body"]
    assert reading_grade(str(said)) <= 8
