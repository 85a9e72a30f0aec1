"""Opens confirmations, takes proofs, and uses each up for one payment."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from teahouse.accounts import Seal, is_active, use_second_factor
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.access import access_confirmation
from teahouse.wallet.confirmations.errors import (
    ConfirmationClosed,
    ConfirmationMismatch,
    ConfirmationUsed,
    TooManyConfirmations,
)
from teahouse.wallet.confirmations.queries import show_confirmation
from teahouse.wallet.confirmations.rules import CONFIRMATION_MS, OPEN_MAX, TRIES_MAX, is_for
from teahouse.wallet.confirmations.tables import wallet_confirmation
from teahouse.wallet.confirmations.types import (
    Authority,
    Confirmation,
    ConfirmationView,
    Factor,
    Facts,
    NewConfirmation,
    Payee,
)
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import find_party, party_exists
from teahouse.wallet.parties.types import PartyId

NONCE_BYTES = 32
# Long after the last one could be used.
_KEPT_MS = 3_600_000

_c = wallet_confirmation.c


def open_confirmation(tx: Tx, requester: Requester, new: NewConfirmation) -> ConfirmationView:
    """Begin to confirm something: what exactly is fixed from here on.

    Raises:
        InvalidParam: an amount where none belongs, or none where one does; a payee named twice.
        NotFound: no such payee.
        TooManyConfirmations: ten are open already.
    """
    facts = _read_facts(tx, new)
    party = party_of(tx, requester.user_id)
    _check_room(tx, party)
    made = Confirmation(
        confirmation_id=tx.new_id("cnf"),
        party=party,
        device_id=requester.device_id,
        facts=facts,
        nonce=tx.chance.secrets.token_bytes(NONCE_BYTES),
        factors=(),
        attempts=0,
        expires_at=tx.now + CONFIRMATION_MS,
        used_at=None,
    )
    tx.conn.execute(
        sa.insert(wallet_confirmation).values(
            confirmation_id=made.confirmation_id,
            party=party,
            device_id=made.device_id,
            kind=facts.kind,
            payee_party=facts.payee_party,
            currency=None if facts.amount is None else facts.amount.currency,
            minor=None if facts.amount is None else facts.amount.minor,
            reference=facts.reference,
            nonce=made.nonce,
            factors="",
            attempts=0,
            expires_at=made.expires_at,
        )
    )
    return show_confirmation(tx, requester.user_id, made)


def begin_proof(tx: Tx, requester: Requester, confirmation_id: str) -> Confirmation:
    """Count a try before it is looked at, so that no number of hands gets more of them.

    Raises:
        ConfirmationUnknown: unknown, somebody else's, or expired.
        ConfirmationUsed: a payment has used it.
        ConfirmationClosed: too many proofs were wrong.
        ConfirmationMismatch: it was begun on another device.
    """
    found = access_confirmation(tx, requester, confirmation_id)
    if found.used_at is not None:
        raise ConfirmationUsed
    if found.device_id != requester.device_id:
        raise ConfirmationMismatch
    if found.attempts >= TRIES_MAX:
        raise ConfirmationClosed
    tx.conn.execute(
        sa.update(wallet_confirmation)
        .where(_c.confirmation_id == confirmation_id)
        .values(attempts=found.attempts + 1)
    )
    return found


def add_proof(
    tx: Tx, requester: Requester, confirmation_id: str, factor: Factor
) -> ConfirmationView:
    """Note that a factor was proven. What was right costs no try.

    Raises:
        ConfirmationUnknown: it has expired meanwhile.
        ConfirmationUsed: a payment has used it meanwhile.
    """
    found = access_confirmation(tx, requester, confirmation_id)
    if found.used_at is not None:
        raise ConfirmationUsed
    factors = found.factors if factor in found.factors else (*found.factors, factor)
    attempts = max(0, found.attempts - 1)
    tx.conn.execute(
        sa.update(wallet_confirmation)
        .where(_c.confirmation_id == confirmation_id)
        .values(factors=" ".join(factors), attempts=attempts)
    )
    return show_confirmation(
        tx, requester.user_id, msgspec.structs.replace(found, factors=factors, attempts=attempts)
    )


def is_code_right(tx: Tx, user_id: str, seal: Seal, code: str) -> bool:
    """Whether a one-time code proves the member; it is used up. Recovery codes do not.

    Raises:
        SecondFactorLocked: too many wrong codes.
    """
    outcome = use_second_factor(tx, user_id, seal, totp=code, recovery_code=None)
    return outcome == "passed"


def confirmed_factors(tx: Tx, authority: Authority, facts: Facts) -> frozenset[Factor]:
    """The factors that confirm just this; the confirmation is used up.

    Args:
        tx: the transaction of what was confirmed: where that is refused, the confirmation is
            not used up.
        authority: who asks; without a confirmation, nothing is confirmed.
        facts: what is about to happen.

    Returns:
        The factors, none without a confirmation.

    Raises:
        ConfirmationUnknown: unknown, somebody else's, or expired.
        ConfirmationUsed: it was used before.
        ConfirmationMismatch: it was given for something else, or on another device.
    """
    if authority.confirmation is None:
        return frozenset()
    found = access_confirmation(tx, authority.requester, authority.confirmation)
    if found.used_at is not None:
        raise ConfirmationUsed
    if not is_for(found, facts, authority.requester.device_id):
        raise ConfirmationMismatch
    used = tx.conn.execute(
        sa.update(wallet_confirmation)
        .where(_c.confirmation_id == found.confirmation_id, _c.used_at.is_(None))
        .values(used_at=tx.now)
    )
    if used.rowcount != 1:
        raise ConfirmationUsed
    return frozenset(found.factors)


def forget_old_confirmations(tx: Tx) -> int:
    """Forget confirmations that expired an hour ago.

    Returns:
        How many.
    """
    old = sa.delete(wallet_confirmation).where(_c.expires_at < tx.now - _KEPT_MS)
    return tx.conn.execute(old).rowcount


def forget_confirmations(tx: Tx, user_id: str) -> None:
    """Forget all confirmations of a member."""
    party = find_party(tx, user_id)
    tx.conn.execute(sa.delete(wallet_confirmation).where(_c.party == party))


def _read_facts(tx: Tx, new: NewConfirmation) -> Facts:
    needs_amount = new.kind != "unfreeze"
    if needs_amount != (new.amount is not None):
        raise InvalidParam("`amount` belongs to everything but `unfreeze`.")
    if new.amount is not None and new.amount.minor <= 0:
        raise InvalidParam("`amount` must be more than nothing.")
    if "\0" in new.reference:
        raise InvalidParam("`reference` has a character that no id has.")
    payee = None if new.payee is None else _find_payee(tx, new.payee)
    return Facts(kind=new.kind, payee_party=payee, amount=new.amount, reference=new.reference)


def _find_payee(tx: Tx, payee: Payee) -> PartyId:
    if (payee.user_id is None) == (payee.party is None):
        raise InvalidParam("`payee` has either a `user_id` or a `party`.")
    if payee.user_id is not None:
        if not is_active(tx, payee.user_id):
            raise NotFound("There is no such member.")
        return party_of(tx, payee.user_id)
    assert payee.party is not None
    if not party_exists(tx, PartyId(payee.party)):
        raise NotFound("There is no such payee.")
    return PartyId(payee.party)


def _check_room(tx: Tx, party: PartyId) -> None:
    is_open = (_c.party == party, _c.expires_at > tx.now, _c.used_at.is_(None))
    counted, first = tx.conn.execute(
        sa.select(sa.func.count(), sa.func.min(_c.expires_at)).where(*is_open)
    ).one()
    if counted >= OPEN_MAX:
        raise TooManyConfirmations(retry_after_ms=first - tx.now)
