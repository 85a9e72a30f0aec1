"""Connections of sliding sync, and the making of their answers. Kept in memory.

A connection that is not remembered (after a restart, or after a day) gets M_UNKNOWN_POS and begins
again, as MSC4186 foresees.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

import msgspec

from teahouse.chat.account_data.queries import find_account_data
from teahouse.chat.event_store.queries import MembershipRow
from teahouse.chat.event_store.types import ROOM_MEMBER, RoomState
from teahouse.chat.filters.types import Filter, RoomEventFilter, RoomFilter
from teahouse.chat.sliding_sync import rules
from teahouse.chat.sliding_sync.errors import UnknownPos
from teahouse.chat.sliding_sync.queries import find_bump_stamps
from teahouse.chat.sliding_sync.types import (
    NOTHING_SEEN,
    RoomsExtension,
    Seen,
    SentRoom,
    SlidingRequest,
    Wanted,
)
from teahouse.chat.sync.assembly import Assembly, SyncRequest
from teahouse.chat.sync.live import LiveMember, SyncHub
from teahouse.chat.sync.queries import TimelinePart, load_visible_timeline
from teahouse.chat.sync.rules import choose_heroes, stripped_state
from teahouse.chat.sync.types import SyncToken, parse_sync_token, room_token
from teahouse.chat.typing.live import Typing

CONNECTIONS_MAX: Final = 5000


class Connection:
    """One client's connection: the last two views it was sent, so that a retry finds its own.

    A client that asks anew has hung up before, though the server may not know it: only the answer
    to its latest request counts.
    """

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._serial = 0
        self._turn = 0

    def begin(self, pos: str | None) -> tuple[Seen, int]:
        """A client asks.

        Returns:
            The view that its position names, and the number of this request.

        Raises:
            UnknownPos: none that is remembered.
        """
        if pos is None:
            self._seen.clear()
        elif pos not in self._seen:
            raise UnknownPos
        self._turn += 1
        return (NOTHING_SEEN if pos is None else self._seen[pos]), self._turn

    def keep(self, seen: Seen, *, after: str | None, turn: int) -> str:
        """Remember a view, unless the client has asked anew since; returns its position."""
        self._serial += 1
        pos = f"{self._serial}_{seen.position}"
        if turn == self._turn:
            kept = {after: self._seen[after]} if after is not None and after in self._seen else {}
            self._seen = kept | {pos: seen}
        return pos


class Connections:
    """All connections, the least used forgotten beyond a limit."""

    def __init__(self) -> None:
        self._connections: OrderedDict[tuple[str, str, str], Connection] = OrderedDict()

    def find(self, user_id: str, device_id: str, conn_id: str, *, pos: str | None) -> Connection:
        """A client's connection; made where it begins.

        Raises:
            UnknownPos: it is not remembered.
        """
        key = (user_id, device_id, conn_id)
        connection = self._connections.get(key)
        if connection is None:
            if pos is not None:
                raise UnknownPos
            connection = self._connections[key] = Connection()
        self._connections.move_to_end(key)
        while len(self._connections) > CONNECTIONS_MAX:
            self._connections.popitem(last=False)
        return connection


class SlidingAnswer(msgspec.Struct, kw_only=True):
    """An answer in the making."""

    body: dict[str, Any]
    seen: Seen
    has_news: bool


class SlidingAssembly:
    """Makes one answer: a view at one position.

    Args:
        hub: what is remembered.
        typing: who is typing.
        member: who asks.
        device_id: with which device.
        request: for what.
        seen: what the connection was sent.
    """

    def __init__(
        self,
        hub: SyncHub,
        typing: Typing,
        member: LiveMember,
        *,
        device_id: str,
        request: SlidingRequest,
        seen: Seen,
    ) -> None:
        self._hub = hub
        self._typing = typing
        self._member = member
        self._request = request
        self._seen = seen
        self._is_initial = seen.position < 0
        self._up_to = hub.position
        self._ephemeral = hub.ephemeral
        self._sync = Assembly(hub, typing, member, self._sync_request(device_id))

    def _sync_request(self, device_id: str) -> SyncRequest:
        """The same view for the parts that both ways of syncing share."""
        since_text = self._request.extensions.to_device.since
        handed_out = parse_sync_token(since_text).to_device if since_text else 0
        since = None
        if not self._is_initial:
            since = SyncToken(self._seen.position, self._seen.ephemeral, handed_out)
        return SyncRequest(
            user_id=self._member.user_id,
            device_id=device_id,
            since=since,
            filter=Filter(room=RoomFilter(timeline=RoomEventFilter())),
        )

    async def make(self) -> SlidingAnswer:
        """Make the answer."""
        listed = await self._list_rooms()
        lists, wanted = self._apply_lists(listed)
        rooms: dict[str, Any] = {}
        sent = dict(self._seen.rooms)
        stamps = {room.room_id: room.bump_stamp for room in listed}
        dms = {room.room_id for room in listed if room.is_dm}
        for room_id, want in wanted.items():
            row = self._member.memberships.get(room_id)
            if row is None:
                continue
            made = await self._make_room(row, want, sent.get(room_id))
            if made is not None:
                made["bump_stamp"] = stamps.get(room_id, row.position)
                if room_id in dms:
                    made["is_dm"] = True
                rooms[room_id] = made
            before = sent.get(room_id)
            kept = want if before is None else want.merged(before.wanted)
            sent[room_id] = SentRoom(self._up_to, kept, row.membership)
        extensions, has_news = await self._make_extensions(wanted)
        body: dict[str, Any] = {"lists": lists, "rooms": rooms, "extensions": extensions}
        if self._request.txn_id is not None:
            body["txn_id"] = self._request.txn_id
        seen = Seen(self._up_to, self._ephemeral, sent)
        return SlidingAnswer(body=body, seen=seen, has_news=has_news or bool(rooms))

    def owes_turn(self) -> bool:
        """Whether a connection that is told of no rooms should be answered all the same.

        A client sends what its encryption owes others, such as the next step of a verification in
        a room, at the turn of the connection that carries its keys; what made it owe that it reads
        from another connection.

        Source:
            matrix-rust-sdk, `SlidingSync::sync_once`; Synapse answers such a connection at every
            event of the member's rooms.
        """
        asked = self._request
        if not asked.extensions.e2ee.enabled or asked.lists or asked.room_subscriptions:
            return False
        after = self._seen.position
        rooms = (self._hub.rooms.get(room_id) for room_id in self._member.joined_rooms())
        return any(
            room is not None and room.last_position > after and rules.has_secret(room.events, after)
            for room in rooms
        )

    # Which rooms

    async def _list_rooms(self) -> list[rules.ListedRoom]:
        """The rooms that lists may hold."""
        member = self._member
        rows = [
            row
            for row in member.memberships.values()
            if row.membership in {"join", "invite", "knock"}
        ]
        joined = [row.room_id for row in rows if row.membership == "join"]
        stamps = await self._bump_stamps(joined)
        of_none, by_room = await self._hub.db.read(find_account_data, member.user_id)
        direct = next((content for kind, content in of_none if kind == "m.direct"), b"{}")
        dms = rules.direct_rooms(msgspec.json.decode(direct))
        parents = await self._parents(joined)
        listed = []
        for row in rows:
            tags = next((c for kind, c in by_room.get(row.room_id, []) if kind == "m.tag"), b"{}")
            listed.append(
                await self._listed(
                    row,
                    stamp=stamps.get(row.room_id, row.position),
                    is_dm=row.room_id in dms,
                    tags=frozenset(msgspec.json.decode(tags).get("tags", {})),
                    parents=frozenset(parents.get(row.room_id, ())),
                )
            )
        return rules.sort_rooms(listed)

    async def _listed(
        self, row: MembershipRow, *, stamp: int, is_dm: bool, tags: frozenset[str],
        parents: frozenset[str],
    ) -> rules.ListedRoom:  # fmt: skip
        state = await self._hub.state(row.room_id)
        own = state.members.get(self._member.user_id)
        told = {} if own is None else state.content(ROOM_MEMBER, self._member.user_id)
        room_type = state.content("m.room.create").get("type")
        name = state.content("m.room.name").get("name")
        return rules.ListedRoom(
            room_id=row.room_id,
            membership=row.membership,
            bump_stamp=stamp,
            is_dm=is_dm or (row.membership == "invite" and told.get("is_direct") is True),
            tags=tags,
            room_type=room_type if isinstance(room_type, str) else None,
            is_encrypted=state.get("m.room.encryption") is not None,
            name=name if isinstance(name, str) else None,
            parents=parents,
        )

    async def _bump_stamps(self, room_ids: list[str]) -> dict[str, int]:
        stamps: dict[str, int] = {}
        unknown: list[str] = []
        for room_id in room_ids:
            room = self._hub.rooms.get(room_id)
            latest = 0 if room is None else room.latest_of(rules.BUMP_TYPES)
            if latest:
                stamps[room_id] = latest
            else:
                unknown.append(room_id)
        if unknown:
            stamps |= await self._hub.db.read(find_bump_stamps, unknown)
        return stamps

    async def _parents(self, room_ids: list[str]) -> dict[str, set[str]]:
        """The spaces among the joined rooms that each room is in."""
        if all(config.filters.spaces is None for config in self._request.lists.values()):
            return {}
        parents: dict[str, set[str]] = {}
        for space_id in room_ids:
            state = await self._hub.state(space_id)
            for event_type, child_id in state.others:
                if event_type == "m.space.child" and state.content(event_type, child_id):
                    parents.setdefault(child_id, set()).add(space_id)
        return parents

    def _apply_lists(
        self, listed: list[rules.ListedRoom]
    ) -> tuple[dict[str, Any], dict[str, Wanted]]:
        counts: dict[str, Any] = {}
        wanted: dict[str, Wanted] = {}
        for name, config in self._request.lists.items():
            passing = [room for room in listed if rules.is_listed(config.filters, room)]
            counts[name] = {"count": len(passing)}
            for room in rules.window(config, passing):
                _want(wanted, room.room_id, rules.to_wanted(config))
        for room_id, subscription in self._request.room_subscriptions.items():
            _want(wanted, room_id, rules.to_wanted(subscription))
        self._want_lost_rooms(wanted)
        return counts, wanted

    def _want_lost_rooms(self, wanted: dict[str, Wanted]) -> None:
        """Tell of rooms the connection was sent and the member is no longer in."""
        for room_id, sent in self._seen.rooms.items():
            row = self._member.memberships.get(room_id)
            gone = row is not None and row.membership in {"leave", "ban"}
            if gone and sent.membership not in {"leave", "ban"} and room_id not in wanted:
                wanted[room_id] = sent.wanted

    # A room

    async def _make_room(
        self, row: MembershipRow, want: Wanted, sent: SentRoom | None
    ) -> dict[str, Any] | None:
        changed_membership = sent is None or sent.membership != row.membership
        if row.membership in {"invite", "knock"}:
            return await self._make_invited(row) if changed_membership else None
        if row.membership in {"leave", "ban"}:
            return await self._make_left(row, want) if changed_membership else None
        if sent is not None and changed_membership:
            sent = None
        return await self._make_joined(row, want, sent)

    async def _make_invited(self, row: MembershipRow) -> dict[str, Any] | None:
        state = await self._hub.state(row.room_id)
        own = state.members.get(self._member.user_id)
        if own is None or own.sender in self._member.ignored:
            return None
        made = self._describe(state)
        key = "invite_state" if row.membership == "invite" else "knock_state"
        made |= {"initial": True, "membership": row.membership, key: stripped_state(state, own)}
        return made

    async def _make_left(self, row: MembershipRow, want: Wanted) -> dict[str, Any] | None:
        part = await self._hub.db.read(
            load_visible_timeline, row.room_id, user_id=self._member.user_id,
            after=self._seen.position, up_to=min(self._up_to, row.position),
            limit=max(1, want.timeline_limit),
        )  # fmt: skip
        state = await self._hub.state(row.room_id)
        own = state.members.get(self._member.user_id)
        return {
            "membership": row.membership,
            "timeline": await self._sync.render(part.events, part),
            "limited": part.limited,
            "prev_batch": room_token(self._sync.before(part)),
            "num_live": len(part.events),
            "required_state": [] if own is None else [msgspec.Raw(own.json)],
        }

    async def _make_joined(
        self, row: MembershipRow, want: Wanted, sent: SentRoom | None
    ) -> dict[str, Any] | None:
        state = await self._hub.state(row.room_id)
        room = self._hub.room(row.room_id)
        after = -1 if sent is None else sent.position
        is_wider = sent is not None and want.timeline_limit > sent.wanted.timeline_limit
        part = TimelinePart([], limited=False, complete_after=self._up_to)
        if want.timeline_limit > 0:
            part = await self._sync.timeline(
                room, row, state, after=-1 if is_wider else after, limit=want.timeline_limit
            )
        entries = rules.select_state(
            state, want.state, part.events, me=self._member.user_id, after=after,
            before=None if sent is None else sent.wanted,
        )  # fmt: skip
        if sent is not None and not is_wider:
            has_moved = room.last_position > after or state.position > after
            if not part.events and not entries and not has_moved:
                return None
        events = [
            event
            for event in part.events
            if event.state_key is not None or event.sender not in self._member.ignored
        ]
        made: dict[str, Any] = {
            "required_state": [msgspec.Raw(entry.json) for entry in entries],
            "timeline": await self._sync.render(events, part),
            "limited": part.limited,
            "prev_batch": room_token(self._sync.before(part)),
            "num_live": 0 if sent is None else sum(e.position > after for e in events),
            "membership": "join",
        }
        if is_wider:
            made["unstable_expanded_timeline"] = True
        if sent is None:
            made["initial"] = True
        made |= self._describe(state)
        counts = (await self._sync.counts(room, state, row))["unread_notifications"]
        made["notification_count"] = counts.notification_count
        made["highlight_count"] = counts.highlight_count
        return made

    def _describe(self, state: RoomState) -> dict[str, Any]:
        """Name, picture, heroes and counts of a room."""
        summary = choose_heroes(state, self._member.user_id)
        made: dict[str, Any] = {
            "joined_count": summary["m.joined_member_count"],
            "invited_count": summary["m.invited_member_count"],
        }
        name = state.content("m.room.name").get("name")
        if name:
            made["name"] = name
        avatar = state.content("m.room.avatar").get("url")
        if avatar:
            made["avatar"] = avatar
        heroes = summary.get("m.heroes")
        if heroes:
            made["heroes"] = [_hero(state, user_id) for user_id in heroes]
        return made

    # Beside the rooms

    async def _make_extensions(self, wanted: dict[str, Wanted]) -> tuple[dict[str, Any], bool]:
        asked = self._request.extensions
        made: dict[str, Any] = {}
        has_news = False
        if asked.to_device.enabled:
            events, handed_out = await self._sync.to_device(max(1, min(100, asked.to_device.limit)))
            token = SyncToken(self._up_to, 0, handed_out)
            made["to_device"] = {"next_batch": str(token), "events": events}
            has_news |= bool(events)
        if asked.e2ee.enabled:
            await self._sync.note_all_peers()
            counts = await self._sync.key_counts()
            lists = await self._sync.device_lists()
            made["e2ee"] = {
                "device_one_time_keys_count": counts.one_time_key_counts,
                "device_unused_fallback_key_types": counts.unused_fallback_key_types,
                **({"device_lists": lists} if lists else {}),
            }
            has_news |= bool(lists)
        if asked.account_data.enabled:
            data = await self._make_account_data(asked.account_data, wanted)
            made["account_data"] = data
            has_news |= bool(data["global"] or data["rooms"])
        for name, kind, extension in (
            ("receipts", "m.receipt", asked.receipts),
            ("typing", "m.typing", asked.typing),
        ):
            if extension.enabled:
                rooms = await self._make_ephemeral(kind, self._meant(extension, wanted))
                made[name] = {"rooms": rooms}
                has_news |= bool(rooms)
        return made, has_news

    async def _make_account_data(
        self, extension: RoomsExtension, wanted: dict[str, Wanted]
    ) -> dict[str, Any]:
        of_none, by_room = await self._sync.account_data()
        meant = self._meant(extension, wanted)
        rooms = {room_id: entries for room_id, entries in by_room.items() if room_id in meant}
        return {"global": of_none, "rooms": rooms}

    async def _make_ephemeral(self, kind: str, room_ids: set[str]) -> dict[str, Any]:
        rooms: dict[str, Any] = {}
        for room_id in sorted(room_ids):
            row = self._member.memberships.get(room_id)
            if row is None or row.membership != "join":
                continue
            newly = room_id not in self._seen.rooms
            events = await self._sync.ephemeral_events(self._hub.room(room_id), newly=newly)
            for event in events:
                if event["type"] == kind:
                    rooms[room_id] = event
        return rooms

    def _meant(self, extension: RoomsExtension, wanted: dict[str, Wanted]) -> set[str]:
        """The rooms an extension is asked for."""
        meant: set[str] = set()
        for room_id in wanted:
            in_lists = "*" in extension.lists or bool(extension.lists)
            is_subscribed = room_id in self._request.room_subscriptions
            is_named = "*" in extension.rooms or room_id in extension.rooms
            if (is_subscribed and is_named) or (not is_subscribed and in_lists):
                meant.add(room_id)
        return meant


def _want(wanted: dict[str, Wanted], room_id: str, want: Wanted) -> None:
    before = wanted.get(room_id)
    wanted[room_id] = want if before is None else want.merged(before)


def _hero(state: RoomState, user_id: str) -> dict[str, Any]:
    content = state.content(ROOM_MEMBER, user_id)
    hero: dict[str, Any] = {"user_id": user_id}
    for key in ("displayname", "avatar_url"):
        if isinstance(content.get(key), str):
            hero[key] = content[key]
    return hero
