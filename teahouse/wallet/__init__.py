"""The wallet: paying friends and shops, on the books of the ledger. The front door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from teahouse.accounts import Seal
    from teahouse.platform.checks import Check
    from teahouse.platform.db import Read, Tx
    from teahouse.platform.jobs import JobKind
    from teahouse.platform.json import JsonObject
    from teahouse.platform.money import Money
    from teahouse.platform.requester import Requester
    from teahouse.platform.services import Services
    from teahouse.privacy import DataHolder

    # Named where others write types only: whoever loads this loads no more than it calls.
    from teahouse.wallet.charges.announcements import ChargeMoved  # noqa: TC004
    from teahouse.wallet.charges.types import Charge
    from teahouse.wallet.leaving.types import Obstacle
    from teahouse.wallet.payments.types import Payment
    from teahouse.wallet.shops.types import Shop, ShopPower  # noqa: TC004

__all__ = [
    "ChargeMoved",
    "Shop",
    "access_own_payment",
    "access_shop",
    "charge_order",
    "data_holder",
    "drop_order_charge",
    "enforce_rules",
    "find_charge",
    "find_charge_of_payment",
    "find_keep_years",
    "find_obstacles",
    "find_payer",
    "find_shop",
    "find_shops",
    "find_shops_left",
    "follow_charges",
    "gather_by_law",
    "install",
    "job_kinds",
    "make_checks",
    "refund_order",
]


def install(services: Services) -> list[Any]:
    """Join the wallet to a server: its parts, reactions and routes."""
    from teahouse.wallet.assembly import install as install_wallet

    return install_wallet(services)


def enforce_rules(services: Services) -> None:
    """Put the operator's rules for payments in force: when the house opens.

    Raises:
        SettingsError: the rule set or the time zone is not valid; the server does not start.
    """
    from teahouse.wallet.limits.api import enforce_rules as enforce_limits

    enforce_limits(services)


def job_kinds() -> list[JobKind]:
    """What the wallet does later or on a timetable."""
    from teahouse.wallet.assembly import JOB_KINDS

    return JOB_KINDS


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of the wallet."""
    from teahouse.wallet.assembly import CHECKS

    return CHECKS


def data_holder() -> DataHolder:
    """What the wallet can give of one member, to them or on a court's order."""
    from teahouse.wallet.personal_data import RELEASABLE

    return RELEASABLE


def find_obstacles(read: Read, user_id: str) -> list[Obstacle]:
    """What must be settled before a member is erased: money in their wallets or on its way."""
    from teahouse.wallet.leaving.queries import find_obstacles as find_what_hinders

    return find_what_hinders(read, user_id)


def find_shops_left(read: Read, user_id: str) -> list[str]:
    """The names of shops that lose their only owner when a member is erased."""
    from teahouse.wallet.leaving.queries import find_shops_left as find

    return find(read, user_id)


def gather_by_law(read: Read, user_id: str, seal: Seal) -> JsonObject:
    """What the law keeps of who somebody was who paid; empty where they never did."""
    from teahouse.wallet.leaving.queries import gather_by_law as gather

    return gather(read, user_id, seal)


def find_keep_years(read: Read) -> int:
    """How long the rule set in force has such records kept, years."""
    from teahouse.wallet.limits.queries import find_standing

    return find_standing(read).rule_set.keep_years


# For what members order at shops


def access_shop(read: Read, requester: Requester, shop_id: str, power: ShopPower) -> Shop:
    """A shop for which the requester may do something.

    Raises:
        ShopNotFound: there is none, or the requester does not work there.
        ShopPowerMissing: their role does not allow it.
    """
    from teahouse.wallet.shops.access import access_shop as access

    return access(read, requester, shop_id, power)


def find_shop(read: Read, shop_id: str) -> Shop:
    """A shop, whoever asks.

    Raises:
        ShopNotFound: there is none.
    """
    from teahouse.wallet.shops.queries import find_shop as find

    return find(read, shop_id)


def find_shops(read: Read, shop_ids: Iterable[str]) -> dict[str, Shop]:
    """Shops by their ids, whoever asks."""
    from teahouse.wallet.shops.queries import find_shops as find

    return {str(shop_id): shop for shop_id, shop in find(read, shop_ids).items()}


def charge_order(
    tx: Tx, requester: Requester, shop_id: str, *, amount: Money, description: str, reference: str
) -> Charge:
    """Ask a member for what they ordered at a shop; the caller has computed the price.

    Only this member can pay it, by the charge's code, within a quarter of an hour.

    Raises:
        ShopNotFound, ShopNotOpen: the shop is not there, or may take no money now.
        InvalidAmount, InvalidCharge, CurrencyNotTaken: what is asked for cannot be.
    """
    from teahouse.wallet.charges.commands import charge_order as ask
    from teahouse.wallet.charges.types import NewCharge

    wish = NewCharge(amount=amount, description=description, reference=reference)
    return ask(tx, requester, shop_id, wish)


def drop_order_charge(tx: Tx, requester: Requester, charge_id: str) -> None:
    """Ask no more for what a member ordered and has not paid.

    Raises:
        ChargeNotFound: none of the requester's.
        WrongChargeStatus: it was paid, or has ended.
    """
    from teahouse.wallet.charges.commands import drop_order_charge as drop

    drop(tx, requester, charge_id)


def refund_order(
    tx: Tx, requester: Requester, shop_id: str, *, charge_id: str, reason: str
) -> None:
    """Give back all of what is left of what was paid for an order.

    Raises:
        ShopPowerMissing: the requester may not refund for the shop.
        WrongChargeStatus: it was not paid, or all of it was given back.
        InsufficientFunds: the shop has not got it.
    """
    from teahouse.wallet.charges.commands import refund_charge
    from teahouse.wallet.charges.types import RefundWish

    refund_charge(tx, requester, shop_id, charge_id, RefundWish(reason=reason))


def follow_charges(services: Services, follow: Callable[[Tx, ChargeMoved], None]) -> None:
    """Run `follow` in the transaction of whatever moves a charge to another status."""
    from teahouse.wallet.charges.announcements import ChargeMoved

    services.db.react(ChargeMoved, follow)


def access_own_payment(read: Read, requester: Requester, payment_id: str) -> Payment:
    """A payment that the requester made or got.

    Raises:
        PaymentNotFound: there is none, or it is between others: both look the same.
    """
    from teahouse.wallet.payments.access import access_payment

    return access_payment(read, requester, payment_id)


def find_charge_of_payment(read: Read, payment_id: str) -> Charge | None:
    """The charge that a payment paid, whoever asks, or None."""
    from teahouse.wallet.charges.queries import find_charge_of_payment as find

    return find(read, payment_id)


def find_payer(read: Read, payment: Payment) -> str | None:
    """The member who paid; None: the house, a shop, or somebody who was erased."""
    from teahouse.wallet.parties.queries import user_of

    return None if payment.payer_party is None else user_of(read, payment.payer_party)


def find_charge(read: Read, charge_id: str) -> Charge | None:
    """A charge by its id, whoever asks, or None."""
    from teahouse.wallet.charges.queries import find_charge as find

    return find(read, charge_id)
