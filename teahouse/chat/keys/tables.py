"""Public keys of devices and members, and the signatures on them."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, personal
from teahouse.platform.db import metadata

_owner = personal("identifier", "to know whose keys these are", keep="device", seen_by=("members",))
_device = personal("identifier", "to know which device's keys these are", keep="device")
_public_key = personal(
    "keys", "so that others can write to you encrypted", keep="device", seen_by=("members",)
)
_identity = personal("keys", "so that others can verify you", keep="replaced", seen_by=("members",))
_signer = personal("relation", "to know who has verified whom", keep="replaced")


def _user(*, primary_key: bool = True) -> sa.Column[str]:
    return sa.Column("user_id", sa.Text, primary_key=primary_key, nullable=False, info=_owner)


def _device_id(*, primary_key: bool = True) -> sa.Column[str]:
    return sa.Column("device_id", sa.Text, primary_key=primary_key, nullable=False, info=_device)


# Keys are stored as the canonical JSON of what was uploaded: it is given out as it came.
chat_device_key = sa.Table(
    "chat_device_key",
    metadata,
    _user(),
    _device_id(),
    sa.Column("device_keys", sa.LargeBinary, nullable=False, info=_public_key),
)

chat_one_time_key = sa.Table(
    "chat_one_time_key",
    metadata,
    _user(),
    _device_id(),
    sa.Column("algorithm", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("key_id", sa.Text, primary_key=True, info=impersonal()),
    # Counts the keys of a device: they are handed out in the order of their upload.
    sa.Column("number", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("key", sa.LargeBinary, nullable=False, info=_public_key),
    sa.UniqueConstraint("user_id", "device_id", "algorithm", "number"),
)

chat_fallback_key = sa.Table(
    "chat_fallback_key",
    metadata,
    _user(),
    _device_id(),
    sa.Column("algorithm", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("key_id", sa.Text, nullable=False, info=impersonal()),
    sa.Column("key", sa.LargeBinary, nullable=False, info=_public_key),
    sa.Column("used", sa.Boolean, nullable=False, info=impersonal()),
)

chat_cross_signing_key = sa.Table(
    "chat_cross_signing_key",
    metadata,
    _user(),
    sa.Column("usage", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("public_key", sa.Text, nullable=False, info=_identity),
    sa.Column("key", sa.LargeBinary, nullable=False, info=_identity),
    sa.CheckConstraint("usage IN ('master', 'self_signing', 'user_signing')", name="usage_known"),
)

# Signatures that were uploaded after the key they sign.
chat_signature = sa.Table(
    "chat_signature",
    metadata,
    sa.Column("target_user_id", sa.Text, primary_key=True, info=_owner),
    # A device id, or the public part of a cross-signing key.
    sa.Column("target_key_id", sa.Text, primary_key=True, info=_device),
    sa.Column("signer_user_id", sa.Text, primary_key=True, info=_signer),
    sa.Column("signer_key_id", sa.Text, primary_key=True, info=_signer),
    sa.Column("signature", sa.Text, nullable=False, info=_signer),
    sa.Column("position", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Index(None, "signer_user_id", "position"),
)

# When anything about a member's devices or cross-signing keys last changed for everybody.
chat_device_list_change = sa.Table(
    "chat_device_list_change",
    metadata,
    sa.Column(
        "user_id",
        sa.Text,
        primary_key=True,
        info=personal("identifier", "to tell others that your devices changed", keep="account"),
    ),
    sa.Column(
        "position",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", "to tell others that your devices changed", keep="account"),
    ),
    sa.Index(None, "position"),
)

# MSC3814: a device without a login that collects keys while its member is signed out everywhere.
chat_dehydrated_device = sa.Table(
    "chat_dehydrated_device",
    metadata,
    _user(),
    _device_id(primary_key=False),
    sa.Column(
        "device_data",
        sa.LargeBinary,
        nullable=False,
        info=personal("keys", "a sealed device, opened by your recovery key", keep="replaced"),
    ),
    sa.Column(
        "display_name",
        sa.Text,
        info=personal("profile", "what you call the device", keep="replaced", seen_by=("members",)),
    ),
)
