"""Putting together one answer to `/sync`: a view at one position, from memory where possible.

Source: Client-Server API, "Syncing"; MSC4222 for `state_after`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

from teahouse.chat.account_data.queries import (
    AllEntries,
    find_account_data,
    find_account_data_since,
    find_room_account_data,
    to_event,
)
from teahouse.chat.account_data.types import IGNORED_USER_LIST, PUSH_RULES
from teahouse.chat.event_store.queries import MembershipRow, find_state_events
from teahouse.chat.event_store.rules import read_membership
from teahouse.chat.event_store.types import ROOM_MEMBER, RoomState, StateEntry, StoredEvent
from teahouse.chat.filters.rules import matches_event, matches_room
from teahouse.chat.filters.types import Filter, FilteredEvent
from teahouse.chat.keys.queries import find_changed_users, find_key_counts
from teahouse.chat.messages.queries import find_bundles
from teahouse.chat.presence.rules import to_presence_event
from teahouse.chat.presence.types import OFFLINE, PRESENCE
from teahouse.chat.push.rules import build_ruleset
from teahouse.chat.push.types import StoredRules
from teahouse.chat.receipts.queries import find_receipts_since
from teahouse.chat.receipts.rules import to_receipt_content
from teahouse.chat.receipts.types import Receipt
from teahouse.chat.rooms.queries import find_peers
from teahouse.chat.sync.queries import (
    TimelinePart,
    find_changed_rooms,
    load_timeline,
    load_visible_timeline,
    was_joined,
)
from teahouse.chat.sync.rules import (
    apply_lazy_loading,
    choose_heroes,
    client_event,
    filter_entries,
    filter_events,
    is_window_visible,
    state_before,
    stripped_state,
)
from teahouse.chat.sync.types import SyncToken, room_token
from teahouse.chat.sync.unread_counts import count_unread
from teahouse.chat.to_device.queries import find_to_device
from teahouse.platform.json import JsonObject, encode_json

if TYPE_CHECKING:
    from teahouse.chat.presence.live import Presence
    from teahouse.chat.sync.live import LiveMember, LiveRoom, SyncHub
    from teahouse.chat.typing.live import Typing

# matrix-js-sdk asks by the name of the proposal, and reads no other name in the answer.
StateName: TypeAlias = Literal["state", "state_after", "org.matrix.msc4222.state_after"]

DEFAULT_TIMELINE_LIMIT: Final = 10
TO_DEVICE_MAX: Final = 100


class SyncRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks for.

    `state_name` is under which name it wants the state: `state` is that before the timeline, the
    others are that after it.
    """

    user_id: str
    device_id: str
    since: SyncToken | None
    filter: Filter
    full_state: bool = False
    state_name: StateName = "state"

    @property
    def state_after(self) -> bool:
        """Whether the state after the timeline is wanted."""
        return self.state_name != "state"


class SyncAnswer(msgspec.Struct, kw_only=True):
    """An answer in the making; `has_news` tells whether it is worth sending before its time."""

    body: dict[str, Any]
    has_news: bool


class Assembly:
    """Makes one answer.

    Args:
        hub: what is remembered.
        typing: who is typing.
        member: who asks.
        request: for what.
        presence: who is there, where the operator wants that to be told.
    """

    def __init__(
        self,
        hub: SyncHub,
        typing: Typing,
        member: LiveMember,
        request: SyncRequest,
        presence: Presence | None = None,
    ) -> None:
        self._hub = hub
        self._presence = presence
        self._typing = typing
        self._member = member
        self._request = request
        self._since = -1 if request.since is None else min(request.since.position, hub.position)
        self._since_ephemeral = 0 if request.since is None else request.since.ephemeral
        self._initial = request.since is None
        self._limit = request.filter.room.timeline.limit_or(DEFAULT_TIMELINE_LIMIT)
        self._up_to = hub.position
        self._ephemeral = hub.ephemeral
        self._now = hub.now_ms()
        self._receipts: dict[str, list[Receipt]] | None = None
        self._has_new_ignored = False
        self._new_peers: set[str] = set()
        self._gone_peers: set[str] = set()

    async def make(self) -> SyncAnswer:
        """Make the answer."""
        account_data, room_data = await self.account_data()
        if self._initial:
            await self._read_ahead()
        rooms = await self._make_rooms(room_data)
        to_device, to_device_token = await self.to_device()
        await self.note_all_peers()
        devices = await self.device_lists()
        body: dict[str, Any] = {"device_lists": devices} if devices else {}
        if rooms:
            body["rooms"] = rooms
        if to_device:
            body["to_device"] = {"events": to_device}
        if account_data:
            body["account_data"] = {"events": account_data}
        if self._presence is not None:
            present = await self._present(self._presence)
            if present:
                body["presence"] = {"events": present}
        has_news = bool(body)
        counts = await self.key_counts()
        body["device_one_time_keys_count"] = counts.one_time_key_counts
        body["device_unused_fallback_key_types"] = counts.unused_fallback_key_types
        token = SyncToken(self._up_to, self._ephemeral, to_device_token)
        body["next_batch"] = str(token)
        return SyncAnswer(body=body, has_news=has_news)

    async def _read_ahead(self) -> None:
        """Read what the first answer needs of all rooms at once, rather than room by room."""
        joined = self._member.joined_rooms()
        await self._hub.warm(self._member, joined, limit=self._limit)
        self._receipts = await self._hub.db.read(
            find_receipts_since, joined, since=-1, up_to=self._up_to,
            for_user=self._member.user_id,
        )  # fmt: skip

    # What belongs to no room

    async def account_data(self) -> tuple[list[JsonObject], dict[str, list[JsonObject]]]:
        """What belongs to no room, and by room what the member's clients keep about it."""
        member = self._member
        if self._initial:
            found = self._with_push_rules(
                await self._hub.db.read(find_account_data, member.user_id)
            )
        elif self._since < member.account_data_position:
            found = await self._hub.db.read(
                find_account_data_since, member.user_id, self._since, self._up_to
            )
        else:
            return [], {}
        return self._filter_account_data(found)

    def _with_push_rules(self, found: AllEntries) -> AllEntries:
        """Add the push rules of a member who never changed them: clients wait for them."""
        of_none, by_room = found
        if any(kind == PUSH_RULES for kind, _ in of_none):
            return found
        ruleset = build_ruleset(self._member.user_id, StoredRules())
        return [*of_none, (PUSH_RULES, encode_json({"global": ruleset}))], by_room

    def _filter_account_data(
        self, found: AllEntries
    ) -> tuple[list[JsonObject], dict[str, list[JsonObject]]]:
        of_none, by_room = found
        wanted = self._request.filter
        self._has_new_ignored = any(kind == IGNORED_USER_LIST for kind, _ in of_none)
        return (
            filter_entries(wanted.account_data, [to_event(entry) for entry in of_none]),
            {
                room_id: filter_entries(
                    wanted.room.account_data, [to_event(entry) for entry in entries]
                )
                for room_id, entries in by_room.items()
            },
        )

    async def to_device(self, limit: int = TO_DEVICE_MAX) -> tuple[list[msgspec.Raw], int]:
        """Messages to this device that were not handed out, and the token's part for them.

        The token's part is the position up to which all messages were handed out.
        """
        member, device_id = self._member, self._request.device_id
        handed_out = 0 if self._request.since is None else self._request.since.to_device
        last = member.to_device.get(device_id, member.loaded_at)
        if handed_out >= last:
            return [], max(handed_out, self._up_to)
        found = await self._hub.db.read(
            find_to_device, member.user_id, device_id, handed_out, self._up_to, limit
        )
        if found:
            member.handed_out[device_id] = found[-1][0]
        is_all = len(found) < limit
        return (
            [msgspec.Raw(event) for _, event in found],
            self._up_to if is_all else found[-1][0],
        )

    async def key_counts(self) -> Any:  # noqa: ANN401
        """How many keys this device still has to hand out."""
        member, device_id = self._member, self._request.device_id
        counts = member.key_counts.get(device_id)
        if counts is None:
            counts = await self._hub.db.read(find_key_counts, member.user_id, device_id)
            member.key_counts[device_id] = counts
        return counts

    async def device_lists(self) -> dict[str, list[str]]:
        """Whose devices changed, whom the member newly shares rooms with, and with whom no more.

        Source: Client-Server API, "Extensions to /sync" of end-to-end encryption.
        """
        if self._initial:
            return {}
        changed = set(self._new_peers)
        changed |= {
            user_id
            for user_id, position in self._member.device_changes.items()
            if position > self._since
        }
        me = self._member.user_id
        gone = self._gone_peers - {me}
        is_unknown = self._since < self._member.loaded_at
        if not changed and not gone and not is_unknown:
            return {}
        peers = await self._hub.db.read(find_peers, me)
        if is_unknown:
            changed |= await self._hub.db.read(find_changed_users, me, self._since, peers)
        lists = {"changed": sorted(changed & peers), "left": sorted(gone - peers)}
        return lists if lists["changed"] or lists["left"] else {}

    async def _present(self, presence: Presence) -> list[JsonObject]:
        """Who came and went among those who share a room with the member; at first, who is there.

        Source: Client-Server API, "Presence".
        """
        member, wanted = self._member, self._request.filter.presence
        if self._initial:
            news = presence.changed_since(0)
        else:
            news = self._hub.presences_after(self._since_ephemeral)
        # Of whom the client has not heard before, only those who are there are news.
        unheard = self._new_peers - set(news)
        is_new = {user_id for user_id in unheard if presence.view(user_id) is not OFFLINE}
        if not news and not is_new:
            return []
        peers = await self._hub.db.read(find_peers, member.user_id)
        events = []
        for user_id in [*news, *sorted(is_new)]:
            view = presence.view(user_id)
            if user_id not in peers or user_id in member.ignored:
                continue
            if view is OFFLINE and self._initial:
                continue
            if matches_event(wanted, FilteredEvent(PRESENCE, user_id)):
                events.append(to_presence_event(user_id, view))
        return events

    # Rooms

    async def _make_rooms(self, room_data: dict[str, list[JsonObject]]) -> dict[str, Any]:
        sections: dict[str, dict[str, Any]] = {"join": {}, "invite": {}, "knock": {}, "leave": {}}
        changed = await self._changed_rooms(room_data)
        for room_id, row in list(self._member.memberships.items()):
            if not matches_room(self._request.filter.room, room_id):
                continue
            match row.membership:
                case "join":
                    if changed is None or room_id in changed or row.position > self._since:
                        made = await self._make_joined(row, room_data)
                        if made is not None:
                            sections["join"][room_id] = made
                case "invite" | "knock":
                    # Who is no longer ignored may have invited in the meantime.
                    if self._is_new(row) or self._has_new_ignored:
                        await self._make_invited(row, sections[row.membership])
                case _:
                    if self._is_new(row) and self._wants_left():
                        sections["leave"][room_id] = await self._make_left(row)
        return {name: section for name, section in sections.items() if section}

    def _is_new(self, row: MembershipRow) -> bool:
        return self._since < row.position <= self._up_to and not row.is_forgotten

    def _wants_left(self) -> bool:
        return not self._initial or self._request.filter.room.include_leave

    async def _changed_rooms(self, room_data: dict[str, list[JsonObject]]) -> set[str] | None:
        """The joined rooms that may have news; None for all of them."""
        if self._initial or self._request.full_state:
            return None
        hub, since = self._hub, self._since
        joined = self._member.joined_rooms()
        changed = set(room_data)
        for room_id in joined:
            room = hub.rooms.get(room_id)
            if (room is not None and room.last_position > since) or self._is_typing_new(room_id):
                changed.add(room_id)
        if since < hub.floor:
            changed |= await hub.db.read(find_changed_rooms, joined, since)
            changed |= set(
                await hub.db.read(
                    find_receipts_since, joined, since=since, up_to=self._up_to,
                    for_user=self._member.user_id,
                )
            )  # fmt: skip
        return changed

    def _is_typing_new(self, room_id: str) -> bool:
        changed_at = self._hub.typing_changes.get(room_id, 0)
        return changed_at > self._since_ephemeral

    async def _make_joined(
        self, row: MembershipRow, room_data: dict[str, list[JsonObject]]
    ) -> dict[str, Any] | None:
        room_id = row.room_id
        room = self._hub.room(room_id)
        state = await self._hub.state(room_id)
        since = self._since
        is_newly_joined = self._initial or (
            row.position > since
            and not await self._hub.db.read(was_joined, room_id, self._member.user_id, since)
        )
        after = -1 if is_newly_joined or self._request.full_state else since
        timeline = await self.timeline(
            room, row, state, after=-1 if is_newly_joined else since, limit=self._limit
        )
        events = [
            event
            for event in filter_events(self._request.filter.room.timeline, timeline.events)
            if event.sender not in self._member.ignored or event.state_key is not None
        ]
        state_entries = self._state_entries(state, timeline, after=after)
        state_entries = self._lazy(state, state_entries, events, newly=is_newly_joined)
        made: dict[str, Any] = {}
        rendered = await self.render(events, timeline)
        if rendered or timeline.limited:
            made["timeline"] = {
                "events": rendered,
                "limited": timeline.limited,
                "prev_batch": room_token(self.before(timeline)),
            }
        state_name = self._request.state_name
        kept = [msgspec.Raw(entry.json) for entry in state_entries]
        if kept:
            made[state_name] = {"events": kept}
        ephemeral = await self.ephemeral_events(room, newly=is_newly_joined)
        if ephemeral:
            made["ephemeral"] = {"events": ephemeral}
        data = room_data.get(room_id, [])
        if is_newly_joined and not self._initial:
            entries = await self._hub.db.read(find_room_account_data, self._member.user_id, room_id)
            data = filter_entries(
                self._request.filter.room.account_data, [to_event(entry) for entry in entries]
            )
        if data:
            made["account_data"] = {"events": data}
        if not made and not is_newly_joined and not self._has_own_receipt(room):
            return None
        made |= await self.counts(room, state, row)
        if (
            is_newly_joined
            or any(event.type == ROOM_MEMBER for event in timeline.events)
            or any(entry.membership for entry in state_entries)
        ):
            made["summary"] = choose_heroes(state, self._member.user_id)
        made.setdefault("timeline", {"events": [], "limited": False,
                                     "prev_batch": room_token(self._up_to)})  # fmt: skip
        made.setdefault(state_name, {"events": []})
        made.setdefault("ephemeral", {"events": []})
        made.setdefault("account_data", {"events": []})
        return made

    def before(self, timeline: TimelinePart) -> int:
        """The position that `prev_batch` names: everything up to it comes before the timeline."""
        return timeline.events[0].position - 1 if timeline.events else self._up_to

    async def timeline(
        self, room: LiveRoom, row: MembershipRow, state: RoomState, *, after: int, limit: int
    ) -> TimelinePart:
        """What a client has not seen of a room that its member is in.

        Args:
            room: what is remembered of the room.
            row: the membership.
            state: the state of the room now.
            after: the position up to which it is seen; -1 where nothing is.
            limit: the most events; at least one.
        """
        if after < 0:
            return await self._first_timeline(room, row, state, limit=limit)
        if row.position > after:
            return await self._hub.db.read(
                load_visible_timeline, room.room_id, user_id=self._member.user_id,
                after=after, up_to=self._up_to, limit=limit,
            )  # fmt: skip
        remembered = room.events_after(after)
        if remembered is None:
            return await self._hub.db.read(
                load_timeline, room.room_id, after=after, up_to=self._up_to, limit=limit
            )
        events = [event for event in remembered if event.position <= self._up_to]
        limited = len(events) > limit
        return TimelinePart(events[-limit:], limited, after, frozenset(room.related))

    async def _first_timeline(
        self, room: LiveRoom, row: MembershipRow, state: RoomState, *, limit: int
    ) -> TimelinePart:
        events = room.latest(limit)
        if events is None:
            part = await self._hub.db.read(
                load_timeline, room.room_id, after=-1, up_to=self._up_to, limit=limit
            )
            if self._up_to == self._hub.position:
                complete_after = max(part.complete_after, 0)
                self._hub.prefill(
                    room, part.events, complete_after=complete_after, related=set(part.related)
                )
            events = part.events
        events = [event for event in events if event.position <= self._up_to]
        if is_window_visible(state, row, events):
            first = events[0].position if events else self._up_to
            limited = bool(events) and room_has_earlier(events[0])
            return TimelinePart(events, limited, first - 1, frozenset(room.related))
        return await self._hub.db.read(
            load_visible_timeline, room.room_id, user_id=self._member.user_id,
            after=-1, up_to=self._up_to, limit=limit,
        )  # fmt: skip

    def _state_entries(
        self, state: RoomState, timeline: TimelinePart, *, after: int
    ) -> list[StateEntry]:
        wanted = self._request.filter.room.state
        if self._request.state_after:
            found = [e for e in state.entries() if after < e.position <= self._up_to]
        else:
            found = state_before(state, timeline.events, after=after, up_to=self._up_to)
        return filter_events(wanted, found, room_id=state.room_id)

    def _lazy(
        self,
        state: RoomState,
        entries: list[StateEntry],
        events: list[StoredEvent],
        *,
        newly: bool,
    ) -> list[StateEntry]:
        wanted = self._request.filter.room.state
        if not (wanted.lazy_load_members or self._request.filter.room.timeline.lazy_load_members):
            return entries
        sent = self._member.sent_members.setdefault(self._request.device_id, {})
        noted = sent.setdefault(state.room_id, {})
        # A client that comes back with an older token has forgotten what it was told since.
        known = {user_id for user_id, position in noted.items() if position <= self._since}
        if newly or wanted.include_redundant_members:
            known = set()
        kept, told = apply_lazy_loading(
            state, entries, events, me=self._member.user_id if newly else None, known=known
        )
        noted.update(dict.fromkeys(told, self._up_to))
        return kept

    def _note_peers(self, state: RoomState, events: list[StoredEvent]) -> None:
        """Note who came into and went from a room, by its membership events."""
        for event in events:
            if event.type != ROOM_MEMBER or event.state_key is None:
                continue
            replaced = event.replaced_json
            was_in = replaced is not None and read_membership(replaced) == "join"
            if not state.is_joined(event.state_key):
                self._gone_peers.add(event.state_key)
            elif not was_in:
                self._new_peers.add(event.state_key)

    async def note_all_peers(self) -> None:
        """Note with whom the member newly shares rooms, and who is gone from rooms of theirs."""
        if self._initial:
            return
        for room_id in self._member.joined_rooms():
            room, row = self._hub.room(room_id), self._member.memberships[room_id]
            if room.last_position <= self._since and self._since >= self._hub.floor:
                continue
            state = await self._hub.state(room_id)
            newly = row.position > self._since and not await self._hub.db.read(
                was_joined, room_id, self._member.user_id, self._since
            )
            events = room.events_after(self._since)
            if events is None:
                events = await self._hub.db.read(
                    find_state_events, room_id, after=self._since, up_to=self._up_to
                )
            if newly:
                self._new_peers.update(state.joined)
            else:
                self._note_peers(state, events)

    async def render(self, events: list[StoredEvent], timeline: TimelinePart) -> list[msgspec.Raw]:
        """Timeline events as this device gets them."""
        bundles: dict[str, bytes] = {}
        related = [event for event in events if event.event_id in timeline.related]
        if related:
            bundles = await self._hub.db.read(find_bundles, related, self._member.user_id)
        me, device_id = self._member.user_id, self._request.device_id
        fields = self._request.filter.event_fields
        return [
            client_event(
                event,
                now=self._now,
                own_device=device_id if event.sender == me else None,
                bundle=bundles.get(event.event_id),
                fields=fields,
            )
            for event in events
        ]

    async def ephemeral_events(self, room: LiveRoom, *, newly: bool) -> list[JsonObject]:
        """Receipts and typing of a room."""
        me = self._member.user_id
        events: list[JsonObject] = []
        receipts: list[Any]
        if self._initial and self._receipts is not None:
            receipts = list(self._receipts.get(room.room_id, []))
        elif newly or self._since < room.receipts_complete_after:
            found = await self._hub.db.read(
                find_receipts_since, [room.room_id], since=-1 if newly else self._since,
                up_to=self._up_to, for_user=me,
            )  # fmt: skip
            receipts = list(found.get(room.room_id, []))
        else:
            receipts = [
                receipt
                for receipt in room.receipts
                if self._since < receipt.position <= self._up_to
                and (receipt.receipt_type == "m.read" or receipt.user_id == me)
            ]
        if receipts:
            events.append({"type": "m.receipt", "content": to_receipt_content(receipts)})
        typing = self._typing.users_in(room.room_id)
        if self._is_typing_new(room.room_id) and (typing or not newly):
            events.append({"type": "m.typing", "content": {"user_ids": list(typing)}})
        return filter_entries(self._request.filter.room.ephemeral, events)

    def _has_own_receipt(self, room: LiveRoom) -> bool:
        me = self._member.user_id
        return any(r.user_id == me and r.position > self._since for r in room.receipts)

    async def counts(self, room: LiveRoom, state: RoomState, row: MembershipRow) -> dict[str, Any]:
        """What is unread in a room, in the fields of the answer."""
        unread = await count_unread(
            self._hub, self._member, room, state=state, joined_at=row.position
        )
        wanted = self._request.filter.room.timeline
        if not wanted.unread_thread_notifications:
            return {"unread_notifications": unread.total()}
        by_thread = unread.by_thread()
        return {
            "unread_notifications": by_thread.pop("main"),
            "unread_thread_notifications": by_thread,
        }

    async def _make_invited(self, row: MembershipRow, section: dict[str, Any]) -> None:
        state = await self._hub.state(row.room_id)
        own = state.get(ROOM_MEMBER, self._member.user_id)
        if own is None or (row.membership == "invite" and own.sender in self._member.ignored):
            return
        name = "invite_state" if row.membership == "invite" else "knock_state"
        section[row.room_id] = {name: {"events": stripped_state(state, own)}}

    async def _make_left(self, row: MembershipRow) -> dict[str, Any]:
        room_id, me = row.room_id, self._member.user_id
        part = await self._hub.db.read(
            load_visible_timeline, room_id, user_id=me, after=self._since,
            up_to=min(self._up_to, row.position), limit=self._limit,
        )  # fmt: skip
        events = filter_events(self._request.filter.room.timeline, part.events)
        first = part.events[0].position if part.events else row.position
        until = row.position if self._request.state_after else first - 1
        changes = await self._hub.db.read(
            find_state_events, room_id, after=self._since, up_to=until
        )
        if not part.events:
            changes = []
        state = await self._hub.state(room_id)
        self._gone_peers.update(user for user in state.members if user != me)
        kept = filter_events(self._request.filter.room.state, changes)
        return {
            "timeline": {
                "events": await self.render(events, part),
                "limited": part.limited,
                "prev_batch": room_token(self.before(part)),
            },
            self._request.state_name: {"events": [msgspec.Raw(event.json) for event in kept]},
            "account_data": {"events": []},
        }


def room_has_earlier(first: StoredEvent) -> bool:
    """Whether a room has events before one: all but the create event follow another."""
    return not (first.type == "m.room.create" and first.state_key == "")
