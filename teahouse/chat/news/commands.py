"""Tells members, each in a chat of their own, and nobody twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import msgspec

from teahouse import accounts, privacy
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.house.commands import ensure_house_account, send_house_event
from teahouse.chat.house.types import HouseAccount, HouseEvent
from teahouse.chat.news.queries import HOUSE_ROOM, find_house_room, find_language, is_told
from teahouse.chat.news.rules import make_message
from teahouse.chat.news.types import News
from teahouse.chat.rooms.commands import RoomDefaults, change_membership, create_room
from teahouse.chat.rooms.types import CreateRoom, MembershipChange
from teahouse.platform.db import Tx
from teahouse.platform.errors import Refusal
from teahouse.platform.jobs import enqueue

TELL_JOB: Final = "chat.tell_news"
# One transaction makes some rooms at the most: nobody shall wait long for the writer.
_AT_ONCE: Final = 20
_ACCOUNT: Final = HouseAccount(name="house", owner="teahouse.news", shown_as="Teahouse · 茶馆")
_ROOM_NAME: Final = "News of the house · 本站消息"


def follow_policy(tx: Tx, published: privacy.PolicyPublished) -> None:
    """Have all who are members already told of a new version; the first is new to nobody."""
    if published.number == 1:
        return
    day = datetime.fromtimestamp(published.applies_at / 1000, UTC).date().isoformat()
    news = News(key=f"policy-{published.number}", kind="policy", day=day, before=tx.now)
    enqueue(tx, TELL_JOB, news, key=news.key)


def follow_notice(tx: Tx, told: privacy.MembersTold) -> None:
    """Have members told of an official request, now that they may know."""
    news = News(key=f"official-{told.request_id}", kind="official", to=told.user_ids)
    enqueue(tx, TELL_JOB, news, key=news.key)


def tell_some(
    tx: Tx, store: RoomStore, defaults: RoomDefaults, news: News, after: str
) -> str | None:
    """Tell up to `_AT_ONCE` members.

    Args:
        tx: the transaction.
        store: of rooms.
        defaults: of the operator.
        news: what is told.
        after: the last member who was looked at before; empty to begin.

    Returns:
        The last member looked at, or None where all are done.
    """
    found, last = _find_some(tx, news, after)
    speaker = ensure_house_account(tx, store.server_name, _ACCOUNT) if found else ""
    for user_id in found:
        _tell(tx, store, defaults, news=news, speaker=speaker, user_id=user_id)
    return last


def _find_some(tx: Tx, news: News, after: str) -> tuple[list[str], str | None]:
    if news.to:
        rest = sorted(one for one in news.to if one > after)[:_AT_ONCE]
        active = accounts.find_active_members(tx, rest)
        return [one for one in rest if one in active], rest[-1] if rest else None
    page = accounts.list_members(tx, after=after, limit=_AT_ONCE)
    found = [
        one.user_id
        for one in page
        if one.is_active and one.appservice_id is None and one.created_at < news.before
    ]
    return found, page[-1].user_id if page else None


def _tell(
    tx: Tx, store: RoomStore, defaults: RoomDefaults, *, news: News, speaker: str, user_id: str
) -> None:
    room = find_house_room(tx, user_id, speaker)
    if room is None:
        room_id = _open_room(tx, store, defaults, speaker=speaker, user_id=user_id)
    elif room[1] == "join" and not is_told(tx, room[0], speaker, news.key):
        room_id = room[0]
    else:
        # They were told, or have left: the app shows it above the chats all the same.
        return
    content = make_message(news, find_language(tx, user_id))
    send_house_event(tx, store, HouseEvent(sender=speaker, room_id=room_id, content=content))


def _open_room(
    tx: Tx, store: RoomStore, defaults: RoomDefaults, *, speaker: str, user_id: str
) -> str:
    request = CreateRoom(
        name=_ROOM_NAME,
        preset="private_chat",
        creation_content={HOUSE_ROOM: {}},
        # Nobody reads answers here, so nobody shall think so.
        power_level_content_override={"events_default": 100, "invite": 100},
    )
    # What the server itself says, it can read anyway.
    plain = msgspec.structs.replace(defaults, encrypt_private=False)
    room_id = create_room(tx, store, plain, creator=speaker, request=request)
    changes = [
        MembershipChange(room_id=room_id, sender=speaker, target=user_id, membership="invite"),
        MembershipChange(room_id=room_id, sender=user_id, target=user_id, membership="join"),
    ]
    for change in changes:
        with suppress(Refusal):
            change_membership(tx, store, change)
    return room_id
