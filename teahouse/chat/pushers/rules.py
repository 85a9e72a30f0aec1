"""What must hold of pushers, whom an event notifies, and what a gateway is told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from teahouse.chat.event_store.rules import display_name
from teahouse.chat.pushers.errors import InvalidGateway, InvalidPusher, PusherIncomplete
from teahouse.chat.pushers.types import Delivery, Pusher, PusherDraft
from teahouse.platform.json import decode_json, encode_json
from teahouse.platform.outbound import UnsafeUrl, check_outbound_url

if TYPE_CHECKING:
    from collections.abc import Collection
    from urllib.parse import SplitResult

    from teahouse.chat.event_store.types import RoomState, StoredEvent
    from teahouse.platform.json import JsonObject

# A phone, a tablet, a computer and a browser, with some apps each.
PUSHERS_MAX: Final = 50
# A message that a gateway could not take within five minutes is found by looking.
STALE_MS: Final = 300_000
# Client-Server API, "POST /pushers/set".
_APP_ID_LENGTH_MAX: Final = 64
_PUSHKEY_BYTES_MAX: Final = 512
_NAME_BYTES_MAX: Final = 255
_DATA_BYTES_MAX: Final = 4096
_PATH: Final = "/_matrix/push/v1/notify"
_NEEDED: Final = ("app_display_name", "device_display_name", "lang", "data")


# What a pusher may be


def check_pusher(draft: PusherDraft, *, own_hosts: Collection[str]) -> Pusher:
    """The pusher that a request describes.

    Args:
        draft: the request; its `kind` is not null.
        own_hosts: gateways that the operator runs in the own network.

    Raises:
        InvalidPusher: a kind that is not served, or a part too long or of the wrong shape.
        PusherIncomplete: a part is missing.
        InvalidGateway: a URL that is not served.
    """
    check_key(draft)
    if draft.kind != "http":
        raise InvalidPusher("The kind of a pusher is `http`, or null to remove it.")
    missing = [name for name in _NEEDED if getattr(draft, name) is None]
    if missing:
        raise PusherIncomplete(f"Missing parameters: {', '.join(missing)}")
    assert draft.app_display_name is not None
    assert draft.device_display_name is not None
    assert draft.lang is not None
    assert draft.data is not None
    names = (draft.app_display_name, draft.device_display_name, draft.lang, draft.profile_tag or "")
    if any(len(name.encode()) > _NAME_BYTES_MAX for name in names):
        raise InvalidPusher(f"Names and language have at most {_NAME_BYTES_MAX} bytes.")
    _check_data(draft.data, own_hosts=own_hosts)
    return Pusher(
        app_id=draft.app_id,
        pushkey=draft.pushkey,
        app_display_name=draft.app_display_name,
        device_display_name=draft.device_display_name,
        profile_tag=msgspec.UNSET if draft.profile_tag is None else draft.profile_tag,
        lang=draft.lang,
        data=draft.data,
    )


def check_key(draft: PusherDraft) -> None:
    """Check the two parts that name a pusher.

    Raises:
        InvalidPusher: empty or too long.
    """
    if not 0 < len(draft.app_id) <= _APP_ID_LENGTH_MAX:
        raise InvalidPusher(f"`app_id` has 1 to {_APP_ID_LENGTH_MAX} characters.")
    if not 0 < len(draft.pushkey.encode()) <= _PUSHKEY_BYTES_MAX:
        raise InvalidPusher(f"`pushkey` has 1 to {_PUSHKEY_BYTES_MAX} bytes.")


def _check_data(data: JsonObject, *, own_hosts: Collection[str]) -> None:
    if "url" not in data:
        raise PusherIncomplete("Missing parameters: data.url")
    if not isinstance(data["url"], str):
        raise InvalidGateway
    check_gateway(data["url"], own_hosts=own_hosts)
    if data.get("format") not in (None, "event_id_only"):
        raise InvalidPusher("`data.format` is `event_id_only`, or left out.")
    if not isinstance(data.get("default_payload", {}), dict):
        raise InvalidPusher("`data.default_payload` is an object.")
    if len(encode_json(data)) > _DATA_BYTES_MAX:
        raise InvalidPusher(f"`data` takes at most {_DATA_BYTES_MAX} bytes.")


def check_gateway(url: str, *, own_hosts: Collection[str]) -> SplitResult:
    """The parts of a gateway's URL.

    Anybody who may register could otherwise have this server send requests into the operator's
    own network. What a name resolves to is checked again when it is used.

    Args:
        url: as the client gave it.
        own_hosts: hosts that may be private, and reached without TLS.

    Raises:
        InvalidGateway: another path or scheme, with a query or a login, or a private address.
    """
    try:
        parts = check_outbound_url(url, own_hosts=own_hosts)
    except UnsafeUrl:
        raise InvalidGateway from None
    if parts.path != _PATH or parts.query:
        raise InvalidGateway
    return parts


# What a gateway is told


def to_notification(
    delivery: Delivery,
    pusher: Pusher,
    event: StoredEvent,
    state: RoomState,
    *,
    since: int,
    unread: int,
) -> JsonObject:
    """The body of a request to a gateway.

    Args:
        delivery: what is delivered.
        pusher: where to.
        event: of what.
        state: of the room.
        since: when the pusher was made, milliseconds.
        unread: the number beside the app's icon.

    Source: Push Gateway API, `POST /_matrix/push/v1/notify`.
    """
    device = _to_device(pusher, since=since)
    tweaks = delivery.tweaks
    is_urgent = bool(tweaks.get("highlight") or tweaks.get("sound"))
    notification: JsonObject = {
        "event_id": event.event_id,
        "room_id": event.room_id,
        "prio": "high" if is_urgent or event.type == "m.room.encrypted" else "low",
        "devices": [device],
    }
    if wants_counts(pusher):
        notification["counts"] = {"unread": unread}
    if pusher.data.get("format") != "event_id_only":
        device["tweaks"] = tweaks
        notification |= _about_event(event, state, delivery.user_id)
    return {"notification": notification}


def to_badge(pusher: Pusher, *, since: int, unread: int) -> JsonObject:
    """The body of a request that only changes the number beside the app's icon.

    Source: Push Gateway API, `POST /_matrix/push/v1/notify`: `event_id` may be omitted.
    """
    return {
        "notification": {
            "counts": {"unread": unread},
            "prio": "low",
            "devices": [_to_device(pusher, since=since)],
        }
    }


def wants_counts(pusher: Pusher) -> bool:
    """Whether an app is to be told how much is unread; some count by themselves (MSC4076)."""
    return pusher.data.get("org.matrix.msc4076.disable_badge_count") is not True


def _to_device(pusher: Pusher, *, since: int) -> JsonObject:
    return {
        "app_id": pusher.app_id,
        "pushkey": pusher.pushkey,
        "pushkey_ts": since // 1000,
        "data": {name: value for name, value in pusher.data.items() if name != "url"},
    }


def _about_event(event: StoredEvent, state: RoomState, user_id: str) -> JsonObject:
    said: JsonObject = {
        "type": event.type,
        "sender": event.sender,
        "content": decode_json(event.json)["content"],
    }
    more = {
        "sender_display_name": display_name(state, event.sender),
        "room_name": _text(state.content("m.room.name").get("name")),
        "room_alias": _text(state.content("m.room.canonical_alias").get("alias")),
    }
    said |= {name: value for name, value in more.items() if value is not None}
    if event.type == "m.room.member":
        said["user_is_target"] = event.state_key == user_id
    return said


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def read_rejected(answer: object) -> set[str]:
    """The pushkeys that a gateway says are not valid any more."""
    rejected = answer.get("rejected") if isinstance(answer, dict) else None
    return (
        {key for key in rejected if isinstance(key, str)} if isinstance(rejected, list) else set()
    )
