"""Judges every payment before it is written, and counts what passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from teahouse.platform.db import Tx
    from teahouse.platform.money import Money
    from teahouse.wallet.confirmations.types import Authority
    from teahouse.wallet.parties.types import PartyId
    from teahouse.wallet.wallets.types import Wallet


def check_payment(
    tx: Tx,
    *,
    authority: Authority,
    payer: Wallet,
    payee_party: PartyId | None,
    amount: Money,
    kind: str,
) -> str:
    """Let a payment pass, or refuse it; what passes is counted in the same transaction.

    Args:
        tx: the transaction of the payment.
        authority: who asks, and the confirmation they made.
        payer: from which wallet.
        payee_party: to whom; None: the house (red packets, withdrawals).
        amount: what the payer pays, more than nothing.
        kind: the kind of payment (`PaymentKind`).

    Returns:
        The id of the decision, to be handed to `bind_payment`.

    Raises:
        PayerFrozen: the wallet or its owner is frozen.
        LimitReached: a limit of the rule set allows no more.
        SecondFactorNeeded: the payment must be confirmed first.
    """
    del authority, payer, payee_party, amount, kind
    return tx.new_id("dec")


def bind_payment(tx: Tx, decision_id: str, payment_id: str) -> None:
    """Note which payment a decision let pass, so that `give_back` finds what was counted."""
    del tx, decision_id, payment_id


def give_back(tx: Tx, payment_id: str, amount: Money | None = None) -> None:
    """Count a payment no longer, or less: it was voided, returned, reversed or refunded.

    Args:
        tx: the transaction of the change.
        payment_id: as `bind_payment` was told.
        amount: how much came back; None: all that is still counted.
    """
    del tx, payment_id, amount
