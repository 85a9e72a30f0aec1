"""The nouns of pushers and of what they are told."""

from __future__ import annotations

from typing import Literal

import msgspec

from teahouse.platform.json import JsonObject


class PusherDraft(msgspec.Struct, kw_only=True):
    """The body of a request to set a pusher. What is missing is told by `check_pusher`."""

    app_id: str
    pushkey: str
    kind: str | None
    app_display_name: str | None = None
    device_display_name: str | None = None
    profile_tag: str | None = None
    lang: str | None = None
    data: JsonObject | None = None
    append: bool = False


class Pusher(msgspec.Struct, frozen=True, kw_only=True):
    """A way to reach a device that is not looking. Encodes to the API's JSON.

    Attributes:
        app_id: which app.
        pushkey: which installation of it, as its gateway knows it.
        data: `url` of the gateway, `format`, and whatever the gateway is to be handed.
    """

    app_id: str
    pushkey: str
    kind: Literal["http"] = "http"
    app_display_name: str
    device_display_name: str
    profile_tag: str | msgspec.UnsetType = msgspec.UNSET
    lang: str
    data: JsonObject


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one pusher: the payload of a job.

    Attributes:
        tweaks: what the member's rules set.
        stale_at: after this instant it is worth nothing any more, milliseconds.
    """

    user_id: str
    app_id: str
    pushkey: str
    room_id: str
    event_id: str
    tweaks: JsonObject
    stale_at: int


class ReadNews(msgspec.Struct, frozen=True):
    """Somebody has read further: the payload of the job that tells their pushers.

    Attributes:
        stale_at: after this instant it is worth nothing any more, milliseconds.
    """

    user_id: str
    stale_at: int


class RoomNews(msgspec.Struct, frozen=True):
    """Events of a room that somebody may have to be told of: the payload of a job.

    Attributes:
        after: position before the first.
        up_to: position of the last.
    """

    room_id: str
    after: int
    up_to: int
