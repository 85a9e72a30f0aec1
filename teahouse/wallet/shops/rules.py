"""What must hold of shops, who may do what in one, and how fees are computed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import babel
import iso18245

from teahouse.platform.money import Money
from teahouse.wallet.shops.errors import InvalidShop, WrongShopStatus
from teahouse.wallet.shops.types import (
    Category,
    FeeRate,
    NewShop,
    OpeningHours,
    Scope,
    ShopChange,
    ShopPower,
    ShopStatus,
    StaffRole,
)

# A member with more runs a chain, whose shops can have owners of their own.
SHOPS_OF_MEMBER_MAX: Final = 10
STAFF_MAX: Final = 200
SHOP_KEYS_MAX: Final = 50

# How secret keys of shops begin, so that they can be told from access tokens, and found by
# programs that look for secrets in code.
KEY_PREFIX: Final = "tsk_"
KEY_BYTES: Final = 32
KEY_SHOWN_LENGTH: Final = 10
# When a key was used last is noted so often; more would make every request a write.
USE_NOTED_EVERY_MS: Final = 3_600_000

# Least privilege: whoever stands at the till can take money and cannot give it back; who runs the
# shop can, and cannot choose who works there or where the money goes.
ROLE_POWERS: Final[dict[StaffRole, frozenset[ShopPower]]] = {
    "cashier": frozenset({"shop.see", "charges.see", "charges.create"}),
    "manager": frozenset(
        {
            "shop.see",
            "shop.change",
            "charges.see",
            "charges.create",
            "charges.settle",
            "refunds.create",
            "reports.see",
            "webhooks.change",
        }
    ),
    "owner": frozenset(
        {
            "shop.see",
            "shop.change",
            "staff.change",
            "keys.change",
            "charges.see",
            "charges.create",
            "charges.settle",
            "refunds.create",
            "reports.see",
            "webhooks.change",
            "payouts.change",
        }
    ),
}

# Keys lie on servers: none can change who works for the shop, its keys, or where the money goes.
SCOPE_POWERS: Final[dict[Scope, frozenset[ShopPower]]] = {
    "charges:read": frozenset({"shop.see", "charges.see"}),
    "charges:write": frozenset({"shop.see", "charges.see", "charges.create", "charges.settle"}),
    "refunds:write": frozenset({"shop.see", "charges.see", "refunds.create"}),
    "reports:read": frozenset({"shop.see", "reports.see"}),
    "webhooks:write": frozenset({"shop.see", "webhooks.change"}),
}

# What may follow what. A refused shop applies again by changing its profile.
NEXT_STATUSES: Final[dict[ShopStatus, frozenset[ShopStatus]]] = {
    "applied": frozenset({"verified", "refused", "closed"}),
    "refused": frozenset({"applied", "closed"}),
    "verified": frozenset({"suspended", "closed"}),
    "suspended": frozenset({"verified", "closed"}),
    "closed": frozenset(),
}
# What the house looked at when it verified the shop.
VERIFIED_FIELDS: Final = ("name", "name_zh", "category_code", "country")

# Territories of CLDR that are groups of countries, or made up for tests.
_NO_COUNTRIES: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_COUNTRIES: Final = (
    frozenset(str(code) for code in babel.Locale("en").territories if str(code).isalpha())
    - _NO_COUNTRIES
)


def check_shop(wish: NewShop | ShopChange) -> None:
    """Check a profile, or the part of it that shall change.

    Raises:
        InvalidShop: a text with characters nobody sees, an unknown category or country, hours
            that end before they begin.
    """
    for name in ("name", "name_zh", "city", "city_zh", "postal_code"):
        text = getattr(wish, name)
        if text is not None and (not text.isprintable() or text != text.strip()):
            raise InvalidShop(f"`{name}` has spaces around it or signs that cannot be printed.")
    if wish.category_code is not None:
        find_category(wish.category_code)
    if wish.country is not None and wish.country not in _COUNTRIES:
        raise InvalidShop(f"{wish.country} is not the code of a country (ISO 3166).")
    if wish.logo and not wish.logo.startswith("mxc://"):
        raise InvalidShop("`logo` is a medium of this server: `mxc://…`.")
    _check_hours(wish.opening_hours or [])


def _check_hours(hours: list[OpeningHours]) -> None:
    by_day = sorted((one.day, one.opens, one.closes) for one in hours)
    if any(opens >= closes for _day, opens, closes in by_day):
        raise InvalidShop("`opening_hours` must close after they open; at midnight a day ends.")
    for (day, _opens, closes), (next_day, opens, _closes) in pairwise(by_day):
        if day == next_day and opens < closes:
            raise InvalidShop("`opening_hours` overlap.")


def find_category(code: str) -> str:
    """What a shop of a category deals in, in words.

    Raises:
        InvalidShop: there is no such category.

    Source:
        ISO 18245, merchant category codes.
    """
    try:
        found = iso18245.get_mcc(code)
    except (iso18245.InvalidMCC, iso18245.MCCNotFound):
        raise InvalidShop(f"{code} is no merchant category (ISO 18245).") from None
    return _name_category(found)


def list_categories() -> list[Category]:
    """What shops can deal in, by code.

    Source:
        ISO 18245.
    """
    return [Category(one.mcc, _name_category(one)) for one in iso18245.get_all_mccs()]


def _name_category(found: iso18245.MCC) -> str:
    return str(found.iso_description or found.usda_description or found.range.description)


def check_step(before: ShopStatus, after: ShopStatus) -> None:
    """Refuse what cannot follow.

    Raises:
        WrongShopStatus: it cannot.
    """
    if after not in NEXT_STATUSES[before]:
        raise WrongShopStatus(f"A shop that is {before} cannot become {after}.")


def check_change(status: ShopStatus, change: ShopChange) -> ShopStatus:
    """What a shop is after its profile was changed.

    Raises:
        WrongShopStatus: it is closed, or was verified as what shall be changed.
    """
    if status == "closed":
        raise WrongShopStatus("The shop is closed.")
    changes_identity = any(getattr(change, name) is not None for name in VERIFIED_FIELDS)
    if changes_identity and status in {"verified", "suspended"}:
        raise WrongShopStatus(
            "Names, category and country were verified and stay: open a new shop instead."
        )
    return "applied" if status == "refused" else status


def powers_of_scopes(scopes: Iterable[Scope]) -> frozenset[ShopPower]:
    """What a key may do."""
    return frozenset(power for scope in scopes for power in SCOPE_POWERS[scope])


def hash_key(secret: str) -> bytes:
    """What is kept of a key, which has as much chance in it as the hash."""
    return hashlib.sha256(secret.encode()).digest()


def compute_fee(amount: Money, rate: FeeRate | None) -> Money:
    """What the house takes of a payment.

    Args:
        amount: what is paid for goods, without tips.
        rate: None: nothing is taken.

    Returns:
        The part in hundredths of a percent, rounded half up, and the fixed part; together at
        most a unit less than the amount, for a payment that brings nothing is none.
    """
    if rate is None:
        return Money(0, amount.currency)
    assert rate.currency == amount.currency
    part = (amount.minor * rate.basis_points + 5000) // 10_000
    return Money(min(max(0, amount.minor - 1), part + rate.fixed), amount.currency)
