"""Beginning and moving the streams of application services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.bridges.errors import BadRegistration, NotItsOwn
from teahouse.chat.bridges.queries import Progress, find_progress
from teahouse.chat.bridges.tables import chat_appservice_stream
from teahouse.chat.bridges.types import Push, Registration
from teahouse.chat.event_store.queries import find_head
from teahouse.chat.rooms.tables import chat_network_room
from teahouse.chat.to_device.commands import delete_to_device
from teahouse.platform.db import Tx, find_position, upsert
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.jobs import enqueue
from teahouse.platform.requester import Requester

PUSH: Final = "chat.push_to_appservice"
NETWORK_ID_LENGTH_MAX: Final = 255

_stream = chat_appservice_stream.c


def start_appservice(tx: Tx, registration: Registration) -> None:
    """Make an application service's own user and its place in the stream, if they are new.

    A new one hears what happens from now on; one that was here before hears first what it missed.

    Raises:
        BadRegistration: its user is a member who registered by themself: the application service
            could act as this person.
    """
    member = accounts.find_member(tx, registration.user_id)
    if member is None:
        new = accounts.NewMember(user_id=registration.user_id, appservice_id=registration.id)
        accounts.register_member(tx, new)
    elif member.appservice_id != registration.id:
        raise BadRegistration(
            f"The `sender_localpart` of the application service `{registration.id}` is the name "
            "of a member: choose another."
        )
    if registration.url is None:
        return
    now = find_position(tx)
    tx.conn.execute(
        upsert(chat_appservice_stream).values(
            appservice_id=registration.id, position=now, pending_position=now
        )
    )
    ask_to_push(tx, registration.id)


def list_in_network(
    tx: Tx, requester: Requester, *, network_id: str, room_id: str, listed: bool
) -> None:
    """List a room in an application service's directory of a network, or take it out.

    Raises:
        NotItsOwn: a member asks.
        InvalidParam: the name of the network is longer than names are.
        NotFound: there is no such room.
    """
    if requester.appservice_id is None:
        raise NotItsOwn("Only application services list rooms of networks.")
    if len(network_id) > NETWORK_ID_LENGTH_MAX:
        raise InvalidParam(f"A network's id has at most {NETWORK_ID_LENGTH_MAX} characters.")
    if find_head(tx, room_id) is None:
        raise NotFound("There is no such room.")
    key = {
        "appservice_id": requester.appservice_id,
        "network_id": network_id,
        "room_id": room_id,
    }
    if listed:
        tx.conn.execute(upsert(chat_network_room).values(key))
        return
    rows = sa.and_(*(chat_network_room.c[name] == value for name, value in key.items()))
    tx.conn.execute(sa.delete(chat_network_room).where(rows))


def ask_to_push(tx: Tx, appservice_id: str) -> None:
    """Ask for the job that sends to an application service what it has not heard."""
    enqueue(tx, PUSH, Push(appservice_id), key=appservice_id)


def open_stream(tx: Tx, appservice_id: str) -> Progress | None:
    """How far an application service has been told.

    Asked of the writer, so that whatever was queued before is committed with the answer.
    """
    return find_progress(tx, appservice_id)


def begin_transaction(tx: Tx, appservice_id: str, *, after: int, up_to: int) -> None:
    """Decide what the next transaction carries, before it is first sent."""
    assert after <= up_to
    _move(tx, appservice_id, position=after, pending_position=up_to)


def advance(tx: Tx, appservice_id: str, *, position: int) -> None:
    """Note that everything up to a position has arrived, or is of no interest."""
    _move(tx, appservice_id, position=position, pending_position=position)


def finish_transaction(
    tx: Tx, appservice_id: str, *, position: int, delivered: Iterable[tuple[str, str]]
) -> None:
    """Note that a transaction has arrived, and forget what it brought to devices.

    Args:
        tx: the transaction.
        appservice_id: whose.
        position: everything up to here has arrived.
        delivered: members and devices that got messages.
    """
    for user_id, device_id in delivered:
        delete_to_device(tx, user_id, device_id, position)
    advance(tx, appservice_id, position=position)


def _move(tx: Tx, appservice_id: str, *, position: int, pending_position: int) -> None:
    tx.conn.execute(
        sa.update(chat_appservice_stream)
        .where(_stream.appservice_id == appservice_id)
        .values(position=position, pending_position=pending_position)
    )
