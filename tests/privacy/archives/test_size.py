"""A member with much data costs time and disk, not memory."""

import asyncio
import tracemalloc
from pathlib import Path
from typing import Any

from teahouse.chat.media.live import MediaDesk
from teahouse.chat.media.types import UploadDetails
from teahouse.platform.clock import ManualClock
from teahouse.platform.requester import Requester
from tests.kit.archives import ask_archive, run_jobs
from tests.kit.chat_house import register_guest
from tests.kit.database import Databases, open_database
from tests.kit.whole_house import WholeHouse

MIB = 2**20
FILES, FILE_MIB = 2, 12


async def _content(mib: int) -> Any:
    for number in range(mib):
        yield bytes([number]) * MIB


async def _make_large(house: WholeHouse) -> int:
    """Make an archive of 24 MiB of files; returns the most memory that it took."""
    ada = await register_guest(house, "ada")
    room = await ada.create_room(name="Large")
    for number in range(30):
        await ada.say(room, f"message {number}")
    desk, me = house.services.get(MediaDesk), Requester(user_id=ada.user_id)
    for number in range(FILES):
        details = UploadDetails("image/png", f"{number}.png")
        await desk.upload(me, _content(FILE_MIB), details)
    await ask_archive(ada)
    tracemalloc.start()
    await run_jobs(ada)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    done = (await ada.call("GET", "/api/v1/privacy/archives")).json()[0]
    assert done["status"] == "done"
    assert done["byte_count"] > FILES * FILE_MIB * MIB
    return peak


def test_an_archive_is_never_whole_in_memory(
    databases: Databases, clock: ManualClock, tmp_path: Path
) -> None:
    url = databases.create("sqlite")
    with open_database(url, clock) as db, asyncio.Runner() as loop:
        peak = loop.run(_make_large(WholeHouse(db, tmp_path)))
    assert peak < FILES * FILE_MIB * MIB / 3, f"{peak / MIB:.0f} MiB"
