"""What must hold of every payment. Pure: no database, no clock, no chance."""

from __future__ import annotations

import hashlib

import msgspec

from teahouse.ledger import AccountId, CurrencyMismatch, Posting
from teahouse.platform.money import MINOR_MAX, AmountTooLarge, InvalidAmount, Money
from teahouse.wallet.payments.errors import InvalidPayment, SelfPayment
from teahouse.wallet.payments.types import (
    KEY_LENGTH_MAX,
    MESSAGE_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    PaymentDraft,
)


def check_draft(draft: PaymentDraft) -> None:
    """Refuse what can be no payment, whoever asks.

    Raises:
        InvalidAmount: not more than nothing.
        AmountTooLarge: more than one amount may be.
        InvalidPayment: a fee that is not below the amount, a text that is too long.
        SelfPayment: payer and payee are the same.
        CurrencyMismatch: the fee is in another currency.
    """
    assert 0 < len(draft.key) <= KEY_LENGTH_MAX
    assert len(draft.reference) <= REFERENCE_LENGTH_MAX
    check_amount(draft.amount)
    check_message(draft.message)
    if draft.payer == draft.payee:
        raise SelfPayment
    if draft.fee is not None:
        if draft.fee.currency != draft.amount.currency:
            raise CurrencyMismatch
        if not 0 <= draft.fee.minor < draft.amount.minor:
            raise InvalidPayment("A fee is less than the payment that it is taken from.")


def check_amount(amount: Money) -> None:
    """Refuse amounts that nobody can pay.

    Raises:
        InvalidAmount: not more than nothing.
        AmountTooLarge: more than one amount may be.
    """
    if amount.minor <= 0:
        raise InvalidAmount("The amount must be more than nothing.")
    if amount.minor > MINOR_MAX:
        raise AmountTooLarge


def check_message(message: str) -> None:
    """Refuse messages that are too long.

    Raises:
        InvalidPayment: more than `MESSAGE_LENGTH_MAX` characters.
    """
    if len(message) > MESSAGE_LENGTH_MAX or "\0" in message:
        raise InvalidPayment(f"A message has at most {MESSAGE_LENGTH_MAX} characters.")


def hash_draft(draft: PaymentDraft, *, hold_until: int | None) -> bytes:
    """What makes two drafts under one key the same request.

    Who asks with what proof is left out: a retry may come with a fresh confirmation.
    """
    bare = msgspec.structs.replace(draft, authority=None)
    return hashlib.sha256(msgspec.json.encode((bare, hold_until is not None))).digest()


def make_postings(
    draft: PaymentDraft, *, payer: AccountId, payee: AccountId, fee_income: AccountId | None
) -> tuple[Posting, ...]:
    """The legs of a payment: who pays is debited, who is paid credited.

    What is in a wallet the house owes, so a debit makes it less. Of the house's own assets a
    debit makes more: a top-up debits the cash at the bank and credits the wallet.
    """
    amount = draft.amount.minor
    fee = draft.fee.minor if draft.fee is not None else 0
    legs = (Posting(payer, amount), Posting(payee, fee - amount))
    if not fee:
        return legs
    assert fee_income is not None
    return (*legs, Posting(fee_income, -fee))
