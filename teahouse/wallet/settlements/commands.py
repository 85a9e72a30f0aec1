"""Settles shops and pays them out."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import sqlalchemy as sa

from teahouse import ledger
from teahouse.accounts import Seal
from teahouse.ledger import AccountId
from teahouse.platform.db import Tx, upsert
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.outside.access import access_outside_account
from teahouse.wallet.outside.commands import order_payout
from teahouse.wallet.outside.errors import (
    CurrencyNotAtBank,
    NameNotDecided,
    UnknownOutsideAccount,
)
from teahouse.wallet.outside.rules import check_usable
from teahouse.wallet.outside.types import NAME_DOUBTED, HouseBank
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.settlements.announcements import SettlementMade
from teahouse.wallet.settlements.errors import NoPayoutPlan, NothingToPayOut
from teahouse.wallet.settlements.queries import (
    find_last_settlement,
    find_plan,
    find_settlement,
    read_lines,
    read_postings,
)
from teahouse.wallet.settlements.rules import compute_next_at, sum_lines
from teahouse.wallet.settlements.tables import wallet_payout_plan, wallet_settlement
from teahouse.wallet.settlements.types import (
    PayoutPlan,
    PlanChange,
    Settlement,
    SettlementId,
    StoredPlan,
)
from teahouse.wallet.shops.access import access_shop, load_shop
from teahouse.wallet.shops.types import Shop
from teahouse.wallet.wallets.queries import find_wallet

SETTLEMENT = "stl"
# What is summed in one transaction: some two seconds. A busier shop gets several settlements.
_LINES_MAX = 2000
_PAID_OUT: frozenset[str] = frozenset({"verified", "closed"})

_plan = wallet_payout_plan.c


def change_plan(
    tx: Tx,
    requester: Requester,
    shop_id: str,
    change: PlanChange,
    *,
    seal: Seal,
    zone: ZoneInfo,
) -> PayoutPlan:
    """Say when and where a shop is paid out, in the currency of the account.

    Raises:
        ShopNotFound, ShopPowerMissing: the requester may not.
        UnknownOutsideAccount: the shop has no such account.
        OutsideAccountNotVerified, NameNotDecided: it cannot be used yet.
    """
    shop = access_shop(tx, requester, shop_id, "payouts.change")
    account = access_outside_account(tx, shop.party, change.outside_account_id, seal)
    check_usable(account)
    names = (
        "schedule", "weekday", "minimum_minor", "outside_account_id", "next_at", "changed_by",
        "changed_at",
    )  # fmt: skip
    tx.conn.execute(
        upsert(wallet_payout_plan, *names).values(
            shop_id=shop.shop_id,
            currency=account.currency,
            schedule=change.schedule,
            weekday=change.weekday,
            minimum_minor=change.minimum_minor,
            outside_account_id=account.outside_account_id,
            next_at=compute_next_at(tx.now, change.schedule, change.weekday, zone),
            changed_by=party_of(tx, requester.user_id),
            changed_at=tx.now,
        )
    )
    plan = find_plan(tx, shop.shop_id, account.currency)
    assert plan is not None
    return plan


def pay_out_now(
    tx: Tx,
    requester: Requester,
    shop_id: str,
    currency: Currency,
    *,
    house: HouseBank | None,
    seal: Seal,
) -> Settlement:
    """Settle a shop now and pay out all that is there, below the minimum too.

    Raises:
        ShopNotFound, ShopPowerMissing: the requester may not.
        NoPayoutPlan: it has not said where to.
        NothingToPayOut: there is nothing, or it cannot be paid out; why is told.
    """
    shop = access_shop(tx, requester, shop_id, "payouts.change")
    plan = find_plan(tx, shop.shop_id, currency)
    if plan is None:
        raise NoPayoutPlan
    paid, problem = _pay_out(tx, shop, plan, minimum=1, house=house, seal=seal)
    if not paid:
        raise NothingToPayOut(problem or None)
    made = _settle(tx, shop, currency, problem="")
    assert made is not None
    return find_settlement(tx, requester, shop_id, made)


def settle_due(
    tx: Tx, due: StoredPlan, *, house: HouseBank | None, seal: Seal, zone: ZoneInfo
) -> SettlementId | None:
    """Settle a shop whose time has come, and pay it out; again within its period: nothing.

    Returns:
        The settlement; None where nothing had happened.
    """
    shop = load_shop(tx, due.shop_id)
    plan = find_plan(tx, due.shop_id, due.currency)
    if shop is None or plan is None or plan.next_at is None or plan.next_at > tx.now:
        return None
    tx.conn.execute(
        sa.update(wallet_payout_plan)
        .where(_plan.shop_id == due.shop_id, _plan.currency == due.currency)
        .values(next_at=compute_next_at(tx.now, plan.schedule, plan.weekday, zone))
    )
    minimum = plan.minimum.minor
    _, problem = _pay_out(tx, shop, plan, minimum=minimum, house=house, seal=seal)
    return _settle(tx, shop, due.currency, problem=problem)


def _pay_out(
    tx: Tx,
    shop: Shop,
    plan: PayoutPlan,
    *,
    minimum: int,
    house: HouseBank | None,
    seal: Seal,
) -> tuple[bool, str]:
    """Pay out what is available, if it is enough.

    Returns:
        Whether something was paid out, and why not where something is in the way.
    """
    wallet = find_wallet(tx, shop.party, plan.currency)
    if wallet is None:
        return False, ""
    available = ledger.find_balance(tx, wallet.account).available
    if available.minor < minimum:
        return False, ""
    problem = _find_hindrance(tx, shop, plan, house=house, seal=seal)
    if problem:
        return False, problem
    order_payout(tx, shop.party, plan.outside_account_id, available, kind="payout")
    return True, ""


def _find_hindrance(
    tx: Tx, shop: Shop, plan: PayoutPlan, *, house: HouseBank | None, seal: Seal
) -> str:
    """Why a shop cannot be paid out, in words; empty where it can."""
    if shop.status not in _PAID_OUT:
        return "The shop is suspended: what it has stays in its wallet."
    if house is None or plan.currency not in house.accounts:
        return CurrencyNotAtBank.message
    try:
        account = access_outside_account(tx, shop.party, plan.outside_account_id, seal)
    except UnknownOutsideAccount:
        return "The account to pay out to was removed."
    if account.status != "verified":
        return "The account to pay out to cannot be used any more."
    return NameNotDecided.message if account.name_check in NAME_DOUBTED else ""


def _settle(tx: Tx, shop: Shop, currency: Currency, *, problem: str) -> SettlementId | None:
    """Sum up what was posted since the last settlement.

    Returns:
        The last settlement made; None where nothing was posted.
    """
    wallet = find_wallet(tx, shop.party, currency)
    if wallet is None:
        return None
    made: SettlementId | None = None
    while True:
        settled = _settle_some(tx, shop, wallet.account, currency, problem=problem)
        if settled is None:
            return made
        made = settled


def _settle_some(
    tx: Tx, shop: Shop, account: AccountId, currency: Currency, *, problem: str
) -> SettlementId | None:
    last = find_last_settlement(tx, account)
    after = 0 if last is None else last.cursor_last
    opening = 0 if last is None else last.closing
    postings = read_postings(tx, account, after, limit=_LINES_MAX)
    if not postings:
        return None
    lines = read_lines(tx, postings)
    totals = sum_lines(lines)
    closing = postings[-1].posted.minor
    assert opening + totals.change == closing
    made = SettlementId(tx.new_id(SETTLEMENT))
    tx.conn.execute(
        sa.insert(wallet_settlement).values(
            settlement_id=made,
            shop_id=shop.shop_id,
            currency=currency,
            account=account,
            cursor_after=after,
            cursor_last=postings[-1].cursor,
            since=postings[0].booked_at,
            until=tx.now,
            opening=opening,
            gross=totals.gross,
            tips=totals.tips,
            refunds=totals.refunds,
            fees=totals.fees,
            other=totals.other,
            paid_out=totals.paid_out,
            returned=totals.returned,
            closing=closing,
            posting_count=totals.count,
            payouts=" ".join(line.reference for line in lines if line.kind == "payout"),
            problem=problem,
        )
    )
    net, paid_out = Money(totals.net, currency), Money(totals.paid_out, currency)
    tx.announce(SettlementMade(made, shop.shop_id, net, paid_out))
    return made
