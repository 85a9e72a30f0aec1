"""What a member has not read in a room: counts, kept up to date event by event."""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from teahouse.chat.event_store.types import StoredEvent

MAIN: Final = "main"
UNTHREADED: Final = ""
# Beyond this clients show "99+" anyway.
_KEPT_MAX: Final = 500


class UnreadEvent(msgspec.Struct, frozen=True, gc=False):
    """An event that counts as unread."""

    position: int
    thread_id: str
    highlight: bool


class Counts(msgspec.Struct, gc=False):
    """How many events are unread, and how many of them highlight."""

    notification_count: int = 0
    highlight_count: int = 0


class Unread:
    """The unread events of one member in one room.

    Attributes:
        counted_to: position up to which events have been judged.
    """

    __slots__ = ("_events", "_highlights", "_read", "counted_to")

    def __init__(self, read_positions: dict[str, int], counted_to: int) -> None:
        self._read = dict(read_positions)
        self._events: deque[UnreadEvent] = deque()
        self._highlights = 0
        self.counted_to = counted_to

    def add(self, event: StoredEvent, *, highlight: bool) -> None:
        """Count an event that notifies, unless it was read already."""
        thread_id = event.relates_to if event.rel_type == "m.thread" else None
        entry = UnreadEvent(event.position, thread_id or MAIN, highlight)
        if self._is_read(entry):
            return
        self._events.append(entry)
        self._highlights += highlight
        if len(self._events) > _KEPT_MAX:
            self._highlights -= self._events.popleft().highlight

    def read_up_to(self, thread_id: str, position: int) -> None:
        """Note that the member has read up to an event: in one thread, or everything."""
        if position <= self._read.get(thread_id, 0):
            return
        self._read[thread_id] = position
        self._keep([event for event in self._events if not self._is_read(event)])

    def remove(self, position: int) -> None:
        """Forget an event that was redacted."""
        self._keep([event for event in self._events if event.position != position])

    def _keep(self, events: list[UnreadEvent]) -> None:
        self._events = deque(events)
        self._highlights = sum(event.highlight for event in events)

    def _is_read(self, event: UnreadEvent) -> bool:
        read = self._read
        return event.position <= max(read.get(UNTHREADED, 0), read.get(event.thread_id, 0))

    def total(self) -> Counts:
        """Over all threads."""
        return Counts(len(self._events), self._highlights)

    def by_thread(self) -> dict[str, Counts]:
        """The main timeline's under `main`, and those of threads that have any."""
        counts: dict[str, Counts] = {MAIN: Counts()}
        for event in self._events:
            found = counts.setdefault(event.thread_id, Counts())
            found.notification_count += 1
            found.highlight_count += event.highlight
        return counts
