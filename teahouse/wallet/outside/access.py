"""From a stranger's id to their outside account or order, and to what is sealed."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.accounts import Seal
from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.outside.errors import UnknownOrder, UnknownOutsideAccount
from teahouse.wallet.outside.tables import wallet_bank_order, wallet_outside_account
from teahouse.wallet.outside.types import (
    BankOrder,
    OrderId,
    OrderKind,
    OutsideAccount,
    OutsideAccountId,
)
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId

_account, _order = wallet_outside_account.c, wallet_bank_order.c


class Secret(msgspec.Struct, frozen=True):
    """What is sealed of an outside account.

    Attributes:
        number: the whole.
        holder: their name, as the bank knows it.
        code: sent with the small credit.
        name_at_bank: the holder's name as the bank has it, where it is nearly that.
    """

    number: str
    holder: str
    code: str
    name_at_bank: str = ""


def access_outside_account(
    read: Read, party: PartyId | None, outside_account_id: str, seal: Seal
) -> OutsideAccount:
    """A party's outside account, which may have been removed since.

    Raises:
        UnknownOutsideAccount: there is none, or it is another's: both look the same.
    """
    row = read.conn.execute(
        sa.select(wallet_outside_account).where(
            _account.outside_account_id == outside_account_id, _account.party == party
        )
    ).one_or_none()
    if row is None or row.status == "removed":
        raise UnknownOutsideAccount
    return to_outside_account(row, seal)


def access_order(read: Read, requester: Requester, order_id: str, kind: OrderKind) -> BankOrder:
    """The requester's top-up or withdrawal.

    Raises:
        UnknownOrder: there is none of this kind, or it is another's.
    """
    party = find_party(read, requester.user_id)
    row = read.conn.execute(
        select_orders().where(
            _order.order_id == order_id, _order.party == party, _order.kind == kind
        )
    ).one_or_none()
    if row is None:
        raise UnknownOrder
    return to_order(row)


def open_secret(row: sa.Row[Any], seal: Seal) -> Secret:
    """What is sealed of an outside account."""
    opened = seal.open(row.sealed, owner=row.outside_account_id)
    return msgspec.json.decode(opened, type=Secret)


def to_outside_account(row: sa.Row[Any], seal: Seal) -> OutsideAccount:
    """An outside account as its holder sees it."""
    secret = None if row.sealed is None else open_secret(row, seal)
    return OutsideAccount(
        outside_account_id=OutsideAccountId(row.outside_account_id),
        bank=row.bank,
        holder="" if secret is None else secret.holder,
        last4=row.last4,
        is_iban=row.is_iban,
        currency=Currency(row.currency),
        status=row.status,
        allows_debits=row.allows_debits,
        linked_at=row.linked_at,
        verified_at=row.verified_at,
        tries_left=row.tries_left,
        reason=row.reason,
        name_check=row.name_check,
        name_at_bank="" if secret is None else secret.name_at_bank,
    )


def select_orders() -> sa.Select[Any]:
    """Orders with the end of their account's number."""
    joined = wallet_bank_order.join(wallet_outside_account)
    return sa.select(wallet_bank_order, _account.last4).select_from(joined)


def to_order(row: sa.Row[Any]) -> BankOrder:
    """An order as its member sees it."""
    code, _, words = row.reason.partition(" ")
    return BankOrder(
        order_id=OrderId(row.order_id),
        kind=row.kind,
        status=row.status,
        amount=Money(row.minor, Currency(row.currency)),
        outside_account_id=OutsideAccountId(row.outside_account_id),
        last4=row.last4,
        reason=words,
        reason_code=code,
        payment_id=row.payment_id,
        return_payment_id=row.return_payment_id,
        requested_at=row.requested_at,
        sent_at=row.sent_at,
        booked_at=row.booked_at,
        ended_at=row.ended_at,
    )
