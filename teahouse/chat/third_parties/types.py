"""Nouns of other networks, in the form of the Matrix API. What bridges add to it is dropped.

Source:
    Application Service API, "Third-party networks".
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from teahouse.platform.json import JsonObject


class FieldType(msgspec.Struct, frozen=True):
    """What may stand in a field.

    Attributes:
        regexp: for clients, to check what a member types.
        placeholder: an example.
    """

    regexp: str
    placeholder: str


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """One network of a protocol.

    Attributes:
        desc: its name for members.
        icon: a content URI.
        fields: what searches there have in common.
        network_id: unique among the networks of one bridge.
        instance_id: unique on this server; the public directory knows it by that.
    """

    desc: str
    icon: str | UnsetType = UNSET
    fields: JsonObject
    network_id: str
    instance_id: str | UnsetType = UNSET


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of network, and how to search in it.

    Attributes:
        user_fields, location_fields: what a search may name, the most general first.
        icon: a content URI.
        field_types: what may stand in each.
        instances: the networks of this kind.
    """

    user_fields: list[str]
    location_fields: list[str]
    icon: str | UnsetType = UNSET
    field_types: dict[str, FieldType]
    instances: list[Instance]


class OutsideUser(msgspec.Struct, frozen=True):
    """Somebody on another network, and who stands for them here."""

    userid: str
    protocol: str
    fields: JsonObject


class OutsideLocation(msgspec.Struct, frozen=True):
    """A place on another network, and the room that leads there."""

    alias: str
    protocol: str
    fields: JsonObject
