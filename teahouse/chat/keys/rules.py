"""What must hold of keys and signatures. Pure: no database, no clock, no chance."""

from __future__ import annotations

import binascii
from collections.abc import Collection, Mapping
from typing import Final, TypeVar

import msgspec

from teahouse.chat.events.errors import NotCanonical
from teahouse.chat.events.rules import check_json_signature, encode_canonical
from teahouse.chat.events.types import JsonObject
from teahouse.chat.keys.errors import (
    InvalidSignature,
    KeyMismatch,
    KeysOfAnother,
    TooManyKeys,
)
from teahouse.chat.keys.types import CrossSigningKey, DeviceKeys, OneTimeKey, Usage
from teahouse.platform.errors import BadJson, InvalidParam, TooLarge

T = TypeVar("T")

KEY_BYTES_LIMIT: Final = 16_384
"""One device's identity keys; real ones have under 1,000 bytes, post-quantum ones several KB."""

ONE_TIME_KEYS_MAX: Final = 500
"""One-time keys a device may have here; libraries keep 50 to 100. A claim looks at all of them."""

NAME_BYTES_LIMIT: Final = 255
"""Key ids, algorithms and device ids, as for every other Matrix identifier."""

ED25519: Final = "ed25519"
_ED25519_BYTES: Final = 32


def check_device_keys(keys: JsonObject, *, user_id: str, device_id: str) -> bytes:
    """Check the identity keys of a device.

    Args:
        keys: as uploaded.
        user_id: whose they must be.
        device_id: of which device.

    Returns:
        What to store: canonical JSON without `unsigned`, which only servers add.

    Raises:
        BadJson: a member is missing, of the wrong type, or not canonical.
        KeysOfAnother: they name another member or device.
        InvalidParam: a key is named for another device.
        TooLarge: over `KEY_BYTES_LIMIT`.
    """
    shaped = _convert(keys, DeviceKeys)
    if shaped.user_id != user_id or shaped.device_id != device_id:
        raise KeysOfAnother
    for key_id in shaped.keys:
        _, owner = split_key_id(key_id)
        if owner != device_id:
            raise InvalidParam(f"The key `{key_id}` is not named `<algorithm>:{device_id}`.")
    return encode_key(without(keys, "unsigned"))


def parse_one_time_keys(
    keys: Mapping[str, OneTimeKey],
) -> dict[tuple[str, str], bytes]:
    """Check one-time keys.

    Args:
        keys: by `<algorithm>:<key id>`.

    Returns:
        Canonical JSON by algorithm and key id.

    Raises:
        InvalidParam: an id without an algorithm.
        BadJson: a key of the wrong shape.
        TooManyKeys: more than a device may have.
    """
    if len(keys) > ONE_TIME_KEYS_MAX:
        raise TooManyKeys(f"A device may have at most {ONE_TIME_KEYS_MAX} one-time keys.")
    for key_id, key in keys.items():
        if isinstance(key, dict) and not isinstance(key.get("key"), str):
            raise BadJson(f"The key `{key_id}` has no text `key`.")
    return {split_key_id(key_id): encode_key(key) for key_id, key in keys.items()}


def parse_fallback_keys(
    keys: Mapping[str, OneTimeKey],
) -> dict[str, tuple[str, bytes]]:
    """Check fallback keys, which are one for each algorithm.

    Returns:
        Key id and canonical JSON by algorithm.

    Raises:
        InvalidParam: two of one algorithm, or an id without one.
        BadJson: a key of the wrong shape.
    """
    found: dict[str, tuple[str, bytes]] = {}
    for (algorithm, key_id), key in parse_one_time_keys(keys).items():
        if algorithm in found:
            raise InvalidParam(f"There are two fallback keys for `{algorithm}`.")
        found[algorithm] = key_id, key
    return found


def split_key_id(key_id: str) -> tuple[str, str]:
    """`<algorithm>:<id>` in its two parts.

    Raises:
        InvalidParam: a part is missing or too long.
    """
    algorithm, _, name = key_id.partition(":")
    if not algorithm or not name or len(key_id.encode()) > 2 * NAME_BYTES_LIMIT:
        raise InvalidParam("A key id must be `<algorithm>:<id>`, each at most 255 bytes.")
    return algorithm, name


def is_same_key(one: bytes, other: bytes) -> bool:
    """Whether two stored one-time keys are the same key, however signed.

    A client that repeats an upload may sign again; the key itself must not differ.
    """
    if one == other:
        return True
    first, second = msgspec.json.decode(one), msgspec.json.decode(other)
    if not isinstance(first, dict) or not isinstance(second, dict):
        return False
    return without(first, "signatures") == without(second, "signatures")


def check_cross_signing_key(key: JsonObject, *, user_id: str, usage: Usage) -> str:
    """Check the form of a cross-signing key.

    Returns:
        Its public key, unpadded base64.

    Raises:
        BadJson: the wrong shape.
        InvalidParam: for another member, another usage, or without exactly one ed25519 key.
    """
    shaped = _convert(key, CrossSigningKey)
    if shaped.user_id != user_id:
        raise InvalidParam("`user_id` of a cross-signing key must be your own.")
    if usage not in shaped.usage:
        raise InvalidParam(f"The {usage} key does not have the usage `{usage}`.")
    if len(shaped.keys) != 1:
        raise InvalidParam(f"The {usage} key must have exactly one public key.")
    ((key_id, public_key),) = shaped.keys.items()
    if key_id != f"{ED25519}:{public_key}" or not _is_ed25519(public_key):
        raise InvalidParam(f"The {usage} key must be `ed25519:<public key>: <public key>`.")
    encode_key(key)
    return public_key


def check_signed_by_master(key: JsonObject, *, user_id: str, master: str) -> None:
    """Check that a master key signed another cross-signing key.

    Raises:
        InvalidSignature: there is no valid signature.
    """
    key_id = f"{ED25519}:{master}"
    if not check_json_signature(key, server_name=user_id, key_id=key_id, public_key=master):
        raise InvalidSignature("The key is not signed by the master key.")


def find_signatures(
    signed: JsonObject, stored: JsonObject, *, signer: str, verifiers: Mapping[str, str]
) -> dict[str, str]:
    """Verify what a member signed.

    Signatures by keys that may not vouch for the target (or are gone) are passed over: clients
    send an object back with whatever signatures they saw on it.

    Args:
        signed: the object with the new signatures.
        stored: the same object as stored here.
        signer: who signed.
        verifiers: the keys that may sign this object: key id to public key.

    Returns:
        The signatures by key id, at least one.

    Raises:
        KeyMismatch: another object than the stored one.
        InvalidSignature: one of the signatures is wrong, or there is none.
    """
    if without(signed, "signatures", "unsigned") != without(stored, "signatures", "unsigned"):
        raise KeyMismatch
    signatures = signed.get("signatures")
    by_key = signatures.get(signer) if isinstance(signatures, dict) else None
    found: dict[str, str] = {}
    for key_id, signature in (by_key if isinstance(by_key, dict) else {}).items():
        public_key = verifiers.get(key_id)
        if public_key is None:
            continue
        valid = check_json_signature(
            signed, server_name=signer, key_id=key_id, public_key=public_key
        )
        if not valid or not isinstance(signature, str):
            raise InvalidSignature(f"The signature by `{key_id}` is not valid.")
        found[key_id] = signature
    if not found:
        raise InvalidSignature("There is no signature by a key that may sign this.")
    return found


def merge_signatures(
    key: JsonObject, added: Mapping[str, Mapping[str, str]], *, visible: Collection[str]
) -> JsonObject:
    """A key with the signatures on it that somebody may see.

    Args:
        key: as uploaded, perhaps with signatures.
        added: uploaded later and visible, by signer and key id.
        visible: whose signatures may be seen: the owner's and the requester's.

    Returns:
        A new object.

    Source:
        Client-Server API, "Cross-signing": who verified whom is nobody else's business.
    """
    own = key.get("signatures")
    merged: JsonObject = {}
    for signer, by_key in (own if isinstance(own, dict) else {}).items():
        if signer in visible:
            merged[signer] = by_key
    for signer, late in added.items():
        early = merged.get(signer)
        merged[signer] = {**(early if isinstance(early, dict) else {}), **late}
    return {**key, "signatures": merged}


def ed25519_key(device_id: str, keys: JsonObject) -> dict[str, str]:
    """The key that a device signs with, by its id; empty where it has none."""
    key_id = f"{ED25519}:{device_id}"
    by_id = keys.get("keys")
    public_key = by_id.get(key_id) if isinstance(by_id, dict) else None
    return {key_id: public_key} if isinstance(public_key, str) else {}


def encode_key(key: OneTimeKey, *, bytes_limit: int = KEY_BYTES_LIMIT) -> bytes:
    """Canonical JSON of a key.

    Raises:
        BadJson: it cannot be written so, and therefore not be signed either.
        TooLarge: over `bytes_limit`.
    """
    try:
        encoded = encode_canonical(key)
    except NotCanonical as trouble:
        raise BadJson(trouble.reason) from None
    if len(encoded) > bytes_limit:
        raise TooLarge(f"A key may have at most {bytes_limit} bytes.")
    return encoded


def without(value: JsonObject, *names: str) -> JsonObject:
    """An object without some of its members."""
    return {name: item for name, item in value.items() if name not in names}


def _convert(value: JsonObject, shape: type[T]) -> T:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as trouble:
        raise BadJson(f"A key has the wrong shape: {trouble}") from None


def _is_ed25519(public_key: str) -> bool:
    padded = public_key + "=" * (-len(public_key) % 4)
    try:
        return len(binascii.a2b_base64(padded, strict_mode=True)) == _ED25519_BYTES
    except ValueError:
        return False
