"""Gives references, and credits what comes with them.

How money moves (a debit is positive): a credit is paid from `TOPUPS_IN_TRANSIT` to the wallet when
the bank first tells of it; on its statement it moves on to `CASH_AT_BANK`, as top-ups do.
"""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.iso20022 import Entry, Notification, find_reference, make_reference
from teahouse.platform.db import Tx
from teahouse.platform.money import Currency
from teahouse.wallet.outside.errors import CurrencyNotAtBank, NoPartnerBank
from teahouse.wallet.outside.queries import find_order
from teahouse.wallet.outside.rules import id_of
from teahouse.wallet.outside.types import HouseBank
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.pay_ins.queries import find_party_of_reference, list_details
from teahouse.wallet.pay_ins.tables import wallet_pay_in, wallet_pay_in_reference
from teahouse.wallet.pay_ins.types import PayInDetails, PayInId
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.wallets.commands import open_wallet
from teahouse.wallet.wallets.types import HouseAccount

PAY_IN = "pin"
_DIGITS = "0123456789"
# Typed by hand on many a bank's form: digits alone, few enough for one glance.
_REFERENCE_LENGTH = 12

_pay_in, _reference = wallet_pay_in.c, wallet_pay_in_reference.c


def give_reference(
    tx: Tx, party: PartyId, currency: Currency, house: HouseBank | None
) -> PayInDetails:
    """Give a member their reference in a currency: the one that is there, or a new one.

    Raises:
        NoPartnerBank: the house has no link to banks.
        CurrencyNotAtBank: the house has no account in that currency.
    """
    if house is None:
        raise NoPartnerBank
    if currency not in house.accounts:
        raise CurrencyNotAtBank(currencies=sorted(house.accounts))
    [found] = list_details(tx, party, house, [currency])
    if found.reference is not None:
        return found
    tx.conn.execute(
        sa.insert(wallet_pay_in_reference).values(
            reference=_draw_reference(tx), party=party, currency=currency, made_at=tx.now
        )
    )
    [made] = list_details(tx, party, house, [currency])
    return made


def _draw_reference(tx: Tx) -> str:
    """A reference that nobody has: told by chance, so that none leads to another's."""
    while True:
        drawn = make_reference(tx.chance.secrets.letters(_REFERENCE_LENGTH, _DIGITS))
        taken = sa.exists().where(_reference.reference == drawn)
        if not tx.conn.execute(sa.select(taken)).scalar_one():
            return drawn


def forget_references(tx: Tx, party: PartyId) -> None:
    """Forget a member's references: what comes with them later is nobody's."""
    tx.conn.execute(
        sa.delete(wallet_pay_in_reference).where(wallet_pay_in_reference.c.party == party)
    )


def take_notified(tx: Tx, notification: Notification, house: HouseBank) -> None:
    """Credit what a notification (camt.054) tells that came with members' references.

    A line without the bank's own name for it waits for the statement: it could not be known again
    there, and would be credited twice.
    """
    currency = house.currency_of(notification.account)
    if currency is None:
        return
    for entry in notification.entries:
        is_ordered = entry.end_to_end_id and find_order(tx, id_of(entry.end_to_end_id))
        if entry.bank_reference and not is_ordered and not _is_known(tx, entry):
            _credit(tx, currency, entry)


def state_pay_in(tx: Tx, currency: Currency, entry: Entry) -> PayInId | None:
    """Note that a line with a member's reference stands on a statement; credit it if it is new.

    Returns:
        What it is known as; None where it names no member's reference.
    """
    pay_in_id = _find_unstated(tx, entry) or _credit(tx, currency, entry)
    if pay_in_id is not None:
        tx.conn.execute(
            sa.update(wallet_pay_in).where(_pay_in.pay_in_id == pay_in_id).values(stated_at=tx.now)
        )
    return pay_in_id


def reference_in(entry: Entry) -> str:
    """The reference that a payer has named: in its own field, else in what they wrote."""
    return find_reference(entry.creditor_reference) or find_reference(entry.text)


def _credit(tx: Tx, currency: Currency, entry: Entry) -> PayInId | None:
    """Credit a line to whose reference it names; None where it can be nobody's."""
    is_income = entry.amount.minor > 0 and not entry.return_reason
    if not is_income or entry.amount.currency != currency:
        return None
    reference = reference_in(entry)
    party = find_party_of_reference(tx, reference, currency) if reference else None
    if party is None:
        return None
    wallet = open_wallet(tx, party, currency)
    if wallet.status == "closed":
        return None
    pay_in_id = PayInId(tx.new_id(PAY_IN))
    payment = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.TOPUP,
            payer=HouseAccount.TOPUPS_IN_TRANSIT,
            payee=wallet.id,
            amount=entry.amount,
            key=f"{pay_in_id}:in",
            reference=pay_in_id,
        ),
    )
    tx.conn.execute(
        sa.insert(wallet_pay_in).values(
            pay_in_id=pay_in_id,
            party=party,
            currency=currency,
            minor=entry.amount.minor,
            name=entry.name,
            reference=reference,
            bank_reference=entry.bank_reference,
            booked_on=entry.booked_on,
            payment_id=payment.id,
            credited_at=tx.now,
        )
    )
    return pay_in_id


def _is_same(entry: Entry) -> sa.ColumnElement[bool]:
    return sa.and_(
        _pay_in.reference == reference_in(entry),
        _pay_in.minor == entry.amount.minor,
        _pay_in.currency == entry.amount.currency,
    )


def _is_known(tx: Tx, entry: Entry) -> bool:
    """Whether a line was credited before, by a message that told of it sooner."""
    known = sa.exists().where(
        _is_same(entry),
        _pay_in.bank_reference == entry.bank_reference,
        _pay_in.booked_on == entry.booked_on,
    )
    return bool(tx.conn.execute(sa.select(known)).scalar_one())


def _find_unstated(tx: Tx, entry: Entry) -> PayInId | None:
    """What was credited for a line before it stood on a statement."""
    found = sa.select(_pay_in.pay_in_id).where(_is_same(entry), _pay_in.stated_at.is_(None))
    if entry.bank_reference:
        found = found.where(_pay_in.bank_reference == entry.bank_reference)
    ordered = found.order_by(_pay_in.pay_in_id).limit(1)
    one = tx.conn.execute(ordered).scalar_one_or_none()
    return None if one is None else PayInId(one)
