"""Who is typing, in memory."""

import asyncio
from collections.abc import Callable

import pytest

from teahouse.chat.event_store.types import StoredEvent
from teahouse.chat.typing import live
from teahouse.chat.typing.live import Typing
from teahouse.chat.typing.rules import TIMEOUT_MS_MAX, to_typing_event
from teahouse.platform.clock import ManualClock, SystemClock
from teahouse.platform.errors import InvalidParam, LimitExceeded

ROOM, OTHER = "!room:tea", "!other:tea"
ADA, BEN = "@ada:tea", "@ben:tea"


def run(test: Callable[[Typing, ManualClock, list[str]], None]) -> None:
    async def in_loop() -> None:
        clock = ManualClock()
        typing = Typing(clock)
        changes: list[str] = []
        typing.on_change(changes.append)
        test(typing, clock, changes)
        typing.stop()

    asyncio.run(in_loop())


def event(event_type: str, sender: str, *, content: str, state_key: str | None) -> StoredEvent:
    return StoredEvent(
        position=1,
        event_id="$1",
        room_id=ROOM,
        type=event_type,
        sender=sender,
        origin_server_ts=0,
        json=f'{{"content":{content}}}'.encode(),
        state_key=state_key,
    )


def test_who_types_is_known_until_they_stop() -> None:
    def test(typing: Typing, _clock: ManualClock, changes: list[str]) -> None:
        typing.set(ROOM, ADA, 5000)
        typing.set(ROOM, BEN, 5000)
        assert typing.users_in(ROOM) == [ADA, BEN]
        typing.clear(ROOM, ADA)
        typing.clear(ROOM, ADA)
        typing.clear(OTHER, ADA)
        assert typing.users_in(ROOM) == [BEN]
        assert typing.users_in(OTHER) == []
        assert changes == [ROOM, ROOM, ROOM]

    run(test)


def test_only_a_change_gives_a_room_a_new_serial() -> None:
    def test(typing: Typing, _clock: ManualClock, changes: list[str]) -> None:
        assert typing.serial_of(ROOM) == typing.serial == 0
        typing.set(ROOM, ADA, 5000)
        typing.set(OTHER, ADA, 5000)
        typing.set(ROOM, ADA, 9000)
        assert (typing.serial_of(ROOM), typing.serial_of(OTHER), typing.serial) == (1, 2, 2)
        typing.clear(ROOM, ADA)
        assert typing.serial_of(ROOM) == 3
        assert changes == [ROOM, OTHER, ROOM]

    run(test)


def test_who_does_not_say_so_again_has_stopped() -> None:
    def test(typing: Typing, clock: ManualClock, changes: list[str]) -> None:
        typing.set(ROOM, ADA, 5000)
        typing.set(ROOM, BEN, 5000)
        clock.advance(4000)
        typing.set(ROOM, BEN, 5000)
        clock.advance(1000)
        typing.expire()
        assert typing.users_in(ROOM) == [BEN]
        clock.advance(4000)
        typing.expire()
        assert typing.users_in(ROOM) == []
        assert not typing.anybody
        assert len(changes) == 4

    run(test)


def test_a_timer_ends_it_by_itself() -> None:
    async def in_loop() -> None:
        typing = Typing(SystemClock())
        ended = asyncio.Event()
        typing.on_change(lambda room_id: None if typing.users_in(room_id) else ended.set())
        typing.set(ROOM, ADA, 5)
        await asyncio.wait_for(ended.wait(), 5)

    asyncio.run(in_loop())


def test_a_timer_goes_by_the_clock_it_was_given() -> None:
    async def in_loop() -> None:
        typing = Typing(ManualClock())
        typing.set(ROOM, ADA, 1)
        # Its timer comes and goes, and the clock stands still.
        await asyncio.sleep(0.02)
        assert typing.users_in(ROOM) == [ADA]
        typing.stop()
        assert not typing.anybody

    asyncio.run(in_loop())


def test_nobody_types_for_hours() -> None:
    def test(typing: Typing, clock: ManualClock, _changes: list[str]) -> None:
        typing.set(ROOM, ADA, 10**12)
        clock.advance(TIMEOUT_MS_MAX)
        typing.expire()
        assert typing.users_in(ROOM) == []
        for timeout_ms in (0, -1):
            with pytest.raises(InvalidParam):
                typing.set(ROOM, ADA, timeout_ms)
        assert typing.users_in(ROOM) == []

    run(test)


def test_who_sends_or_leaves_has_stopped() -> None:
    def test(typing: Typing, _clock: ManualClock, _changes: list[str]) -> None:
        typing.set(ROOM, ADA, 5000)
        typing.set(ROOM, BEN, 5000)
        typing.set(OTHER, BEN, 5000)
        joined = event("m.room.member", ADA, content='{"membership":"join"}', state_key=BEN)
        topic = event("m.room.topic", BEN, content="{}", state_key="")
        typing.hear_events([joined, topic])
        assert typing.users_in(ROOM) == [ADA, BEN]
        typing.hear_events([event("m.room.message", ADA, content="{}", state_key=None)])
        assert typing.users_in(ROOM) == [BEN]
        kicked = event("m.room.member", ADA, content='{"membership":"leave"}', state_key=BEN)
        typing.hear_events([kicked])
        assert typing.users_in(ROOM) == []
        assert typing.users_in(OTHER) == [BEN]

    run(test)


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_TYPISTS_MAX", 2)
    monkeypatch.setattr(live, "_QUIET_ROOMS_MAX", 1)

    def test(typing: Typing, _clock: ManualClock, _changes: list[str]) -> None:
        typing.set(ROOM, ADA, 5000)
        typing.set(OTHER, ADA, 5000)
        with pytest.raises(LimitExceeded):
            typing.set("!third:tea", ADA, 5000)
        typing.set(ROOM, ADA, 5000)
        typing.clear(ROOM, ADA)
        typing.clear(OTHER, ADA)
        assert typing.serial_of(ROOM) == 0
        assert typing.serial_of(OTHER) == typing.serial == 4

    run(test)


def test_the_event_names_everybody() -> None:
    assert to_typing_event([ADA, BEN]) == {
        "type": "m.typing",
        "content": {"user_ids": [ADA, BEN]},
    }
