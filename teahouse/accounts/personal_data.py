"""What accounts hold of one member, for export and erasure."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from teahouse import privacy
from teahouse.accounts.devices.queries import DEVICES_MAX, list_devices
from teahouse.accounts.identity.commands import forget_checks
from teahouse.accounts.identity.queries import find_identity
from teahouse.accounts.identity.tables import accounts_identity_check
from teahouse.accounts.members.queries import find_member
from teahouse.accounts.passkeys.queries import list_passkeys
from teahouse.accounts.profiles.commands import forget_profile
from teahouse.accounts.profiles.queries import list_fields
from teahouse.accounts.second_factors.access import Seal
from teahouse.accounts.second_factors.queries import count_recovery_codes, has_totp
from teahouse.accounts.staff.queries import list_staff
from teahouse.accounts.suspensions.commands import end_suspension
from teahouse.accounts.suspensions.queries import find_suspension
from teahouse.accounts.tables import accounts_device, accounts_member, accounts_staff_log
from teahouse.accounts.upkeep.commands import forget_everything_that_opens
from teahouse.platform.db import Read, Tx
from teahouse.platform.idempotency import forget_answers_of
from teahouse.platform.json import Json, JsonObject, decode_json, encode_json

_LOG_MAX = 10_000


def export_member(read: Read, user_id: str) -> JsonObject:
    """All that is held of a member and not secret: the digests of secrets would help nobody.

    Args:
        read: a view of the database.
        user_id: the member.

    Returns:
        JSON by subject; empty where there never was such a member.
    """
    member = find_member(read, user_id)
    if member is None:
        return {}
    found: JsonObject = decode_json(
        encode_json(
            {
                "member": member,
                "profile": list_fields(read, user_id),
                "devices": list_devices(read, user_id),
                "visits": _list_agents(read, user_id),
                "passkeys": list_passkeys(read, user_id),
                "has_one_time_codes": has_totp(read, user_id),
                "recovery_codes_left": count_recovery_codes(read, user_id),
                "identity": find_identity(read, user_id),
                "suspended_until": find_suspension(read, user_id),
                "staff_roles": list_staff(read, user_id),
                "staff_log": _list_own_log(read, user_id),
            }
        )
    )
    return found


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase all that is held of a member, but for their id, which must not be given away again.

    The log of staff roles stays: it says who could act on others' data, and when.
    """
    forget_everything_that_opens(tx, user_id)
    forget_profile(tx, user_id)
    forget_checks(tx, user_id)
    end_suspension(tx, user_id)
    forget_answers_of(tx, user_id)
    privacy.erase_member(tx, user_id)
    tx.conn.execute(
        sa.update(accounts_member)
        .where(accounts_member.c.user_id == user_id)
        .values(
            password_hash=None,
            erased=True,
            deactivated_at=sa.func.coalesce(accounts_member.c.deactivated_at, tx.now),
        )
    )


def gather_by_law(read: Read, user_id: str, seal: Seal) -> list[JsonObject]:
    """The checks of who a member is, with where their proof is: the law keeps them, sealed."""
    row = accounts_identity_check.c
    found = read.conn.execute(
        sa.select(accounts_identity_check).where(row.user_id == user_id).order_by(row.check_id)
    )
    return [
        {
            "check_id": one.check_id,
            "kind": one.kind,
            "provider": one.provider,
            "evidence": _open_evidence(one, seal),
            "confirmed_at": one.confirmed_at,
            "expires_at": one.expires_at,
            "revoked_at": one.revoked_at,
            "revoked_why": one.revoked_why,
        }
        for one in found
    ]


def _open_evidence(row: sa.Row[Any], seal: Seal) -> str | None:
    """Where the proof is; None where the house's key has changed: nobody is kept for that."""
    try:
        return seal.open(row.sealed_evidence, owner=row.check_id)
    except InvalidTag:
        return None


def _list_agents(read: Read, user_id: str) -> list[dict[str, object]]:
    device = accounts_device.c
    statement = (
        sa.select(device.device_id, device.created_at, device.last_seen_agent)
        .where(device.user_id == user_id)
        .order_by(device.device_id)
        .limit(DEVICES_MAX)
    )
    return [
        {
            "device_id": row.device_id,
            "created_at": row.created_at,
            "last_seen_agent": row.last_seen_agent,
        }
        for row in read.conn.execute(statement)
    ]


def _list_own_log(read: Read, user_id: str) -> list[dict[str, object]]:
    log = accounts_staff_log.c
    statement = (
        sa.select(log.at, log.role, log.change)
        .where(log.user_id == user_id)
        .order_by(log.entry_id)
        .limit(_LOG_MAX)
    )
    return [
        {"at": row.at, "role": row.role, "change": row.change}
        for row in read.conn.execute(statement)
    ]


def _export_for_release(read: Read, user_id: str) -> JsonObject:
    found = export_member(read, user_id)
    profile = list_fields(read, user_id)
    fields: list[Json] = [{"field": name, "value": value} for name, value in profile.items()]
    return {**found, "profile": fields}


RELEASABLE = privacy.ExportHolder(
    fields=(
        privacy.Field(
            name="accounts.member",
            en="that there is such an account, and since when",
            zh="是否有此账户，以及开户时间",
            columns={
                "user_id": "accounts_member.user_id",
                "created_at": "accounts_member.created_at",
                "deactivated_at": "accounts_member.deactivated_at",
            },
        ),
        privacy.Field(
            name="accounts.profile",
            en="what the member shows of themself",
            zh="成员展示的个人资料",
            columns={"field": "accounts_profile.field", "value": "accounts_profile.value"},
        ),
        privacy.Field(
            name="accounts.devices",
            en="devices that are signed in, when and from where they were last used",
            zh="已登录的设备，以及最近一次使用的时间和地址",
            at="last_seen_ts",
            columns={
                "device_id": "accounts_device.device_id",
                "display_name": "accounts_device.display_name",
                "last_seen_ts": "accounts_device.last_seen_at",
                "last_seen_ip": "accounts_device.last_seen_address",
            },
        ),
        privacy.Field(
            name="accounts.visits",
            en="when each device signed in, and by which program",
            zh="每台设备的登录时间及所用程序",
            at="created_at",
            columns={
                "device_id": "accounts_device.device_id",
                "created_at": "accounts_device.created_at",
                "last_seen_agent": "accounts_device.last_seen_agent",
            },
        ),
        privacy.Field(
            name="accounts.passkeys",
            en="names of passkeys, when they were added and last used",
            zh="通行密钥的名称、添加时间和最近使用时间",
            at="created_at",
            columns={
                "name": "accounts_passkey.name",
                "created_at": "accounts_passkey.created_at",
                "last_used_at": "accounts_passkey.last_used_at",
            },
        ),
    ),
    export=_export_for_release,
)


# Whose rows are, where the column `user_id` does not say it all.
OWNERSHIPS: Final[privacy.DeclaredOwnership] = {
    "accounts_member": privacy.Ownership(
        privacy.by_columns("user_id"),
        left=lambda row: {
            **row,
            "password_hash": None,
            "erased": True,
            "deactivated_at": row["deactivated_at"] or row["created_at"],
        },
    ),
    "accounts_staff_log": privacy.NobodysOwn(
        "It says who could act on others' data and when; who answers for it can't erase it.",
        "它记录谁在何时有权处理他人数据；对此负责的人不能将其删除。",
    ),
}
