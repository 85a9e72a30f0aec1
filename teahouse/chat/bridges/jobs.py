"""Sends to application services what they are interested in, in order, until it has arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from teahouse.chat.bridges.commands import (
    PUSH,
    advance,
    ask_to_push,
    begin_transaction,
    finish_transaction,
    open_stream,
)
from teahouse.chat.bridges.errors import NotDelivered
from teahouse.chat.bridges.live import Bridges, Mailbox
from teahouse.chat.bridges.queries import (
    Progress,
    Scan,
    choose_members,
    choose_receipts,
    choose_rooms,
    find_counts,
    render_counts,
    render_event,
    render_to_device,
    scan,
)
from teahouse.chat.bridges.types import Push, Registration
from teahouse.chat.presence.live import Presence
from teahouse.chat.presence.rules import to_presence_event
from teahouse.chat.typing.live import Typing
from teahouse.platform.data_map import declare_egress
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


declare_egress(
    __name__,
    receiver="a bridge to another network",
    data=("identifier", "content", "activity"),
    purpose="to bring what is said in a bridged room to the other network",
    chosen_by="operator",
)


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
    found = await db.read(_scan, registration, progress, after=after)
    fleeting = await _take_fleeting(services, registration, mailbox, found)
    if found.is_empty and not fleeting:
        was_down, mailbox.is_down = mailbox.is_down, False
        mailbox.looked_at = found.up_to
        if is_retry or found.up_to - progress.position >= UNWRITTEN_POSITIONS_MAX:
            await db.write(advance, registration.id, position=found.up_to)
        # While it was down nobody woke this job: look once more.
        return was_down or is_retry or found.is_cut
    if not is_retry and not found.is_empty:
        await db.write(begin_transaction, registration.id, after=after, up_to=found.up_to)
    end = progress.pending_position if is_retry else found.up_to
    txn_id = db.ids.new("txn") if found.is_empty else f"{after}-{end}"
    await _send(services, registration, txn_id, _lasting(services, found) | fleeting)
    # Before the position moves: who appends from here on wakes the job again.
    mailbox.is_down = False
    mailbox.looked_at = found.up_to
    if not found.is_empty:
        delivered = {(message.user_id, message.device_id) for message in found.to_device}
        await db.write(
            finish_transaction, registration.id, position=found.up_to, delivered=sorted(delivered)
        )
    return True


def _scan(read: Read, registration: Registration, progress: Progress, *, after: int) -> Scan:
    is_retry = progress.pending_position > progress.position
    up_to = progress.pending_position if is_retry else find_position(read)
    return scan(read, registration, after=after, up_to=up_to, limit=EVENTS_MAX)


def _lasting(services: Services, found: Scan) -> dict[str, Any]:
    """The part of a transaction that comes again until it has arrived."""
    now = services.clock.now_ms()
    body: dict[str, Any] = {"events": [render_event(event, now=now) for event in found.events]}
    if found.to_device:
        body["de.sorunome.msc2409.to_device"] = [render_to_device(m) for m in found.to_device]
    if found.changed:
        body["org.matrix.msc3202.device_lists"] = {"changed": found.changed, "left": []}
    return body


async def _take_fleeting(
    services: Services, registration: Registration, mailbox: Mailbox, found: Scan
) -> dict[str, Any]:
    """What is told once or not at all: receipts, typing, presence, and how many keys are left."""
    body = {}
    ephemeral = await _take_ephemeral(services, registration, mailbox)
    if ephemeral:
        body["ephemeral"] = ephemeral
    if registration.receive_keys:
        devices, mailbox.key_devices = [*mailbox.key_devices], {}
        # Who gets messages is about to be told of new sessions, which take keys.
        devices += [(message.user_id, message.device_id) for message in found.to_device]
        counts = await services.db.read(find_counts, registration, devices)
        body |= render_counts(counts)
    return body


async def _take_ephemeral(
    services: Services, registration: Registration, mailbox: Mailbox
) -> list[dict[str, Any]]:
    if not (mailbox.receipts or mailbox.typing_rooms or mailbox.present):
        return []
    receipts, mailbox.receipts = mailbox.receipts, []
    rooms, mailbox.typing_rooms = mailbox.typing_rooms, {}
    present, mailbox.present = mailbox.present, {}
    told: list[dict[str, Any]] = await services.db.read(choose_receipts, registration, receipts)
    typing, presence = services.get(Typing), services.get(Presence)
    told += [
        {"type": "m.typing", "room_id": room, "content": {"user_ids": typing.users_in(room)}}
        for room in await services.db.read(choose_rooms, registration, rooms)
    ]
    told += [
        to_presence_event(user_id, presence.view(user_id))
        for user_id in await services.db.read(choose_members, registration, present)
    ]
    return told


async def _send(
    services: Services, registration: Registration, txn_id: str, body: dict[str, Any]
) -> None:
    bridges = services.get(Bridges)
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
