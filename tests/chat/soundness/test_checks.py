"""Each check passes on a house that was lived in, and names the row that somebody damaged."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse import app
from teahouse.accounts.tables import accounts_device, accounts_member
from teahouse.chat.event_store.tables import (
    chat_current_state,
    chat_event,
    chat_membership,
    chat_room,
    chat_state,
)
from teahouse.chat.keys.tables import chat_device_key
from teahouse.chat.media.tables import MEDIA_FILES, chat_media
from teahouse.chat.receipts.tables import chat_receipt
from teahouse.chat.retention.commands import empty_expired
from teahouse.platform.checks import Check, count_steps, run_checks
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Read
from tests.kit.chat_house import Guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

Damage = Callable[[sa.Connection], Any]


async def _live(house: House, ada: Guest, ben: Guest, clock: ManualClock) -> str:
    """Do a bit of everything; the room it happened in."""
    rooms = [await ada.create_room(room_version=version) for version in ("10", "11", "12")]
    for room in rooms:
        await ben.join(room)
        said = await ada.say(room, "tea")
        await ben.redact(room, await ben.say(room, "oops"))
        await ada.set_state(room, "m.room.topic", {"topic": "tea"})
        await ada.set_state(room, "org.teahouse.disappearing", {"seconds": 1})
        await ben.say(room, "soon gone")
        await ben.call("POST", f"/rooms/{room}/receipt/m.read/{said}", {})
    await ben.leave(rooms[0])
    await ada.change("PUT", f"/profile/{ada.user_id}/displayname", {"displayname": "Ada"})
    clock.advance(60_000)
    assert await house.db.write(empty_expired) == 3
    uploaded = await house.http.post(
        "/_matrix/media/v3/upload",
        content=b"a cup",
        headers={"Authorization": f"Bearer {ada.token}"},
    )
    assert uploaded.status_code == 200, uploaded.text
    return rooms[2]


def _run(read: Read, checks: list[Check]) -> dict[str, list[str]]:
    return {one.name: one.problems for one in run_checks(read, checks) if one.problems}


async def _find(house: House) -> dict[str, list[str]]:
    # On a reader's thread: the check of files has a loop of its own.
    return await house.db.read(_run, app.checks(house.services.settings))


async def test_a_house_that_was_lived_in_is_sound(
    house: House, ada: Guest, ben: Guest, clock: ManualClock
) -> None:
    await _live(house, ada, ben, clock)
    assert await _find(house) == {}


def _without_keys(conn: sa.Connection) -> None:
    """Let this connection break foreign keys, as only damage can."""
    if conn.dialect.name == "sqlite":
        # Within a transaction SQLite would not listen.
        connection = conn.connection.driver_connection
        assert connection is not None
        connection.execute("ROLLBACK")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
    else:
        conn.exec_driver_sql("SET session_replication_role = replica")


def _replace(old: str, new: str) -> Damage:
    """Change the stored form of a message."""

    def damage(conn: sa.Connection) -> None:
        is_message = sa.and_(
            chat_event.c.type == "m.room.message",
            chat_event.c.redacted_by.is_(None),
            chat_event.c.emptied_at.is_(None),
        )
        query = sa.select(chat_event.c.position, chat_event.c.pdu).where(is_message).limit(1)
        row = conn.execute(query).one()
        assert old.encode() in row.pdu
        conn.execute(
            sa.update(chat_event)
            .where(chat_event.c.position == row.position)
            .values(pdu=row.pdu.replace(old.encode(), new.encode()))
        )

    return damage


def _do(statement: Any) -> Damage:
    return lambda conn: conn.execute(statement)


_first_message = (
    sa.select(sa.func.min(chat_event.c.position))
    .where(chat_event.c.type == "m.room.message")
    .scalar_subquery()
)
_topics = chat_current_state.c.type == "m.room.topic"

_DAMAGES: list[tuple[str, str, Damage]] = [
    ("has the id", "another content hash", _replace('"body":"tea"', '"body":"mud"')),
    ("has the id", "has not the id", _replace('"origin_server_ts":1', '"origin_server_ts":2')),
    ("has the id", "is not signed", _replace('"ed25519:', '"ed25519:x')),
    ("has the id", "cannot be read", _replace("{", "[")),
    (
        "has the id",
        "another sender than",
        _do(
            sa.update(chat_event)
            .where(chat_event.c.position == _first_message)
            .values(sender="@eve:teahouse.test")
        ),
    ),
    (
        "follow one another",
        "does not follow",
        _do(sa.delete(chat_event).where(chat_event.c.position == _first_message)),
    ),
    ("follow one another", "has a depth", _replace('"depth":', '"depth":1')),
    ("knows its last event", "which it is not", _do(sa.update(chat_room).values(head_position=1))),
    ("knows its last event", "has not the depth", _do(sa.update(chat_room).values(depth=99))),
    (
        "knows its last event",
        "not there",
        _do(sa.update(chat_room).values(state_event_id="$gone")),
    ),
    (
        "has its place in",
        "without a place",
        _do(sa.delete(chat_state).where(chat_state.c.type == "m.room.topic")),
    ),
    (
        "has its place in",
        "without such an event",
        _do(
            sa.update(chat_state)
            .where(chat_state.c.type == "m.room.topic")
            .values(state_key="other")
        ),
    ),
    ("the latest of each kind", "the latest m.room.topic", _do(
        sa.delete(chat_current_state).where(_topics)
    )),
    ("the latest of each kind", "the latest m.room.topic", _do(
        sa.update(chat_current_state).where(_topics).values(position=1)
    )),
    ("Memberships are", "another membership", _do(
        sa.update(chat_membership).values(membership="ban")
    )),
    ("Memberships are", "not in its state", _do(
        sa.insert(chat_membership).values(
            user_id="@eve:teahouse.test", room_id="!x", membership="join", position=1,
            is_forgotten=False,
        )
    )),
    ("Receipts are for", "not in its room", _do(sa.update(chat_receipt).values(event_id="$gone"))),
    ("Receipts are of members", "@eve", _do(
        sa.update(chat_receipt).values(user_id="@eve:teahouse.test")
    )),
    ("Media are of members", "@eve", _do(
        sa.update(chat_media).values(user_id="@eve:teahouse.test")
    )),
    ("Each medium has", "another size", _do(sa.update(chat_media).values(size=1))),
    ("Device keys are", "PHONE", _do(
        sa.insert(chat_device_key).values(
            user_id="@eve:teahouse.test", device_id="PHONE", device_keys=b"{}"
        )
    )),
    ("belongs to another row", "belongs to no row of accounts_device", _do(
        sa.delete(accounts_device)
    )),
    ("belongs to another row", "accounts_device @ada:teahouse.test", _do(
        sa.delete(accounts_member).where(accounts_member.c.user_id == "@ada:teahouse.test")
    )),
    ("outlived its time", "should have disappeared", _do(
        sa.update(chat_event).where(chat_event.c.position == _first_message).values(expires_at=1)
    )),
]  # fmt: skip


@pytest.mark.parametrize(("name", "told", "damage"), _DAMAGES)
async def test_damage_is_found_and_named(
    house: House,
    ada: Guest,
    ben: Guest,
    clock: ManualClock,
    name: str,
    told: str,
    damage: Damage,
) -> None:
    await _live(house, ada, ben, clock)
    with house.db.engine.connect() as conn:
        conn.begin()
        _without_keys(conn)
        damage(conn)
        conn.commit()
    found = {key: problems for key, problems in (await _find(house)).items() if name in key}
    [problems] = found.values()
    assert any(told in problem for problem in problems), problems


async def test_a_lost_file_is_found(
    house: House, ada: Guest, ben: Guest, clock: ManualClock
) -> None:
    await _live(house, ada, ben, clock)
    with house.db.reading() as read:
        row = read.conn.execute(sa.select(chat_media.c.media_id, chat_media.c.stored_as)).one()
    await house.services.files.delete(MEDIA_FILES, row.stored_as)
    [[problem]] = (await _find(house)).values()
    assert problem == f"{row.media_id} has lost its file {row.stored_as}"


def test_long_checks_tell_how_far_they_are(db: Database) -> None:
    check = Check("tests: Slow", lambda _read: iter([None, "wrong", None]), lambda _read: 2)
    steps: list[int] = []
    with db.reading() as read:
        assert count_steps(read, [check]) == 3
        [checked] = run_checks(read, [check], steps.append)
    assert (checked.problems, sum(steps)) == (["wrong"], 3)
