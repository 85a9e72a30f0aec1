"""Setting and removing pushers, and asking for notifications to be sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import sqlalchemy as sa

from teahouse.chat.pushers.announcements import PushersChanged
from teahouse.chat.pushers.errors import TooManyPushers
from teahouse.chat.pushers.queries import find_keys
from teahouse.chat.pushers.rules import PUSHERS_MAX, STALE_MS, check_key, check_pusher
from teahouse.chat.pushers.tables import chat_pusher
from teahouse.chat.pushers.types import Delivery, Pusher, PusherDraft, ReadNews, RoomNews
from teahouse.platform.db import upsert
from teahouse.platform.jobs import enqueue
from teahouse.platform.json import encode_json

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.requester import Requester

TELL_ROOM_JOB: Final = "chat.tell_pushers"
DELIVER_JOB: Final = "chat.notify_gateway"
BADGE_JOB: Final = "chat.tell_unread_count"
# Who scrolls through a room sends receipts faster than anybody looks at an icon.
_BADGE_WAIT_MS: Final = 3000

_pusher = chat_pusher.c
_upsert = upsert(
    chat_pusher,
    "device_id",
    "app_display_name",
    "device_display_name",
    "profile_tag",
    "lang",
    "data",
)


def set_pusher(
    tx: Tx, requester: Requester, draft: PusherDraft, *, own_hosts: Collection[str]
) -> None:
    """Add or change a pusher of the requester's, or remove it.

    Args:
        tx: the transaction.
        requester: whose.
        draft: the request; `kind` None removes.
        own_hosts: gateways that the operator runs in the own network.

    Raises:
        InvalidPusher, InvalidGateway, PusherIncomplete: a pusher that cannot be.
        TooManyPushers: the member has `PUSHERS_MAX` already.
    """
    key = (draft.app_id, draft.pushkey)
    if draft.kind is None:
        check_key(draft)
        _delete(tx, requester.user_id, _is(*key))
        return
    pusher = check_pusher(draft, own_hosts=own_hosts)
    known = find_keys(tx, requester.user_id)
    if key not in known and len(known) >= PUSHERS_MAX:
        raise TooManyPushers
    if not draft.append:
        # The app on this device belongs to someone else now.
        tx.conn.execute(
            sa.delete(chat_pusher).where(_is(*key), _pusher.user_id != requester.user_id)
        )
    tx.conn.execute(_upsert, _row(tx, requester, pusher))
    tx.announce(PushersChanged(requester.user_id))


def _is(app_id: str, pushkey: str) -> sa.ColumnElement[bool]:
    return sa.and_(_pusher.app_id == app_id, _pusher.pushkey == pushkey)


def _row(tx: Tx, requester: Requester, pusher: Pusher) -> dict[str, object]:
    has_tag = pusher.profile_tag is not msgspec.UNSET
    return {
        "user_id": requester.user_id,
        "app_id": pusher.app_id,
        "pushkey": pusher.pushkey,
        "device_id": requester.device_id or "",
        "app_display_name": pusher.app_display_name,
        "device_display_name": pusher.device_display_name,
        "profile_tag": pusher.profile_tag if has_tag else None,
        "lang": pusher.lang,
        "data": encode_json(pusher.data).decode(),
        "created_at": tx.now,
    }


def remove_rejected(tx: Tx, user_id: str, app_id: str, pushkeys: Collection[str]) -> None:
    """Remove pushers that their gateway does not know any more."""
    _delete(tx, user_id, sa.and_(_pusher.app_id == app_id, _pusher.pushkey.in_(pushkeys)))


def remove_device(tx: Tx, user_id: str, device_id: str) -> None:
    """Remove the pushers that a device set: it was signed out."""
    _delete(tx, user_id, _pusher.device_id == device_id)


def remove_member(tx: Tx, user_id: str) -> None:
    """Remove all pushers of a member."""
    _delete(tx, user_id, sa.true())


def _delete(tx: Tx, user_id: str, which: sa.ColumnElement[bool]) -> None:
    gone = tx.conn.execute(sa.delete(chat_pusher).where(_pusher.user_id == user_id, which))
    if gone.rowcount:
        tx.announce(PushersChanged(user_id))


def ask_to_tell(tx: Tx, news: RoomNews) -> None:
    """Have those in a room told of its news, later."""
    enqueue(tx, TELL_ROOM_JOB, news)


def ask_to_tell_count(tx: Tx, user_id: str) -> None:
    """Have a member's pushers told how much is unread, soon and once."""
    when = tx.now + _BADGE_WAIT_MS
    news = ReadNews(user_id, tx.now + STALE_MS)
    enqueue(tx, BADGE_JOB, news, run_at=when, key=user_id)


def note_told(tx: Tx, user_id: str, app_id: str, pushkey: str, *, unread: int) -> None:
    """Note which number of unread messages a pusher was told."""
    tx.conn.execute(
        sa.update(chat_pusher)
        .where(_pusher.user_id == user_id, _is(app_id, pushkey))
        .values(told_unread=unread)
    )


def ask_to_deliver(tx: Tx, deliveries: Sequence[Delivery]) -> None:
    """Have events delivered to pushers, each on its own so that one may fail alone."""
    for delivery in deliveries:
        key = (delivery.event_id, delivery.user_id, delivery.app_id, delivery.pushkey)
        enqueue(tx, DELIVER_JOB, delivery, key=" ".join(key))
