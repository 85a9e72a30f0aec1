"""What is refused about shops.

Refusal
    InvalidShop             400 M_INVALID_PARAM
    InvalidFee              400 M_INVALID_PARAM
    ShopNotFound            404 M_NOT_FOUND
    StaffNotFound           404 M_NOT_FOUND
    ShopKeyNotFound         404 M_NOT_FOUND
    UnknownShopKey          401 M_UNKNOWN_TOKEN
    ShopPowerMissing        403 M_FORBIDDEN
        ScopeMissing        403 M_FORBIDDEN
        OwnShopDecided      403 M_FORBIDDEN
    ShopNotOpen             403 M_FORBIDDEN
    WrongShopStatus         409 M_UNKNOWN
    LastOwner               409 M_UNKNOWN
    TooManyOfShop           409 M_UNKNOWN
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, InvalidParam, NotFound, Refusal, UnknownToken


class InvalidShop(InvalidParam):
    """A part of the profile that cannot be."""

    code = "invalid-shop"
    message = "A part of the shop's profile is not valid."


class InvalidFee(InvalidParam):
    """A fee that cannot be."""

    code = "invalid-fee"
    message = "The fee is not valid."


class ShopNotFound(NotFound):
    """No such shop, or none that the caller may know more of."""

    code = "shop-not-found"
    message = "There is no such shop."


class StaffNotFound(NotFound):
    """Somebody who does not work for the shop, or no member at all."""

    code = "shop-staff-not-found"
    message = "There is no such member among the shop's staff."


class ShopKeyNotFound(NotFound):
    """No key of this shop has that id."""

    code = "shop-key-not-found"
    message = "The shop has no key of that id."


class UnknownShopKey(UnknownToken):
    """An API key that nobody holds, or no longer."""

    code = "unknown-shop-key"
    message = "The API key is not known or was revoked."


class ShopPowerMissing(Forbidden):
    """The caller works for the shop, but not as one who may do this."""

    code = "shop-power-missing"
    message = "Your role in this shop does not allow this."


class ScopeMissing(ShopPowerMissing):
    """The API key has no scope for this."""

    code = "scope-missing"
    message = "The API key has no scope for this."


class OwnShopDecided(ShopPowerMissing):
    """One of the house's staff decides about a shop they work for."""

    code = "own-shop-decided"
    message = "You work for this shop: somebody else must decide."


class ShopNotOpen(Forbidden):
    """The shop is not verified (any more), so it takes no money."""

    code = "shop-not-open"
    message = "This shop cannot take payments: it is not verified, or was suspended."


class WrongShopStatus(Refusal):
    """A decision that does not follow on what was decided before."""

    status, code = 409, "wrong-shop-status"
    message = "This cannot be done to a shop in its present status."


class LastOwner(Refusal):
    """A shop must have an owner."""

    status, code = 409, "last-owner"
    message = "The shop would have no owner: make somebody else an owner first."


class TooManyOfShop(Refusal):
    """More shops of one member, staff or keys of one shop, than there may be."""

    status, code = 409, "too-many-of-shop"
    message = "There are as many as there may be: remove one first."
