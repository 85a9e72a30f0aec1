"""Reads which accounts the bank has not been asked about, and writes the questions."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts import Seal
from teahouse.iso20022 import AccountNumber, NameQuestion, NameRequest, write_name_request
from teahouse.platform.db import Read
from teahouse.wallet.outside.access import open_secret
from teahouse.wallet.outside.rules import reference_of
from teahouse.wallet.outside.tables import wallet_outside_account
from teahouse.wallet.outside.types import HouseBank, OutsideAccountId

_account = wallet_outside_account.c
# What is asked in one go; the rest comes with the next.
_ASKED_MAX = 100


def list_wanted(read: Read) -> list[OutsideAccountId]:
    """Accounts about whose holders the bank has not been asked, the oldest first."""
    found = sa.select(_account.outside_account_id).where(
        _account.name_check == "wanted", _account.sealed.is_not(None)
    )
    ordered = found.order_by(_account.outside_account_id).limit(_ASKED_MAX)
    return [OutsideAccountId(one) for one in read.conn.execute(ordered).scalars()]


def render_question(
    read: Read, outside_account_id: OutsideAccountId, house: HouseBank, seal: Seal
) -> bytes | None:
    """The file that asks about one account; the same whenever it is asked for.

    One file for each account: an answer that is late, or cannot be read, is then about one alone.

    Returns:
        Its bytes; None where the account was removed meanwhile.
    """
    row = read.conn.execute(
        sa.select(wallet_outside_account).where(
            _account.outside_account_id == outside_account_id, _account.sealed.is_not(None)
        )
    ).one_or_none()
    if row is None:
        return None
    secret = open_secret(row, seal)
    reference = reference_of(outside_account_id)
    question = NameQuestion(
        id=reference,
        name=secret.holder,
        account=AccountNumber(secret.number, is_iban=row.is_iban),
        currency=row.currency,
        bank=row.bank,
    )
    return write_name_request(
        NameRequest(
            message_id=reference,
            created_at=row.linked_at,
            name=house.name,
            bic=house.bic,
            questions=(question,),
        )
    )
