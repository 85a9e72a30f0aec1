"""Making a page of the list of notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from teahouse.chat.event_store.rules import judge, read_levels
from teahouse.chat.notifications.queries import find_candidates
from teahouse.chat.notifications.rules import actions_of
from teahouse.chat.notifications.types import Notification, NotificationPage
from teahouse.chat.push.rules import build_ruleset
from teahouse.chat.push.types import StoredRules, Verdict
from teahouse.chat.pushers.queries import thread_of
from teahouse.chat.receipts.queries import find_read_positions_of_rooms
from teahouse.chat.receipts.rules import compute_read_position
from teahouse.chat.sync.rules import client_event
from teahouse.chat.sync.types import room_token

if TYPE_CHECKING:
    from teahouse.chat.event_store.types import StoredEvent
    from teahouse.chat.sync.live import LiveMember, SyncHub

# One page looks at this many events at most, and back over so many positions of the whole house:
# some 50 ms. Who was notified of few of them gets a short page, and can go on from it.
_EVENTS_MAX: Final = 500
_LOOK_BACK: Final = 100_000


async def make_page(
    hub: SyncHub, user_id: str, *, before: int | None, limit: int, only_highlights: bool
) -> NotificationPage:
    """What a member was notified of, or would have been, the latest first.

    Args:
        hub: what is remembered of rooms and members.
        user_id: the member.
        before: position behind the page; None for the end.
        limit: how many at most.
        only_highlights: leave out what does not highlight.

    Source: Client-Server API, `GET /notifications`.
    """
    member = await hub.member(user_id)
    end = hub.position + 1 if before is None else min(before, hub.position + 1)
    after = max(end - _LOOK_BACK, 0) - 1
    events = await hub.db.read(find_candidates, user_id, after=after, before=end, limit=_EVENTS_MAX)
    rest = events[-1].position if len(events) == _EVENTS_MAX else after + 1
    found: list[tuple[StoredEvent, Verdict]] = []
    for event in events:
        verdict = await _judge(hub, member, event)
        if verdict.notify and (verdict.highlight or not only_highlights):
            found.append((event, verdict))
        if len(found) == limit:
            rest = event.position
            break
    return NotificationPage(
        await _render(hub, user_id, found), room_token(rest) if rest > 0 else None
    )


async def _judge(hub: SyncHub, member: LiveMember, event: StoredEvent) -> Verdict:
    is_quiet = member.custom_rules is None and event.attention == 0
    if is_quiet or event.sender in member.ignored:
        return Verdict(notify=False)
    state = await hub.state(event.room_id)
    stored = member.custom_rules or StoredRules()
    ruleset = build_ruleset(member.user_id, stored)
    return judge(event, ruleset, state, read_levels(state), member.user_id)


async def _render(
    hub: SyncHub, user_id: str, found: list[tuple[StoredEvent, Verdict]]
) -> list[Notification]:
    rooms = {event.room_id for event, _ in found}
    positions = await hub.db.read(find_read_positions_of_rooms, user_id, rooms)
    now = hub.now_ms()
    return [
        Notification(
            actions=actions_of(verdict),
            event=client_event(event, now=now),
            read=event.position
            <= compute_read_position(positions.get(event.room_id, {}), thread_of(event)),
            room_id=event.room_id,
            ts=event.origin_server_ts,
        )
        for event, verdict in found
    ]
