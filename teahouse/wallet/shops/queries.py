"""Reads shops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from teahouse.accounts import check_power
from teahouse.ledger import find_balances
from teahouse.platform.checks import Check, reference_check
from teahouse.platform.db import Read
from teahouse.platform.money import Currency
from teahouse.platform.pages import Page, encode_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.freezes.queries import list_freezes_of
from teahouse.wallet.freezes.types import FreezeView
from teahouse.wallet.parties.queries import find_party, user_of, users_of
from teahouse.wallet.parties.tables import wallet_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.shops.access import access_shop, load_shop, read_shop
from teahouse.wallet.shops.errors import ShopNotFound
from teahouse.wallet.shops.rules import (
    ROLE_POWERS,
    SHOP_KEYS_MAX,
    STAFF_MAX,
    find_category,
)
from teahouse.wallet.shops.tables import (
    wallet_shop,
    wallet_shop_decision,
    wallet_shop_fee,
    wallet_shop_key,
    wallet_shop_staff,
)
from teahouse.wallet.shops.types import (
    Clerk,
    FeeRate,
    MyShop,
    Shop,
    ShopBalance,
    ShopDecision,
    ShopId,
    ShopKey,
    ShopKeyId,
    ShopPage,
    StaffMember,
)
from teahouse.wallet.wallets.queries import find_wallet, list_wallets

_s = wallet_shop.c
_staff = wallet_shop_staff.c
_key = wallet_shop_key.c
_fee = wallet_shop_fee.c
_decision = wallet_shop_decision.c

_HISTORY_MAX = 200


def find_shop(read: Read, shop_id: str) -> Shop:
    """A shop, whoever asks.

    Raises:
        ShopNotFound: there is none.
    """
    shop = load_shop(read, shop_id)
    if shop is None:
        raise ShopNotFound
    return shop


def find_shops(read: Read, shop_ids: Iterable[str]) -> dict[ShopId, Shop]:
    """Some shops by their ids; those that are not there are left out."""
    wanted = sorted(set(shop_ids))
    rows = read.conn.execute(sa.select(wallet_shop).where(_s.shop_id.in_(wanted)))
    return {shop.shop_id: shop for shop in map(read_shop, rows)}


def find_shop_of_party(read: Read, party: str) -> Shop | None:
    """The shop that a party is, or None."""
    row = read.conn.execute(sa.select(wallet_shop).where(_s.party == party)).one_or_none()
    return None if row is None else read_shop(row)


def find_shop_name(read: Read, party: str) -> str | None:
    """What a shop is called, by its party; None where it is no shop's."""
    shop = find_shop_of_party(read, party)
    return None if shop is None else f"{shop.name}, {shop.city}"


def find_shop_page(read: Read, shop_id: str) -> ShopPage:
    """What everybody may see of a shop.

    Raises:
        ShopNotFound: there is none, or it was never verified.
    """
    shop = find_shop(read, shop_id)
    if shop.status not in {"verified", "suspended", "closed"}:
        raise ShopNotFound
    return to_page(shop)


def to_page(shop: Shop) -> ShopPage:
    """What everybody may see of a shop."""
    return ShopPage(
        shop_id=shop.shop_id,
        name=shop.name,
        name_zh=shop.name_zh,
        category_code=shop.category_code,
        category=find_category(shop.category_code),
        country=shop.country,
        city=shop.city,
        city_zh=shop.city_zh,
        logo=shop.logo,
        opening_hours=shop.opening_hours,
        is_verified=shop.is_open,
    )


def list_my_shops(read: Read, requester: Requester) -> list[MyShop]:
    """The shops that a member works for, oldest first."""
    party = find_party(read, requester.user_id)
    rows = read.conn.execute(
        sa.select(wallet_shop, _staff.role)
        .join(wallet_shop_staff, _staff.shop_id == _s.shop_id)
        .where(_staff.party == party)
        .order_by(_s.shop_id)
        .limit(_HISTORY_MAX)
    )
    return [
        MyShop(shop=read_shop(row), role=row.role, powers=sorted(ROLE_POWERS[row.role]))
        for row in rows
    ]


def count_shops_owned(read: Read, party: PartyId) -> int:
    """How many shops that are not closed a member owns."""
    return read.conn.execute(
        sa.select(sa.func.count())
        .select_from(wallet_shop_staff)
        .join(wallet_shop, _s.shop_id == _staff.shop_id)
        .where(_staff.party == party, _staff.role == "owner", _s.status != "closed")
    ).scalar_one()


def list_staff(read: Read, clerk: Clerk, shop_id: str) -> list[StaffMember]:
    """Who works for a shop, in the order they came."""
    access_shop(read, clerk, shop_id, "shop.see")
    rows = read.conn.execute(
        sa.select(_staff.party, _staff.role, _staff.added_at)
        .where(_staff.shop_id == shop_id)
        .order_by(_staff.added_at, _staff.party)
        .limit(STAFF_MAX)
    ).all()
    users = users_of(read, (row.party for row in rows))
    return [
        StaffMember(user_id=users.get(PartyId(row.party)), role=row.role, added_at=row.added_at)
        for row in rows
    ]


def list_owners(read: Read, shop_id: str) -> list[str]:
    """The members who own a shop, to be told of what concerns it."""
    rows = read.conn.execute(
        sa.select(_staff.party)
        .where(_staff.shop_id == shop_id, _staff.role == "owner")
        .order_by(_staff.party)
        .limit(STAFF_MAX)
    ).scalars()
    return sorted(users_of(read, rows).values())


def list_keys(read: Read, clerk: Clerk, shop_id: str) -> list[ShopKey]:
    """The API keys of a shop, revoked ones too, newest first."""
    access_shop(read, clerk, shop_id, "keys.change")
    rows = read.conn.execute(
        sa.select(
            _key.shop_key_id,
            _key.name,
            _key.prefix,
            _key.scopes,
            _key.created_at,
            _key.last_used_at,
            _key.revoked_at,
        )
        .where(_key.shop_id == shop_id)
        .order_by(_key.shop_key_id.desc())
        .limit(2 * SHOP_KEYS_MAX)
    )
    return [
        ShopKey(
            shop_key_id=ShopKeyId(row.shop_key_id),
            name=row.name,
            prefix=row.prefix,
            scopes=row.scopes.split(),
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]


def count_keys(read: Read, shop_id: str) -> int:
    """How many API keys of a shop work."""
    return read.conn.execute(
        sa.select(sa.func.count()).where(_key.shop_id == shop_id, _key.revoked_at.is_(None))
    ).scalar_one()


# Fees


def find_fee_rate(read: Read, shop_id: str, currency: str) -> FeeRate | None:
    """What the house takes of a payment now; None: nothing was set."""
    row = read.conn.execute(
        sa.select(_fee.currency, _fee.basis_points, _fee.fixed, _fee.valid_from)
        .where(_fee.shop_id == shop_id, _fee.currency == currency, _fee.valid_from <= read.now)
        .order_by(_fee.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _read_fee(row)


def list_shop_freezes(read: Read, clerk: Clerk, shop_id: str) -> list[FreezeView]:
    """What is or was frozen of a shop's money, and why, the latest first, for its people."""
    return list_freezes_of(read, access_shop(read, clerk, shop_id, "shop.see").party)


def list_fees(read: Read, clerk: Clerk, shop_id: str) -> list[FeeRate]:
    """What the house took and takes of payments to a shop, the latest first."""
    access_shop(read, clerk, shop_id, "reports.see")
    return _list_fees(read, shop_id)


def _list_fees(read: Read, shop_id: str) -> list[FeeRate]:
    rows = read.conn.execute(
        sa.select(_fee.currency, _fee.basis_points, _fee.fixed, _fee.valid_from)
        .where(_fee.shop_id == shop_id)
        .order_by(_fee.valid_from.desc(), _fee.currency, _fee.number.desc())
        .limit(_HISTORY_MAX)
    )
    return [_read_fee(row) for row in rows]


def _read_fee(row: sa.Row[*tuple[Any, ...]]) -> FeeRate:
    return FeeRate(
        currency=Currency(row.currency),
        basis_points=row.basis_points,
        fixed=row.fixed,
        valid_from=row.valid_from,
    )


# Money


def list_shop_balances(read: Read, clerk: Clerk, shop_id: str) -> list[ShopBalance]:
    """What a shop has, by currency."""
    shop = access_shop(read, clerk, shop_id, "reports.see")
    wallets = list_wallets(read, shop.party)
    balances = find_balances(read, [wallet.account for wallet in wallets])
    return [
        ShopBalance(balances[wallet.account].posted, balances[wallet.account].available)
        for wallet in wallets
    ]


# For the house's staff


def list_shops(
    read: Read,
    requester: Requester,
    *,
    status: str | None,
    after: str | None,
    limit: int,
) -> Page[Shop]:
    """Shops in the order they applied.

    Args:
        read: the view.
        requester: one of the house's staff.
        status: only those; None: all.
        after: the id of the last shop seen.
        limit: at most so many.

    Raises:
        Forbidden: no operator and no bank officer.
    """
    check_power(requester, "shops.decide")
    query = sa.select(wallet_shop).order_by(_s.shop_id).limit(limit + 1)
    if status is not None:
        query = query.where(_s.status == status)
    if after is not None:
        query = query.where(_s.shop_id > after)
    found = [read_shop(row) for row in read.conn.execute(query)]
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].shop_id) if more else None)


def find_shop_as_staff(read: Read, requester: Requester, shop_id: str) -> Shop:
    """A shop, for operators and bank officers.

    Raises:
        Forbidden: the requester is neither.
        ShopNotFound: there is none.
    """
    check_power(requester, "shops.decide")
    return find_shop(read, shop_id)


def list_fees_as_staff(read: Read, requester: Requester, shop_id: str) -> list[FeeRate]:
    """The history of a shop's fees, for operators and bank officers."""
    return _list_fees(read, find_shop_as_staff(read, requester, shop_id).shop_id)


def list_decisions_as_staff(read: Read, requester: Requester, shop_id: str) -> list[ShopDecision]:
    """What was decided about a shop, the latest first, for operators and bank officers."""
    find_shop_as_staff(read, requester, shop_id)
    rows = read.conn.execute(
        sa.select(_decision.at, _decision.by_party, _decision.status, _decision.reason)
        .where(_decision.shop_id == shop_id)
        .order_by(_decision.decision_id.desc())
        .limit(_HISTORY_MAX)
    )
    return [
        ShopDecision(
            at=row.at, by=user_of(read, row.by_party), status=row.status, reason=row.reason
        )
        for row in rows
    ]


# Checks


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of shops."""
    return [
        reference_check("wallet: Shops are parties", _s.party, wallet_party.c.party_id),
        reference_check(
            "wallet: Who works for a shop is a party", _staff.party, wallet_party.c.party_id
        ),
        Check("wallet: Open shops have owners and wallets", _find_shops_amiss),
    ]


def _find_shops_amiss(read: Read) -> Iterator[str]:
    owned = sa.exists().where(_staff.shop_id == _s.shop_id, _staff.role == "owner")
    rows = read.conn.execute(
        sa.select(_s.shop_id, _s.party, _s.currency, owned.label("is_owned"))
        .where(_s.status == "verified")
        .order_by(_s.shop_id)
    )
    for row in rows:
        if not row.is_owned:
            yield f"shop {row.shop_id}: nobody owns it"
        if find_wallet(read, row.party, row.currency) is None:
            yield f"shop {row.shop_id}: it has no wallet in its currency"
