"""Reads confirmations as their members see them."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts import find_factors, find_profile
from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.access import access_confirmation, read_confirmation
from teahouse.wallet.confirmations.rules import TRIES_MAX, compute_summary
from teahouse.wallet.confirmations.tables import wallet_confirmation
from teahouse.wallet.confirmations.types import Confirmation, ConfirmationView, Factor
from teahouse.wallet.parties.queries import user_of
from teahouse.wallet.parties.types import PartyId


def find_offered(read: Read, user_id: str) -> list[Factor]:
    """The factors that a member has set up."""
    factors = find_factors(read, user_id)
    has: dict[Factor, bool] = {
        "password": factors.has_password,
        "totp": factors.has_totp,
        "passkey": factors.has_passkeys,
    }
    return [factor for factor, is_set_up in has.items() if is_set_up]


def find_confirmation(read: Read, requester: Requester, confirmation_id: str) -> ConfirmationView:
    """A confirmation as its member sees it, without what a passkey needs.

    Raises:
        ConfirmationUnknown: unknown, somebody else's, or expired.
    """
    return show_confirmation(
        read, requester.user_id, access_confirmation(read, requester, confirmation_id)
    )


def show_confirmation(read: Read, user_id: str, found: Confirmation) -> ConfirmationView:
    """A confirmation as its member sees it, without what a passkey needs."""
    facts = found.facts
    return ConfirmationView(
        confirmation_id=found.confirmation_id,
        expires_at=found.expires_at,
        kind=facts.kind,
        amount=facts.amount,
        payee=facts.payee_party,
        reference=facts.reference,
        summary=compute_summary(facts, _payee_name(read, facts.payee_party)),
        confirmed=list(found.factors),
        offered=find_offered(read, user_id),
        tries_left=max(0, TRIES_MAX - found.attempts),
    )


def export_confirmations(read: Read, party: PartyId) -> list[dict[str, object]]:
    """A party's confirmations, the oldest first, without what makes their challenges."""
    rows = read.conn.execute(
        sa.select(wallet_confirmation)
        .where(wallet_confirmation.c.party == party)
        .order_by(wallet_confirmation.c.confirmation_id)
    )
    found = [read_confirmation(row) for row in rows]
    return [
        {
            "confirmation_id": one.confirmation_id,
            "facts": one.facts,
            "factors": one.factors,
            "expires_at": one.expires_at,
            "used_at": one.used_at,
        }
        for one in found
    ]


def _payee_name(read: Read, party: PartyId | None) -> str | None:
    """A name that nobody can pick to look like another: with the id behind it."""
    if party is None:
        return None
    user_id = user_of(read, party)
    if user_id is None:
        return party
    name = find_profile(read, user_id).displayname
    return user_id if name is None else f"{name} ({user_id})"
