"""Sends to application services what they are interested in, in order, until it has arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx
import msgspec

from teahouse.chat.bridges.commands import (
    PUSH,
    advance,
    ask_to_push,
    begin_transaction,
    open_stream,
)
from teahouse.chat.bridges.errors import NotDelivered
from teahouse.chat.bridges.live import Bridges, Mailbox
from teahouse.chat.bridges.queries import (
    Progress,
    Scan,
    choose_receipts,
    choose_rooms,
    render_event,
    scan_events,
)
from teahouse.chat.bridges.types import Push, Registration
from teahouse.chat.typing.live import Typing
from teahouse.platform.db import Read, find_position
from teahouse.platform.jobs import JobKind
from teahouse.platform.json import encode_json

if TYPE_CHECKING:
    from teahouse.platform.services import Services

EVENTS_MAX: Final = 100
# One run ends within its lease of 60 seconds: 25 here, and at most 20 for the last transaction.
RUN_SECONDS_MAX: Final = 25
# Positions without interest that are only remembered: looking at them again costs milliseconds.
UNWRITTEN_POSITIONS_MAX: Final = 500
# For ever: with an hour between tries this is longer than a century.
TRIES_MAX: Final = 1_000_000


async def push(services: Services, payload: Push) -> None:
    """Send all that waits for one application service, one transaction after another.

    Raises:
        NotDelivered: it did not take a transaction; the job comes back for the same one.
    """
    bridges = services.get(Bridges)
    registration = bridges.registrations.get(payload.appservice_id)
    if registration is None or registration.url is None:
        return
    mailbox = bridges.mailboxes[registration.id]
    until = services.clock.ticks() + RUN_SECONDS_MAX
    while await _push_next(services, registration, mailbox):
        if services.clock.ticks() >= until:
            await services.db.write(ask_to_push, registration.id)
            return


async def _push_next(services: Services, registration: Registration, mailbox: Mailbox) -> bool:
    """Send one transaction, or find out that nothing waits.

    Returns:
        Whether more may wait.
    """
    db = services.db
    progress = await db.write(open_stream, registration.id)
    if progress is None:
        return False
    is_retry = progress.pending_position > progress.position
    after = progress.position if is_retry else max(progress.position, mailbox.looked_at)
    scan = await db.read(_scan, registration, progress, after=after)
    ephemeral = await _take_ephemeral(services, registration, mailbox)
    if not scan.events and not ephemeral:
        was_down, mailbox.is_down = mailbox.is_down, False
        mailbox.looked_at = scan.up_to
        if is_retry or scan.up_to - progress.position >= UNWRITTEN_POSITIONS_MAX:
            await db.write(advance, registration.id, position=scan.up_to)
        # While it was down nobody woke this job: look once more.
        return was_down or is_retry or scan.is_cut
    if not is_retry and scan.events:
        await db.write(begin_transaction, registration.id, after=after, up_to=scan.up_to)
    end = progress.pending_position if is_retry else scan.up_to
    txn_id = f"{after}-{end}" if scan.events else db.ids.new("txn")
    await _send(services, registration, txn_id, events=scan.events, ephemeral=ephemeral)
    # Before the position moves: who appends from here on wakes the job again.
    mailbox.is_down = False
    mailbox.looked_at = scan.up_to
    if scan.events:
        await db.write(advance, registration.id, position=scan.up_to)
    return True


def _scan(read: Read, registration: Registration, progress: Progress, *, after: int) -> Scan:
    is_retry = progress.pending_position > progress.position
    up_to = progress.pending_position if is_retry else find_position(read)
    return scan_events(read, registration, after=after, up_to=up_to, limit=EVENTS_MAX)


async def _take_ephemeral(
    services: Services, registration: Registration, mailbox: Mailbox
) -> list[dict[str, Any]]:
    """Receipts and typing since the last transaction. They are told once, or not at all."""
    if not mailbox.receipts and not mailbox.typing_rooms:
        return []
    receipts, mailbox.receipts = mailbox.receipts, []
    rooms, mailbox.typing_rooms = mailbox.typing_rooms, {}
    told = await services.db.read(choose_receipts, registration, receipts)
    typing = services.get(Typing)
    told += [
        {"type": "m.typing", "room_id": room, "content": {"user_ids": typing.users_in(room)}}
        for room in await services.db.read(choose_rooms, registration, rooms)
    ]
    return told


async def _send(
    services: Services,
    registration: Registration,
    txn_id: str,
    *,
    events: list[Any],
    ephemeral: list[dict[str, Any]],
) -> None:
    bridges = services.get(Bridges)
    now = services.clock.now_ms()
    body: dict[str, list[msgspec.Raw] | list[dict[str, Any]]] = {
        "events": [render_event(event, now=now) for event in events]
    }
    if ephemeral:
        body["ephemeral"] = ephemeral
    try:
        done = await bridges.call(
            registration,
            "PUT",
            f"/_matrix/app/v1/transactions/{txn_id}",
            content=encode_json(body),
        )
    except httpx.HTTPError as fault:
        bridges.mailboxes[registration.id].is_down = True
        raise NotDelivered(type(fault).__name__) from None
    if not done.is_success:
        bridges.mailboxes[registration.id].is_down = True
        raise NotDelivered(f"status {done.status_code}")


JOBS: Final = [JobKind(PUSH, push, Push, tries_max=TRIES_MAX)]
