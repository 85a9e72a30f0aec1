"""A member with very many chats, one of which is very long; and how smoothly a page scrolls.

The house is filled before it opens, past the network: ten thousand messages take seconds.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import anyio
from playwright.async_api import CDPSession, Page

from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.messages.commands import send_messages
from teahouse.chat.messages.types import Message
from teahouse.chat.rooms.commands import RoomDefaults, change_membership, create_room
from teahouse.chat.rooms.types import CreateRoom, MembershipChange
from teahouse.migrations import upgrade
from teahouse.platform.chance import Chance
from teahouse.platform.clock import SystemClock
from teahouse.platform.db import Database, Tx, sqlite_url
from tests.kit.chat_house import make_chat_house

SERVER_NAME = "tea.example"
LONG_ROOM = "The long room"
# A transaction of this many rooms or messages is no burden.
_BATCH = 500
_WORDS = ["first", "flush", "of", "the", "year", "from", "the", "terrace", "above", "the", "river"]

_SCROLL = """async ([selector, pixels, frames]) => {
  const place = document.querySelector(selector);
  const times = [];
  const frame = () => new Promise(requestAnimationFrame);
  let before = await frame();
  for (let index = 0; index < frames; index += 1) {
    place.scrollTop += pixels;
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  return times;
}"""


@dataclass(frozen=True)
class Crowd:
    """Who has the chats: what the client keeps of a session."""

    session: str
    long_room: str


async def fill_house(folder: Path, *, chats: int, messages: int) -> Crowd:
    """Make a data folder with a member, their chats and a long room.

    Args:
        folder: of data; a server may be started on it afterwards.
        chats: how many rooms they are in, beside the long one.
        messages: how many the long room has.
    """
    await anyio.Path(folder).mkdir(parents=True)
    url = sqlite_url(folder / "teahouse.db")
    upgrade(url)
    db = Database(url, clock=SystemClock(), chance=Chance())
    db.start()
    try:
        house = make_chat_house(db, folder, server_name=SERVER_NAME)
        login = await house.register("lin")
        other = await house.register("bao")
        made = _Making(
            house.services.get(RoomStore),
            house.services.get(RoomDefaults),
            login["user_id"],
            other["user_id"],
        )
        for first in range(0, chats, _BATCH):
            await db.write(made.open_rooms, range(first, min(first + _BATCH, chats)))
        long_room = await db.write(made.open_room, LONG_ROOM)
        for first in range(0, messages, _BATCH):
            await db.write(made.talk, long_room, range(first, min(first + _BATCH, messages)))
    finally:
        db.stop()
    session = {
        "userId": login["user_id"],
        "deviceId": login["device_id"],
        "accessToken": login["access_token"],
    }
    return Crowd(json.dumps(session), long_room)


@dataclass(frozen=True)
class _Making:
    store: RoomStore
    defaults: RoomDefaults
    owner: str
    other: str

    def open_rooms(self, tx: Tx, numbers: range) -> None:
        for number in numbers:
            room_id = self.open_room(tx, f"Chat {number:04}")
            self.talk(tx, room_id, range(2))

    def open_room(self, tx: Tx, name: str) -> str:
        request = CreateRoom(preset="public_chat", name=name)
        room_id = create_room(tx, self.store, self.defaults, creator=self.owner, request=request)
        change = MembershipChange(
            room_id=room_id, sender=self.other, target=self.other, membership="join"
        )
        change_membership(tx, self.store, change)
        return room_id

    def talk(self, tx: Tx, room_id: str, numbers: range) -> None:
        sent = send_messages(
            tx,
            [
                Message(
                    room_id=room_id,
                    type="m.room.message",
                    sender=self.owner if number % 5 < 2 else self.other,
                    content={"msgtype": "m.text", "body": _text(number)},
                )
                for number in numbers
            ],
            store=self.store,
        )
        assert all(isinstance(each, str) for each in sent), sent


def _text(number: int) -> str:
    return f"leaf {number}: " + " ".join(_WORDS[: number % len(_WORDS)])


@dataclass(frozen=True)
class Frames:
    """What it took to draw a page anew again and again while it scrolled.

    Attributes:
        times: between frames, in milliseconds; on a busy machine they say more of the machine.
        work_ms: what the page's own thread computed for one frame, on average, of processor time.
    """

    times: list[float]
    work_ms: float

    @property
    def dropped(self) -> float:
        """The share of frames that the screen waited for in vain, at sixty a second."""
        missed = sum(max(0, round(time * 60 / 1000) - 1) for time in self.times)
        return missed / (missed + len(self.times))

    def __str__(self) -> str:
        ordered = sorted(self.times)
        median, few = ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]
        return (
            f"{len(ordered)} frames, median {median:.1f} ms, 95 % within {few:.1f} ms, "
            f"{self.dropped:.1%} dropped; {self.work_ms:.1f} ms of work for each"
        )


async def scroll(page: Page, selector: str, *, pixels: int, frames: int) -> Frames:
    """Scroll a place, a step each frame.

    Args:
        page: where it is.
        selector: of the element that scrolls.
        pixels: of each step, downwards.
        frames: how many steps.
    """
    session = await page.context.new_cdp_session(page)
    # Of the thread and not of the clock: others may use the machine at the same time.
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = await _read_work(session)
    times = await page.evaluate(_SCROLL, [selector, pixels, frames])
    after = await _read_work(session)
    await session.detach()
    return Frames(times, (after - before) * 1000 / frames)


async def _read_work(session: CDPSession) -> float:
    found = await session.send("Performance.getMetrics")
    return next(float(m["value"]) for m in found["metrics"] if m["name"] == "TaskDuration")
