"""What the server remembers of rooms and members to answer `/sync` without the database.

Used in the event loop only. Everything here can be forgotten at any time: what is not remembered
is read. `position` is how far the listeners have been told; every answer is a view at it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from itertools import islice
from typing import Any, Final

from teahouse.chat.account_data.announcements import AccountDataChanged
from teahouse.chat.event_store.announcements import (
    EventRedacted,
    EventsAppended,
    HistoryRemoved,
)
from teahouse.chat.event_store.queries import MembershipRow, load_state, state_entry
from teahouse.chat.event_store.types import ROOM_MEMBER, RoomState, StoredEvent
from teahouse.chat.filters.queries import find_filter
from teahouse.chat.filters.types import Filter
from teahouse.chat.keys.announcements import (
    DeviceListChanged,
    KeyCountsChanged,
    SignaturesAdded,
)
from teahouse.chat.keys.types import KeyCounts
from teahouse.chat.receipts.announcements import ReceiptChanged
from teahouse.chat.sync.queries import LoadedMember, WarmWish, load_member, load_rooms
from teahouse.chat.sync.unread import Unread
from teahouse.chat.sync.unread_counts import begin_unread
from teahouse.chat.to_device.announcements import ToDeviceSent
from teahouse.platform.announcements import Announcement, CachesOutdated
from teahouse.platform.clock import Clock
from teahouse.platform.db import Database

# The last events of a room, so that a client some seconds behind is still answered from memory;
# and of all rooms together, about 20 MB.
EVENTS_PER_ROOM: Final = 250
EVENTS_MAX: Final = 20_000
RECEIPTS_PER_ROOM: Final = 200
ROOMS_MAX: Final = 2000
MEMBERS_MAX: Final = 5000
FILTERS_MAX: Final = 5000
PRESENCES_MAX: Final = 50_000
# Waiting clients are woken in rounds. A round is spread over turns of the event loop, so that
# senders never wait behind hundreds of answers. When the process is busy, the pause between rounds
# grows: each client is then told of all that has happened by then in one answer instead of many.
# At rest there is no pause.
_WAKES_PER_TURN: Final = 8
_PAUSE_SECONDS_MAX: Final = 0.05
_PAUSE_SECONDS_STEP: Final = 0.004
_LOOK_SECONDS: Final = 0.05
_BUSY_SHARE: Final = 0.8
_CALM_SHARE: Final = 0.6


class LiveRoom:
    """What is remembered of a room.

    Attributes:
        events: the latest, complete after `complete_after`.
        last_position: of the last thing in it that clients are told of; 0: none since the start.
        related: ids among `events` that others relate to.
        state: at the last event, where it was needed.
        watchers: remembered members that are in.
    """

    __slots__ = (
        "complete_after", "events", "last_position", "receipts", "receipts_complete_after",
        "related", "room_id", "state", "state_changes", "watchers",
    )  # fmt: skip

    def __init__(self, room_id: str, floor: int) -> None:
        self.room_id = room_id
        self.events: deque[StoredEvent] = deque()
        self.complete_after = floor
        self.last_position = 0
        self.receipts: deque[ReceiptChanged] = deque()
        self.receipts_complete_after = floor
        self.related: set[str] = set()
        self.state: RoomState | None = None
        # How often the state changed: whoever read it meanwhile must read again.
        self.state_changes = 0
        self.watchers: dict[str, LiveMember] = {}

    def append(self, event: StoredEvent) -> None:
        """Take a new event."""
        if event.type == "m.room.create":
            self.complete_after = 0
        self.events.append(event)
        if len(self.events) > EVENTS_PER_ROOM:
            self.forget_oldest()
        if event.relates_to is not None:
            self.related.add(event.relates_to)
        self.last_position = event.position
        if event.state_key is not None:
            self.state_changes += 1
            # A state read meanwhile may hold the event already.
            if self.state is not None and event.position > self.state.position:
                self.state = self.state.with_entry(event.slot, state_entry(event))

    def forget_oldest(self) -> None:
        """Forget the oldest remembered event."""
        self.complete_after = self.events.popleft().position

    def replace(self, event: StoredEvent) -> None:
        """Take what is left of a redacted event."""
        for index, kept in enumerate(self.events):
            if kept.event_id == event.event_id:
                self.events[index] = event
        if event.state_key is not None:
            self.state_changes += 1
            self.state = None

    def events_after(self, position: int) -> list[StoredEvent] | None:
        """All events after a position, or None where not all are remembered."""
        if position < self.complete_after:
            return None
        found: list[StoredEvent] = []
        for event in reversed(self.events):
            if event.position <= position:
                break
            found.append(event)
        found.reverse()
        return found

    def latest(self, count: int) -> list[StoredEvent] | None:
        """The last events, or None where not that many are remembered."""
        # `complete_after` is 0 once the room is remembered from its first event on.
        if len(self.events) < count and self.complete_after > 0:
            return None
        return list(self.events)[-count:]

    def latest_of(self, types: Collection[str]) -> int:
        """The position of the last remembered event of some types; 0 where none is."""
        for event in reversed(self.events):
            if event.type in types:
                return event.position
        return 0

    def prefill(self, events: list[StoredEvent], *, complete_after: int, related: set[str]) -> None:
        """Take the latest events as read from the database, older than those remembered."""
        known = {event.position for event in self.events}
        older = [event for event in events if event.position not in known]
        if complete_after >= self.complete_after:
            return
        self.events = deque(sorted([*older, *self.events], key=lambda event: event.position))
        self.complete_after = complete_after
        self.related |= related


class LiveMember:
    """What is remembered of a member.

    Attributes:
        loaded_at: position of the reading; for what lies before, the database is asked.
        touched: position of the last thing the member is told of.
        memberships: by room id.
        device_changes: members whose devices changed, with the position.
        waiters: clients that wait for news.
    """

    __slots__ = (
        "account_data_position", "acknowledged", "custom_rules", "device_changes", "ephemeral",
        "handed_out",
        "ignored", "key_counts", "loaded_at", "memberships", "sent_members", "to_device", "touched",
        "unread", "user_id", "waiters",
    )  # fmt: skip

    def __init__(self, loaded: LoadedMember, loaded_at: int) -> None:
        self.user_id = loaded.user_id
        self.loaded_at = loaded_at
        self.touched = loaded_at
        self.ephemeral = 0
        self.memberships: dict[str, MembershipRow] = {m.room_id: m for m in loaded.memberships}
        self.account_data_position = loaded_at
        self.ignored = loaded.ignored
        self.custom_rules = loaded.custom_rules
        self.to_device: dict[str, int] = {}
        # By device, the last message that was put into an answer and not yet acknowledged.
        self.handed_out: dict[str, int] = {}
        # By device, up to where it has shown that it has its messages.
        self.acknowledged: dict[str, int] = {}
        self.device_changes: dict[str, int] = {}
        self.key_counts: dict[str, KeyCounts] = {}
        self.unread: dict[str, Unread] = {}
        # By device and room: the members it was told of, each with the position of that answer.
        self.sent_members: dict[str, dict[str, dict[str, int]]] = {}
        self.waiters: set[asyncio.Future[None]] = set()

    def awaits_keys(self, device_id: str) -> bool:
        """Whether a device that fetches its to-device messages has not got the last of them yet."""
        has = self.acknowledged.get(device_id)
        return has is not None and has < self.to_device.get(device_id, 0)

    def joined_rooms(self) -> list[str]:
        """Ids of the rooms the member is in."""
        return [room for room, row in self.memberships.items() if row.membership == "join"]


class SyncHub:
    """Hears of every commit, remembers, and wakes who waits.

    Args:
        db: to read what is not remembered.
        clock: gives answers their instant.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self._clock = clock
        self.position = db.position
        self.floor = db.position
        # Serials of what is kept in memory only begin at the start's instant, so that a token
        # from before a restart is older than all of them.
        self.ephemeral = clock.now_ms()
        self.typing_changes: dict[str, int] = {}
        # By member, the latest last.
        self.presence_changes: dict[str, int] = {}
        self.rooms: OrderedDict[str, LiveRoom] = OrderedDict()
        self._event_count = 0
        self._filters: OrderedDict[tuple[str, str], Filter] = OrderedDict()
        self._members: OrderedDict[str, LiveMember] = OrderedDict()
        self._loading: dict[str, asyncio.Task[LiveMember]] = {}
        self._finding: set[asyncio.Task[None]] = set()
        # Membership events, and members whose settings changed, while anyone is being read.
        self._missed: list[StoredEvent] = []
        self._outdated: set[str] = set()
        self._to_wake: dict[str, LiveMember] = {}
        self._round: dict[str, LiveMember] = {}
        self._waking: asyncio.Handle | None = None
        self._looked_at = (clock.ticks(), clock.busy_seconds())
        self._next_round = 0.0
        self._pause = 0.0
        self.stopping = False
        self._hearings: dict[type[Announcement], Callable[[Any], None]] = {
            EventsAppended: self._hear_events,
            ReceiptChanged: self._hear_receipt,
            ToDeviceSent: self._hear_to_device,
            KeyCountsChanged: self._hear_key_counts,
            DeviceListChanged: self._hear_devices,
            AccountDataChanged: self._hear_account_data,
            EventRedacted: self._hear_redaction,
            HistoryRemoved: self._forget_history,
            SignaturesAdded: self._hear_signatures,
            CachesOutdated: self._forget_everything,
        }
        db.listen(self.hear)

    def now_ms(self) -> int:
        """The instant of an answer."""
        return self._clock.now_ms()

    # Remembering

    def room(self, room_id: str) -> LiveRoom:
        """What is remembered of a room, if only that nothing happened since the start."""
        room = self.rooms.get(room_id)
        if room is None:
            room = self.rooms[room_id] = LiveRoom(room_id, self.floor)
            for member in self._members.values():
                row = member.memberships.get(room_id)
                if row is not None and row.membership == "join":
                    room.watchers[member.user_id] = member
            self._forget_quiet_rooms()
        return room

    def _forget_old_events(self) -> None:
        """Keep to `EVENTS_MAX`, at the cost of the rooms that have been quiet for longest."""
        if self._event_count <= EVENTS_MAX:
            return
        for room in self.rooms.values():
            if room.events:
                room.forget_oldest()
                self._event_count -= 1
                return

    def _forget_quiet_rooms(self) -> None:
        """Forget rooms beyond the limit.

        What was known of them is lost, so the floor rises: who has seen less asks the database.
        """
        while len(self.rooms) > ROOMS_MAX:
            _, forgotten = self.rooms.popitem(last=False)
            self.floor = max(self.floor, forgotten.last_position)
            self._event_count -= len(forgotten.events)

    def prefill(
        self, room: LiveRoom, events: list[StoredEvent], *, complete_after: int, related: set[str]
    ) -> None:
        """Remember the latest events of a room, as read from the database."""
        before = len(room.events)
        room.prefill(events, complete_after=complete_after, related=related)
        self._event_count += len(room.events) - before

    async def state(self, room_id: str) -> RoomState:
        """The state of a room at about `position`; it may be a few events ahead.

        Raises:
            RoomNotFound: no such room.
        """
        room = self.room(room_id)
        while room.state is None:
            heard = room.state_changes
            loaded = await self.db.read(load_state, room_id)
            if room.state is None and room.state_changes == heard:
                room.state = loaded
        return room.state

    async def warm(self, member: LiveMember, room_ids: list[str], *, limit: int) -> None:
        """Read what is not remembered of a member's rooms in one go, and remember it."""
        wishes = [
            WarmWish(
                room_id=room_id,
                state=room.state is None,
                timeline=room.latest(limit) is None,
                unread=room_id not in member.unread,
                joined_at=member.memberships[room_id].position,
            )
            for room_id, room in ((room_id, self.room(room_id)) for room_id in room_ids)
        ]
        wishes = [wish for wish in wishes if wish.state or wish.timeline or wish.unread]
        if not wishes:
            return
        changes = {wish.room_id: self.room(wish.room_id).state_changes for wish in wishes}
        heard = self.position
        loaded = await self.db.read(
            load_rooms, wishes, user_id=member.user_id, limit=limit,
            only_candidates=member.custom_rules is None,
        )  # fmt: skip
        for wish in wishes:
            room, found = self.room(wish.room_id), loaded[wish.room_id]
            if room.state is None and room.state_changes == changes[wish.room_id]:
                room.state = found.state
            # What was appended meanwhile may be missing between these events and those heard of.
            if found.timeline is not None and self.position == heard:
                self.prefill(
                    room,
                    found.timeline.events,
                    complete_after=max(found.timeline.complete_after, 0),
                    related=set(found.timeline.related),
                )
            if found.unread is not None and room.state is not None:
                begin_unread(member, room.state, found.unread, joined_at=wish.joined_at)

    async def member(self, user_id: str) -> LiveMember:
        """What is remembered of a member; read where it is not."""
        member = self._members.get(user_id)
        if member is not None:
            self._members.move_to_end(user_id)
            return member
        task = self._loading.get(user_id)
        if task is None:
            task = asyncio.create_task(self._load(user_id))
            self._loading[user_id] = task
            task.add_done_callback(lambda _: self._loaded(user_id))
        return await asyncio.shield(task)

    async def _load(self, user_id: str) -> LiveMember:
        loaded = await self.db.read(load_member, user_id)
        while user_id in self._outdated:
            self._outdated.discard(user_id)
            loaded = await self.db.read(load_member, user_id)
        # What lies before now may have been announced during the reading: the database knows.
        member = LiveMember(loaded, max(loaded.position, self.position))
        for event in self._missed:
            if event.state_key == user_id:
                _take_membership(member, event)
        self._members[user_id] = member
        for room_id in member.joined_rooms():
            room = self.rooms.get(room_id)
            if room is not None:
                room.watchers[user_id] = member
        self._forget_idle_members()
        return member

    def _loaded(self, user_id: str) -> None:
        del self._loading[user_id]
        if not self._loading:
            self._missed.clear()
            self._outdated.clear()

    def _forget_idle_members(self) -> None:
        if len(self._members) <= MEMBERS_MAX:
            return
        for user_id, member in self._members.items():
            if not member.waiters:
                self._forget_member(user_id)
                return

    def _forget_member(self, user_id: str) -> None:
        member = self._members.pop(user_id, None)
        if member is not None:
            for room in self.rooms.values():
                room.watchers.pop(user_id, None)

    async def filter(self, user_id: str, named: str) -> Filter:
        """The filter that a request names, by JSON or id; what an id names never changes.

        Raises:
            InvalidFilter: JSON of another shape.
            UnknownFilter: no filter of that id.
        """
        key = (user_id, named)
        known = self._filters.get(key)
        if known is None:
            known = await self.db.read(find_filter, user_id, named)
            self._filters[key] = known
            if len(self._filters) > FILTERS_MAX:
                self._filters.popitem(last=False)
        return known

    # Hearing

    def hear(self, announcements: list[Announcement], position: int) -> None:
        """Take in what a commit announced; `position` is the stream's end after it."""
        for announcement in announcements:
            hearing = self._hearings.get(type(announcement))
            if hearing is not None:
                hearing(announcement)
        self.position = max(self.position, position)

    def _hear_events(self, appended: EventsAppended) -> None:
        for event in appended.events:
            self._hear_event(event)

    def _hear_redaction(self, redacted: EventRedacted) -> None:
        event = redacted.event
        room = self.room(event.room_id)
        room.replace(event)
        for member in room.watchers.values():
            unread = member.unread.get(event.room_id)
            if unread is not None:
                unread.remove(event.position)

    def _hear_key_counts(self, changed: KeyCountsChanged) -> None:
        member = self._members.get(changed.user_id)
        if member is not None:
            member.key_counts.pop(changed.device_id, None)

    def _hear_event(self, event: StoredEvent) -> None:
        room = self.room(event.room_id)
        self.rooms.move_to_end(event.room_id)
        if event.position <= room.last_position:
            return
        before = len(room.events)
        room.append(event)
        self._event_count += len(room.events) - before
        self._forget_old_events()
        if event.type == ROOM_MEMBER:
            self._hear_membership(room, event)
        for member in room.watchers.values():
            self.touch(member, event.position)

    def _hear_membership(self, room: LiveRoom, event: StoredEvent) -> None:
        user_id = event.state_key
        assert user_id is not None
        if self._loading:
            self._missed.append(event)
        member = self._members.get(user_id)
        if member is None:
            return
        _take_membership(member, event)
        if member.memberships[room.room_id].membership == "join":
            room.watchers[user_id] = member
        else:
            room.watchers.pop(user_id, None)
            member.unread.pop(room.room_id, None)
        self.touch(member, event.position)

    def _hear_receipt(self, receipt: ReceiptChanged) -> None:
        room = self.room(receipt.room_id)
        room.receipts.append(receipt)
        if len(room.receipts) > RECEIPTS_PER_ROOM:
            room.receipts_complete_after = room.receipts.popleft().position
        room.last_position = max(room.last_position, receipt.position)
        own = self._members.get(receipt.user_id)
        if own is not None:
            unread = own.unread.get(receipt.room_id)
            if unread is not None:
                unread.read_up_to(receipt.thread_id, receipt.event_position)
            self.touch(own, receipt.position)
        if receipt.receipt_type == "m.read":
            for member in room.watchers.values():
                self.touch(member, receipt.position)

    def _hear_to_device(self, sent: ToDeviceSent) -> None:
        member = self._members.get(sent.user_id)
        if member is not None:
            for device_id in sent.device_ids:
                member.to_device[device_id] = sent.position
            self.touch(member, sent.position)

    def _hear_account_data(self, changed: AccountDataChanged) -> None:
        user_id, position = changed.user_id, changed.position
        member = self._members.get(user_id)
        if member is None:
            if user_id in self._loading:
                self._outdated.add(user_id)
            return
        member.account_data_position = position
        if changed.data_type in {"m.ignored_user_list", "m.push_rules"}:
            # Both change how everything else is told: read the member anew.
            waiting = member.waiters
            self._forget_member(user_id)
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_result(None)
            return
        self.touch(member, position)

    def _hear_devices(self, changed: DeviceListChanged) -> None:
        """Note a change of someone's devices for all who may share a room with them.

        Who does not is left out when the answer is made, by the database.
        """
        user_id, position = changed.user_id, changed.position
        own = self._members.get(user_id)
        rooms = None if own is None else set(own.joined_rooms())
        if own is not None:
            own.key_counts.clear()
        for member in self._members.values():
            if rooms is None or member is own or not rooms.isdisjoint(member.memberships):
                member.device_changes[user_id] = position
                self.touch(member, position)

    def _hear_signatures(self, added: SignaturesAdded) -> None:
        member = self._members.get(added.user_id)
        if member is not None:
            # Whom they signed, the database knows.
            member.loaded_at = max(member.loaded_at, added.position)
            self.touch(member, added.position)

    def hear_typing(self, room_id: str) -> None:
        """Somebody began or stopped typing."""
        self.ephemeral += 1
        self.typing_changes[room_id] = self.ephemeral
        for member in self.room(room_id).watchers.values():
            member.ephemeral = self.ephemeral
            self._wake_soon(member)

    def hear_presence(self, user_id: str) -> None:
        """Others would see something new of a member."""
        self.ephemeral += 1
        self.presence_changes.pop(user_id, None)
        self.presence_changes[user_id] = self.ephemeral
        if len(self.presence_changes) > PRESENCES_MAX:
            del self.presence_changes[next(iter(self.presence_changes))]
        if user_id in self._members:
            self._wake_peers(user_id)
        else:
            # They sync at another server of the house: their rooms are not known here.
            finding = asyncio.create_task(self._find_and_wake_peers(user_id))
            self._finding.add(finding)
            finding.add_done_callback(self._finding.discard)

    async def _find_and_wake_peers(self, user_id: str) -> None:
        await self.member(user_id)
        self._wake_peers(user_id)

    def _wake_peers(self, user_id: str) -> None:
        """Wake those who share a room with a member of whom they would see something new."""
        own = self._members.get(user_id)
        rooms = set() if own is None else set(own.joined_rooms())
        for member in self._members.values():
            if member is own or not rooms.isdisjoint(member.memberships):
                member.ephemeral = self.ephemeral
                self._wake_soon(member)

    def presences_after(self, serial: int) -> list[str]:
        """Of whom others would see something new since a serial, the latest first."""
        found: list[str] = []
        for user_id in reversed(self.presence_changes):
            if self.presence_changes[user_id] <= serial:
                break
            found.append(user_id)
        return found

    def _forget_history(self, removed: HistoryRemoved) -> None:
        room_id = removed.room_id
        room = self.rooms.get(room_id)
        if room is not None:
            self._event_count -= len(room.events)
            room.events.clear()
            room.complete_after = self.position
            room.state = None
        for member in self._members.values():
            member.unread.pop(room_id, None)

    def _forget_everything(self, _outdated: CachesOutdated) -> None:
        self.floor = max(self.floor, self.db.position)
        self.rooms.clear()
        self._event_count = 0
        members = list(self._members.values())
        self._members.clear()
        for member in members:
            for waiter in member.waiters:
                _let_go(waiter)

    # Waking

    def touch(self, member: LiveMember, position: int) -> None:
        """Note that there is something to tell a member."""
        member.touched = max(member.touched, position)
        if member.waiters:
            self._wake_soon(member)

    def _wake_soon(self, member: LiveMember) -> None:
        """Put a member's waiting clients in the line for the next round."""
        if not member.waiters:
            return
        self._to_wake[member.user_id] = member
        if self._waking is None:
            self._plan_round()

    def _plan_round(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        pause = self._next_round - now
        self._waking = (
            loop.call_soon(self._begin_round)
            if pause <= 0
            else loop.call_later(pause, self._begin_round)
        )

    def _begin_round(self) -> None:
        self._pace()
        self._round, self._to_wake = self._to_wake, {}
        self._take_turn()

    def _pace(self) -> None:
        """Lengthen or shorten the pause between rounds by how busy the process was of late."""
        now, busy = self._clock.ticks(), self._clock.busy_seconds()
        passed = now - self._looked_at[0]
        if passed < _LOOK_SECONDS:
            return
        share = (busy - self._looked_at[1]) / passed
        self._looked_at = (now, busy)
        if share > _BUSY_SHARE:
            self._pause = min(_PAUSE_SECONDS_MAX, self._pause * 1.5 + _PAUSE_SECONDS_STEP)
        elif share < _CALM_SHARE:
            self._pause *= 0.4

    def _take_turn(self) -> None:
        """Wake the next few of the round, and come again in the next turn for the others."""
        for user_id in list(islice(self._round, _WAKES_PER_TURN)):
            for waiter in self._round.pop(user_id).waiters:
                _let_go(waiter)
        loop = asyncio.get_running_loop()
        if self._round:
            self._waking = loop.call_soon(self._take_turn)
            return
        self._waking = None
        self._next_round = loop.time() + self._pause
        if self._to_wake:
            self._plan_round()

    async def wait(self, member: LiveMember, seconds: float) -> None:
        """Wait until there may be news for a member, or the time is over."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        member.waiters.add(waiter)
        # `asyncio.timeout` would do, at three times the cost; this is where every client waits.
        ending = loop.call_later(seconds, _let_go, waiter)
        try:
            await waiter
        finally:
            ending.cancel()
            member.waiters.discard(waiter)

    def stop(self) -> None:
        """Let every waiting client go, so that the server can stop at once."""
        self.stopping = True
        for member in self._members.values():
            for waiter in member.waiters:
                _let_go(waiter)


def _let_go(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _take_membership(member: LiveMember, event: StoredEvent) -> None:
    known = member.memberships.get(event.room_id)
    if known is None or known.position < event.position:
        member.memberships[event.room_id] = MembershipRow(
            event.room_id, state_entry(event).membership, event.position, is_forgotten=False
        )
