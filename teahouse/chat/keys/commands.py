"""Changes keys: uploads, claims, cross-signing, signatures, dehydrated devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.events.types import JsonObject
from teahouse.chat.keys.announcements import (
    DehydratedDeviceRemoved,
    DeviceListChanged,
    KeyCountsChanged,
    SignaturesAdded,
)
from teahouse.chat.keys.errors import (
    InvalidSignature,
    KeyMismatch,
    KeyNotFound,
    NoDevice,
    OneTimeKeyExists,
    ReplacementUnconfirmed,
    TooManyKeys,
)
from teahouse.chat.keys.queries import (
    USERS_MAX,
    Wish,
    check_cross_signing_upload,
    find_cross_signing_keys,
    find_dehydrated_device,
    find_device_keys,
    find_fallback_keys,
    find_first_one_time_keys,
    find_key_counts,
    find_new_keys,
)
from teahouse.chat.keys.rules import (
    ED25519,
    NAME_BYTES_LIMIT,
    ONE_TIME_KEYS_MAX,
    check_device_keys,
    ed25519_key,
    encode_key,
    find_signatures,
    is_same_key,
    parse_fallback_keys,
    parse_one_time_keys,
    without,
)
from teahouse.chat.keys.tables import (
    chat_cross_signing_key,
    chat_dehydrated_device,
    chat_device_key,
    chat_device_list_change,
    chat_fallback_key,
    chat_one_time_key,
    chat_signature,
)
from teahouse.chat.keys.types import (
    ClaimedKey,
    CrossSigningUpload,
    DehydratedUpload,
    KeyCounts,
    KeysUpload,
    StoredKey,
    Usage,
)
from teahouse.platform.db import Tx, upsert
from teahouse.platform.errors import InvalidParam, NotFound, UnknownToken
from teahouse.platform.requester import Requester

SIGNED_KEYS_MAX: Final = 500
"""Keys in one `/keys/signatures/upload`: at about 0.1 ms each for verifying, 50 ms at most."""

DEVICE_DATA_BYTES_LIMIT: Final = 262_144
"""A sealed device; real ones have some 10 KB."""

_ONE_TIME_KEY: Final = ("user_id", "device_id", "algorithm", "key_id")
_FALLBACK_KEY: Final = ("user_id", "device_id", "algorithm")


# Keys of a device


def upload_keys(tx: Tx, requester: Requester, upload: KeysUpload) -> KeyCounts:
    """Publish keys of the requester's device.

    Returns:
        What the device now has to hand out.

    Raises:
        BadJson, InvalidParam, TooLarge: keys of the wrong form.
        KeysOfAnother: device keys that name another member or device.
        NoDevice: the requester acts without a device.
        UnknownToken: the device was signed out meanwhile.
        OneTimeKeyExists: another one-time key has the same id.
        TooManyKeys: more than a device may store.
    """
    user_id, device_id = requester.user_id, requester.device_id
    if device_id is None:
        raise NoDevice
    if upload.device_keys is not None:
        # A device that was signed out must not come back as a ghost that others encrypt to.
        if accounts.find_device(tx, user_id, device_id) is None:
            raise UnknownToken
        keys = check_device_keys(upload.device_keys, user_id=user_id, device_id=device_id)
        _store_device_keys(tx, user_id, device_id, keys)
    _store_further_keys(tx, user_id, device_id, upload)
    return find_key_counts(tx, user_id, device_id)


def claim_keys(tx: Tx, wishes: Mapping[str, Mapping[str, str]]) -> list[ClaimedKey]:
    """Hand out a one-time key of each device, or its fallback key where none is left.

    No two claims ever get the same one-time key: what is handed out is deleted in the same
    transaction.

    Args:
        tx: the transaction.
        wishes: the algorithm by member and device.

    Returns:
        The keys found; devices that have none are missing.

    Raises:
        InvalidParam: more than `USERS_MAX` devices.
    """
    wanted: list[Wish] = [
        (user_id, device_id, algorithm)
        for user_id, by_device in wishes.items()
        for device_id, algorithm in by_device.items()
    ]
    if len(wanted) > USERS_MAX:
        raise InvalidParam(f"Keys of at most {USERS_MAX} devices can be claimed at once.")
    claimed = find_first_one_time_keys(tx, wanted)
    _delete_rows(
        tx,
        chat_one_time_key,
        _ONE_TIME_KEY,
        [(k.user_id, k.device_id, k.algorithm, k.key_id) for k in claimed],
    )
    served = {(key.user_id, key.device_id, key.algorithm) for key in claimed}
    fallback = find_fallback_keys(tx, [wish for wish in wanted if wish not in served])
    _mark_used(tx, fallback)
    for user_id, device_id in {(k.user_id, k.device_id): None for k in [*claimed, *fallback]}:
        tx.announce(KeyCountsChanged(user_id, device_id))
    return [*claimed, *fallback]


# Cross-signing


def set_cross_signing_keys(
    tx: Tx, requester: Requester, upload: CrossSigningUpload, *, confirmed: bool
) -> None:
    """Publish the cross-signing keys of the requester.

    A new master key ends the keys that the old one signed, and every signature by an ended key.

    Args:
        tx: the transaction.
        requester: whose keys.
        upload: the keys.
        confirmed: whether the member has just proven who they are.

    Raises:
        Refusal: what `check_cross_signing_upload` refuses.
        ReplacementUnconfirmed: keys would be replaced, and it was not confirmed.
    """
    user_id = requester.user_id
    needs_consent = check_cross_signing_upload(tx, requester, upload)
    stored = find_cross_signing_keys(tx, [user_id]).get(user_id, {})
    new = find_new_keys(stored, upload)
    if not new:
        return
    if needs_consent and not confirmed:
        raise ReplacementUnconfirmed
    ended: set[Usage] = {"master", "self_signing", "user_signing"} if "master" in new else set(new)
    _end_cross_signing_keys(tx, user_id, [stored[usage] for usage in ended if usage in stored])
    kept = {usage: key for usage, key in upload.keys().items() if usage in ended}
    tx.conn.execute(
        sa.insert(chat_cross_signing_key),
        [_cross_signing_row(user_id, usage, key) for usage, key in kept.items()],
    )
    change_device_list(tx, user_id)


def add_signatures(
    tx: Tx, requester: Requester, signed: Mapping[str, Mapping[str, JsonObject]]
) -> dict[str, dict[str, JsonObject]]:
    """Store signatures that the requester made on devices and master keys.

    Args:
        tx: the transaction.
        requester: who signed.
        signed: the signed objects by member, and by device id or public key.

    Returns:
        What was refused: errors by member and key id. The rest is stored.

    Raises:
        InvalidParam: more than `SIGNED_KEYS_MAX` objects.
    """
    if sum(len(by_key) for by_key in signed.values()) > SIGNED_KEYS_MAX:
        raise InvalidParam(f"At most {SIGNED_KEYS_MAX} keys can be signed at once.")
    targets = _find_targets(tx, requester.user_id, list(signed))
    failures: dict[str, dict[str, JsonObject]] = {}
    found: list[dict[str, object]] = []
    for user_id, by_key in signed.items():
        for key_id, value in by_key.items():
            try:
                stored, verifiers = _target(targets, user_id, key_id)
                signatures = find_signatures(
                    value, stored, signer=requester.user_id, verifiers=verifiers
                )
            except (InvalidSignature, KeyMismatch, KeyNotFound) as refusal:
                error: JsonObject = {"errcode": refusal.errcode, "error": refusal.text}
                failures.setdefault(user_id, {})[key_id] = error
                continue
            found.extend(
                {
                    "target_user_id": user_id,
                    "target_key_id": key_id,
                    "signer_user_id": requester.user_id,
                    "signer_key_id": signer_key_id,
                    "signature": signature,
                }
                for signer_key_id, signature in signatures.items()
            )
    _store_signatures(tx, requester.user_id, found)
    return failures


# Dehydrated devices (MSC3814)


def set_dehydrated_device(tx: Tx, requester: Requester, upload: DehydratedUpload) -> None:
    """Store a dehydrated device in place of the one before.

    Raises:
        BadJson, InvalidParam, TooLarge: keys or data of the wrong form.
        KeysOfAnother: device keys that name another member or device.
        InvalidParam: the id belongs to a device that is signed in.
    """
    user_id, device_id = requester.user_id, upload.device_id
    if not 0 < len(device_id.encode()) <= NAME_BYTES_LIMIT:
        raise InvalidParam("`device_id` must have 1 to 255 bytes.")
    name = upload.initial_device_display_name
    if name is not None and len(name.encode()) > NAME_BYTES_LIMIT:
        raise InvalidParam("The display name may have at most 255 bytes.")
    data = encode_key(upload.device_data, bytes_limit=DEVICE_DATA_BYTES_LIMIT)
    keys = check_device_keys(upload.device_keys, user_id=user_id, device_id=device_id)
    if accounts.find_device(tx, user_id, device_id) is not None:
        raise InvalidParam("A device of this id is signed in.")
    _remove_dehydrated_device(tx, user_id)
    tx.conn.execute(
        sa.insert(chat_dehydrated_device),
        {"user_id": user_id, "device_id": device_id, "device_data": data, "display_name": name},
    )
    _store_device_keys(tx, user_id, device_id, keys)
    _store_further_keys(tx, user_id, device_id, upload.upload())


def delete_dehydrated_device(tx: Tx, requester: Requester) -> str:
    """Delete the requester's dehydrated device.

    Returns:
        Its id.

    Raises:
        NotFound: there is none.
    """
    removed = _remove_dehydrated_device(tx, requester.user_id)
    if removed is None:
        raise NotFound("There is no dehydrated device.")
    return removed


# What follows from changes elsewhere


def remove_device(tx: Tx, user_id: str, device_id: str) -> None:
    """Forget the keys of a device that was signed out."""
    for table in (chat_device_key, chat_one_time_key, chat_fallback_key):
        tx.conn.execute(
            sa.delete(table).where(table.c.user_id == user_id, table.c.device_id == device_id)
        )
    _delete_signatures_on(tx, user_id, [device_id])
    change_device_list(tx, user_id)


def remove_member(tx: Tx, user_id: str) -> None:
    """Forget every key of a member who closed the account, and tell the others."""
    _remove_dehydrated_device(tx, user_id)
    for table in (chat_device_key, chat_one_time_key, chat_fallback_key, chat_cross_signing_key):
        tx.conn.execute(sa.delete(table).where(table.c.user_id == user_id))
    signature = chat_signature.c
    tx.conn.execute(
        sa.delete(chat_signature).where(
            sa.or_(signature.target_user_id == user_id, signature.signer_user_id == user_id)
        )
    )
    change_device_list(tx, user_id)


def change_device_list(tx: Tx, user_id: str) -> None:
    """Note that a member's devices look different now, and tell everybody who sees them."""
    position = tx.next_position()
    tx.conn.execute(
        upsert(chat_device_list_change, "position").values(user_id=user_id, position=position)
    )
    tx.announce(DeviceListChanged(user_id, position))


# Helpers


def _store_device_keys(tx: Tx, user_id: str, device_id: str, keys: bytes) -> None:
    table = chat_device_key.c
    stored = tx.conn.execute(
        sa.select(table.device_keys).where(table.user_id == user_id, table.device_id == device_id)
    ).scalar_one_or_none()
    if stored == keys:
        return
    if stored is not None:
        # They signed the earlier keys.
        _delete_signatures_on(tx, user_id, [device_id])
    tx.conn.execute(
        upsert(chat_device_key, "device_keys").values(
            user_id=user_id, device_id=device_id, device_keys=keys
        )
    )
    change_device_list(tx, user_id)


def _store_further_keys(tx: Tx, user_id: str, device_id: str, upload: KeysUpload) -> None:
    """Store one-time and fallback keys."""
    one_time = parse_one_time_keys(upload.one_time_keys or {})
    fallback = parse_fallback_keys(upload.fallback_keys or {})
    if not one_time and not fallback:
        return
    owner = {"user_id": user_id, "device_id": device_id}
    _store_one_time_keys(tx, owner, one_time)
    _store_fallback_keys(tx, owner, fallback)
    tx.announce(KeyCountsChanged(user_id, device_id))


def _store_one_time_keys(
    tx: Tx, owner: dict[str, str], keys: Mapping[tuple[str, str], bytes]
) -> None:
    if not keys:
        return
    table = chat_one_time_key.c
    rows = tx.conn.execute(
        sa.select(table.algorithm, table.key_id, table.key, table.number)
        .where(table.user_id == owner["user_id"], table.device_id == owner["device_id"])
        .order_by(table.algorithm, table.key_id)
    ).all()
    stored = {(row[0], row[1]): row[2] for row in rows}
    for (algorithm, key_id), key in keys.items():
        earlier = stored.get((algorithm, key_id))
        if earlier is not None and not is_same_key(earlier, key):
            raise OneTimeKeyExists(f"Another key was uploaded as `{algorithm}:{key_id}`.")
    new = {name: key for name, key in keys.items() if name not in stored}
    if len(stored) + len(new) > ONE_TIME_KEYS_MAX:
        raise TooManyKeys(f"A device may have at most {ONE_TIME_KEYS_MAX} one-time keys.")
    if not new:
        return
    last = max((row[3] for row in rows), default=0)
    tx.conn.execute(
        sa.insert(chat_one_time_key),
        [
            {**owner, "algorithm": algorithm, "key_id": key_id, "number": number, "key": key}
            for number, ((algorithm, key_id), key) in enumerate(new.items(), last + 1)
        ],
    )


def _store_fallback_keys(
    tx: Tx, owner: dict[str, str], keys: Mapping[str, tuple[str, bytes]]
) -> None:
    if not keys:
        return
    table = chat_fallback_key.c
    rows = tx.conn.execute(
        sa.select(table.algorithm, table.key_id, table.key)
        .where(table.user_id == owner["user_id"], table.device_id == owner["device_id"])
        .order_by(table.algorithm)
    )
    stored = {row[0]: (row[1], row[2]) for row in rows}
    # A repeated upload does not make a used key unused.
    new = {algorithm: key for algorithm, key in keys.items() if stored.get(algorithm) != key}
    if len(stored.keys() | new.keys()) > ONE_TIME_KEYS_MAX:
        raise TooManyKeys
    if new:
        tx.conn.execute(
            upsert(chat_fallback_key, "key_id", "key", "used"),
            [
                {**owner, "algorithm": algorithm, "key_id": key_id, "key": key, "used": False}
                for algorithm, (key_id, key) in new.items()
            ],
        )


def _mark_used(tx: Tx, keys: list[ClaimedKey]) -> None:
    if not keys:
        return
    table = chat_fallback_key.c
    tx.conn.execute(
        sa.update(chat_fallback_key)
        .where(
            table.user_id == sa.bindparam("of_user"),
            table.device_id == sa.bindparam("of_device"),
            table.algorithm == sa.bindparam("of_algorithm"),
            table.used.is_(False),
        )
        .values(used=True),
        [
            {"of_user": k.user_id, "of_device": k.device_id, "of_algorithm": k.algorithm}
            for k in keys
        ],
    )


def _delete_rows(
    tx: Tx, table: sa.Table, key: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> None:
    """Delete rows by their key, all with one prepared statement."""
    parameters = [dict(zip((f"of_{name}" for name in key), row, strict=True)) for row in rows]
    if parameters:
        same = [table.c[name] == sa.bindparam(f"of_{name}") for name in key]
        tx.conn.execute(sa.delete(table).where(*same), parameters)


def _cross_signing_row(user_id: str, usage: Usage, key: JsonObject) -> dict[str, object]:
    (public_key,) = key["keys"].values()  # type: ignore[union-attr]  # its form was checked
    return {
        "user_id": user_id,
        "usage": usage,
        "public_key": public_key,
        "key": encode_key(without(key, "unsigned")),
    }


def _end_cross_signing_keys(tx: Tx, user_id: str, ended: list[StoredKey]) -> None:
    if not ended:
        return
    public_keys = [key.public_key for key in ended]
    table, signature = chat_cross_signing_key.c, chat_signature.c
    tx.conn.execute(
        sa.delete(chat_cross_signing_key).where(
            table.user_id == user_id, table.public_key.in_(public_keys)
        )
    )
    tx.conn.execute(
        sa.delete(chat_signature).where(
            signature.signer_user_id == user_id,
            signature.signer_key_id.in_([f"{ED25519}:{key}" for key in public_keys]),
        )
    )
    _delete_signatures_on(tx, user_id, public_keys)


def _delete_signatures_on(tx: Tx, user_id: str, key_ids: list[str]) -> None:
    table = chat_signature.c
    tx.conn.execute(
        sa.delete(chat_signature).where(
            table.target_user_id == user_id, table.target_key_id.in_(key_ids)
        )
    )


_Target = tuple[JsonObject, Mapping[str, str]]


def _find_targets(tx: Tx, signer: str, users: list[str]) -> dict[tuple[str, str], _Target]:
    """What a member may sign, each with the keys that may sign it.

    Own devices by the self-signing key, the own master key by own devices, others' master keys
    by the user-signing key (Client-Server API, "Cross-signing").
    """
    identities = find_cross_signing_keys(tx, [*users, signer])
    own = identities.get(signer, {})
    devices = find_device_keys(tx, [signer]).get(signer, {})
    by_device = {
        name: key
        for device_id, keys in devices.items()
        for name, key in ed25519_key(device_id, keys).items()
    }
    targets: dict[tuple[str, str], _Target] = {
        (signer, device_id): (keys, _as_verifier(own.get("self_signing")))
        for device_id, keys in devices.items()
    }
    for user_id, identity in identities.items():
        master = identity.get("master")
        if master is not None:
            verifiers = by_device if user_id == signer else _as_verifier(own.get("user_signing"))
            targets[user_id, master.public_key] = master.key, verifiers
    return targets


def _as_verifier(key: StoredKey | None) -> dict[str, str]:
    return {} if key is None else {f"{ED25519}:{key.public_key}": key.public_key}


def _target(targets: Mapping[tuple[str, str], _Target], user_id: str, key_id: str) -> _Target:
    found = targets.get((user_id, key_id))
    if found is None:
        raise KeyNotFound
    return found


def _store_signatures(tx: Tx, signer: str, found: list[dict[str, object]]) -> None:
    if not found:
        return
    position = tx.next_position()
    tx.conn.execute(
        upsert(chat_signature, "signature", "position"),
        [{**row, "position": position} for row in found],
    )
    if any(row["target_user_id"] == signer for row in found):
        change_device_list(tx, signer)
    if any(row["target_user_id"] != signer for row in found):
        tx.announce(SignaturesAdded(signer, position))


def _remove_dehydrated_device(tx: Tx, user_id: str) -> str | None:
    try:
        device_id = find_dehydrated_device(tx, user_id).device_id
    except NotFound:
        return None
    table = chat_dehydrated_device.c
    tx.conn.execute(sa.delete(chat_dehydrated_device).where(table.user_id == user_id))
    remove_device(tx, user_id, device_id)
    tx.announce(DehydratedDeviceRemoved(user_id, device_id))
    return device_id
