"""Reads outside accounts, orders and the files that go to the bank."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from teahouse.accounts import Seal
from teahouse.iso20022 import (
    AccountNumber,
    Debit,
    DebitFile,
    Transfer,
    TransferFile,
    write_debits,
    write_transfers,
)
from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.platform.pages import Page, encode_cursor
from teahouse.wallet.outside.access import (
    open_secret,
    select_orders,
    to_order,
    to_outside_account,
)
from teahouse.wallet.outside.rules import day_of, reference_of
from teahouse.wallet.outside.tables import (
    wallet_bank_file,
    wallet_bank_order,
    wallet_outside_account,
)
from teahouse.wallet.outside.types import (
    BankOrder,
    FileId,
    HouseBank,
    OrderId,
    OrderKind,
    OutsideAccount,
    OutsideAccountId,
    SentFile,
    StoredOrder,
)
from teahouse.wallet.parties.types import PartyId

_account, _order, _file = wallet_outside_account.c, wallet_bank_order.c, wallet_bank_file.c
_ACCOUNTS_MAX = 100
_FILES_MAX = 100
# A bank that answers at all in a hurry does so within minutes.
_FRESH_MS = 600_000


def list_outside_accounts(read: Read, party: PartyId | None, seal: Seal) -> list[OutsideAccount]:
    """A party's outside accounts, the newest first; without removed ones."""
    rows = read.conn.execute(
        sa.select(wallet_outside_account)
        .where(_account.party == party, _account.status != "removed")
        .order_by(_account.outside_account_id.desc())
        .limit(_ACCOUNTS_MAX)
    )
    return [to_outside_account(row, seal) for row in rows]


def list_orders(
    read: Read, party: PartyId | None, kind: OrderKind, *, before: str | None, limit: int
) -> Page[BankOrder]:
    """A party's orders of a kind, the newest first.

    Args:
        read: a view.
        party: whose.
        kind: which.
        before: the id of the last one seen.
        limit: how many.
    """
    found = select_orders().where(_order.party == party, _order.kind == kind)
    if before is not None:
        found = found.where(_order.order_id < before)
    rows = read.conn.execute(found.order_by(_order.order_id.desc()).limit(limit + 1)).all()
    items = [to_order(row) for row in rows[:limit]]
    more = encode_cursor(items[-1].order_id) if len(rows) > limit else None
    return Page(items, more)


def find_order(read: Read, order_id: str) -> StoredOrder | None:
    """An order by its id, for the house."""
    row = read.conn.execute(
        sa.select(wallet_bank_order).where(_order.order_id == order_id)
    ).one_or_none()
    return None if row is None else to_stored_order(row)


def view_order(read: Read, order_id: str) -> BankOrder:
    """An order that is there, as its member sees it."""
    return to_order(read.conn.execute(select_orders().where(_order.order_id == order_id)).one())


def to_stored_order(row: sa.Row[Any]) -> StoredOrder:
    """An order as it is kept."""
    return StoredOrder(
        order_id=OrderId(row.order_id),
        kind=row.kind,
        status=row.status,
        party=PartyId(row.party),
        amount=Money(row.minor, Currency(row.currency)),
        outside_account_id=OutsideAccountId(row.outside_account_id),
        payment_id=row.payment_id,
    )


# Files


def list_unsent_files(read: Read, currencies: Collection[Currency]) -> list[FileId]:
    """Files that were put together and may not have reached the bank's folder, oldest first."""
    found = sa.select(_file.file_id).where(
        _file.sent_at.is_(None), _file.currency.in_(sorted(currencies))
    )
    ordered = found.order_by(_file.file_id).limit(_FILES_MAX)
    return [FileId(one) for one in read.conn.execute(ordered).scalars()]


def find_file_orders(read: Read, file_id: str) -> list[StoredOrder]:
    """The orders of a file, in their order."""
    rows = read.conn.execute(
        sa.select(wallet_bank_order).where(_order.file_id == file_id).order_by(_order.order_id)
    )
    return [to_stored_order(row) for row in rows]


def has_fresh_orders(read: Read) -> bool:
    """Whether somebody may be waiting for the bank's answer to what was just sent."""
    fresh = sa.exists().where(
        _order.status.in_(["sent", "accepted"]), _order.sent_at > read.now - _FRESH_MS
    )
    return bool(read.conn.execute(sa.select(fresh)).scalar_one())


def list_sent_files(read: Read, *, before: str | None, limit: int) -> Page[SentFile]:
    """Files of orders, the newest first."""
    found = sa.select(wallet_bank_file)
    if before is not None:
        found = found.where(_file.file_id < before)
    rows = read.conn.execute(found.order_by(_file.file_id.desc()).limit(limit + 1)).all()
    items = [_to_file(row) for row in rows[:limit]]
    return Page(items, encode_cursor(items[-1].file_id) if len(rows) > limit else None)


def render_file(read: Read, file_id: str, house: HouseBank, seal: Seal) -> bytes:
    """A file's bytes; the same whenever they are asked for.

    Args:
        read: a view.
        file_id: of a file that was put together.
        house: the house's accounts.
        seal: opens the numbers.
    """
    row = read.conn.execute(sa.select(wallet_bank_file).where(_file.file_id == file_id)).one()
    orders = read.conn.execute(_select_lines(file_id)).all()
    currency = Currency(row.currency)
    if row.kind == "transfers":
        transfers = tuple(_to_transfer(one, currency, seal) for one in orders)
        return write_transfers(
            TransferFile(
                message_id=reference_of(file_id),
                created_at=row.created_at,
                execute_on=day_of(row.created_at),
                name=house.name,
                account=house.accounts[currency],
                bic=house.bic,
                transfers=transfers,
            )
        )
    return write_debits(
        DebitFile(
            message_id=reference_of(file_id),
            created_at=row.created_at,
            # Payers' banks hear of a debit the day before (EPC016-06, 4.3).
            collect_on=day_of(row.created_at) + timedelta(days=1),
            name=house.name,
            account=house.accounts[currency],
            bic=house.bic,
            creditor_id=house.creditor_id,
            debits=tuple(_to_debit(one, currency, seal) for one in orders),
        )
    )


def _select_lines(file_id: str) -> sa.Select[Any]:
    """The orders of a file with their accounts, in the order of their ids."""
    columns = (
        _order.order_id,
        _order.minor,
        _order.text,
        _account.outside_account_id,
        _account.bank,
        _account.sealed,
        _account.is_iban,
        _account.linked_at,
    )
    joined = wallet_bank_order.join(wallet_outside_account)
    found = sa.select(*columns).select_from(joined).where(_order.file_id == file_id)
    return found.order_by(_order.order_id)


def _to_transfer(row: sa.Row[Any], currency: Currency, seal: Seal) -> Transfer:
    secret = open_secret(row, seal)
    return Transfer(
        end_to_end_id=reference_of(row.order_id),
        amount=Money(row.minor, currency),
        name=secret.holder,
        account=AccountNumber(secret.number, is_iban=row.is_iban),
        bank=row.bank,
        text=row.text,
    )


def _to_debit(row: sa.Row[Any], currency: Currency, seal: Seal) -> Debit:
    secret = open_secret(row, seal)
    return Debit(
        end_to_end_id=reference_of(row.order_id),
        amount=Money(row.minor, currency),
        # Linking the account with leave to debit it is the mandate.
        mandate_id=reference_of(row.outside_account_id),
        signed_on=day_of(row.linked_at),
        name=secret.holder,
        account=AccountNumber(secret.number, is_iban=row.is_iban),
        bank=row.bank,
        text=row.text,
    )


def _to_file(row: sa.Row[Any]) -> SentFile:
    currency = Currency(row.currency)
    return SentFile(
        file_id=FileId(row.file_id),
        kind=row.kind,
        currency=currency,
        created_at=row.created_at,
        sent_at=row.sent_at,
        order_count=row.order_count,
        total=Money(row.total_minor, currency),
    )
