"""What only chats showed that everybody has left goes 30 days later; nothing else does."""

from pathlib import Path

import pytest

from teahouse.chat.left_rooms.jobs import JOBS
from teahouse.chat.media.jobs import JOBS as MEDIA_JOBS
from teahouse.chat.media.tables import MEDIA_FILES
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House

DAY_MS = 86_400_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return make_chat_house(db, tmp_path)


async def _upload(guest: Guest, content: bytes) -> str:
    answer = await guest.house.http.post(
        "/_matrix/media/v3/upload?filename=tea.txt",
        content=content,
        headers={"Authorization": f"Bearer {guest.token}", "Content-Type": "text/plain"},
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["content_uri"])


async def _show(guest: Guest, room_id: str, uri: str) -> None:
    await guest.send(room_id, {"msgtype": "m.file", "body": "tea.txt", "url": uri})


async def _is_there(guest: Guest, uri: str) -> bool:
    path = uri.removeprefix("mxc://")
    answer = await guest.call("GET", f"/_matrix/client/v1/media/download/{path}")
    assert answer.status_code in {200, 404}
    return answer.status_code == 200


async def _work(house: House, clock: ManualClock, *, days: int) -> None:
    worker = Worker(house.db, house.services, [*JOBS, *MEDIA_JOBS])
    clock.advance(days * DAY_MS)
    for _ in range(3):
        await worker.run_due()
        clock.advance(1000)


@pytest.mark.anyio
async def test_media_of_a_chat_that_everybody_left_go_after_thirty_days(
    house: House, clock: ManualClock
) -> None:
    ada, ben = await register_guest(house, "ada"), await register_guest(house, "ben")
    left, kept = await ada.create_room(), await ada.create_room()
    await ben.join(left)
    only, both, unshown = [
        await _upload(ada, text) for text in (b"only here", b"elsewhere too", b"in no chat")
    ]
    avatar = await _upload(ben, b"somebody's face")
    await ben.change("PUT", f"/profile/{ben.user_id}/avatar_url", {"avatar_url": avatar})
    for uri in (only, both):
        await _show(ada, left, uri)
    await _show(ada, kept, both)

    await ada.leave(left)
    await _work(house, clock, days=40)
    assert await _is_there(ada, only), "ben is still in it"
    await ben.leave(left)
    await _work(house, clock, days=1)
    await _work(house, clock, days=29)
    assert await _is_there(ada, only), "30 days are not over"
    await _work(house, clock, days=2)
    assert not await _is_there(ada, only)
    for uri in (both, unshown, avatar):
        assert await _is_there(ada, uri), uri
    files = [file.name async for file in house.services.files.list(MEDIA_FILES)]
    assert len(files) == 3

    # What another chat showed goes with that, 30 days after everybody left it too.
    await ada.leave(kept)
    await _work(house, clock, days=1)
    await _work(house, clock, days=29)
    assert await _is_there(ada, both)
    await _work(house, clock, days=2)
    assert not await _is_there(ada, both)


@pytest.mark.anyio
async def test_who_comes_back_finds_everything(house: House, clock: ManualClock) -> None:
    ada = await register_guest(house, "ada")
    room_id = await ada.create_room()
    uri = await _upload(ada, b"to be found again")
    await _show(ada, room_id, uri)
    other = await register_guest(house, "ben")
    await other.join(room_id)
    await ada.leave(room_id)
    await other.leave(room_id)
    await _work(house, clock, days=1)
    # In a public room, whoever knows it comes back in.
    await other.join(room_id)
    await _work(house, clock, days=60)
    assert await _is_there(other, uri)
