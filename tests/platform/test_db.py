"""The writer, the readers and who is told, on both databases."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable

import pytest
import sqlalchemy as sa

from teahouse.platform import db as db_module
from teahouse.platform.announcements import Announcement, CachesOutdated
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Read, Tx, upsert
from teahouse.platform.errors import Overloaded, Refusal
from teahouse.platform.jobs import platform_timetable
from tests.kit.database import open_database
from tests.kit.traces import log_of

# Any small table will do: a name and a number.
table = platform_timetable


class CupFilled(Announcement, frozen=True):
    """Said by the commands below."""

    cup: str


def fill(tx: Tx, cup: str, number: int = 0) -> int:
    tx.conn.execute(sa.insert(table), {"kind": cup, "last_run_at": number})
    tx.announce(CupFilled(cup))
    return tx.next_position()


def fill_and_refuse(tx: Tx, cup: str) -> None:
    fill(tx, cup)
    raise Refusal("no more tea")


def fill_and_break(tx: Tx, cup: str) -> None:
    fill(tx, cup)
    raise ZeroDivisionError


def fill_all(tx: Tx, cups: list[str]) -> list[int | Exception]:
    """A batched command that refuses what begins with `-`."""
    return [Refusal(cup) if cup.startswith("-") else fill(tx, cup) for cup in cups]


def cups(read: Read) -> list[str]:
    return list(read.conn.execute(sa.select(table.c.kind).order_by(table.c.kind)).scalars())


def together(*calls: object) -> list[object]:
    """Outcomes of calls that wait for the writer side by side."""

    async def story() -> list[object]:
        return await asyncio.gather(*calls, return_exceptions=True)  # type: ignore[call-overload, no-any-return]  # writes of any kind

    return asyncio.run(story())


# Changes


def test_a_command_returns_and_its_change_is_there(db: Database) -> None:
    position = db.run(fill, "a")
    assert position == db.position == db.poll_position() == 1
    assert db.look(cups) == ["a"]


def test_commands_that_wait_together_are_committed_together_and_answered_apart(
    db: Database,
) -> None:
    commits: list[object] = []
    sa.event.listen(db.engine, "commit", commits.append)
    blocked, go = threading.Event(), threading.Event()

    def block(_tx: Tx) -> None:
        blocked.set()
        go.wait()

    async def story() -> list[object]:
        first = asyncio.create_task(db.write(block))
        await asyncio.to_thread(blocked.wait)
        waiting = asyncio.gather(
            db.write(fill, "a"), db.write(fill_and_refuse, "b"), db.write(fill, "c"),
            return_exceptions=True,
        )  # fmt: skip
        await asyncio.sleep(0)
        go.set()
        await first
        return list(await waiting)

    first, refused, last = asyncio.run(story())
    assert first == 1
    assert isinstance(refused, Refusal)
    # The refused command's position stays unused: a gap means nothing.
    assert last == 3
    assert len(commits) == 2
    assert db.look(cups) == ["a", "c"]


def test_a_defect_breaks_only_its_own_command(db: Database) -> None:
    outcomes = together(
        db.write(fill, "a"), db.write(fill_and_break, "b"), db.write(fill, "a"), db.write(fill, "c")
    )
    assert [type(outcome) for outcome in outcomes] == [
        int, ZeroDivisionError, sa.exc.IntegrityError, int,
    ]  # fmt: skip
    assert db.look(cups) == ["a", "c"]


def test_a_refused_command_changes_nothing_and_tells_nobody(db: Database) -> None:
    heard: list[Announcement] = []
    db.listen(lambda announcements, _position: heard.extend(announcements))
    with pytest.raises(Refusal, match="no more tea"):
        db.run(fill_and_refuse, "a")
    assert db.look(cups) == []
    assert db.poll_position() == 0
    assert heard == []


class Spilled(Refusal):
    """Refused by the command below."""


def fill_and_spill(tx: Tx, cup: str) -> None:
    fill(tx, cup)
    raise Spilled(cup)


def note_spilled(tx: Tx, spilled: Spilled) -> None:
    fill(tx, f"noted {spilled}")


def fill_all_or_spill(tx: Tx, cups: list[str]) -> list[int | Exception]:
    """A batched command that spills what begins with `-`."""
    return [Spilled(cup) if cup.startswith("-") else fill(tx, cup) for cup in cups]


def test_a_refusal_is_noted_after_what_it_refused_was_rolled_back(db: Database) -> None:
    heard: list[Announcement] = []
    db.listen(lambda said, _position: heard.extend(said))
    db.note_refusals(Spilled, note_spilled)
    # Alone, beside others, and in a batch.
    with pytest.raises(Spilled, match="first"):
        db.run(fill_and_spill, "first")
    assert db.look(cups) == ["noted first"]

    async def story() -> list[object]:
        calls: list[Awaitable[object]] = [
            db.write(fill, "kept"),
            db.write(fill_and_spill, "second"),
            db.write(fill_and_refuse, "another reason"),
            db.write_batched(fill_all_or_spill, "-third"),
            db.write_batched(fill_all_or_spill, "fourth"),
        ]
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = asyncio.run(story())
    assert [type(outcome) for outcome in outcomes] == [int, Spilled, Refusal, Spilled, int]
    left = ["fourth", "kept", "noted -third", "noted first", "noted second"]
    assert db.look(cups) == left
    assert sorted(said.cup for said in heard if isinstance(said, CupFilled)) == left


def test_a_batched_command_answers_item_by_item(db: Database) -> None:
    outcomes = together(*(db.write_batched(fill_all, cup) for cup in ("a", "-b", "c")))
    assert [type(outcome) for outcome in outcomes] == [int, Refusal, int]
    assert db.look(cups) == ["a", "c"]


def test_batched_and_single_commands_keep_their_order(db: Database) -> None:
    outcomes = together(
        db.write_batched(fill_all, "a"), db.write_batched(fill_all, "b"), db.write(fill, "c"),
        db.write_batched(fill_all, "d"), db.write(fill_and_refuse, "e"), db.write(fill, "f"),
    )  # fmt: skip
    positions = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert positions == sorted(positions)
    assert db.look(cups) == ["a", "b", "c", "d", "f"]


def test_all_commands_of_a_transaction_see_one_instant(db: Database, clock: ManualClock) -> None:
    def two_instants(tx: Tx) -> tuple[int, int]:
        first = tx.now
        clock.advance(5)
        return first, tx.now

    assert db.run(two_instants) == (clock.now_ms() - 5, clock.now_ms() - 5)


def test_too_much_work_is_refused(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_module, "QUEUE_SIZE_MAX", 2)
    go = threading.Event()

    def block(_tx: Tx) -> None:
        go.wait()

    async def story() -> list[object]:
        first = asyncio.create_task(db.write(block))
        await asyncio.sleep(0.05)
        outcomes = asyncio.gather(*(db.write(fill, cup) for cup in "abc"), return_exceptions=True)
        await asyncio.sleep(0)
        go.set()
        await first
        return list(await outcomes)

    assert [type(outcome) for outcome in asyncio.run(story())] == [int, int, Overloaded]


def test_stopping_finishes_what_waits(database_url: str, clock: ManualClock) -> None:
    async def story(db: Database) -> list[int]:
        waiting = [asyncio.create_task(db.write(fill, str(cup))) for cup in range(50)]
        await asyncio.sleep(0)
        await asyncio.to_thread(db.stop)
        return await asyncio.gather(*waiting)

    with open_database(database_url, clock) as db:
        assert len(asyncio.run(story(db))) == 50


def test_an_upsert_overwrites_only_what_it_names(db: Database) -> None:
    def put(tx: Tx, number: int, *changes: str) -> None:
        tx.conn.execute(upsert(table, *changes).values(kind="a", last_run_at=number))

    def numbers(read: Read) -> list[int]:
        return list(read.conn.execute(sa.select(table.c.last_run_at)).scalars())

    db.run(put, 1)
    db.run(put, 2)
    assert db.look(numbers) == [1]
    db.run(put, 3, "last_run_at")
    assert db.look(numbers) == [3]


# Who is told


def test_listeners_are_told_after_the_commit_and_before_the_answer(db: Database) -> None:
    order: list[object] = []

    def listen(announcements: list[Announcement], position: int) -> None:
        order.append((announcements, position, db.look(cups)))

    db.listen(listen)

    async def story() -> None:
        await db.write(fill, "a")
        order.append("answered")

    asyncio.run(story())
    assert order == [([CupFilled("a")], 1, ["a"]), "answered"]


def test_reactions_run_in_the_same_transaction(db: Database) -> None:
    def react(tx: Tx, said: CupFilled) -> None:
        if said.cup == "poison":
            raise Refusal("not with this tea")
        tx.conn.execute(sa.insert(table), {"kind": f"saucer of {said.cup}", "last_run_at": 0})

    db.react(CupFilled, react)
    db.run(fill, "a")
    with pytest.raises(Refusal, match="not with"):
        db.run(fill, "poison")
    assert db.look(cups) == ["a", "saucer of a"]


def test_writing_by_another_process_is_noticed_with_the_next_position(
    db: Database, database_url: str, clock: ManualClock
) -> None:
    heard: list[Announcement] = []
    db.listen(lambda announcements, _position: heard.extend(announcements))
    db.run(fill, "own")
    with open_database(database_url, clock) as other:
        assert other.run(fill, "theirs") == 2
    assert heard == [CupFilled("own")]
    assert db.run(fill, "next") == 3
    assert heard == [CupFilled("own"), CachesOutdated(), CupFilled("next")]


def test_two_servers_share_one_order_without_a_gap_or_a_double(
    db: Database, database_url: str, clock: ManualClock
) -> None:
    async def story(other: Database) -> list[int]:
        writes = [
            server.write(fill, f"{name} {number:02}")
            for number in range(25)
            for name, server in (("one", db), ("other", other))
        ]
        return await asyncio.gather(*writes)

    with open_database(database_url, clock) as other:
        positions = asyncio.run(story(other))
    assert sorted(positions) == list(range(1, 51))
    assert len(db.look(cups)) == 50


# Reads


def test_a_view_does_not_change_while_it_is_read(db: Database) -> None:
    with db.reading() as read:
        assert cups(read) == []
        db.run(fill, "a")
        assert cups(read) == []
    assert db.look(cups) == ["a"]


def test_reads_run_beside_a_command(db: Database) -> None:
    go, blocked = threading.Event(), threading.Event()

    def block(tx: Tx) -> None:
        fill(tx, "unseen")
        blocked.set()
        go.wait()

    async def story() -> list[str]:
        writing = asyncio.create_task(db.write(block))
        await asyncio.to_thread(blocked.wait)
        seen = await db.read(cups)
        go.set()
        await writing
        return seen

    assert asyncio.run(story()) == []


# Crashes

_CRASHING_SERVER = """
import asyncio, sys
from teahouse.platform.clock import SystemClock
from tests.kit.database import open_database
from tests.kit.traces import log_of
from tests.platform.test_db import fill

async def story(db):
    async def write(name):
        for number in range(10**6):
            await db.write(fill, f"{name} {number}")
            print(f"{name} {number}", flush=True)
    await asyncio.gather(*(write(name) for name in "abcd"))

with open_database(sys.argv[1], SystemClock()) as db:
    asyncio.run(story(db))
"""


def test_what_was_answered_survives_kill_9(database_url: str, clock: ManualClock) -> None:
    answered: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", _CRASHING_SERVER, database_url], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        for line in server.stdout:
            answered.append(line.rstrip())
            if len(answered) == 200:
                break
        os.kill(server.pid, signal.SIGKILL)
        # The last line may be cut off.
        answered += [line.rstrip() for line in server.stdout if line.endswith("\n")]
    with open_database(database_url, clock) as db:
        kept = db.look(cups)
        assert set(answered) <= set(kept)
        assert db.poll_position() == len(kept)
        assert db.run(fill, "after") == len(kept) + 1


def test_the_same_seed_gives_the_same_ids(database_url: str, clock: ManualClock, seed: int) -> None:
    def three_ids(tx: Tx) -> list[str]:
        return [tx.new_id("cup") for _ in range(3)]

    runs = []
    for _ in range(2):
        with open_database(database_url, clock, seed=seed) as db:
            runs.append(db.run(three_ids))
    assert runs[0] == runs[1]


def test_the_log_is_emptied_unless_somebody_reads(db: Database) -> None:
    db.run(fill, "before")
    assert asyncio.run(db.empty_log())
    assert log_of(db) == b""
    with db.reading() as read:
        cups(read)
        db.run(fill, "meanwhile")
        is_sqlite = db.engine.dialect.name == "sqlite"
        assert asyncio.run(db.empty_log()) is not is_sqlite
    assert asyncio.run(db.empty_log())
    db.run(fill, "after")
    assert db.look(cups) == ["after", "before", "meanwhile"]
