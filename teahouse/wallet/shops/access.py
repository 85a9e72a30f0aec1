"""From the id of a shop, or from an API key, to what the caller may do there."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.money import Currency
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.shops.errors import (
    ScopeMissing,
    ShopNotFound,
    ShopPowerMissing,
    UnknownShopKey,
)
from teahouse.wallet.shops.rules import ROLE_POWERS, hash_key, powers_of_scopes
from teahouse.wallet.shops.tables import wallet_shop, wallet_shop_key, wallet_shop_staff
from teahouse.wallet.shops.types import (
    Clerk,
    KeyHolder,
    OpeningHours,
    Shop,
    ShopId,
    ShopKeyId,
    ShopPower,
    StaffRole,
)

_s = wallet_shop.c
_staff = wallet_shop_staff.c
_key = wallet_shop_key.c


def access_shop(read: Read, clerk: Clerk, shop_id: str, power: ShopPower) -> Shop:
    """A shop for which the caller may do something.

    Args:
        read: the view, or the transaction of the change.
        clerk: one of the shop's people, or one of its programs.
        shop_id: as the caller says.
        power: what is to be done.

    Raises:
        ShopNotFound: there is none, or the caller has nothing to do with it.
        ShopPowerMissing: the caller's role does not allow it.
        ScopeMissing: the caller's key does not allow it.
        UnknownShopKey: the caller's key was revoked meanwhile.
    """
    if isinstance(clerk, Requester):
        role = find_role(read, clerk.user_id, shop_id)
        if role is None:
            raise ShopNotFound
        if power not in ROLE_POWERS[role]:
            raise ShopPowerMissing(needs=power)
    else:
        _check_key(read, clerk, shop_id, power)
    shop = load_shop(read, shop_id)
    assert shop is not None
    return shop


def _check_key(read: Read, holder: KeyHolder, shop_id: str, power: ShopPower) -> None:
    if holder.shop_id != shop_id:
        raise ShopNotFound
    if power not in powers_of_scopes(holder.scopes):
        raise ScopeMissing(needs=power)
    is_revoked = read.conn.execute(
        sa.select(_key.revoked_at.is_not(None)).where(_key.shop_key_id == holder.shop_key_id)
    ).scalar_one()
    if is_revoked:
        raise UnknownShopKey


def identify_key(read: Read, secret: str) -> KeyHolder:
    """The program that shows an API key.

    Raises:
        UnknownShopKey: nobody has it (any more).
    """
    row = read.conn.execute(
        sa.select(_key.shop_key_id, _key.shop_id, _key.scopes, _key.last_used_at).where(
            _key.digest == hash_key(secret), _key.revoked_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise UnknownShopKey
    return KeyHolder(
        shop_key_id=ShopKeyId(row.shop_key_id),
        shop_id=ShopId(row.shop_id),
        scopes=frozenset(row.scopes.split()),
        last_used_at=row.last_used_at,
    )


def find_role(read: Read, user_id: str, shop_id: str) -> StaffRole | None:
    """What a member is in a shop; None: nothing."""
    party = find_party(read, user_id)
    if party is None:
        return None
    role: StaffRole | None = read.conn.execute(
        sa.select(_staff.role).where(_staff.shop_id == shop_id, _staff.party == party)
    ).scalar_one_or_none()
    return role


def load_shop(read: Read, shop_id: str) -> Shop | None:
    """A shop by its id, whoever asks."""
    row = read.conn.execute(sa.select(wallet_shop).where(_s.shop_id == shop_id)).one_or_none()
    return None if row is None else read_shop(row)


def read_shop(row: sa.Row[*tuple[Any, ...]]) -> Shop:
    """A row of `wallet_shop` as a shop."""
    return Shop(
        shop_id=ShopId(row.shop_id),
        party=PartyId(row.party),
        name=row.name,
        name_zh=row.name_zh,
        category_code=row.category_code,
        country=row.country,
        city=row.city,
        city_zh=row.city_zh,
        postal_code=row.postal_code,
        currency=Currency(row.currency),
        logo=row.logo,
        opening_hours=msgspec.json.decode(row.opening_hours, type=list[OpeningHours]),
        status=row.status,
        status_reason=row.status_reason,
        created_at=row.created_at,
    )
