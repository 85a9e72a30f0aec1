"""Proposes, accepts and ends mandates, and charges by them.

For others (shops, cinema, bank): `create_mandate` or `propose_mandate`, then `charge_mandate`.
A charge that needs notice is announced and collected later, by itself.
"""

from __future__ import annotations

from datetime import date

import msgspec
import sqlalchemy as sa

from teahouse.accounts import is_active
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound, Refusal
from teahouse.platform.json import encode_json
from teahouse.platform.money import Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.commands import confirmed_factors
from teahouse.wallet.confirmations.queries import find_offered
from teahouse.wallet.confirmations.types import Authority, Facts
from teahouse.wallet.mandates.access import (
    access_mandate,
    access_mandate_as_payee,
    load_charge,
    load_mandate,
    mandate_from,
)
from teahouse.wallet.mandates.announcements import (
    MandateAccepted,
    MandateCharged,
    MandateChargeNoticed,
    MandateChargeRefused,
    MandateEnded,
    MandateProposed,
)
from teahouse.wallet.mandates.errors import (
    ConsentNeeded,
    InvalidTerms,
    MandateKeyReused,
    MandateNotActive,
    MandateNotProposed,
    TooManyOpen,
    UnknownMandate,
)
from teahouse.wallet.mandates.queries import (
    consent_facts,
    count_open_charges,
    count_proposals,
    find_charge_by_key,
    list_charged,
    view_mandate,
)
from teahouse.wallet.mandates.rules import (
    CHARGES_OPEN_MAX,
    DAY_MS,
    PROPOSAL_DAYS,
    PROPOSALS_OPEN_MAX,
    asked_key,
    check_amount,
    check_terms,
    compute_due,
    day_of,
    next_planned,
    next_try,
    notice_at,
    period_of,
    planned_key,
    start_of_day,
)
from teahouse.wallet.mandates.tables import wallet_mandate, wallet_mandate_charge
from teahouse.wallet.mandates.types import (
    Charge,
    ChargeBody,
    ChargeId,
    ChargeStatus,
    Mandate,
    MandateId,
    MandateStatus,
    MandateView,
    NewCharge,
    Proposal,
    ProposalBody,
    Side,
)
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import user_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.errors import ShopNotOpen
from teahouse.wallet.shops.queries import find_fee_rate, find_shop_of_party
from teahouse.wallet.shops.rules import compute_fee
from teahouse.wallet.shops.types import Clerk
from teahouse.wallet.wallets.commands import open_wallet
from teahouse.wallet.wallets.queries import find_wallet
from teahouse.wallet.wallets.types import HouseAccount, WalletId

_mandate = wallet_mandate.c
_charge = wallet_mandate_charge.c


# Consent


def propose_mandate(tx: Tx, proposal: Proposal) -> Mandate:
    """Ask for a mandate. The same key again gives the same mandate.

    Args:
        tx: the transaction.
        proposal: by a payee that the caller has made sure of.

    Raises:
        MandateKeyReused: the payee used the key for another mandate.
        InvalidTerms: nobody could consent to that.
        TooManyOpen: the payer has enough of the payee's proposals to answer.
    """
    earlier = _find_by_key(tx, proposal)
    if earlier is not None:
        return earlier
    check_terms(proposal.terms, day_of(tx.now))
    if proposal.payer is not None:
        waiting = count_proposals(tx, proposal.payee, proposal.payer)
        if waiting >= PROPOSALS_OPEN_MAX:
            raise TooManyOpen(limit=PROPOSALS_OPEN_MAX)
    mandate_id = MandateId(tx.new_id("mdt"))
    tx.conn.execute(
        sa.insert(wallet_mandate).values(
            mandate_id=mandate_id,
            payer=proposal.payer,
            payee=proposal.payee,
            payee_party=proposal.payee_party,
            payee_name=proposal.payee_name,
            key=proposal.key,
            terms=encode_json(proposal.terms).decode(),
            end_on=proposal.terms.end_on,
            status="proposed",
            created_at=tx.now,
            confirmed_by="",
        )
    )
    tx.announce(MandateProposed(mandate_id, proposal.payer))
    return _load(tx, mandate_id)


def create_mandate(tx: Tx, authority: Authority, proposal: Proposal) -> Mandate:
    """Make a mandate to which the payer consents at once, within another domain's own page.

    Args:
        tx: the transaction.
        authority: the payer, and their confirmation, whose `reference` is the proposal's key
            (there is no id yet when they confirm).
        proposal: without a payer, or for this one.

    Raises:
        MandateKeyReused: the payee used the key for another mandate.
        InvalidTerms: nobody could consent to that.
        ConsentNeeded: the payer must confirm it first.
        MandateNotProposed: it was made before, and has ended since.
    """
    payer = party_of(tx, authority.requester.user_id)
    mandate = propose_mandate(tx, msgspec.structs.replace(proposal, payer=payer))
    if mandate.status == "active":
        return mandate
    return _accept(tx, authority, mandate, reference=proposal.key)


def accept_mandate(tx: Tx, authority: Authority, mandate_id: str) -> MandateView:
    """Consent to a proposal.

    Raises:
        UnknownMandate: it is for somebody else, or there is none.
        MandateNotProposed: it was answered, or the time to answer is over.
        ConsentNeeded: it must be confirmed with a second factor first.
    """
    mandate = access_mandate(tx, authority.requester, mandate_id)
    return view_mandate(tx, _accept(tx, authority, mandate, reference=mandate_id))


def _accept(tx: Tx, authority: Authority, mandate: Mandate, *, reference: str) -> Mandate:
    is_late = mandate.created_at + PROPOSAL_DAYS * DAY_MS <= tx.now
    end_on = mandate.terms.end_on
    is_over = end_on is not None and end_on < day_of(tx.now)
    if mandate.status != "proposed" or is_late or is_over:
        raise MandateNotProposed
    told = consent_facts(mandate)
    factors = confirmed_factors(
        tx,
        authority,
        Facts(
            kind=told.kind,
            payee_party=None if told.payee_party is None else PartyId(told.payee_party),
            amount=told.amount,
            reference=reference,
        ),
    )
    if not factors:
        offered = find_offered(tx, authority.requester.user_id)
        raise ConsentNeeded(
            factors=offered, confirm=msgspec.structs.replace(told, reference=reference)
        )
    payer = party_of(tx, authority.requester.user_id)
    tx.conn.execute(
        sa.update(wallet_mandate)
        .where(_mandate.mandate_id == mandate.mandate_id)
        .values(
            payer=payer,
            status="active",
            accepted_at=tx.now,
            confirmed_by=" ".join(sorted(factors)),
        )
    )
    tx.announce(MandateAccepted(mandate.mandate_id, payer))
    accepted = _load(tx, mandate.mandate_id)
    _plan(tx, accepted)
    return accepted


def decline_mandate(tx: Tx, requester: Requester, mandate_id: str) -> MandateView:
    """Refuse a proposal.

    Raises:
        UnknownMandate: it is for somebody else, or there is none.
        MandateNotProposed: it was answered.
    """
    mandate = access_mandate(tx, requester, mandate_id)
    if mandate.status != "proposed":
        raise MandateNotProposed
    # Whoever declines an open proposal must not end it for the one it was meant for.
    if mandate.payer is None:
        raise UnknownMandate
    return view_mandate(tx, _end(tx, mandate, "declined", "payer"))


def cancel_mandate(tx: Tx, requester: Requester, mandate_id: str) -> MandateView:
    """Take one's consent back, at once: nothing is charged from here on, announced or not.

    Raises:
        UnknownMandate: somebody else's, or there is none.
        MandateNotActive: it is not in force.
    """
    mandate = access_mandate(tx, requester, mandate_id)
    if mandate.status != "active":
        raise MandateNotActive
    return view_mandate(tx, _end(tx, mandate, "cancelled", "payer"))


def cancel_as_payee(tx: Tx, mandate: Mandate) -> Mandate:
    """Give a mandate or a proposal up, as its payee.

    Args:
        tx: the transaction.
        mandate: one of the payee's (`access_mandate_as_payee`).

    Raises:
        MandateNotActive: it has ended.
    """
    if mandate.status not in {"active", "proposed"}:
        raise MandateNotActive
    return _end(tx, mandate, "cancelled", "payee")


def cancel_all_of(tx: Tx, payer: str) -> int:
    """End every mandate of a payer who goes away.

    Returns:
        How many.
    """
    rows = tx.conn.execute(
        sa.select(wallet_mandate)
        .where(_mandate.payer == payer, _mandate.status.in_(("active", "proposed")))
        .order_by(_mandate.mandate_id)
    ).all()
    for row in rows:
        _end(tx, mandate_from(row), "cancelled", "house")
    return len(rows)


def end_old_mandates(tx: Tx, limit: int) -> int:
    """End mandates past their last day, and proposals that nobody answered in time.

    A charge that is still tried keeps its mandate until it is paid or given up.

    Returns:
        How many.
    """
    open_charge = sa.exists().where(
        _charge.mandate_id == _mandate.mandate_id, _charge.act_at.is_not(None)
    )
    is_over = sa.and_(_mandate.status == "active", _mandate.end_on < day_of(tx.now), ~open_charge)
    is_late = sa.and_(
        _mandate.status == "proposed", _mandate.created_at <= tx.now - PROPOSAL_DAYS * DAY_MS
    )
    rows = tx.conn.execute(
        sa.select(wallet_mandate)
        .where(sa.or_(is_over, is_late))
        .order_by(_mandate.mandate_id)
        .limit(limit)
    ).all()
    for row in rows:
        mandate = mandate_from(row)
        _end(tx, mandate, "ended" if mandate.status == "active" else "declined", "house")
    return len(rows)


def _end(tx: Tx, mandate: Mandate, status: MandateStatus, side: Side) -> Mandate:
    tx.conn.execute(
        sa.update(wallet_mandate)
        .where(_mandate.mandate_id == mandate.mandate_id)
        .values(status=status, ended_at=tx.now, ended_by=side)
    )
    tx.conn.execute(
        sa.update(wallet_mandate_charge)
        .where(_charge.mandate_id == mandate.mandate_id, _charge.act_at.is_not(None))
        .values(status="cancelled", act_at=None, settled_at=tx.now)
    )
    tx.announce(MandateEnded(mandate.mandate_id, mandate.payer, status))
    return _load(tx, mandate.mandate_id)


# What shops do


def propose_as_shop(tx: Tx, clerk: Clerk, shop_id: str, body: ProposalBody) -> MandateView:
    """Ask for a mandate, for a shop.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        ShopNotOpen: the shop may take no money now.
        InvalidTerms: nobody could consent to that, or the shop has no wallet in the currency.
        NotFound: there is no such member.
        MandateKeyReused: the key was used for another mandate.
    """
    shop = access_shop(tx, clerk, shop_id, "charges.create")
    if not shop.is_open:
        raise ShopNotOpen
    wallet = find_wallet(tx, shop.party, body.terms.charge_max.currency)
    if wallet is None:
        raise InvalidTerms("The shop has no wallet in this currency.")
    if body.payer is not None and not is_active(tx, body.payer):
        raise NotFound("There is no such member.")
    proposal = Proposal(
        payee=wallet.id,
        payee_party=shop.party,
        payee_name=shop.name,
        payer=None if body.payer is None else party_of(tx, body.payer),
        key=body.key,
        terms=body.terms,
    )
    return view_mandate(tx, propose_mandate(tx, proposal))


def charge_as_shop(tx: Tx, clerk: Clerk, shop_id: str, mandate_id: str, body: ChargeBody) -> Charge:
    """Charge by a mandate, for a shop.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        ShopNotOpen: the shop may take no money now.
        Refusal: what `charge_mandate` refuses.
    """
    shop = access_shop(tx, clerk, shop_id, "charges.create")
    if not shop.is_open:
        raise ShopNotOpen
    mandate = access_mandate_as_payee(tx, shop.party, mandate_id)
    return charge_mandate(
        tx,
        mandate=mandate.mandate_id,
        amount=body.amount,
        key=body.key,
        reference=body.reference,
        due_on=body.due_on,
    )


def cancel_as_shop(tx: Tx, clerk: Clerk, shop_id: str, mandate_id: str) -> MandateView:
    """Give a mandate or a proposal up, for a shop.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        UnknownMandate: another payee's, or there is none.
        MandateNotActive: it has ended.
    """
    shop = access_shop(tx, clerk, shop_id, "charges.create")
    mandate = access_mandate_as_payee(tx, shop.party, mandate_id)
    return view_mandate(tx, cancel_as_payee(tx, mandate))


# Charging


def charge_mandate(
    tx: Tx,
    *,
    mandate: str,
    amount: Money,
    key: str,
    reference: str = "",
    due_on: date | None = None,
) -> Charge:
    """Charge by a mandate: at once where no notice was agreed, else announce it.

    Where the payer's money does not do, it is tried again for eleven days: the charge that is
    returned says whether it is paid. The same key again gives the same charge.

    Args:
        tx: the transaction.
        mandate: its id; the caller has made sure that it is theirs.
        amount: within the consent.
        key: the payee's own, 1 to 64 characters; one charge each.
        reference: the payee's words for it.
        due_on: its day (UTC); None: as soon as the notice allows.

    Raises:
        UnknownMandate: there is none.
        MandateKeyReused: the key was used for another charge.
        MandateNotActive: the mandate is not in force.
        ChargeBeyondMandate: more than the payer consented to.
        ChargeOutOfTime: too soon after the notice, or outside of the mandate.
        TooManyOpen: enough charges wait already.
    """
    found = load_mandate(tx, mandate)
    if found is None:
        raise UnknownMandate
    earlier = find_charge_by_key(tx, found.mandate_id, asked_key(key))
    if earlier is not None:
        if (earlier.amount, earlier.reference) != (amount, reference):
            raise MandateKeyReused
        return earlier
    if found.status != "active":
        raise MandateNotActive
    due_at = compute_due(found.terms, due_on, tx.now)
    period = period_of(found.terms.start_on, found.terms.period, day_of(due_at))
    check_amount(found.terms, amount, list_charged(tx, found, period))
    if count_open_charges(tx, found.mandate_id) >= CHARGES_OPEN_MAX:
        raise TooManyOpen(limit=CHARGES_OPEN_MAX)
    new = NewCharge(
        amount=amount,
        key=asked_key(key),
        reference=reference,
        due_at=due_at,
        due_on=day_of(due_at),
    )
    charge = _insert_charge(tx, found, new)
    if notice_at(due_at, found.terms.notice_days) <= tx.now:
        advance_charge(tx, charge.charge_id)
    return _load_charge(tx, charge.charge_id)


def advance_charge(tx: Tx, charge_id: str) -> ChargeStatus | None:
    """Do what is due about a charge: tell the payer, or collect it.

    Returns:
        What became of it; None where nothing was to be done.
    """
    charge = load_charge(tx, charge_id)
    if charge is None or charge.status not in {"announced", "retrying"}:
        return None
    mandate = _load(tx, charge.mandate_id)
    assert mandate.status == "active", "an open charge of a mandate that has ended"
    if charge.noticed_at is None and mandate.terms.notice_days:
        _notice(tx, mandate, charge)
        return "announced"
    if charge.due_at > tx.now:
        return None
    if charge.is_planned and charge.attempt_count == 0:
        _plan(tx, mandate, after=charge.period_index)
    return _collect(tx, mandate, charge)


def _notice(tx: Tx, mandate: Mandate, charge: Charge) -> None:
    # A server that stood still tells late, and collects as much later.
    due_at = max(charge.due_at, tx.now + mandate.terms.notice_days * DAY_MS)
    _change(tx, charge, noticed_at=tx.now, due_at=due_at, act_at=due_at)
    assert mandate.payer is not None
    tx.announce(MandateChargeNoticed(mandate.mandate_id, charge.charge_id, mandate.payer, due_at))


def _collect(tx: Tx, mandate: Mandate, charge: Charge) -> ChargeStatus:
    assert mandate.payer is not None
    attempts = charge.attempt_count + 1
    try:
        # What was refused must leave nothing behind, and the charge must know of it.
        with tx.conn.begin_nested():
            payment_id = _pay(tx, mandate, charge)
    except Refusal as refusal:
        again_at = next_try(attempts, tx.now)
        status: ChargeStatus = "failed" if again_at is None else "retrying"
        _change(
            tx,
            charge,
            status=status,
            attempt_count=attempts,
            refusal=refusal.code,
            due_at=again_at or charge.due_at,
            act_at=again_at,
            settled_at=tx.now if again_at is None else None,
        )
        tx.announce(
            MandateChargeRefused(
                mandate.mandate_id, charge.charge_id, mandate.payer, refusal.code, again_at
            )
        )
        return status
    _change(
        tx,
        charge,
        status="paid",
        attempt_count=attempts,
        refusal="",
        act_at=None,
        payment_id=payment_id,
        settled_at=tx.now,
    )
    tx.announce(MandateCharged(mandate.mandate_id, charge.charge_id, mandate.payer, payment_id))
    return "paid"


def _pay(tx: Tx, mandate: Mandate, charge: Charge) -> str:
    assert mandate.payer is not None
    payer = PartyId(mandate.payer)
    user_id = user_of(tx, payer)
    # The payer's own limits hold as for any payment of theirs; nobody is there to confirm.
    authority = None if user_id is None else Authority(Requester(user_id=user_id))
    is_house = mandate.payee_party is None
    payment = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.MANDATE_CHARGE,
            payer=open_wallet(tx, payer, charge.amount.currency).id,
            payee=HouseAccount(mandate.payee) if is_house else WalletId(mandate.payee),
            amount=charge.amount,
            fee=_compute_fee(tx, mandate, charge.amount),
            key=f"{charge.charge_id}:collect",
            reference=charge.charge_id,
            authority=authority,
        ),
    )
    return payment.id


def _compute_fee(tx: Tx, mandate: Mandate, amount: Money) -> Money | None:
    """What the house takes of it, as of any payment to a shop.

    Raises:
        ShopNotOpen: the shop may take no money now; it is tried again.
    """
    if mandate.payee_party is None:
        return None
    shop = find_shop_of_party(tx, mandate.payee_party)
    if shop is None:
        return None
    if not shop.is_open:
        raise ShopNotOpen
    return compute_fee(amount, find_fee_rate(tx, shop.shop_id, amount.currency))


# Planned charges


def _plan(tx: Tx, mandate: Mandate, *, after: int | None = None) -> None:
    """Announce the next charge that comes by itself, if one does.

    Args:
        tx: the transaction.
        mandate: in force.
        after: the period whose own charge was the last one; None: there was none.
    """
    terms = mandate.terms
    index = 0 if after is None else after + 1
    due_on = next_planned(terms, index)
    if due_on is None or terms.amount is None:
        return
    # Who consents today to what begins today has had all the notice there is.
    is_consented_now = after is None and due_on <= day_of(tx.now)
    due_at = start_of_day(due_on)
    new = NewCharge(
        amount=terms.amount,
        key=planned_key(index),
        reference=due_on.isoformat(),
        due_at=max(due_at, tx.now) if is_consented_now else due_at,
        due_on=due_on,
        is_planned=True,
    )
    charge = _insert_charge(tx, mandate, new)
    if is_consented_now:
        _change(tx, charge, noticed_at=tx.now, act_at=tx.now)
        advance_charge(tx, charge.charge_id)


def _insert_charge(tx: Tx, mandate: Mandate, new: NewCharge) -> Charge:
    charge_id = ChargeId(tx.new_id("mch"))
    terms = mandate.terms
    tx.conn.execute(
        sa.insert(wallet_mandate_charge).values(
            charge_id=charge_id,
            mandate_id=mandate.mandate_id,
            key=new.key,
            currency=new.amount.currency,
            minor=new.amount.minor,
            reference=new.reference,
            due_on=new.due_on,
            due_at=new.due_at,
            period_index=period_of(terms.start_on, terms.period, new.due_on),
            is_planned=new.is_planned,
            status="announced",
            act_at=notice_at(new.due_at, terms.notice_days),
            attempt_count=0,
            refusal="",
            created_at=tx.now,
        )
    )
    return _load_charge(tx, charge_id)


# Rows


def _find_by_key(tx: Tx, proposal: Proposal) -> Mandate | None:
    row = tx.conn.execute(
        sa.select(wallet_mandate).where(
            _mandate.payee == proposal.payee, _mandate.key == proposal.key
        )
    ).one_or_none()
    if row is None:
        return None
    mandate = mandate_from(row)
    is_same_payer = proposal.payer is None or mandate.payer == proposal.payer
    if mandate.terms != proposal.terms or not is_same_payer:
        raise MandateKeyReused
    return mandate


def _load(tx: Tx, mandate_id: str) -> Mandate:
    mandate = load_mandate(tx, mandate_id)
    assert mandate is not None
    return mandate


def _load_charge(tx: Tx, charge_id: str) -> Charge:
    charge = load_charge(tx, charge_id)
    assert charge is not None
    return charge


def _change(tx: Tx, charge: Charge, **values: object) -> None:
    tx.conn.execute(
        sa.update(wallet_mandate_charge)
        .where(_charge.charge_id == charge.charge_id)
        .values(**values)
    )
