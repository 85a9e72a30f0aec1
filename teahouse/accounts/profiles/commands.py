"""Changes profiles."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.announcements import ProfileChanged
from teahouse.accounts.errors import ProfileTooLarge
from teahouse.accounts.members.commands import write_search_words
from teahouse.accounts.profiles.queries import find_field, list_fields
from teahouse.accounts.profiles.rules import (
    PROFILE_BYTES_MAX,
    check_field,
    check_value,
    compute_field_bytes,
)
from teahouse.accounts.tables import accounts_profile
from teahouse.platform.db import Tx, upsert
from teahouse.platform.errors import Forbidden
from teahouse.platform.json import Json, encode_json
from teahouse.platform.requester import Requester

_p = accounts_profile.c
# A text field that is emptied is removed: clients have always cleared a name with "" or null.
_CLEARABLE = {"displayname", "avatar_url"}


def set_profile_field(
    tx: Tx, requester: Requester, user_id: str, *, field: str, value: Json
) -> None:
    """Show something of oneself.

    Raises:
        Forbidden: somebody else's profile.
        KeyTooLarge: a field name of more than 255 bytes.
        InvalidParam: a field name or value that is not valid.
        ProfileTooLarge: the profile would exceed 64 KiB.
    """
    check_field(field)
    _check_owner(requester, user_id)
    if field in _CLEARABLE and not value:
        _remove(tx, user_id, field)
        return
    check_value(field, value)
    write_field(tx, user_id, field, value)


def remove_profile_field(tx: Tx, requester: Requester, user_id: str, field: str) -> None:
    """Show something no longer.

    Raises:
        Forbidden: somebody else's profile.
        KeyTooLarge: a field name of more than 255 bytes.
        InvalidParam: a field name that is not valid.
    """
    check_field(field)
    _check_owner(requester, user_id)
    _remove(tx, user_id, field)


def write_field(tx: Tx, user_id: str, field: str, value: Json) -> None:
    """Set a field that was checked.

    Raises:
        ProfileTooLarge: the profile would exceed 64 KiB.
    """
    if find_field(tx, user_id, field) == (value,):
        return
    others = {key: kept for key, kept in list_fields(tx, user_id).items() if key != field}
    size = sum(compute_field_bytes(key, kept) for key, kept in others.items())
    if size + compute_field_bytes(field, value) > PROFILE_BYTES_MAX:
        raise ProfileTooLarge
    tx.conn.execute(
        upsert(accounts_profile, "value").values(
            user_id=user_id, field=field, value=encode_json(value).decode()
        )
    )
    _tell(tx, user_id, field, value)


def forget_profile(tx: Tx, user_id: str) -> None:
    """Remove all fields, without telling: the member is leaving."""
    tx.conn.execute(sa.delete(accounts_profile).where(_p.user_id == user_id))


def _check_owner(requester: Requester, user_id: str) -> None:
    if requester.user_id != user_id:
        raise Forbidden("A profile can be changed by its member only.")


def _remove(tx: Tx, user_id: str, field: str) -> None:
    removed = tx.conn.execute(
        sa.delete(accounts_profile).where(_p.user_id == user_id, _p.field == field)
    )
    if removed.rowcount:
        _tell(tx, user_id, field, "")


def _tell(tx: Tx, user_id: str, field: str, value: Json) -> None:
    if field == "displayname":
        assert isinstance(value, str)
        write_search_words(tx, user_id, value)
    tx.announce(ProfileChanged(user_id, field))
