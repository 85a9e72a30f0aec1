"""Plants the demo's world, in one transaction: all of it is there, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from teahouse import accounts
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.event_store.queries import load_state
from teahouse.chat.messages.commands import send_messages
from teahouse.chat.messages.types import Message
from teahouse.chat.rooms.commands import RoomDefaults, change_membership, create_room
from teahouse.chat.rooms.types import CreateRoom, InitialState, MembershipChange
from teahouse.demo.rules import (
    COMPANY,
    KEEPER,
    OUTING,
    OUTING_BOOK,
    PEOPLE,
    SQUARE_ALIAS,
    SQUARE_LINES,
    Spent,
)
from teahouse.platform.db import Tx
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester


def plant_world(
    tx: Tx, store: RoomStore, defaults: RoomDefaults, *, password_hashes: Mapping[str, str]
) -> str | None:
    """Make the members, the square, the company's room and the space.

    Args:
        tx: the transaction it becomes part of.
        store: of rooms.
        defaults: for new rooms.
        password_hashes: of every person, by name.

    Returns:
        The square; None where the house has members already, and nothing was made.
    """
    if accounts.count_members(tx) > 0:
        return None
    _register_people(tx, store, password_hashes)
    square = _make_square(tx, store, defaults)
    company = _make_company(tx, store, defaults)
    _make_outing(tx, store, defaults)
    _make_space(tx, store, defaults, rooms=[square, company])
    return square


def _register_people(tx: Tx, store: RoomStore, password_hashes: Mapping[str, str]) -> None:
    for person in PEOPLE:
        user_id = _user_id(store, person.name)
        new = accounts.NewMember(user_id=user_id, password_hash=password_hashes[person.name])
        accounts.register_member(tx, new)
        accounts.set_profile_field(
            tx, Requester(user_id=user_id), user_id, field="displayname", value=person.shown_as
        )
        for role in person.roles:
            accounts.grant_role(tx, user_id, role, by=None)


def _make_square(tx: Tx, store: RoomStore, defaults: RoomDefaults) -> str:
    request = CreateRoom(
        preset="public_chat",
        visibility="public",
        room_alias_name=SQUARE_ALIAS,
        name="The square · 广场",
        topic="Where the town meets. Public, not encrypted.",
    )
    room_id = create_room(
        tx, store, defaults, creator=_user_id(store, KEEPER.name), request=request
    )
    for person in PEOPLE:
        _join(tx, store, room_id, person.name)
    lines = [
        Message(
            room_id=room_id,
            type="m.room.message",
            sender=_user_id(store, line.name),
            content={"msgtype": "m.text", "body": line.text},
        )
        for line in SQUARE_LINES
    ]
    for sent in send_messages(tx, lines, store=store):
        assert isinstance(sent, str), sent
    return room_id


def _make_company(tx: Tx, store: RoomStore, defaults: RoomDefaults) -> str:
    first, *others = COMPANY
    request = CreateRoom(
        preset="private_chat",
        name="The tea company · 茶行",
        topic="Private, end-to-end encrypted.",
        invite=[_user_id(store, name) for name in others],
    )
    room_id = create_room(tx, store, defaults, creator=_user_id(store, first), request=request)
    for name in others:
        _join(tx, store, room_id, name)
    return room_id


def _make_outing(tx: Tx, store: RoomStore, defaults: RoomDefaults) -> None:
    """A group that keeps a shared book."""
    first, *others = OUTING
    request = CreateRoom(
        preset="public_chat",
        name="Outing to the lake · 湖边出游",
        topic="Not encrypted, so that the demo can show a shared book.",
        invite=[_user_id(store, name) for name in others],
        initial_state=[InitialState("m.room.join_rules", {"join_rule": "invite"}, "")],
    )
    room_id = create_room(tx, store, defaults, creator=_user_id(store, first), request=request)
    for name in others:
        _join(tx, store, room_id, name)
    create = load_state(tx, room_id).get("m.room.create")
    assert create is not None
    root = create.event_id
    entries = [_write_entry(store, room_id, root, spent) for spent in OUTING_BOOK]
    for sent in send_messages(tx, entries, store=store):
        assert isinstance(sent, str), sent


def _write_entry(store: RoomStore, room_id: str, root: str, spent: Spent) -> Message:
    parts: list[Any] = [{"who": _user_id(store, name), "part": 1} for name in spent.parts]
    return Message(
        room_id=room_id,
        type="org.teahouse.expense",
        sender=_user_id(store, spent.name),
        content={
            "currency": "CNY",
            "minor": spent.minor,
            "what": spent.what,
            "paid_by": _user_id(store, spent.name),
            "split": {"how": "equal", "parts": parts},
            "m.relates_to": {"rel_type": "m.reference", "event_id": root},
        },
    )


def _make_space(tx: Tx, store: RoomStore, defaults: RoomDefaults, *, rooms: list[str]) -> None:
    via: JsonObject = {"via": [store.server_name]}
    request = CreateRoom(
        preset="public_chat",
        visibility="public",
        room_alias_name="town",
        name="Cloud Ridge · 云岭",
        topic="The town and its rooms.",
        creation_content={"type": "m.space"},
        initial_state=[InitialState("m.space.child", via, room_id) for room_id in rooms],
    )
    room_id = create_room(
        tx, store, defaults, creator=_user_id(store, KEEPER.name), request=request
    )
    for person in PEOPLE:
        _join(tx, store, room_id, person.name)


def _join(tx: Tx, store: RoomStore, room_id: str, name: str) -> None:
    user_id = _user_id(store, name)
    change = MembershipChange(room_id=room_id, sender=user_id, target=user_id, membership="join")
    change_membership(tx, store, change)


def _user_id(store: RoomStore, name: str) -> str:
    return accounts.compute_user_id(name, store.server_name)
