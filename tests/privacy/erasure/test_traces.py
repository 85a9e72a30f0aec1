"""Nothing of an erased member is left: not in rows, files or logs, nor in backups.

The mark is written by every route that takes a member's own words, and into every table of the
data map that the routes did not reach. It is looked for in every byte, in every form.
"""

import asyncio
import gzip
import json
import shutil
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from teahouse import privacy
from teahouse.app import owners
from teahouse.cli import main
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.clock import ManualClock, SystemClock
from teahouse.platform.db import Database
from teahouse.privacy.erasure.queries import count_found
from teahouse.privacy.member_keys.rules import ownership_of
from tests.chat.erasure.test_erasure import MARK, _write_everywhere
from tests.kit.database import DatabaseKind, Databases, open_database
from tests.kit.house import PASSWORD
from tests.kit.rows_by_schema import RowMaker
from tests.kit.traces import (
    parts_that_hold,
    rows_that_hold,
    scan_bytes,
    scan_files,
    tables_files_that_hold,
)
from tests.kit.wallet_house import Payer, find_problems, money
from tests.kit.whole_house import WholeHouse
from tests.privacy.erasure.conftest import finish_jobs

pytestmark = pytest.mark.anyio

ROOT = "/api/v1/privacy/erasure"
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def clock() -> ManualClock:
    """The commands go by the machine's clock, and so must the house."""
    return ManualClock(SystemClock().now_ms())


@pytest.fixture
def run(database_url: str, data: Path) -> Run:
    """Run a command on the house of the test."""
    environment = {
        "TEAHOUSE_DATA": str(data),
        "TEAHOUSE_DATABASE_URL": database_url,
        "TEAHOUSE_SERVER_NAME": "teahouse.test",
        "TEAHOUSE_WALLET_RULE_SET": "open",
    }

    async def run_command(*arguments: str, exit_code: int = 0) -> Result:
        # In a thread: a command has an event loop of its own.
        result = await asyncio.to_thread(CliRunner().invoke, main, arguments, env=environment)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return result

    return run_command


@pytest.fixture
def elsewhere(databases: Databases, database_kind: DatabaseKind) -> Iterator[str]:
    """A database of the other kind, to restore into."""
    url = databases.create("postgresql" if database_kind == "sqlite" else "sqlite", migrated=False)
    yield url
    databases.drop(url)


async def write_in_wallet(ada: Payer, ben: Payer, room: str) -> None:
    """Leave the mark in the wallet's words; what came in goes out again."""
    words = {"message": f"{MARK}30", "room_id": room}
    await ben.asked("POST", "/transfers", {"payee": ada.user_id, "amount": money(10_00)})
    await ada.asked("POST", "/transfers", {"payee": ben.user_id, "amount": money(4_00), **words})
    wish = {"payer": ben.user_id, "amount": money(5), "message": f"{MARK}31", "room_id": room}
    await ada.asked("POST", "/requests", wish)
    packet = {"room_id": room, "total": money(6_00), "count": 1, "split": "equal"}
    given = await ada.asked("POST", "/red-packets", {**packet, "greeting": f"{MARK}32"})
    await ben.asked("POST", f"/red-packets/{given['packet_id']}/claim", {})


def fill_by_schema(db: Database, user_id: str) -> list[str]:
    """Put a marked row of a member into each table of theirs where there is none; which these are.

    Tables of jobs are left out: their rows would be worked on.
    """
    declared, maker = owners().tables, RowMaker(user_id, MARK)
    with db.engine.begin() as conn:
        there = db.look(count_found, user_id, owners())
        filled = []
        for table in load_all_tables().sorted_tables:
            ownership = ownership_of(table, declared)
            name = str(table.name)
            if ownership is None or name in {"platform_job", "privacy_erasure"}:
                continue
            if name in there.erased or name in there.blanked:
                continue
            if maker.insert(conn, table, ownership):
                filled.append(name)
    return filled


def check_controls(db: Database, data: Path) -> None:
    """What is there is found, in the files and packed."""
    if db.engine.dialect.name == "sqlite":
        assert len(scan_files(db, data, MARK)) >= 2
    else:
        assert len(tables_files_that_hold(db, MARK)) > 10
    forgotten = data / "forgotten.log.gz"
    forgotten.write_bytes(gzip.compress(b"a line with " + MARK.encode("utf-16-le")))
    assert "forgotten.log.gz" in scan_files(db, data, MARK)
    forgotten.unlink()


async def verify_certificate(house: WholeHouse, claim: str, file: Path, run: Run) -> None:
    told = (await house.call("GET", f"{ROOT}/certificates/{claim}")).content
    await asyncio.to_thread(file.write_bytes, told)
    assert "erased @ada" in (await run("log", "certificate", str(file))).output


async def restore_a_week_later(archive: Path, copies: Path, other: list[str], run: Run) -> None:
    # A week later no copy of the keys is older than the erasure.
    await asyncio.to_thread(shutil.rmtree, copies)
    now = json.loads((await run("member-keys", "copy", str(copies), "--json")).stdout)["file"]
    options = ("--yes", "--json", "--member-keys", now, *other)
    back = json.loads((await run("restore", str(archive), *options)).stdout)
    assert back["erased_rows"] > 50
    assert back["erased_files"] >= 1
    with open_database(other[3], SystemClock()) as restored:
        assert rows_that_hold(restored, MARK) == []
        assert scan_files(restored, Path(other[1]), MARK) == []
        assert b"ben's words stay" in b"".join(_bodies(restored))
    await run("check", *other)
    # And a backup of the house as it is now brings nobody back, and is whole.
    await run("backup", str(archive), "--yes")
    await run("restore", str(archive), "--yes", "--member-keys", now, *other)
    await run("check", *other)


async def test_nothing_of_an_erased_member_is_found_in_any_byte(
    house: WholeHouse, ada: Payer, ben: Payer, data: Path, run: Run, elsewhere: str
) -> None:
    room = await ben.create_room(name="tea")
    await ada.join(room)
    stays = await ben.say(room, "ben's words stay")
    await _write_everywhere(ada, ben, room)
    await write_in_wallet(ada, ben, room)
    await finish_jobs(house, seconds=2)
    # Asked for now, since the rows below look like a second factor; done when jobs are.
    done = await house.confirm("POST", ROOT, {"at_once": True}, token=ada.token, password=PASSWORD)
    assert done.status_code == 202, done.text
    look = privacy.Look(actor="@mo:x", role="moderator", fields=("a.b",), reason=f"{MARK}40")
    house.db.run(privacy.record_look, look, about=ada.user_id)
    filled = fill_by_schema(house.db, ada.user_id)
    assert {"accounts_totp", "wallet_settings", "privacy_consent"} <= set(filled)
    held = set(rows_that_hold(house.db, MARK))
    assert len(held) > 30, held

    check_controls(house.db, data)

    archive, copies = data.parent / "house.zip", data.parent / "copies"
    told = json.loads(
        (await run("backup", str(archive), "--member-keys", str(copies), "--json")).stdout
    )
    assert told["sealed_rows"] > 50
    assert parts_that_hold(archive, MARK) == [], "sealed from the start"
    other = ["--data", str(data.parent / "other"), "--database-url", elsewhere]
    await run("restore", str(archive), "--member-keys", told["member_keys"], *other)
    with open_database(elsewhere, SystemClock()) as restored:
        assert set(rows_that_hold(restored, MARK)) == held, "with the keys all comes back"

    await finish_jobs(house)
    await verify_certificate(house, done.json()["claim"], data.parent / "proof.json", run)
    assert rows_that_hold(house.db, MARK) == []
    assert scan_files(house.db, data, MARK) == []
    if house.db.engine.dialect.name == "postgresql":
        assert tables_files_that_hold(house.db, MARK) == []
    assert (await ben.get(f"/rooms/{room}/event/{stays}"))["content"]["body"] == "ben's words stay"
    assert find_problems(house) == []

    await restore_a_week_later(archive, copies, other, run)


def _bodies(db: Database) -> list[bytes]:
    from teahouse.chat.event_store.tables import chat_event

    with db.engine.connect() as conn:
        return list(conn.execute(sa.select(chat_event.c.pdu)).scalars())


async def test_a_copy_of_the_keys_that_is_too_old_brings_nothing_back(
    house: WholeHouse, ada: Payer, data: Path, run: Run, elsewhere: str
) -> None:
    assert house is not None
    assert ada.user_id
    archive, copies = data.parent / "house.zip", data.parent / "copies"
    told = json.loads(
        (await run("backup", str(archive), "--member-keys", str(copies), "--json")).stdout
    )
    import sqlite3

    with sqlite3.connect(told["member_keys"]) as conn:
        conn.execute("UPDATE state SET value = value - ?", (8 * 86_400_000,))
    other = ["--data", str(data.parent / "other"), "--database-url", elsewhere]
    refused = await run(
        "restore", str(archive), "--member-keys", told["member_keys"], *other, exit_code=1
    )
    assert "more than 7 days old" in refused.output
    # Without any keys nothing is restored either, and it says what is missing.
    assert "--member-keys" in (await run("restore", str(archive), *other, exit_code=1)).output
    with zipfile.ZipFile(archive) as opened:
        assert [name for name in opened.namelist() if "member-keys" in name] == []


def test_every_form_of_a_text_is_recognised() -> None:
    import base64

    for packed in (
        MARK.encode(),
        MARK.encode("utf-16-be"),
        MARK.encode().hex().encode(),
        *(base64.b64encode(b"x" * shift + MARK.encode() + b"yy") for shift in range(4)),
        gzip.compress(b"before " + MARK.encode()),
    ):
        assert scan_bytes(b"PKnot" + packed if packed[:2] != b"\x1f\x8b" else packed, MARK)
    assert not scan_bytes(b"something else entirely", MARK)
