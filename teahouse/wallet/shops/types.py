"""The nouns of shops."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.types import PartyId

ShopId = NewType("ShopId", str)
ShopKeyId = NewType("ShopKeyId", str)

ShopStatus: TypeAlias = Literal["applied", "verified", "refused", "suspended", "closed"]
StaffRole: TypeAlias = Literal["owner", "manager", "cashier"]
Scope: TypeAlias = Literal[
    "charges:read", "charges:write", "refunds:write", "reports:read", "webhooks:write"
]
ShopPower: TypeAlias = Literal[
    "shop.see",
    "shop.change",
    "staff.change",
    "keys.change",
    "webhooks.change",
    "charges.see",
    "charges.create",
    "charges.settle",
    "refunds.create",
    "reports.see",
    "payouts.change",
]

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60, examples=["Morning Dew Teas"])]
_LocalName = Annotated[str, msgspec.Meta(max_length=60, examples=["朝露茶庄"])]
_City = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["Hangzhou"])]
_LocalCity = Annotated[str, msgspec.Meta(max_length=40, examples=["杭州"])]
_Category = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$", examples=["5499"])]
_Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["CN"])]
_Postal = Annotated[str, msgspec.Meta(max_length=10, examples=["310000"])]
_Media = Annotated[str, msgspec.Meta(max_length=255, examples=["mxc://tea.example/abc"])]
_Clock = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
_Reason = Annotated[str, msgspec.Meta(max_length=500, examples=["Papers seen on 20 November."])]


class Category(msgspec.Struct, frozen=True):
    """What a shop can deal in.

    Attributes:
        code: four digits of ISO 18245.
        name: in English.
    """

    code: Annotated[str, msgspec.Meta(examples=["5812"])]
    name: Annotated[str, msgspec.Meta(examples=["Eating places and restaurants"])]


class OpeningHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a shop is open on one day of the week.

    Attributes:
        day: 1 for Monday to 7 for Sunday.
        opens: local time, `09:00`.
        closes: local time, later; `24:00` at most.
    """

    day: Annotated[int, msgspec.Meta(ge=1, le=7)]
    opens: _Clock
    closes: _Clock


class NewShop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member says of the shop they want to open.

    Attributes:
        name: in Latin letters, if it has such a name.
        name_zh: in Chinese; may be empty.
        category_code: what it deals in, ISO 18245 (`5812`: a restaurant).
        country: ISO 3166, two letters.
        city: where it is.
        city_zh: in Chinese; may be empty.
        postal_code: may be empty.
        currency: what it takes unless it asks for another, ISO 4217.
        logo: a medium of this server, `mxc://…`; may be empty.
        opening_hours: may be empty.
    """

    name: _Name
    category_code: _Category
    country: _Country
    city: _City
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["CNY"])]
    name_zh: _LocalName = ""
    city_zh: _LocalCity = ""
    postal_code: _Postal = ""
    logo: _Media = ""
    opening_hours: Annotated[list[OpeningHours], msgspec.Meta(max_length=28)] = []


class ShopChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be changed of a shop; what is left out stays.

    What a shop was verified as (names, category, country) can be changed only before; to change it
    later a shop applies anew.
    """

    name: _Name | None = None
    name_zh: _LocalName | None = None
    category_code: _Category | None = None
    country: _Country | None = None
    city: _City | None = None
    city_zh: _LocalCity | None = None
    postal_code: _Postal | None = None
    logo: _Media | None = None
    opening_hours: Annotated[list[OpeningHours], msgspec.Meta(max_length=28)] | None = None


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop, as those who work for it see it.

    Attributes:
        shop_id: its id, which its codes tell.
        party: who has its money.
        name, name_zh, category_code, country, city, city_zh, postal_code, currency, logo,
            opening_hours: as in `NewShop`.
        status: whether it may take money.
        status_reason: what the house said when it decided.
        created_at: milliseconds.
    """

    shop_id: ShopId
    party: PartyId
    name: str
    name_zh: str
    category_code: str
    country: str
    city: str
    city_zh: str
    postal_code: str
    currency: Currency
    logo: str
    opening_hours: list[OpeningHours]
    status: ShopStatus
    status_reason: str
    created_at: int

    @property
    def is_open(self) -> bool:
        """Whether it may take money."""
        return self.status == "verified"


class ShopPage(msgspec.Struct, frozen=True, kw_only=True):
    """A shop, as everybody sees it.

    Attributes:
        category: what it deals in, in words.
        is_verified: whether the house knows who it is, and it may take money.
    """

    shop_id: ShopId
    name: str
    name_zh: str
    category_code: str
    category: str
    country: str
    city: str
    city_zh: str
    logo: str
    opening_hours: list[OpeningHours]
    is_verified: bool


class MyShop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop that a member works for.

    Attributes:
        shop: it.
        role: what they are there.
        powers: what they may do.
    """

    shop: Shop
    role: StaffRole
    powers: list[ShopPower]


class StaffMember(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works for a shop.

    Attributes:
        user_id: who; None: the account was erased.
        role: what they are.
        added_at: milliseconds.
    """

    user_id: str | None
    role: StaffRole
    added_at: int


class StaffWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a member shall be in a shop."""

    role: StaffRole


class NewShopKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An API key to be made.

    Attributes:
        name: what it is for, for the shop's own people.
        scopes: what it may do.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60, examples=["Web shop"])]
    scopes: Annotated[
        list[Scope], msgspec.Meta(min_length=1, examples=[["charges:read", "charges:write"]])
    ]


class ShopKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without what it takes to use it.

    Attributes:
        shop_key_id: its id.
        name: what it is for.
        prefix: how it begins, to tell keys apart.
        scopes: what it may do.
        created_at: milliseconds.
        last_used_at: milliseconds, about; None: never.
        revoked_at: milliseconds; None: it works.
    """

    shop_key_id: ShopKeyId
    name: str
    prefix: Annotated[str, msgspec.Meta(examples=["tsk_Ab3dEf"])]
    scopes: list[Scope]
    created_at: int
    last_used_at: int | None
    revoked_at: int | None


class ShopKeyWithSecret(msgspec.Struct, frozen=True):
    """A new API key, whose secret is told only now."""

    shop_key: ShopKey
    secret: Annotated[str, msgspec.Meta(examples=["tsk_Ab3dEfGh…"])]


class KeyHolder(msgspec.Struct, frozen=True, kw_only=True):
    """A program of a shop, which has shown an API key.

    Attributes:
        shop_key_id: the key.
        shop_id: the shop.
        scopes: what the key may do.
        last_used_at: as of `ShopKey`.
    """

    shop_key_id: ShopKeyId
    shop_id: ShopId
    scopes: frozenset[Scope]
    last_used_at: int | None


# Who acts for a shop: one of its people, or one of its programs.
Clerk: TypeAlias = Requester | KeyHolder


class FeeRate(msgspec.Struct, frozen=True, kw_only=True):
    """What the house takes of each payment to a shop in one currency, from some time on.

    Attributes:
        currency: of which payments.
        basis_points: hundredths of a percent.
        fixed: minor units besides.
        valid_from: milliseconds.
    """

    currency: Currency
    basis_points: int
    fixed: int
    valid_from: int


class FeeWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fee that a shop shall pay from now on."""

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["CNY"])]
    basis_points: Annotated[int, msgspec.Meta(ge=0, le=10_000, examples=[60])]
    fixed: Annotated[int, msgspec.Meta(ge=0, le=10**9, examples=[0])] = 0


class DecisionWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the house decides about a shop.

    Attributes:
        status: `verified` also ends a suspension.
        reason: told to the shop.
    """

    status: Literal["verified", "refused", "suspended", "closed"]
    reason: _Reason


class ShopDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about a shop.

    Attributes:
        at: milliseconds.
        by: who of the house's staff; None where the account was erased.
        status: from then on.
        reason: told to the shop.
    """

    at: int
    by: str | None
    status: ShopStatus
    reason: str


class WalletWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A currency that a shop wants a wallet in."""

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]


class ShopBalance(msgspec.Struct, frozen=True):
    """What a shop has in one currency.

    Attributes:
        posted: what was paid in and not out.
        available: of that, what is not held for anything.
    """

    posted: Money
    available: Money
