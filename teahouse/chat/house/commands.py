"""Sends events and to-device messages of the server's own accounts."""

from __future__ import annotations

from collections.abc import Iterable

from teahouse import accounts
from teahouse.chat.event_store.commands import Appender, Draft, OpenRoom, RoomStore
from teahouse.chat.event_store.types import ROOM_MEMBER
from teahouse.chat.house.types import HouseAccount, HouseEvent
from teahouse.chat.messages.rules import expiry_of
from teahouse.chat.to_device.commands import deliver
from teahouse.chat.to_device.rules import ALL_DEVICES, encode_messages
from teahouse.platform.db import Tx
from teahouse.platform.errors import Forbidden, TooLarge
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester

_NUMBERS_MAX = 20


def ensure_house_account(tx: Tx, server_name: str, account: HouseAccount) -> str:
    """One of the server's own accounts; made when it is first needed.

    Returns:
        Its user id.
    """
    name, owner = account.name, account.owner
    for localpart in (name, *(f"{name}-{number}" for number in range(2, _NUMBERS_MAX))):
        user_id = accounts.compute_user_id(localpart, server_name)
        found = accounts.find_member(tx, user_id)
        if found is not None and found.appservice_id == owner:
            return user_id
        if found is None:
            # No password opens it, and no application service acts for it.
            accounts.register_member(tx, accounts.NewMember(user_id=user_id, appservice_id=owner))
            own = Requester(user_id=user_id)
            accounts.set_profile_field(
                tx, own, user_id, field="displayname", value=account.shown_as
            )
            return user_id
    raise AssertionError("members have all the names")


def send_house_event(tx: Tx, store: RoomStore, event: HouseEvent) -> str | None:
    """Send an event of one of the server's own accounts, in the caller's transaction.

    Where the account is not in the room, the member on whose behalf it speaks invites it, if the
    room lets them, and it joins. Nothing is sent where the room's rules refuse any of that, or
    where messages are encrypted: the server has no business with the keys.

    Args:
        tx: the transaction it becomes part of.
        store: of rooms.
        event: what is sent.

    Returns:
        The event id, or None where nothing was sent and nothing has changed.
    """
    appender = Appender(store, tx)
    room = appender.open_many([event.room_id]).get(event.room_id)
    if room is None or room.state.get("m.room.encryption") is not None:
        return None
    try:
        _bring_in(tx, room, event)
        sent = room.append(
            Draft(
                type=event.type,
                sender=event.sender,
                content=event.content,
                expires_at=expiry_of(room.state, now=tx.now),
            )
        )
    except (Forbidden, TooLarge):
        # Nothing is written before the flush.
        return None
    appender.flush()
    return sent.event_id


def _bring_in(tx: Tx, room: OpenRoom, event: HouseEvent) -> None:
    if room.state.is_joined(event.sender):
        return
    if event.on_behalf_of is None:
        # Whoever showed it out shall not see it come back by itself.
        raise Forbidden
    shown = accounts.find_profile(tx, event.sender)
    profile: JsonObject = {} if shown.displayname is None else {"displayname": shown.displayname}
    is_open = room.state.content("m.room.join_rules").get("join_rule") == "public"
    if not is_open and room.state.membership(event.sender) != "invite":
        room.append(
            _membership(event.on_behalf_of, event.sender, {**profile, "membership": "invite"})
        )
    room.append(_membership(event.sender, event.sender, {**profile, "membership": "join"}))


def _membership(sender: str, target: str, content: JsonObject) -> Draft:
    return Draft(type=ROOM_MEMBER, sender=sender, state_key=target, content=content)


def send_house_message(
    tx: Tx, sender: str, event_type: str, *, to: Iterable[str], content: JsonObject
) -> None:
    """Send a message to all devices of some members, so that their `/sync` returns at once.

    Args:
        tx: the transaction it becomes part of.
        sender: one of the server's own accounts.
        event_type: such as `org.teahouse.wallet.changed`.
        to: the members.
        content: what it says; the server can read it, so it says no more than it must.
    """
    messages = encode_messages({user_id: {ALL_DEVICES: content} for user_id in to})
    if messages:
        deliver(tx, sender, event_type, messages)
