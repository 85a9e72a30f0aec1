"""Reads keys: of many members in few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import msgspec
import sqlalchemy as sa

from teahouse import accounts
from teahouse.chat.event_store.tables import chat_membership
from teahouse.chat.events.types import JsonObject
from teahouse.chat.keys.errors import KeyIdInUse, MissingMasterKey
from teahouse.chat.keys.rules import (
    check_cross_signing_key,
    check_signed_by_master,
    merge_signatures,
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
    DehydratedDevice,
    KeyCounts,
    KeysAnswer,
    StoredKey,
    Usage,
)
from teahouse.platform.db import Read
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.requester import Requester

T = TypeVar("T")
Wish = tuple[str, str, str]
"""Member, device, algorithm of a one-time key that somebody wants."""

USERS_MAX: Final = 10_000
"""Members in one `/keys/query`, devices in one `/keys/claim`: more than any client asks for."""

# Parameters of one statement: SQLite takes 32,766, PostgreSQL 65,535; at three a row this stays
# under both.
_ROWS_PER_STATEMENT: Final = 5000

# Clients of 2022 took an algorithm that was not listed as "unchanged" instead of as zero.
_EMPTY_COUNTS: Final = {"signed_curve25519": 0}


# What others ask


def find_keys(
    read: Read, requester: Requester, wanted: Mapping[str, Collection[str]]
) -> KeysAnswer:
    """Identity and cross-signing keys of members, as `/keys/query` shows them.

    Args:
        read: the database.
        requester: sees its own user-signing key and signatures.
        wanted: devices by member; no devices means all.

    Returns:
        The answer. A member without devices has an empty map, so that a client notices that
        the last device is gone.

    Raises:
        InvalidParam: more than `USERS_MAX` members.
    """
    if len(wanted) > USERS_MAX:
        raise InvalidParam(f"At most {USERS_MAX} members can be asked for at once.")
    users = list(wanted)
    signatures = _find_signatures(read, users, signer=requester.user_id)
    identities = find_cross_signing_keys(read, users)

    def show(usage: Usage, user_id: str, *, signed: bool = False) -> JsonObject | None:
        stored = identities.get(user_id, {}).get(usage)
        if stored is None:
            return None
        added = signatures.get((user_id, stored.public_key), {}) if signed else {}
        return merge_signatures(stored.key, added, visible={user_id, requester.user_id})

    own = [requester.user_id] if requester.user_id in wanted else []
    return KeysAnswer(
        device_keys=_show_devices(read, requester, wanted, signatures),
        master_keys=_present((user, show("master", user, signed=True)) for user in users),
        self_signing_keys=_present((user, show("self_signing", user)) for user in users),
        user_signing_keys=_present((user, show("user_signing", user)) for user in own),
        failures={},
    )


def find_device_keys(read: Read, users: Sequence[str]) -> dict[str, dict[str, JsonObject]]:
    """Identity keys as uploaded, by member and device."""
    table = chat_device_key.c
    found: dict[str, dict[str, JsonObject]] = {}
    for part in split(users):
        rows = read.conn.execute(
            sa.select(table.user_id, table.device_id, table.device_keys)
            .where(table.user_id.in_(part))
            .order_by(table.user_id, table.device_id)
        )
        for user_id, device_id, keys in rows:
            found.setdefault(user_id, {})[device_id] = _decode(keys)
    return found


def find_keyed_devices(read: Read, users: Sequence[str]) -> dict[str, set[str]]:
    """Devices that have identity keys, by member; dehydrated ones are among them."""
    table = chat_device_key.c
    found: dict[str, set[str]] = {}
    for part in split(users):
        rows = read.conn.execute(
            sa.select(table.user_id, table.device_id)
            .where(table.user_id.in_(part))
            .order_by(table.user_id, table.device_id)
        )
        for user_id, device_id in rows:
            found.setdefault(user_id, set()).add(device_id)
    return found


def find_cross_signing_keys(read: Read, users: Sequence[str]) -> dict[str, dict[Usage, StoredKey]]:
    """Cross-signing keys as uploaded, by member and usage."""
    table = chat_cross_signing_key.c
    found: dict[str, dict[Usage, StoredKey]] = {}
    for part in split(users):
        rows = read.conn.execute(
            sa.select(table.user_id, table.usage, table.public_key, table.key)
            .where(table.user_id.in_(part))
            .order_by(table.user_id, table.usage)
        )
        for user_id, usage, public_key, key in rows:
            stored = StoredKey(public_key, _decode(key))
            found.setdefault(user_id, {})[usage] = stored
    return found


def find_changed_users(read: Read, user_id: str, since: int, peers: Collection[str]) -> set[str]:
    """Whose devices or keys changed in the eyes of a member.

    Args:
        read: the database.
        user_id: who looks.
        since: a position; changes after it are found. There is no upper bound: only the last
            change of a member is kept, and telling of it early does no harm.
        peers: who shares a room with the member.

    Returns:
        Members among `peers` and the member itself whose keys changed, and those whom the
        member has signed since.
    """
    change, signature = chat_device_list_change.c, chat_signature.c
    changed = read.conn.execute(
        sa.select(change.user_id).where(change.position > since).order_by(change.position)
    ).scalars()
    found = {user for user in changed if user in peers or user == user_id}
    signed = read.conn.execute(
        sa.select(signature.target_user_id)
        .where(signature.signer_user_id == user_id, signature.position > since)
        .order_by(signature.position)
    ).scalars()
    return found | set(signed)


def scan_device_list_changes(
    read: Read, *, after: int, up_to: int, limit: int
) -> tuple[list[str], int]:
    """Whose devices changed last in a stretch of the stream.

    Returns:
        The members, and the position up to which they are complete.
    """
    changed = chat_device_list_change.c
    rows = read.conn.execute(
        sa.select(changed.user_id, changed.position)
        .where(changed.position > after, changed.position <= up_to)
        .order_by(changed.position, changed.user_id)
        .limit(limit)
    ).all()
    if len(rows) == limit:
        up_to = rows[-1].position
    return [row.user_id for row in rows], up_to


def find_new_and_gone_peers(read: Read, user_id: str, since: int) -> tuple[set[str], set[str]]:
    """Who came to share a room with a member, and who may share none any more.

    Args:
        read: the database.
        user_id: the member.
        since: a position; memberships that changed after it count.

    Returns:
        Those who joined, and those who left (some of them may share another room).
    """
    mine, theirs = chat_membership.alias("mine"), chat_membership.alias("theirs")
    rows = read.conn.execute(
        sa.select(theirs.c.user_id, mine.c.membership, theirs.c.membership)
        .join_from(mine, theirs, mine.c.room_id == theirs.c.room_id)
        .where(
            mine.c.user_id == user_id,
            theirs.c.user_id != user_id,
            sa.or_(
                sa.and_(mine.c.position > since, theirs.c.membership == "join"),
                sa.and_(mine.c.membership == "join", theirs.c.position > since),
            ),
        )
        .order_by(theirs.c.user_id)
    )
    new: set[str] = set()
    gone: set[str] = set()
    for peer, own_membership, their_membership in rows:
        if own_membership == their_membership == "join":
            new.add(peer)
        elif {own_membership, their_membership} <= {"join", "leave", "ban"}:
            gone.add(peer)
    return new, gone


# What a device asks about itself


def find_key_counts(read: Read, user_id: str, device_id: str) -> KeyCounts:
    """What a device still has to hand out, as `/sync` and `/keys/upload` tell it."""
    one_time, fallback = chat_one_time_key.c, chat_fallback_key.c
    counted = read.conn.execute(
        sa.select(one_time.algorithm, sa.func.count())
        .where(one_time.user_id == user_id, one_time.device_id == device_id)
        .group_by(one_time.algorithm)
        .order_by(one_time.algorithm)
    )
    counts = dict(_EMPTY_COUNTS)
    counts.update({row[0]: row[1] for row in counted})
    unused = read.conn.execute(
        sa.select(fallback.algorithm)
        .where(
            fallback.user_id == user_id,
            fallback.device_id == device_id,
            fallback.used.is_(False),
        )
        .order_by(fallback.algorithm)
    ).scalars()
    return KeyCounts(counts, list(unused))


def find_dehydrated_device(read: Read, user_id: str) -> DehydratedDevice:
    """A member's dehydrated device.

    Raises:
        NotFound: there is none.
    """
    table = chat_dehydrated_device.c
    row = read.conn.execute(
        sa.select(table.device_id, table.device_data).where(table.user_id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no dehydrated device.")
    return DehydratedDevice(row[0], msgspec.Raw(row[1]))


# Before keys change


def check_cross_signing_upload(
    read: Read, requester: Requester, upload: CrossSigningUpload
) -> bool:
    """Check new cross-signing keys as far as that is possible without the member's consent.

    Returns:
        Whether consent is needed: there is a master key, and the request brings any new key.

    Raises:
        BadJson, InvalidParam: a key of the wrong form.
        MissingMasterKey: nothing that could sign the other keys.
        InvalidSignature: a key that the master key did not sign.
        KeyIdInUse: a public key that is the id of a device.
    """
    user_id = requester.user_id
    stored = find_cross_signing_keys(read, [user_id]).get(user_id, {})
    public_keys = {
        usage: check_cross_signing_key(key, user_id=user_id, usage=usage)
        for usage, key in upload.keys().items()
    }
    master = public_keys.get("master")
    if master is None:
        if "master" not in stored:
            raise MissingMasterKey
        master = stored["master"].public_key
    for usage, key in upload.keys().items():
        if usage != "master":
            check_signed_by_master(key, user_id=user_id, master=master)
    devices = {device.device_id for device in accounts.list_devices(read, user_id)}
    devices |= find_keyed_devices(read, [user_id]).get(user_id, set())
    if not devices.isdisjoint(public_keys.values()):
        raise KeyIdInUse
    return "master" in stored and bool(find_new_keys(stored, upload))


def find_new_keys(
    stored: Mapping[Usage, StoredKey], upload: CrossSigningUpload
) -> dict[Usage, JsonObject]:
    """The keys of an upload that differ from the stored ones in more than signatures."""
    return {
        usage: key
        for usage, key in upload.keys().items()
        if usage not in stored
        or without(stored[usage].key, "signatures", "unsigned")
        != without(key, "signatures", "unsigned")
    }


def find_first_one_time_keys(read: Read, wishes: Sequence[Wish]) -> list[ClaimedKey]:
    """The one-time key that is next in turn, for each wish that has one."""
    return _find_wished(read, wishes, _select_first_one_time_keys())


def find_fallback_keys(read: Read, wishes: Sequence[Wish]) -> list[ClaimedKey]:
    """The fallback key, for each wish that has one."""
    table = chat_fallback_key.c
    columns = (table.user_id, table.device_id, table.algorithm, table.key_id, table.key)
    return _find_wished(read, wishes, sa.select(*columns).where(table.user_id.in_(_USERS)))


def split(items: Sequence[T], size: int = _ROWS_PER_STATEMENT) -> Iterator[Sequence[T]]:
    """Parts small enough for one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


# Helpers


def _find_signatures(
    read: Read, users: Sequence[str], *, signer: str
) -> dict[tuple[str, str], dict[str, dict[str, str]]]:
    """Signatures uploaded later that `signer` may see: by target, by signer, by key id."""
    table = chat_signature.c
    found: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for part in split(users):
        rows = read.conn.execute(
            sa.select(
                table.target_user_id,
                table.target_key_id,
                table.signer_user_id,
                table.signer_key_id,
                table.signature,
            )
            .where(
                table.target_user_id.in_(part),
                sa.or_(
                    table.signer_user_id == table.target_user_id, table.signer_user_id == signer
                ),
            )
            .order_by(table.target_user_id, table.target_key_id)
        )
        for user_id, key_id, by_user, by_key, signature in rows:
            found.setdefault((user_id, key_id), {}).setdefault(by_user, {})[by_key] = signature
    return found


def _show_devices(
    read: Read,
    requester: Requester,
    wanted: Mapping[str, Collection[str]],
    signatures: Mapping[tuple[str, str], dict[str, dict[str, str]]],
) -> dict[str, dict[str, JsonObject]]:
    users = list(wanted)
    stored = find_device_keys(read, users)
    # What somebody calls their devices ("Ada's second phone") is for their own eyes: the
    # specification lets it be left out, and others tell devices apart by their keys.
    names = _find_display_names(read, [user for user in stored if user == requester.user_id])
    shown: dict[str, dict[str, JsonObject]] = {user: {} for user in users}
    for user_id, by_device in stored.items():
        chosen = set(wanted[user_id])
        for device_id, keys in by_device.items():
            if chosen and device_id not in chosen:
                continue
            merged = merge_signatures(
                keys,
                signatures.get((user_id, device_id), {}),
                visible={user_id, requester.user_id},
            )
            name = names.get((user_id, device_id))
            merged["unsigned"] = {} if name is None else {"device_display_name": name}
            shown[user_id][device_id] = merged
    return shown


def _find_display_names(read: Read, users: Sequence[str]) -> dict[tuple[str, str], str | None]:
    names: dict[tuple[str, str], str | None] = {}
    for user_id, devices in accounts.list_devices_of(read, users).items():
        for device in devices:
            names[user_id, device.device_id] = device.display_name
    table = chat_dehydrated_device.c
    for part in split(users):
        rows = read.conn.execute(
            sa.select(table.user_id, table.device_id, table.display_name)
            .where(table.user_id.in_(part))
            .order_by(table.user_id)
        )
        names.update({(row[0], row[1]): row[2] for row in rows})
    return names


# Filled in when a statement runs, so that SQLAlchemy builds it once: naming each device in the
# statement took 0.3 s for 1,000 of them, this takes a tenth.
_USERS: Final[sa.BindParameter[str]] = sa.bindparam("users", expanding=True)


def _find_wished(
    read: Read, wishes: Sequence[Wish], statement: sa.Select[*tuple[Any, ...]]
) -> list[ClaimedKey]:
    wanted = set(wishes)
    users = list({user_id: None for user_id, _, _ in wishes})
    found: list[ClaimedKey] = []
    for part in split(users):
        rows = read.conn.execute(statement, {"users": part})
        found.extend(ClaimedKey(*row) for row in rows if (row[0], row[1], row[2]) in wanted)
    return found


def _select_first_one_time_keys() -> sa.Select[*tuple[Any, ...]]:
    table, every = chat_one_time_key.c, chat_one_time_key.alias("every").c
    device = (every.user_id, every.device_id, every.algorithm)
    first = (
        sa.select(*device, sa.func.min(every.number).label("number"))
        .where(every.user_id.in_(_USERS))
        .group_by(*device)
        .subquery("first")
    )
    return sa.select(
        table.user_id, table.device_id, table.algorithm, table.key_id, table.key
    ).join_from(
        first,
        chat_one_time_key,
        sa.and_(
            table.user_id == first.c.user_id,
            table.device_id == first.c.device_id,
            table.algorithm == first.c.algorithm,
            table.number == first.c.number,
        ),
    )


def _present(pairs: Iterable[tuple[str, JsonObject | None]]) -> dict[str, JsonObject]:
    return {user_id: key for user_id, key in pairs if key is not None}


def _decode(stored: bytes) -> JsonObject:
    return cast("JsonObject", msgspec.json.decode(stored))
