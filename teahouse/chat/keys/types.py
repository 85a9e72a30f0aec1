"""The nouns of end-to-end encryption: keys, counts, signatures."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.chat.events.types import JsonObject

Usage: TypeAlias = Literal["master", "self_signing", "user_signing"]

# Client-Server API, "One-time and fallback keys": plain keys are strings, signed ones objects.
OneTimeKey: TypeAlias = str | JsonObject


class KeysUpload(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `/keys/upload`: whatever is new.

    Attributes:
        device_keys: identity keys of the device.
        one_time_keys: by `<algorithm>:<key id>`.
        fallback_keys: the same, at most one for each algorithm.
    """

    device_keys: JsonObject | None = None
    one_time_keys: dict[str, OneTimeKey] | None = None
    fallback_keys: dict[str, OneTimeKey] | None = None


class DeviceKeys(msgspec.Struct, frozen=True):
    """What device keys must have; more is kept as it is."""

    user_id: str
    device_id: str
    algorithms: list[str]
    keys: dict[str, str]
    signatures: dict[str, dict[str, str]]


class CrossSigningKey(msgspec.Struct, frozen=True):
    """What a cross-signing key must have; more is kept as it is."""

    user_id: str
    usage: list[str]
    keys: dict[str, str]
    signatures: dict[str, dict[str, str]] = {}


class CrossSigningUpload(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `/keys/device_signing/upload`.

    Attributes:
        master_key: signs the others.
        self_signing_key: signs the member's devices.
        user_signing_key: signs other members' master keys.
        auth: user-interactive authentication.
    """

    master_key: JsonObject | None = None
    self_signing_key: JsonObject | None = None
    user_signing_key: JsonObject | None = None
    auth: JsonObject | None = None

    def keys(self) -> dict[Usage, JsonObject]:
        """The keys that the request brings."""
        brought: dict[Usage, JsonObject | None] = {
            "master": self.master_key,
            "self_signing": self.self_signing_key,
            "user_signing": self.user_signing_key,
        }
        return {usage: key for usage, key in brought.items() if key is not None}


class StoredKey(msgspec.Struct, frozen=True):
    """A key of a cross-signing identity.

    Attributes:
        public_key: unpadded base64.
        key: the whole object.
    """

    public_key: str
    key: JsonObject


class ClaimedKey(msgspec.Struct, frozen=True):
    """A one-time or fallback key in the hands of one who asked for it."""

    user_id: str
    device_id: str
    algorithm: str
    key_id: str
    key: bytes


class KeyCounts(msgspec.Struct, frozen=True):
    """What a device still has to hand out.

    Attributes:
        one_time_key_counts: unclaimed one-time keys by algorithm.
        unused_fallback_key_types: algorithms whose fallback key was not handed out yet.
    """

    one_time_key_counts: dict[str, int]
    unused_fallback_key_types: list[str]


class KeysAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `/keys/query`."""

    device_keys: dict[str, dict[str, JsonObject]]
    master_keys: dict[str, JsonObject]
    self_signing_keys: dict[str, JsonObject]
    user_signing_keys: dict[str, JsonObject]
    failures: JsonObject


class DehydratedUpload(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PUT /dehydrated_device` (MSC3814).

    Attributes:
        device_id: a new id.
        device_data: the sealed private keys; only the client understands them.
        initial_device_display_name: what others see.
        device_keys: as in `/keys/upload`.
        one_time_keys: the same.
        fallback_keys: the same.
    """

    device_id: str
    device_data: JsonObject
    device_keys: JsonObject
    initial_device_display_name: str | None = None
    one_time_keys: dict[str, OneTimeKey] | None = None
    fallback_keys: dict[str, OneTimeKey] | None = None

    def upload(self) -> KeysUpload:
        """The keys of the device."""
        return KeysUpload(
            device_keys=self.device_keys,
            one_time_keys=self.one_time_keys,
            fallback_keys=self.fallback_keys,
        )


class DehydratedDevice(msgspec.Struct, frozen=True):
    """A stored dehydrated device.

    Attributes:
        device_id: its id.
        device_data: JSON as it was uploaded.
    """

    device_id: str
    device_data: msgspec.Raw
