"""Who is typing, kept in memory.

Used in the event loop only, so that nothing needs a lock.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from teahouse.chat.event_store.types import ROOM_MEMBER, decode_content
from teahouse.chat.typing.rules import check_timeout_ms
from teahouse.platform.errors import LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from teahouse.chat.event_store.types import StoredEvent
    from teahouse.chat.typing.announcements import TypingSaid
    from teahouse.platform.clock import Clock

# Serials of rooms where nobody types are forgotten beyond this many, oldest first. A client that
# slept through 10,000 other rooms is then not told that someone stopped; clients stop showing it
# by themselves.
_QUIET_ROOMS_MAX = 10_000
# About 10 MB; nobody's server has so many people typing at a time.
_TYPISTS_MAX = 50_000


class _Typist:
    """Someone who types.

    Attributes:
        until: when they are taken to have stopped, on the clock's ticks.
        timer: looks after them then.
    """

    __slots__ = ("timer", "until")

    def __init__(self, until: float, timer: asyncio.TimerHandle | None) -> None:
        self.until = until
        self.timer = timer


class Typing:
    """Who is typing in which room.

    Every change of a room gives it a higher serial than any before, so that `/sync` can tell what
    a client has not heard of.

    Args:
        clock: measures time.

    Attributes:
        serial: of the last change of any room; 0 before the first. Not kept over a restart.
    """

    def __init__(self, clock: Clock) -> None:
        self.serial = 0
        self._clock = clock
        self._rooms: dict[str, dict[str, _Typist]] = {}
        self._count = 0
        # Ordered by serial: a room that changes is moved to the end.
        self._serials: dict[str, int] = {}
        self._listeners: list[Callable[[str], None]] = []

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener(room_id)` whenever someone starts or stops typing there."""
        self._listeners.append(listener)

    @property
    def anybody(self) -> bool:
        """Whether anybody is typing anywhere."""
        return bool(self._rooms)

    def users_in(self, room_id: str) -> list[str]:
        """Who is typing in a room, in the order they began."""
        return list(self._rooms.get(room_id, ()))

    def serial_of(self, room_id: str) -> int:
        """The serial of a room's last change; 0 where nobody typed for long."""
        return self._serials.get(room_id, 0)

    def set(self, room_id: str, user_id: str, timeout_ms: int) -> None:
        """Someone is typing, for a while.

        Args:
            room_id: where they may write.
            user_id: who.
            timeout_ms: for how long, unless they say so again.

        Raises:
            InvalidParam: a timeout that is not positive.
            LimitExceeded: very many people are typing.
        """
        seconds = check_timeout_ms(timeout_ms) / 1000
        until = self._clock.ticks() + seconds
        typist = self._rooms.get(room_id, {}).get(user_id)
        if typist is not None:
            self._set_timer(typist, room_id, user_id, seconds=seconds, until=until)
            return
        if self._count >= _TYPISTS_MAX:
            raise LimitExceeded(retry_after_ms=timeout_ms)
        typist = _Typist(until, None)
        self._rooms.setdefault(room_id, {})[user_id] = typist
        self._count += 1
        self._set_timer(typist, room_id, user_id, seconds=seconds, until=until)
        self._changed(room_id)

    def clear(self, room_id: str, user_id: str) -> None:
        """Someone stopped typing: they said so, sent what they wrote, or left."""
        room = self._rooms.get(room_id)
        if room is None or user_id not in room:
            return
        typist = room.pop(user_id)
        self._count -= 1
        if typist.timer is not None:
            typist.timer.cancel()
        if not room:
            del self._rooms[room_id]
        self._changed(room_id)

    def hear(self, said: TypingSaid) -> None:
        """Take what someone said here or at another server; what is known changes nothing."""
        if said.timeout_ms is None:
            self.clear(said.room_id, said.user_id)
        else:
            self.set(said.room_id, said.user_id, said.timeout_ms)

    def hear_events(self, events: Iterable[StoredEvent]) -> None:
        """Clear whoever has sent a message, or is in the room no longer."""
        for event in events:
            if event.state_key is None:
                self.clear(event.room_id, event.sender)
            elif (
                event.type == ROOM_MEMBER and decode_content(event.json).get("membership") != "join"
            ):
                self.clear(event.room_id, event.state_key)

    def expire(self) -> None:
        """Clear everybody whose time is over; timers do this, simulations may."""
        now = self._clock.ticks()
        over = [
            (room_id, user_id)
            for room_id, room in self._rooms.items()
            for user_id, typist in room.items()
            if typist.until <= now
        ]
        for room_id, user_id in over:
            self.clear(room_id, user_id)

    def stop(self) -> None:
        """Forget everybody, tell nobody: the server stops."""
        for room in self._rooms.values():
            for typist in room.values():
                if typist.timer is not None:
                    typist.timer.cancel()
        self._rooms.clear()
        self._count = 0

    def _set_timer(
        self, typist: _Typist, room_id: str, user_id: str, *, seconds: float, until: float
    ) -> None:
        typist.until = until
        if typist.timer is not None:
            typist.timer.cancel()
        loop = asyncio.get_running_loop()
        typist.timer = loop.call_later(seconds, self._look_after, room_id, user_id)

    def _look_after(self, room_id: str, user_id: str) -> None:
        typist = self._rooms.get(room_id, {}).get(user_id)
        if typist is None:
            return
        left = typist.until - self._clock.ticks()
        # The loop's clock may run ahead of ours: much, where ours is moved by hand.
        if left <= 0:
            self.clear(room_id, user_id)
        else:
            self._set_timer(typist, room_id, user_id, seconds=left, until=typist.until)

    def _changed(self, room_id: str) -> None:
        self.serial += 1
        self._serials.pop(room_id, None)
        self._serials[room_id] = self.serial
        if len(self._serials) > _QUIET_ROOMS_MAX + len(self._rooms):
            oldest = next(room for room in self._serials if room not in self._rooms)
            del self._serials[oldest]
        for listener in self._listeners:
            listener(room_id)
