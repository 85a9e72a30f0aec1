"""Sending and redacting."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from teahouse.chat.auth_rules import NotAllowed, check_redaction
from teahouse.chat.event_store.commands import (
    Appender,
    Draft,
    OpenRoom,
    RoomStore,
    redact_event,
)
from teahouse.chat.event_store.errors import RoomBlocked
from teahouse.chat.event_store.queries import find_event
from teahouse.chat.event_store.rules import read_relation
from teahouse.chat.event_store.tables import chat_event
from teahouse.chat.event_store.types import decode_content
from teahouse.chat.messages.errors import DuplicateReaction, TooFast
from teahouse.chat.messages.queries import find_last_send, is_in_room
from teahouse.chat.messages.rules import check_message, expiry_of, is_slowed, slow_mode_ms
from teahouse.chat.messages.types import Message
from teahouse.chat.rooms.errors import NotJoined
from teahouse.platform.db import Tx
from teahouse.platform.errors import Forbidden, NotFound, Refusal
from teahouse.platform.json import JsonObject

_select_sent = sa.select(
    chat_event.c.client_txn_id,
    chat_event.c.sender,
    chat_event.c.sender_device,
    chat_event.c.room_id,
    chat_event.c.type,
    chat_event.c.event_id,
).where(
    chat_event.c.client_txn_id.in_(sa.bindparam("txns", expanding=True)),
    chat_event.c.sender.in_(sa.bindparam("senders", expanding=True)),
)


def send_messages(
    tx: Tx, messages: list[Message], *, store: RoomStore
) -> Sequence[str | Exception]:
    """Append messages that arrived side by side; one pass over the database for all of them.

    The hot path of the whole server: it is the only command that takes many items at once.

    Args:
        tx: the transaction.
        messages: not state events; redactions go through `redact`.
        store: of rooms.

    Returns:
        For each message its event id, or the refusal.
    """
    sent = _find_sent(tx, messages)
    appender = Appender(store, tx)
    rooms = appender.open_many({m.room_id for m in messages if m.request not in sent})
    outcomes: list[str | Exception] = []
    for message in messages:
        try:
            outcomes.append(_send_once(tx, message, rooms, sent, store=store))
        except Refusal as refusal:
            outcomes.append(refusal)
    appender.flush()
    return outcomes


_Request = tuple[str | None, str, str | None, str, str]


def _find_sent(tx: Tx, messages: list[Message]) -> dict[_Request, str]:
    """What was sent before, by what makes requests the same."""
    txns = [m.client_txn_id for m in messages if m.client_txn_id is not None]
    if not txns:
        return {}
    senders = list({m.sender for m in messages})
    rows = tx.conn.execute(_select_sent, {"txns": txns, "senders": senders})
    return {tuple(row)[:5]: row.event_id for row in rows}


def _send_once(
    tx: Tx,
    message: Message,
    rooms: dict[str, OpenRoom | None],
    sent: dict[_Request, str],
    *,
    store: RoomStore,
) -> str:
    # Sameness before the rules: a retry gets its first answer even from a member who has left.
    if message.request in sent:
        return sent[message.request]
    room = rooms.get(message.room_id)
    if room is None:
        raise RoomBlocked if message.room_id in rooms else NotJoined
    if not room.state.is_joined(message.sender):
        raise NotJoined
    check_message(message)
    _check_reaction(tx, message)
    wait_ms = slow_mode_ms(room.state)
    if wait_ms:
        _check_pace(tx, store, room, message, wait_ms=wait_ms)
    event = room.append(_draft(tx, room, message))
    if wait_ms and is_slowed(message.type):
        store.remember_send(message.room_id, message.sender, (tx.now, event.event_id))
    if message.client_txn_id is not None:
        sent[message.request] = event.event_id
    return event.event_id


def _check_pace(
    tx: Tx, store: RoomStore, room: OpenRoom, message: Message, *, wait_ms: int
) -> None:
    """Hold a member to the room's slow mode; whoever may change the room's state is free of it.

    Raises:
        TooFast: they have sent a message less than `wait_ms` ago.
    """
    levels = room.power_levels()
    if not is_slowed(message.type) or levels.of(message.sender) >= levels.state_default:
        return
    last = store.last_send(room.room_id, message.sender)
    if last is None or not _is_sent(tx, room, last[1]):
        last = find_last_send(tx, room.room_id, message.sender)
    if last is not None and tx.now < last[0] + wait_ms:
        raise TooFast(retry_after_ms=last[0] + wait_ms - tx.now)


def _is_sent(tx: Tx, room: OpenRoom, event_id: str) -> bool:
    """Whether an event is there: in the database, or about to be written with this one."""
    return room.is_pending(event_id) or find_event(tx, room.room_id, event_id) is not None


def _draft(tx: Tx, room: OpenRoom, message: Message) -> Draft:
    return Draft(
        type=message.type,
        sender=message.sender,
        content=message.content,
        redacts=message.redacts,
        sender_device=message.device_id,
        client_txn_id=message.client_txn_id,
        origin_server_ts=message.origin_server_ts,
        expires_at=expiry_of(room.state, now=tx.now),
    )


def _check_reaction(tx: Tx, message: Message) -> None:
    """Refuse the same reaction twice.

    Source:
        Client-server API, "Avoiding duplicate annotations" (M_DUPLICATE_ANNOTATION).
    """
    if message.type != "m.reaction":
        return
    target, rel_type = read_relation(message.content)
    if target is None or rel_type != "m.annotation":
        return
    rows = tx.conn.execute(
        sa.select(chat_event.c.event_id).where(
            chat_event.c.relates_to == target,
            chat_event.c.rel_type == rel_type,
            is_in_room(chat_event, message.room_id),
            chat_event.c.sender == message.sender,
        )
    ).all()
    key = _reaction_key(message.content)
    for row in rows:
        earlier = find_event(tx, message.room_id, row.event_id)
        if earlier is not None and _reaction_key(decode_content(earlier.json)) == key:
            raise DuplicateReaction


def _reaction_key(content: JsonObject) -> object:
    relation = content.get("m.relates_to")
    return relation.get("key") if isinstance(relation, dict) else None


def redact(tx: Tx, message: Message, *, store: RoomStore) -> str:
    """Send a redaction and empty its target.

    Returns:
        The redaction's event id.

    Raises:
        NotJoined: the sender is not in the room.
        NotFound: the room has no such event.
        Forbidden: it is another's event and the sender's power does not reach.
    """
    assert message.redacts is not None
    sent = _find_sent(tx, [message])
    if message.request in sent:
        return sent[message.request]
    appender = Appender(store, tx)
    room = appender.open_many([message.room_id]).get(message.room_id)
    if room is None or not room.state.is_joined(message.sender):
        raise NotJoined
    target = find_event(tx, message.room_id, message.redacts)
    if target is None:
        raise NotFound("There is no such event in this room.")
    try:
        check_redaction(room.power_levels(), sender=message.sender, target_sender=target.sender)
    except NotAllowed as refused:
        raise Forbidden(refused.reason) from None
    redaction = room.append(_draft(tx, room, message))
    redact_event(tx, room, target_id=message.redacts, redaction=redaction)
    appender.flush()
    return redaction.event_id
