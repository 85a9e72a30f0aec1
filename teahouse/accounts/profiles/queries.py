"""Reads profiles."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from teahouse.accounts.tables import accounts_profile
from teahouse.accounts.types import Profile
from teahouse.platform.db import Read
from teahouse.platform.json import Json, JsonObject, decode_json, encode_json

# A field takes at least 8 bytes of the 64 KiB.
FIELDS_MAX = 8192
PROFILES_AT_ONCE_MAX = 1000

_p = accounts_profile.c
_SHOWN = ("displayname", "avatar_url")


def find_profile(read: Read, user_id: str) -> Profile:
    """Name and picture of a member; empty where there are none."""
    return find_profiles(read, [user_id]).get(user_id, Profile())


def find_profiles(read: Read, user_ids: Sequence[str]) -> dict[str, Profile]:
    """Names and pictures of up to 1,000 members; those without either are left out."""
    assert len(user_ids) <= PROFILES_AT_ONCE_MAX
    statement = (
        sa.select(_p.user_id, _p.field, _p.value)
        .where(_p.user_id.in_(user_ids), _p.field.in_(_SHOWN))
        .order_by(_p.user_id)
        .limit(len(_SHOWN) * PROFILES_AT_ONCE_MAX)
    )
    shown: dict[str, dict[str, str]] = {}
    for row in read.conn.execute(statement):
        shown.setdefault(row.user_id, {})[row.field] = decode_json(row.value)
    return {user_id: Profile(**fields) for user_id, fields in shown.items()}


def list_fields(read: Read, user_id: str) -> JsonObject:
    """All fields of a profile."""
    statement = (
        sa.select(_p.field, _p.value)
        .where(_p.user_id == user_id)
        .order_by(_p.field)
        .limit(FIELDS_MAX)
    )
    return {row.field: decode_json(row.value) for row in read.conn.execute(statement)}


def find_field(read: Read, user_id: str, field: str) -> tuple[Json] | None:
    """The value of one field, in a tuple because it may be null; None where it is not set."""
    statement = sa.select(_p.value).where(_p.user_id == user_id, _p.field == field)
    value = read.conn.execute(statement).scalar_one_or_none()
    return None if value is None else (decode_json(value),)


def find_avatars(read: Read, uris: Collection[str]) -> set[str]:
    """Of some hundred content URIs those that are somebody's picture."""
    statement = (
        sa.select(_p.value)
        .distinct()
        .where(_p.field == "avatar_url", _p.value.in_([_text_of(uri) for uri in sorted(uris)]))
        .order_by(_p.value)
        .limit(len(uris))
    )
    return {decode_json(value) for value in read.conn.execute(statement).scalars()}


def _text_of(value: str) -> str:
    return encode_json(value).decode()
