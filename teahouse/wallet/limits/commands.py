"""Judges every payment before it is written, and counts what passes.

What is refused rolls back with the payment; the decision is logged afterwards, in the same commit
(`Database.note_refusals`).
"""

from __future__ import annotations

import hashlib
from datetime import date

import msgspec
import sqlalchemy as sa

from teahouse import privacy
from teahouse.accounts import check_power, find_device_birth, find_tier, note_staff_act
from teahouse.platform.db import Tx, upsert
from teahouse.platform.money import Money
from teahouse.platform.pages import Page
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.commands import confirmed_factors
from teahouse.wallet.confirmations.queries import find_offered
from teahouse.wallet.confirmations.types import Authority, Facts
from teahouse.wallet.freezes.queries import find_freeze_of, show_freeze
from teahouse.wallet.limits.errors import Judged, LimitReached, PayerFrozen, SecondFactorNeeded
from teahouse.wallet.limits.queries import (
    find_standing,
    has_paid,
    list_decisions,
    list_latest,
    sum_spent,
)
from teahouse.wallet.limits.rules import (
    KINDS,
    compute_day,
    compute_hour,
    find_caps,
    judge,
    parse_rule_set,
    parse_zone,
    speaks_of,
)
from teahouse.wallet.limits.tables import wallet_decision, wallet_rule_set, wallet_spent
from teahouse.wallet.limits.types import (
    Decision,
    Entry,
    ManyPayments,
    NewDevice,
    NewPayee,
    Reason,
    Situation,
    Standing,
    UnusualAmount,
)
from teahouse.wallet.parties.queries import user_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.types import Wallet

SEE_DECISIONS = privacy.declare_deed(
    "wallet.decisions.see",
    *(
        f"wallet_decision.{name}"
        for name in (
            "at", "outcome", "kind", "currency", "minor", "payee_party", "payment_id", "tier",
            "proof", "confirmed", "reasons", "given_back",
        )
    ),
)  # fmt: skip
_MINUTE_MS = 60_000

_s = wallet_spent.c
_d = wallet_decision.c
_find_spent = sa.select(_s.minor).where(
    *(column == sa.bindparam(f"the_{column.name}") for column in wallet_spent.primary_key)
)
_keep_spent = upsert(wallet_spent, "minor")
_r = wallet_rule_set.c


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

    A confirmation that the member made for just this payment is used up.

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
        ConfirmationMismatch: the confirmation was given for something else.
        ConfirmationUsed: it was used before.
        ConfirmationUnknown: there is none, or it has expired.
        LimitReached: a limit of the rule set allows no more.
        SecondFactorNeeded: the payment must be confirmed first.
    """
    assert amount.minor > 0
    facts = Facts(kind=kind, payee_party=payee_party, amount=amount)
    check_not_frozen(tx, payer, facts)
    standing = find_standing(tx)
    owner, entry = _begin_entry(tx, payer, facts, standing)
    confirmed = confirmed_factors(tx, authority, facts)
    entry = msgspec.structs.replace(entry, confirmed=confirmed)
    # Shops are no consumers: the measures bound what persons pay from their balance.
    if owner is not None and kind in KINDS:
        entry = _judge(tx, standing, entry, authority.requester, owner)
    _log(tx, entry)
    return entry.decision_id


def check_not_frozen(tx: Tx, payer: Wallet, facts: Facts) -> None:
    """Refuse a payment from a frozen wallet, and say why where that may be told.

    Args:
        tx: the transaction of the payment.
        payer: from which wallet.
        facts: what would be paid.

    Raises:
        PayerFrozen: the wallet or its owner is frozen.
    """
    freeze = find_freeze_of(tx, payer)
    if freeze is None:
        return
    shown = show_freeze(freeze, tx.now)
    why = shown.reason or "The reason may not be told yet."
    reason = Reason("frozen", "", f"The wallet is frozen: {why}", f"钱包已冻结:{why}")
    _, entry = _begin_entry(tx, payer, facts, find_standing(tx))
    refused = msgspec.structs.replace(entry, outcome="refused", reasons=(reason,))
    raise PayerFrozen(
        refused, since=shown.since, reason=shown.reason, reason_from=shown.reason_from
    )


def bind_payment(tx: Tx, decision_id: str, payment_id: str) -> None:
    """Note which payment a decision let pass, so that `give_back` finds what was counted."""
    tx.conn.execute(
        sa.update(wallet_decision)
        .where(_d.decision_id == decision_id)
        .values(payment_id=payment_id)
    )


def give_back(tx: Tx, payment_id: str, amount: Money | None = None) -> None:
    """Count a payment no longer, or less: it was voided, returned, reversed or refunded.

    It counts less on the day it was paid, however late it comes back.

    Args:
        tx: the transaction of the change.
        payment_id: as `bind_payment` was told.
        amount: how much came back; None: all that is still counted.
    """
    row = tx.conn.execute(
        sa.select(wallet_decision).where(_d.payment_id == payment_id)
    ).one_or_none()
    if row is None:
        return
    left = row.minor - row.given_back
    if amount is not None:
        assert amount.currency == row.currency
        assert amount.minor >= 0
    back = left if amount is None else min(amount.minor, left)
    tx.conn.execute(
        sa.update(wallet_decision)
        .where(_d.decision_id == row.decision_id)
        .values(given_back=row.given_back + back)
    )
    if row.day is not None:
        tx.conn.execute(
            sa.update(wallet_spent)
            .where(
                _s.party == row.party,
                _s.currency == row.currency,
                _s.day == row.day,
                _s.kind == row.kind,
                _s.proof == row.proof,
            )
            .values(minor=_s.minor - back)
        )


def note_judged(tx: Tx, refusal: Judged) -> None:
    """Log the decision of a payment that was refused and rolled back."""
    _log(tx, refusal.entry)


def put_rule_set(tx: Tx, text: str, time_zone: str, *, replace: bool = True) -> None:
    """Put rules in force; nothing happens where they are already.

    Args:
        tx: the transaction it becomes part of.
        text: of the rule set, TOML.
        time_zone: where days and years begin.
        replace: whether they follow on others that are in force. Only who serves the house may:
            a command beside it may have been given other settings.

    Raises:
        SettingsError: the text is no rule set, or there is no such time zone.
    """
    rule_set = parse_rule_set(text, "`wallet_rule_set`")
    parse_zone(time_zone)
    digest = hashlib.sha256(f"{time_zone}\n{text}".encode()).hexdigest()
    count = tx.conn.execute(sa.select(sa.func.count()).select_from(wallet_rule_set)).scalar_one()
    if count and (not replace or find_standing(tx).digest == digest):
        return
    # Nothing where another server of the house, with the same settings, was a moment faster.
    tx.conn.execute(
        upsert(wallet_rule_set).values(
            number=count + 1,
            digest=digest,
            name=rule_set.name,
            text=text,
            time_zone=time_zone,
            in_force_from=tx.now,
        )
    )


def read_decisions_of(
    tx: Tx, requester: Requester, user_id: str, *, before: str | None, limit: int
) -> Page[Decision]:
    """A member's decisions, for staff; that somebody looked is told.

    Raises:
        Forbidden: the requester is neither bank officer nor auditor.
    """
    check_power(requester, "wallet.decisions.see")
    note_staff_act(tx, requester, SEE_DECISIONS, user_id)
    return list_decisions(tx, user_id, before=before, limit=limit)


def _begin_entry(
    tx: Tx, payer: Wallet, facts: Facts, standing: Standing
) -> tuple[str | None, Entry]:
    """The member who pays (None: a shop), and the decision to be made about it."""
    assert facts.amount is not None
    owner = user_of(tx, payer.party)
    return owner, Entry(
        decision_id=tx.new_id("dec"),
        party=payer.party,
        kind=facts.kind,
        amount=facts.amount,
        payee_party=facts.payee_party,
        tier="none" if owner is None else find_tier(tx, owner),
        confirmed=frozenset(),
        rule_set=standing.rule_set.name,
        outcome="passed",
        proof="under_two",
    )


def _judge(tx: Tx, standing: Standing, entry: Entry, requester: Requester, owner: str) -> Entry:
    """Judge a member's payment; count it where it passes.

    Returns:
        The entry with the verdict.

    Raises:
        LimitReached: a limit allows no more.
        SecondFactorNeeded: it must be confirmed first.
    """
    day = compute_day(tx.now, standing.zone)
    situation = _situation(tx, standing, entry, requester, owner)
    verdict = judge(standing.rule_set, situation)
    if verdict.outcome != "passed" or verdict.reasons:
        # Only where something is asked for does it matter what the payer has.
        has = frozenset(find_offered(tx, owner))
        verdict = judge(standing.rule_set, msgspec.structs.replace(situation, set_up=has))
    entry = msgspec.structs.replace(
        entry, outcome=verdict.outcome, proof=verdict.proof, reasons=verdict.reasons
    )
    if verdict.outcome == "refused":
        assert verdict.reached is not None
        raise LimitReached.by(verdict.reached, entry)
    if verdict.outcome == "factor_asked":
        raise SecondFactorNeeded.by(verdict, entry)
    _count(tx, entry, day)
    return msgspec.structs.replace(entry, day=day.isoformat())


def _situation(
    tx: Tx, standing: Standing, entry: Entry, requester: Requester, owner: str
) -> Situation:
    """What a payment is judged by, as far as some rule looks at it; without what is set up."""
    amount, party = entry.amount, entry.party
    looks_at = {type(one) for one in standing.rule_set.signals if speaks_of(one, amount)}
    day = compute_day(tx.now, standing.zone)
    caps = find_caps(standing.rule_set, entry.tier, entry.kind, amount.currency)
    latest = list_latest(tx, party) if looks_at & {UnusualAmount, ManyPayments} else []
    return Situation(
        tier=entry.tier,
        kind=entry.kind,
        amount=amount,
        confirmed=entry.confirmed,
        set_up=frozenset(),
        used=sum_spent(tx, party, amount.currency, [cap for cap, _ in caps], day) if caps else {},
        device_age_ms=_find_device_age(tx, requester, owner) if NewDevice in looks_at else None,
        is_payee_new=(
            NewPayee in looks_at
            and entry.payee_party is not None
            and not has_paid(tx, party, entry.payee_party)
        ),
        history=tuple(paid.minor for _, paid in latest if paid.currency == amount.currency),
        minutes_ago=tuple(max(0, tx.now - at) // _MINUTE_MS for at, _ in latest),
        hour=compute_hour(tx.now, standing.zone),
    )


def _find_device_age(tx: Tx, requester: Requester, owner: str) -> int | None:
    if requester.device_id is None:
        return None
    born = find_device_birth(tx, owner, requester.device_id)
    return None if born is None else max(0, tx.now - born)


def _count(tx: Tx, entry: Entry, day: date) -> None:
    key = {
        "party": entry.party,
        "currency": entry.amount.currency,
        "day": day.isoformat(),
        "kind": entry.kind,
        "proof": entry.proof,
    }
    earlier = tx.conn.execute(
        _find_spent, {f"the_{name}": value for name, value in key.items()}
    ).scalar_one_or_none()
    tx.conn.execute(_keep_spent, {**key, "minor": (earlier or 0) + entry.amount.minor})


def _log(tx: Tx, entry: Entry) -> None:
    tx.conn.execute(
        sa.insert(wallet_decision).values(
            decision_id=entry.decision_id,
            party=entry.party,
            at=tx.now,
            outcome=entry.outcome,
            kind=entry.kind,
            currency=entry.amount.currency,
            minor=entry.amount.minor,
            payee_party=entry.payee_party,
            tier=entry.tier,
            proof=entry.proof,
            confirmed=" ".join(sorted(entry.confirmed)),
            rule_set=entry.rule_set,
            reasons=msgspec.json.encode(entry.reasons).decode(),
            day=entry.day,
            given_back=0,
        )
    )
