"""Who is there, kept in memory.

Where several servers share a database, they tell one another over the bus whom they have heard of.
Used in the event loop only, apart from `_hear`, so that nothing needs a lock.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from teahouse.chat.account_data.announcements import AccountDataChanged
from teahouse.chat.account_data.queries import find_object
from teahouse.chat.event_store.announcements import EventsAppended
from teahouse.chat.presence.announcements import PresenceSaid
from teahouse.chat.presence.rules import GONE_MS, is_consent, view_at
from teahouse.chat.presence.types import CONSENT, OFFLINE, PresenceState, PresenceView

if TYPE_CHECKING:
    from collections.abc import Callable

    from teahouse.platform.announcements import Announcement
    from teahouse.platform.clock import Clock
    from teahouse.platform.db import Database

# How late others may learn that someone is idle or gone.
_LOOK_SECONDS = 15
# That a member is still there is told to other servers this often: they must not take them for
# gone, and need not hear of every request.
_SAY_AGAIN_MS = GONE_MS // 4
# About 10 MB.
_SHOWN_MAX = 50_000


class _Shown:
    """A member who lets others see when they are there. Attributes as of `view_at`."""

    __slots__ = ("active_at", "claimed", "said_at", "seen_at", "status", "told")

    def __init__(self, now: int) -> None:
        self.claimed: PresenceState = "offline"
        self.status: str | None = None
        self.seen_at = now
        self.active_at = now
        # When the other servers were told.
        self.said_at = 0
        # What the listeners were told last.
        self.told = OFFLINE

    def view(self, now: int) -> PresenceView:
        return view_at(
            now,
            claimed=self.claimed,
            status=self.status,
            seen_at=self.seen_at,
            active_at=self.active_at,
        )


class Presence:
    """Who is there.

    Every change of a member gives them a higher serial than any before, so that `/sync` can tell
    what a client has not heard of.

    Args:
        db: where members say that they take part.
        clock: measures time.
        is_on: whether the operator allows it.

    Attributes:
        serial: of the last change; 0 before the first. Not kept over a restart.
    """

    def __init__(self, db: Database, clock: Clock, *, is_on: bool) -> None:
        self.serial = 0
        self._db = db
        self._clock = clock
        self._is_on = is_on
        self._shown: dict[str, _Shown] = {}
        self._serials: dict[str, int] = {}
        # Members known to take part or not to; forgotten when they change their mind.
        self._takes_part: dict[str, bool] = {}
        self._listeners: list[Callable[[str], None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._saying = False
        self._hearing: set[asyncio.Task[None]] = set()
        if is_on:
            db.listen(self._hear)

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener(user_id)` whenever others would see something new."""
        self._listeners.append(listener)

    def view(self, user_id: str) -> PresenceView:
        """What those who may see a member's presence see now."""
        shown = self._shown.get(user_id)
        return OFFLINE if shown is None else shown.view(self._clock.now_ms())

    def changed_since(self, serial: int) -> list[str]:
        """Whose presence changed after a serial, oldest change first."""
        newest_first: list[str] = []
        for user_id in reversed(self._serials):
            if self._serials[user_id] <= serial:
                break
            newest_first.append(user_id)
        return newest_first[::-1]

    async def put(self, user_id: str, state: PresenceState, status: str | None) -> None:
        """A member sets their presence; nothing happens where it is off for them."""
        shown = await self._find(user_id)
        if shown is not None:
            self._take(shown, PresenceSaid(user_id, state, status, is_active=True))
            self._say(shown, user_id, is_active=True)

    async def note(self, user_id: str, state: PresenceState = "online") -> None:
        """A client of a member asks for news, which shows that they are there.

        Args:
            user_id: who.
            state: the request's `set_presence`; `offline` changes nothing.
        """
        if not self._is_on or state == "offline":
            return
        shown = await self._find(user_id)
        if shown is not None:
            said = PresenceSaid(user_id, state, shown.status, is_active=False)
            is_new = self._take(shown, said)
            if is_new or self._clock.now_ms() - shown.said_at >= _SAY_AGAIN_MS:
                self._say(shown, user_id, is_active=False)

    def look_at_all(self) -> None:
        """Tell of those who are idle or gone by now; a timer does this, simulations may."""
        now = self._clock.now_ms()
        for user_id in list(self._shown):
            self._look(user_id, now)
            if self._shown[user_id].told is OFFLINE:
                del self._shown[user_id]

    def stop(self) -> None:
        """Forget everybody, tell nobody: the server stops."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for task in self._hearing:
            task.cancel()
        self._shown.clear()

    def _take(self, shown: _Shown, said: PresenceSaid) -> bool:
        """Take what was heard of a member; returns whether others see something new."""
        now = self._clock.now_ms()
        if said.is_active or shown.view(now).presence == "offline":
            shown.active_at = now
        shown.claimed, shown.status, shown.seen_at = said.claimed, said.status, now
        return self._look(said.user_id, now)

    def _say(self, shown: _Shown, user_id: str, *, is_active: bool) -> None:
        """Tell the other servers what was heard of a member."""
        shown.said_at = self._clock.now_ms()
        self._saying = True
        try:
            said = PresenceSaid(user_id, shown.claimed, shown.status, is_active=is_active)
            self._db.say(said)
        finally:
            self._saying = False

    def _hear_said(self, said: PresenceSaid) -> None:
        """Take what another server has heard of a member."""
        task = asyncio.get_running_loop().create_task(self._take_said(said))
        self._hearing.add(task)
        task.add_done_callback(self._hearing.discard)

    async def _take_said(self, said: PresenceSaid) -> None:
        # Looked up here too: they may have changed their mind since.
        shown = await self._find(said.user_id)
        if shown is not None:
            self._take(shown, said)

    async def _find(self, user_id: str) -> _Shown | None:
        """Who is to be shown; None for a member who does not take part."""
        if not self._is_on:
            return None
        if user_id not in self._takes_part:
            content = await self._db.read(find_object, user_id, data_type=CONSENT)
            self._takes_part[user_id] = is_consent(content)
            if len(self._takes_part) > _SHOWN_MAX:
                del self._takes_part[next(iter(self._takes_part))]
        if not self._takes_part.get(user_id):
            return None
        if user_id not in self._shown:
            if len(self._shown) >= _SHOWN_MAX:
                return None
            self._shown[user_id] = _Shown(self._clock.now_ms())
            self._set_timer()
        return self._shown[user_id]

    def _look(self, user_id: str, now: int) -> bool:
        """Tell the listeners if others would see something new; returns whether they do."""
        shown = self._shown[user_id]
        view = shown.view(now)
        told = shown.told
        shown.told = view
        # That time passes is nothing new.
        is_new = (view.presence, view.status_msg, view.currently_active) != (
            told.presence,
            told.status_msg,
            told.currently_active,
        )
        if is_new:
            self._tell(user_id)
        return is_new

    def _tell(self, user_id: str) -> None:
        self.serial += 1
        self._serials.pop(user_id, None)
        self._serials[user_id] = self.serial
        if len(self._serials) > _SHOWN_MAX:
            del self._serials[next(iter(self._serials))]
        for listener in self._listeners:
            listener(user_id)

    def _set_timer(self) -> None:
        if self._timer is None and self._shown:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_LOOK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.look_at_all()
        self._set_timer()

    def _hear(self, announcements: list[Announcement], _position: int) -> None:
        for announcement in announcements:
            if isinstance(announcement, AccountDataChanged):
                if announcement.data_type == CONSENT and announcement.room_id is None:
                    self._forget(announcement.user_id)
            elif isinstance(announcement, PresenceSaid):
                if not self._saying:
                    self._hear_said(announcement)
            elif isinstance(announcement, EventsAppended) and self._shown:
                for event in announcement.events:
                    self._note_activity(event.sender)

    def _note_activity(self, user_id: str) -> None:
        shown = self._shown.get(user_id)
        if shown is not None:
            now = self._clock.now_ms()
            shown.seen_at = shown.active_at = now
            self._look(user_id, now)

    def _forget(self, user_id: str) -> None:
        """A member has changed their mind: look offline until they are heard of again."""
        self._takes_part.pop(user_id, None)
        shown = self._shown.pop(user_id, None)
        if shown is not None and shown.told is not OFFLINE:
            self._tell(user_id)
