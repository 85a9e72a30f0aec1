"""Bringing a member's unread counts of a room up to date."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from teahouse.chat.event_store.rules import display_name, judge, read_levels
from teahouse.chat.event_store.types import RoomState, StoredEvent
from teahouse.chat.push.rules import (
    build_ruleset,
    is_notification_allowed,
    profile_event,
    verdict_for_default_member,
)
from teahouse.chat.push.types import EventProfile
from teahouse.chat.sync.queries import UnreadPart, load_unread
from teahouse.chat.sync.unread import Unread
from teahouse.platform.json import decode_json

if TYPE_CHECKING:
    from teahouse.chat.sync.live import LiveMember, LiveRoom, SyncHub


async def count_unread(
    hub: SyncHub, member: LiveMember, room: LiveRoom, *, state: RoomState, joined_at: int
) -> Unread:
    """What a member has not read in a room, as of the hub's position or a little later."""
    unread = member.unread.get(room.room_id)
    fresh = None if unread is None else room.events_after(unread.counted_to)
    if unread is None or fresh is None:
        part = await hub.db.read(
            load_unread, room.room_id, user_id=member.user_id, joined_at=joined_at,
            only_candidates=member.custom_rules is None,
        )  # fmt: skip
        unread = begin_unread(member, state, part, joined_at=joined_at)
        # Events heard of while reading are in memory.
        fresh = room.events_after(unread.counted_to) or []
    if fresh:
        _judge(member, state, fresh, unread)
        unread.counted_to = max(unread.counted_to, fresh[-1].position)
    return unread


def begin_unread(
    member: LiveMember, state: RoomState, part: UnreadPart, *, joined_at: int
) -> Unread:
    """Begin to count from what was read, and remember it."""
    last = part.events[-1].position if part.events else 0
    unread = Unread(part.read_positions, max(last, joined_at))
    _judge(member, state, part.events, unread)
    member.unread[state.room_id] = unread
    return unread


def _judge(member: LiveMember, state: RoomState, events: list[StoredEvent], unread: Unread) -> None:
    """Add the events that notify the member."""
    me = member.user_id
    if member.custom_rules is not None:
        _judge_by_rules(member, state, events, unread)
        return
    name = display_name(state, me) if any(event.attention > 1 for event in events) else None
    for event in events:
        if event.attention == 0 or event.sender == me or event.sender in member.ignored:
            continue
        if event.attention == 1:
            unread.add(event, highlight=False)
            continue
        profile = _profile(event.json)
        notify, highlight = verdict_for_default_member(
            profile,
            me,
            name,
            sender_may_notify_room=profile.mentions_room and _may_notify_room(state, event.sender),
        )
        if notify:
            unread.add(event, highlight=highlight)


# An event is judged once for each of its room's members.
@lru_cache(2048)
def _profile(event_json: bytes) -> EventProfile:
    return profile_event(decode_json(event_json))


def _judge_by_rules(
    member: LiveMember, state: RoomState, events: list[StoredEvent], unread: Unread
) -> None:
    assert member.custom_rules is not None
    me = member.user_id
    ruleset, levels = build_ruleset(me, member.custom_rules), read_levels(state)
    for event in events:
        if event.sender == me or event.sender in member.ignored:
            continue
        verdict = judge(event, ruleset, state, levels, me)
        if verdict.notify:
            unread.add(event, highlight=verdict.highlight)


def _may_notify_room(state: RoomState, sender: str) -> bool:
    levels = read_levels(state)
    return is_notification_allowed(levels.of(sender), levels.notifications)
