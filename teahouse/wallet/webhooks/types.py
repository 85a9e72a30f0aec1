"""The nouns of webhooks."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

EndpointId = NewType("EndpointId", str)
MessageId = NewType("MessageId", str)
DeliveryId = NewType("DeliveryId", str)

EndpointStatus: TypeAlias = Literal["enabled", "disabled"]
DeliveryStatus: TypeAlias = Literal["waiting", "delivered", "failed"]

_Url = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=2000, examples=["https://shop.example/teahouse-hook"]),
]
_Text = Annotated[str, msgspec.Meta(max_length=200, examples=["Till and kitchen"])]
_Kinds = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=40)]],
    msgspec.Meta(min_length=1, max_length=40, examples=[["charge.captured", "refund.created"]]),
]


class NewEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endpoint to be added.

    Attributes:
        url: https, on the open internet.
        event_types: which events are sent there; `*` for all, also those that come later.
        description: for the shop's own people.
    """

    url: _Url
    event_types: _Kinds
    description: _Text = ""


class EndpointChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be changed of an endpoint; what is left out stays.

    Attributes:
        url: as of a new one.
        event_types: as of a new one.
        description: as of a new one.
        status: `enabled` also forgets the failures that disabled it.
    """

    url: _Url | None = None
    event_types: _Kinds | None = None
    description: _Text | None = None
    status: EndpointStatus | None = None


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a shop is told of what happens.

    Attributes:
        endpoint_id: its id.
        url: where messages go.
        event_types: which events are sent there.
        description: for the shop's own people.
        status: whether anything is sent.
        disabled_why: by whom or what; empty while it is enabled.
        failing_since: since when no message arrived; None: the last one did.
        created_at: milliseconds.
    """

    endpoint_id: EndpointId
    url: str
    event_types: list[str]
    description: str
    status: EndpointStatus
    disabled_why: str
    failing_since: int | None
    created_at: int


class EndpointWithSecret(msgspec.Struct, frozen=True):
    """An endpoint and the secret that its messages are signed with, which is told only now."""

    endpoint: Endpoint
    secret: Annotated[str, msgspec.Meta(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])]


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One try to deliver a message.

    Attributes:
        at: milliseconds.
        status: of the HTTP answer; None: there was none.
        error: what went wrong; empty: nothing.
        took_ms: how long it took.
    """

    at: int
    status: int | None
    error: str
    took_ms: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way to one endpoint.

    Attributes:
        delivery_id: its id.
        message_id: which is the header `webhook-id`: the same in every try and replay.
        endpoint_id: where to.
        event_type: what it tells.
        status: waiting, delivered or given up.
        created_at: milliseconds.
        next_try_at: milliseconds; None when it is done.
        tries: so far, oldest first.
    """

    delivery_id: DeliveryId
    message_id: MessageId
    endpoint_id: EndpointId
    event_type: str
    status: DeliveryStatus
    created_at: int
    next_try_at: int | None
    tries: list[Try]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is told.

    Attributes:
        message_id: the header `webhook-id`.
        event_type: what it tells.
        body: as it is sent: JSON.
        created_at: milliseconds.
    """

    message_id: MessageId
    event_type: str
    body: str
    created_at: int


class ReplayWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages shall be sent again.

    Attributes:
        since: those made from then on, milliseconds.
        only_failed: whether those that arrived are left out.
    """

    since: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    only_failed: bool = True


class Replayed(msgspec.Struct, frozen=True):
    """How many messages are sent again; at most a thousand at a time, the oldest first."""

    count: int


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """All that a try needs.

    Attributes:
        delivery_id: which delivery.
        message_id: of which message.
        endpoint_id: where to.
        url: the endpoint's.
        body: what is sent.
        secrets: the newest first.
        try_count: how often it was tried before.
    """

    delivery_id: DeliveryId
    message_id: MessageId
    endpoint_id: EndpointId
    url: str
    body: str
    secrets: list[str]
    try_count: int


class DeliveryTask(msgspec.Struct, frozen=True):
    """The payload of the job that delivers."""

    delivery_id: str
