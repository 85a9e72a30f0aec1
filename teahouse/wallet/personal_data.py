"""What the wallet can give of one member: what moved, when, and with whom.

No words, and no numbers of outside accounts: those are sealed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from teahouse import ledger, privacy
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject
from teahouse.wallet.outside.tables import wallet_bank_order, wallet_outside_account
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.tables import wallet_party
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.shops.tables import wallet_shop
from teahouse.wallet.wallets.queries import list_wallets

_payment, _order, _outside = wallet_payment.c, wallet_bank_order.c, wallet_outside_account.c


def _read_accounts(read: Read, user_id: str) -> Iterator[JsonObject]:
    party = find_party(read, user_id)
    wallets = [] if party is None else list_wallets(read, party)
    balances = ledger.find_balances(read, [one.account for one in wallets])
    for one in wallets:
        yield {
            "currency": one.currency,
            "status": one.status,
            "opened_at": one.opened_at,
            "posted": balances[one.account].posted.minor,
        }


def _read_payments(read: Read, user_id: str) -> Iterator[JsonObject]:
    party = find_party(read, user_id)
    is_theirs = sa.or_(_payment.payer_party == party, _payment.payee_party == party)
    rows = read.conn.execute(
        sa.select(
            _payment.kind,
            _payment.status,
            _member_of(_payment.payer_party).label("payer"),
            _member_of(_payment.payee_party).label("payee"),
            _shop_of(_payment.payer_party).label("payer_shop"),
            _shop_of(_payment.payee_party).label("payee_shop"),
            _payment.currency,
            _payment.minor,
            _payment.fee_minor,
            _payment.created_at,
            _payment.booked_at,
            _payment.ended_at,
        )
        .where(is_theirs)
        .order_by(_payment.payment_id)
    )
    return _items(rows if party is not None else ())


def _read_payees(read: Read, user_id: str) -> Iterator[JsonObject]:
    """Whom they have ever paid, and when last: a payee lies within a scope by that."""
    party = find_party(read, user_id)
    rows = read.conn.execute(
        sa.select(
            _member_of(_payment.payee_party).label("payee"),
            _shop_of(_payment.payee_party).label("payee_shop"),
            sa.func.max(_payment.created_at).label("last_paid_at"),
        )
        .where(_payment.payer_party == party, _payment.payee_party.is_not(None))
        .group_by(_payment.payee_party)
        .order_by(_payment.payee_party)
    )
    return _items(rows if party is not None else ())


def _read_outside(read: Read, user_id: str) -> Iterator[JsonObject]:
    party = find_party(read, user_id)
    rows = read.conn.execute(
        sa.select(_outside.bank, _outside.last4, _outside.currency, _outside.linked_at)
        .where(_outside.party == party, _outside.status != "removed")
        .order_by(_outside.outside_account_id)
    )
    return _items(rows if party is not None else ())


def _read_orders(read: Read, user_id: str) -> Iterator[JsonObject]:
    party = find_party(read, user_id)
    rows = read.conn.execute(
        sa.select(
            _order.kind,
            _order.status,
            _order.currency,
            _order.minor,
            _order.requested_at,
            _order.booked_at,
        )
        .where(_order.party == party)
        .order_by(_order.order_id)
    )
    return _items(rows if party is not None else ())


def _member_of(party: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    return (
        sa.select(wallet_party.c.user_id).where(wallet_party.c.party_id == party).scalar_subquery()
    )


def _shop_of(party: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    return sa.select(wallet_shop.c.name).where(wallet_shop.c.party == party).scalar_subquery()


def _items(rows: Any) -> Iterator[JsonObject]:  # noqa: ANN401 - rows of a statement
    for row in rows:
        yield {name: value for name, value in row._mapping.items() if value is not None}  # noqa: SLF001 - SQLAlchemy's public name for it


_ACCOUNTS = privacy.Field(
    name="wallet.accounts",
    en="wallets: the currency of each, since when, and what is in it today",
    zh="钱包：各自的币种、开立时间和今日余额",
    columns={
        "currency": "wallet_wallet.currency",
        "status": "wallet_wallet.status",
        "opened_at": "wallet_wallet.opened_at",
        "posted": "ledger_account.posted",
    },
)
_PAYMENTS = privacy.Field(
    name="wallet.payments",
    en="payments made and received: when, how much, from whom and to whom; no messages",
    zh="付款和收款：时间、金额、付款人和收款人；不含留言",
    at="created_at",
    columns={
        "kind": "wallet_payment.kind",
        "status": "wallet_payment.status",
        "payer": "wallet_party.user_id",
        "payee": "wallet_party.user_id",
        "payer_shop": "wallet_shop.name",
        "payee_shop": "wallet_shop.name",
        "currency": "wallet_payment.currency",
        "minor": "wallet_payment.minor",
        "fee_minor": "wallet_payment.fee_minor",
        "created_at": "wallet_payment.created_at",
        "booked_at": "wallet_payment.booked_at",
        "ended_at": "wallet_payment.ended_at",
    },
)
_PAYEES = privacy.Field(
    name="wallet.payees",
    en="whom the member has paid, and when last",
    zh="成员曾向谁付款，以及最近一次付款时间",
    at="last_paid_at",
    columns={
        "payee": "wallet_party.user_id",
        "payee_shop": "wallet_shop.name",
        "last_paid_at": "wallet_payment.created_at",
    },
)
_OUTSIDE = privacy.Field(
    name="wallet.outside",
    en="accounts at other banks: the bank and the last four digits; the numbers are sealed",
    zh="其他银行的账户：银行和末四位；完整账号已封存",
    at="linked_at",
    columns={
        "bank": "wallet_outside_account.bank",
        "last4": "wallet_outside_account.last4",
        "currency": "wallet_outside_account.currency",
        "linked_at": "wallet_outside_account.linked_at",
    },
)
_ORDERS = privacy.Field(
    name="wallet.orders",
    en="money moved from and to accounts at other banks: when and how much",
    zh="与其他银行账户之间的转账：时间和金额",
    at="requested_at",
    columns={
        "kind": "wallet_bank_order.kind",
        "status": "wallet_bank_order.status",
        "currency": "wallet_bank_order.currency",
        "minor": "wallet_bank_order.minor",
        "requested_at": "wallet_bank_order.requested_at",
        "booked_at": "wallet_bank_order.booked_at",
    },
)

RELEASABLE = privacy.QueryHolder(
    (
        (_ACCOUNTS, _read_accounts),
        (_PAYMENTS, _read_payments),
        (_PAYEES, _read_payees),
        (_OUTSIDE, _read_outside),
        (_ORDERS, _read_orders),
    )
)
