"""Changes shops: their profile, their people, their keys; and what the house decides about them."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse import privacy
from teahouse.accounts import check_power, is_active, note_staff_act
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound
from teahouse.platform.json import encode_json
from teahouse.platform.money import parse_currency
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.commands import new_shop_party, party_of
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.shops.access import access_shop, find_role, read_shop
from teahouse.wallet.shops.announcements import ShopApplied, ShopDecided
from teahouse.wallet.shops.errors import (
    LastOwner,
    OwnShopDecided,
    ShopKeyNotFound,
    StaffNotFound,
    TooManyOfShop,
)
from teahouse.wallet.shops.queries import (
    count_keys,
    count_shops_owned,
    find_shop,
    list_owners,
    list_shop_balances,
)
from teahouse.wallet.shops.rules import (
    KEY_BYTES,
    KEY_PREFIX,
    KEY_SHOWN_LENGTH,
    SHOP_KEYS_MAX,
    SHOPS_OF_MEMBER_MAX,
    STAFF_MAX,
    USE_NOTED_EVERY_MS,
    check_change,
    check_shop,
    check_step,
    hash_key,
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
    DecisionWish,
    FeeRate,
    FeeWish,
    KeyHolder,
    NewShop,
    NewShopKey,
    Shop,
    ShopBalance,
    ShopChange,
    ShopId,
    ShopKey,
    ShopKeyId,
    ShopKeyWithSecret,
    ShopPower,
    ShopStatus,
    StaffMember,
    StaffRole,
)
from teahouse.wallet.wallets.commands import check_offered, open_wallet
from teahouse.wallet.wallets.types import HouseCurrencies

DECIDE_SHOP = privacy.declare_deed("shops.decide")

_s = wallet_shop.c
_staff = wallet_shop_staff.c
_key = wallet_shop_key.c
_fee = wallet_shop_fee.c


# The profile


def register_shop(tx: Tx, requester: Requester, wish: NewShop, currencies: HouseCurrencies) -> Shop:
    """Apply for a shop; the requester is its owner.

    Raises:
        InvalidShop: a part of the profile cannot be.
        UnknownCurrency, CurrencyNotOffered: no currency of this house.
        TooManyOfShop: the member owns `SHOPS_OF_MEMBER_MAX` already.
    """
    check_shop(wish)
    currency = check_offered(wish.currency, currencies)
    owner = party_of(tx, requester.user_id)
    if count_shops_owned(tx, owner) >= SHOPS_OF_MEMBER_MAX:
        raise TooManyOfShop(f"A member can own {SHOPS_OF_MEMBER_MAX} shops.")
    shop = Shop(
        shop_id=ShopId(tx.new_id("shp")),
        party=new_shop_party(tx),
        name=wish.name,
        name_zh=wish.name_zh,
        category_code=wish.category_code,
        country=wish.country,
        city=wish.city,
        city_zh=wish.city_zh,
        postal_code=wish.postal_code,
        currency=currency,
        logo=wish.logo,
        opening_hours=wish.opening_hours,
        status="applied",
        status_reason="",
        created_at=tx.now,
    )
    row = {name: getattr(shop, name) for name in shop.__struct_fields__}
    row["opening_hours"] = encode_json(shop.opening_hours).decode()
    tx.conn.execute(sa.insert(wallet_shop).values(row))
    _add_staff(tx, shop.shop_id, owner, "owner")
    tx.announce(ShopApplied(shop.shop_id, owner))
    return shop


def change_shop(tx: Tx, clerk: Clerk, shop_id: str, change: ShopChange) -> Shop:
    """Change a shop's profile; a refused shop applies anew by it.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        InvalidShop: a part of the profile cannot be.
        WrongShopStatus: it is closed, or was verified as what shall be changed.
    """
    shop = access_shop(tx, clerk, shop_id, "shop.change")
    check_shop(change)
    status = check_change(shop.status, change)
    values: dict[str, object] = {
        name: getattr(change, name)
        for name in change.__struct_fields__
        if getattr(change, name) is not None
    }
    if change.opening_hours is not None:
        values["opening_hours"] = encode_json(change.opening_hours).decode()
    if status != shop.status:
        values["status_reason"] = ""
    changed = tx.conn.execute(
        sa.update(wallet_shop)
        .where(_s.shop_id == shop.shop_id)
        .values(status=status, **values)
        .returning(wallet_shop)
    ).one()
    return read_shop(changed)


def open_shop_wallet(
    tx: Tx, clerk: Clerk, shop_id: str, currency: str, currencies: HouseCurrencies
) -> list[ShopBalance]:
    """Open a wallet in one more currency.

    Returns:
        All balances of the shop.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        UnknownCurrency, CurrencyNotOffered: no currency of this house.
    """
    shop = access_shop(tx, clerk, shop_id, "payouts.change")
    open_wallet(tx, shop.party, check_offered(currency, currencies))
    return list_shop_balances(tx, clerk, shop_id)


# The people


def set_staff(
    tx: Tx, requester: Requester, shop_id: str, *, user_id: str, role: StaffRole
) -> StaffMember:
    """Let a member work for a shop, or give them another role.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        StaffNotFound: no such member.
        TooManyOfShop: the shop has `STAFF_MAX` people.
        LastOwner: the only owner would be none any more.
    """
    shop = access_shop(tx, requester, shop_id, "staff.change")
    if not is_active(tx, user_id):
        raise StaffNotFound("There is no such member.")
    party = party_of(tx, user_id)
    if find_role(tx, user_id, shop_id) is None:
        count = tx.conn.execute(
            sa.select(sa.func.count()).where(_staff.shop_id == shop_id)
        ).scalar_one()
        if count >= STAFF_MAX:
            raise TooManyOfShop(f"A shop has at most {STAFF_MAX} people.")
        _add_staff(tx, shop.shop_id, party, role)
    else:
        tx.conn.execute(sa.update(wallet_shop_staff).where(_is(shop_id, party)).values(role=role))
        _check_owned(tx, shop_id)
    row = tx.conn.execute(sa.select(_staff.added_at).where(_is(shop_id, party))).one()
    return StaffMember(user_id=user_id, role=role, added_at=row.added_at)


def remove_staff(tx: Tx, requester: Requester, shop_id: str, *, user_id: str) -> None:
    """Let somebody work for a shop no more; everybody can leave by themself.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        StaffNotFound: they do not work there.
        LastOwner: the only owner would be none any more.
    """
    power: ShopPower = "shop.see" if user_id == requester.user_id else "staff.change"
    access_shop(tx, requester, shop_id, power)
    party = find_party(tx, user_id)
    gone = tx.conn.execute(sa.delete(wallet_shop_staff).where(_is(shop_id, party)))
    if gone.rowcount == 0:
        raise StaffNotFound
    _check_owned(tx, shop_id)


def _is(shop_id: str, party: str | None) -> sa.ColumnElement[bool]:
    return sa.and_(_staff.shop_id == shop_id, _staff.party == party)


def _add_staff(tx: Tx, shop_id: ShopId, party: PartyId, role: StaffRole) -> None:
    tx.conn.execute(
        sa.insert(wallet_shop_staff).values(
            shop_id=shop_id, party=party, role=role, added_at=tx.now
        )
    )


def _check_owned(tx: Tx, shop_id: str) -> None:
    owners = tx.conn.execute(
        sa.select(sa.func.count()).where(_staff.shop_id == shop_id, _staff.role == "owner")
    ).scalar_one()
    if owners == 0:
        raise LastOwner


# The keys


def create_key(tx: Tx, requester: Requester, shop_id: str, wish: NewShopKey) -> ShopKeyWithSecret:
    """Make an API key; its secret is in the answer and nowhere else.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        TooManyOfShop: the shop has `SHOP_KEYS_MAX` that work.
    """
    shop = access_shop(tx, requester, shop_id, "keys.change")
    if count_keys(tx, shop_id) >= SHOP_KEYS_MAX:
        raise TooManyOfShop(f"A shop has at most {SHOP_KEYS_MAX} keys.")
    secret = KEY_PREFIX + tx.chance.secrets.token(KEY_BYTES)
    scopes = sorted(set(wish.scopes))
    made = ShopKey(
        shop_key_id=ShopKeyId(tx.new_id("shk")),
        name=wish.name,
        prefix=secret[:KEY_SHOWN_LENGTH],
        scopes=scopes,
        created_at=tx.now,
        last_used_at=None,
        revoked_at=None,
    )
    tx.conn.execute(
        sa.insert(wallet_shop_key).values(
            shop_key_id=made.shop_key_id,
            shop_id=shop.shop_id,
            name=made.name,
            prefix=made.prefix,
            digest=hash_key(secret),
            scopes=" ".join(scopes),
            created_at=tx.now,
            created_by=party_of(tx, requester.user_id),
        )
    )
    return ShopKeyWithSecret(made, secret)


def revoke_key(tx: Tx, requester: Requester, shop_id: str, shop_key_id: str) -> None:
    """Let an API key work no more, from this instant.

    Raises:
        ShopNotFound, ShopPowerMissing: as of `access_shop`.
        ShopKeyNotFound: no key of this shop that works.
    """
    access_shop(tx, requester, shop_id, "keys.change")
    changed = tx.conn.execute(
        sa.update(wallet_shop_key)
        .where(
            _key.shop_id == shop_id,
            _key.shop_key_id == shop_key_id,
            _key.revoked_at.is_(None),
        )
        .values(revoked_at=tx.now)
    )
    if changed.rowcount == 0:
        raise ShopKeyNotFound


def note_key_use(tx: Tx, holder: KeyHolder) -> None:
    """Note that a key is in use, once an hour."""
    tx.conn.execute(
        sa.update(wallet_shop_key)
        .where(_key.shop_key_id == holder.shop_key_id)
        .values(last_used_at=tx.now)
    )


def is_use_to_note(holder: KeyHolder, now: int) -> bool:
    """Whether the last note of a key's use is old."""
    return holder.last_used_at is None or now - holder.last_used_at >= USE_NOTED_EVERY_MS


# The house


def decide_shop(tx: Tx, requester: Requester, shop_id: str, wish: DecisionWish) -> Shop:
    """Verify, refuse, suspend or close a shop.

    Raises:
        Forbidden: the requester is no operator and no bank officer.
        ShopNotFound: there is no such shop.
        OwnShopDecided: the requester works for it.
        WrongShopStatus: this cannot follow on what was decided before.
    """
    check_power(requester, "shops.decide")
    shop = find_shop(tx, shop_id)
    if find_role(tx, requester.user_id, shop_id) is not None:
        raise OwnShopDecided
    check_step(shop.status, wish.status)
    by = party_of(tx, requester.user_id)
    if wish.status == "verified":
        open_wallet(tx, shop.party, shop.currency)
    decided = _set_status(tx, shop.shop_id, wish.status, reason=wish.reason, by=by)
    for owner in list_owners(tx, shop_id):
        note_staff_act(tx, requester, DECIDE_SHOP, owner, reason=wish.reason)
    return decided


def _set_status(tx: Tx, shop_id: ShopId, status: ShopStatus, *, reason: str, by: PartyId) -> Shop:
    row = tx.conn.execute(
        sa.update(wallet_shop)
        .where(_s.shop_id == shop_id)
        .values(status=status, status_reason=reason)
        .returning(wallet_shop)
    ).one()
    tx.conn.execute(
        sa.insert(wallet_shop_decision).values(
            decision_id=tx.new_id("dec"),
            shop_id=shop_id,
            at=tx.now,
            by_party=by,
            status=status,
            reason=reason,
        )
    )
    if status == "closed":
        tx.conn.execute(
            sa.update(wallet_shop_key)
            .where(_key.shop_id == shop_id, _key.revoked_at.is_(None))
            .values(revoked_at=tx.now)
        )
    tx.announce(ShopDecided(shop_id, status, reason))
    return read_shop(row)


def set_fee(tx: Tx, requester: Requester, shop_id: str, wish: FeeWish) -> FeeRate:
    """Set what the house takes of payments to a shop in one currency, from now on.

    Raises:
        Forbidden: the requester is no operator and no bank officer.
        ShopNotFound: there is no such shop.
        OwnShopDecided: the requester works for it.
        UnknownCurrency: no such currency.
    """
    check_power(requester, "shops.decide")
    shop = find_shop(tx, shop_id)
    if find_role(tx, requester.user_id, shop_id) is not None:
        raise OwnShopDecided
    currency = parse_currency(wish.currency)
    last: int | None = tx.conn.execute(
        sa.select(sa.func.max(_fee.number)).where(
            _fee.shop_id == shop_id, _fee.currency == currency
        )
    ).scalar_one()
    tx.conn.execute(
        sa.insert(wallet_shop_fee).values(
            shop_id=shop.shop_id,
            currency=currency,
            number=(last or 0) + 1,
            valid_from=tx.now,
            basis_points=wish.basis_points,
            fixed=wish.fixed,
            set_by=party_of(tx, requester.user_id),
        )
    )
    return FeeRate(
        currency=currency,
        basis_points=wish.basis_points,
        fixed=wish.fixed,
        valid_from=tx.now,
    )


# Erasure


def leave_all_shops(tx: Tx, party: PartyId) -> None:
    """Let an erased member work nowhere; shops that lose their last owner get another, or close.

    Args:
        tx: the transaction.
        party: what the member was.
    """
    left = (
        tx.conn.execute(
            sa.delete(wallet_shop_staff).where(_staff.party == party).returning(_staff.shop_id)
        )
        .scalars()
        .all()
    )
    for shop_id in sorted(left):
        try:
            _check_owned(tx, shop_id)
        except LastOwner:
            _find_heir(tx, ShopId(shop_id), party)


def _find_heir(tx: Tx, shop_id: ShopId, party: PartyId) -> None:
    """The manager who has been there longest owns the shop now; without one it is closed."""
    heir = tx.conn.execute(
        sa.select(_staff.party)
        .where(_staff.shop_id == shop_id, _staff.role == "manager")
        .order_by(_staff.added_at, _staff.party)
        .limit(1)
    ).scalar_one_or_none()
    if heir is not None:
        tx.conn.execute(sa.update(wallet_shop_staff).where(_is(shop_id, heir)).values(role="owner"))
        return
    try:
        shop = find_shop(tx, shop_id)
    except NotFound:
        return
    if shop.status != "closed":
        _set_status(tx, shop_id, "closed", reason="Its last owner has left.", by=party)
