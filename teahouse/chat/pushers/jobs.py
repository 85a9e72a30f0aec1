"""Tells pushers of news: first who is to be told, then each gateway on its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from teahouse.chat.event_store.errors import RoomNotFound
from teahouse.chat.event_store.rules import display_name, judge, read_levels
from teahouse.chat.event_store.types import ROOM_MEMBER
from teahouse.chat.push.rules import (
    build_ruleset,
    is_notification_allowed,
    profile_event,
    verdict_for_default_member,
)
from teahouse.chat.push.types import StoredRules
from teahouse.chat.pushers.commands import (
    BADGE_JOB,
    DELIVER_JOB,
    TELL_ROOM_JOB,
    ask_to_deliver,
    note_told,
    remove_rejected,
)
from teahouse.chat.pushers.errors import InvalidGateway
from teahouse.chat.pushers.live import GatewayFailed, GatewayRefused, Gateways
from teahouse.chat.pushers.queries import (
    Listener,
    find_due,
    find_listeners,
    find_news,
    find_targets,
    find_told,
    find_unread_rooms,
)
from teahouse.chat.pushers.rules import (
    STALE_MS,
    read_rejected,
    to_badge,
    to_notification,
    wants_counts,
)
from teahouse.chat.pushers.types import Delivery, Pusher, ReadNews, RoomNews
from teahouse.chat.sync.live import SyncHub
from teahouse.chat.sync.unread_counts import count_unread
from teahouse.platform.jobs import JobKind
from teahouse.platform.json import decode_json
from teahouse.platform.logs import get_logger

if TYPE_CHECKING:
    from teahouse.chat.event_store.types import RoomState, StoredEvent
    from teahouse.chat.push.types import Verdict
    from teahouse.platform.services import Services

_log = get_logger()

# So many members are judged in one turn of the event loop, some five milliseconds.
_JUDGED_PER_TURN: Final = 100
# And so many deliveries are written in one command.
_DELIVERIES_PER_WRITE: Final = 100


async def tell_pushers(services: Services, news: RoomNews) -> None:
    """Find out who is to be told of a room's news, and ask for each delivery."""
    db = services.db
    events = await db.read(find_news, news)
    if not events:
        return
    try:
        state = await services.get(SyncHub).state(news.room_id)
    except RoomNotFound:
        return
    listeners = await db.read(find_listeners, news.room_id)
    for event in events:
        verdicts = await _judge_all(event, listeners, state)
        targets = await db.read(find_targets, verdicts, sender=event.sender)
        deliveries = [
            Delivery(
                user_id=user_id, app_id=app_id, pushkey=pushkey, room_id=event.room_id,
                event_id=event.event_id, tweaks=verdicts[user_id].tweaks,
                stale_at=services.clock.now_ms() + STALE_MS,
            )
            for user_id, app_id, pushkey in targets
        ]  # fmt: skip
        for start in range(0, len(deliveries), _DELIVERIES_PER_WRITE):
            await db.write(ask_to_deliver, deliveries[start : start + _DELIVERIES_PER_WRITE])


async def _judge_all(
    event: StoredEvent, listeners: list[Listener], state: RoomState
) -> dict[str, Verdict]:
    """Whom an event notifies, and how."""
    profile, levels = profile_event(decode_json(event.json)), read_levels(state)
    may_notify_room = is_notification_allowed(levels.of(event.sender), levels.notifications)
    verdicts: dict[str, Verdict] = {}
    for number, listener in enumerate(listeners, 1):
        if number % _JUDGED_PER_TURN == 0:
            await asyncio.sleep(0)
        me = listener.user_id
        if event.sender == me or not _may_see(event, listener):
            continue
        # Most members changed no rule, and for them there is a quicker way to a no.
        if (
            listener.stored is None
            and not verdict_for_default_member(
                profile, me, display_name(state, me), sender_may_notify_room=may_notify_room
            )[0]
        ):
            continue
        verdict = judge(
            event, build_ruleset(me, listener.stored or StoredRules()), state, levels, me
        )
        if verdict.notify:
            verdicts[me] = verdict
    return verdicts


def _may_see(event: StoredEvent, listener: Listener) -> bool:
    """Members see what comes after they joined; who is invited sees their own invite."""
    if listener.membership == "join":
        return event.position > listener.position
    is_own = event.type == ROOM_MEMBER and event.state_key == listener.user_id
    return is_own and event.position == listener.position


async def notify_gateway(services: Services, delivery: Delivery) -> None:
    """Deliver one event to one pusher, unless it is too late or there is no need any more."""
    due = await services.db.read(find_due, delivery)
    if due is None:
        return
    state = await services.get(SyncHub).state(delivery.room_id)
    unread = await _count_unread(services, delivery.user_id)
    body = to_notification(delivery, due.pusher, due.event, state, since=due.since, unread=unread)
    try:
        answer = await services.get(Gateways).post(str(due.pusher.data["url"]), body)
    except (GatewayRefused, InvalidGateway) as refused:
        _log.warning("push_refused", error=type(refused).__name__)
        return
    except GatewayFailed:
        if services.clock.now_ms() < delivery.stale_at:
            raise
        _log.warning("push_given_up")
        return
    await _note_answer(services, delivery.user_id, due.pusher, answer, unread=unread)


async def tell_unread_count(services: Services, news: ReadNews) -> None:
    """Tell a member's pushers how much is still unread, where they were told another number.

    Raises:
        GatewayFailed: one was not reached; the job comes back, and those that were are left alone.
    """
    told = await services.db.read(find_told, news.user_id)
    if not told:
        return
    unread = await _count_unread(services, news.user_id)
    failed: GatewayFailed | None = None
    for known in told:
        if known.unread == unread:
            continue
        body = to_badge(known.pusher, since=known.since, unread=unread)
        try:
            answer = await services.get(Gateways).post(str(known.pusher.data["url"]), body)
        except (GatewayRefused, InvalidGateway) as refused:
            _log.warning("push_refused", error=type(refused).__name__)
        except GatewayFailed as fault:
            failed = fault
        else:
            await _note_answer(services, news.user_id, known.pusher, answer, unread=unread)
    if failed is not None and services.clock.now_ms() < news.stale_at:
        raise failed


async def _note_answer(
    services: Services, user_id: str, pusher: Pusher, answer: bytes, *, unread: int
) -> None:
    rejected = _read_answer(answer) & {pusher.pushkey}
    if rejected:
        await services.db.write(remove_rejected, user_id, pusher.app_id, rejected)
    elif wants_counts(pusher):
        await services.db.write(note_told, user_id, pusher.app_id, pusher.pushkey, unread=unread)


def _read_answer(raw: bytes) -> set[str]:
    try:
        return read_rejected(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return set()


async def _count_unread(services: Services, user_id: str) -> int:
    """How many events a member has not read, in all rooms."""
    hub = services.get(SyncHub)
    count = 0
    for room_id in await services.db.read(find_unread_rooms, user_id):
        member = await hub.member(user_id)
        row = member.memberships.get(room_id)
        if row is None or row.membership != "join":
            continue
        unread = await count_unread(
            hub,
            member,
            hub.room(room_id),
            state=await hub.state(room_id),
            joined_at=row.position,
        )
        count += unread.total().notification_count
    return count


JOBS = [
    JobKind(TELL_ROOM_JOB, tell_pushers, RoomNews),
    # A try more than fit into `STALE_MS` by the shortest waits (0.5 * 1023 s), so that no
    # delivery dies for an operator to look at: 1 + 2 + ... + 512 s.
    JobKind(DELIVER_JOB, notify_gateway, Delivery, tries_max=12),
    JobKind(BADGE_JOB, tell_unread_count, ReadNews, tries_max=12),
]
