"""Takes statements, notes what needs a person, and does what two of the staff decide."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse import ledger, privacy
from teahouse.accounts import check_power, note_staff_act
from teahouse.iso20022 import Entry
from teahouse.iso20022 import Statement as BankStatement
from teahouse.ledger import Posting, TransactionDraft
from teahouse.platform.db import Tx
from teahouse.platform.money import Currency, Money
from teahouse.platform.pages import Page
from teahouse.platform.requester import Requester
from teahouse.wallet.outside.announcements import BankOrderReported
from teahouse.wallet.outside.commands import apply_event, post_between, take_entry
from teahouse.wallet.outside.queries import find_order
from teahouse.wallet.outside.rules import id_of
from teahouse.wallet.outside.tables import wallet_bank_order
from teahouse.wallet.outside.types import OUTGOING, HouseBank, OrderEvent, StoredOrder
from teahouse.wallet.parties.queries import find_party, user_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.pay_ins.commands import reference_in, state_pay_in
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.reconciliation.errors import (
    ActionImpossible,
    NotOpen,
    NotProposed,
    SamePerson,
    UnknownItem,
)
from teahouse.wallet.reconciliation.queries import (
    find_last_reconciled,
    find_posted,
    list_items,
    select_items,
    to_item,
)
from teahouse.wallet.reconciliation.tables import (
    wallet_bank_statement,
    wallet_bank_statement_line,
    wallet_reconciliation_item,
)
from teahouse.wallet.reconciliation.types import (
    Finding,
    Item,
    ItemStatus,
    Match,
    Proposal,
)
from teahouse.wallet.wallets.commands import house_account, open_wallet
from teahouse.wallet.wallets.types import HouseAccount

STATEMENT, ITEM = "bst", "rit"
_SEEN = (
    "wallet_bank_statement_line.minor",
    "wallet_bank_statement_line.name",
    "wallet_bank_statement_line.text",
    "wallet_reconciliation_item.wallet_party",
    "wallet_reconciliation_item.proposed_by",
    "wallet_reconciliation_item.decided_by",
    "wallet_party.user_id",
)
SEE_ITEMS = privacy.declare_deed("reconciliation.see", *_SEEN)
DECIDE_ITEM = privacy.declare_deed("reconciliation.decide", *_SEEN)
_DAY_MS = 86_400_000
# Banks book within two working days; a weekend and a holiday on top.
_MISSING_AFTER_MS = 5 * _DAY_MS
_MISSING_MAX = 500

_statement, _line = wallet_bank_statement.c, wallet_bank_statement_line.c
_item, _order = wallet_reconciliation_item.c, wallet_bank_order.c


# Statements


def take_statement(tx: Tx, told: BankStatement, house: HouseBank) -> None:
    """Take a statement; it is reconciled once all earlier ones are.

    Args:
        tx: the transaction.
        told: as the bank wrote it.
        house: the house's accounts.
    """
    currency = house.currency_of(told.account)
    if currency is None or currency != told.currency:
        wrong = f"Statement {told.id} is of an account that is not ours."
        _note(tx, Finding("contradiction", wrong))
        return
    known = sa.exists().where(_statement.currency == currency, _statement.bank_id == told.id)
    if tx.conn.execute(sa.select(known)).scalar_one():
        wrong = f"Statement {told.id} came twice, in two messages."
        _note(tx, Finding("contradiction", wrong))
        return
    statement_id = tx.new_id(STATEMENT)
    tx.conn.execute(
        sa.insert(wallet_bank_statement).values(
            statement_id=statement_id,
            bank_id=told.id,
            sequence=told.sequence,
            currency=currency,
            opened_on=told.opened_on,
            closed_on=told.closed_on,
            opening_minor=told.opening,
            closing_minor=told.closing,
            line_count=len(told.entries),
            matched_count=0,
            status="waiting",
            told="",
            received_at=tx.now,
        )
    )
    lines = [
        {
            "statement_id": statement_id,
            "line_index": index,
            "minor": entry.amount.minor,
            "booked_on": entry.booked_on,
            "valued_on": entry.valued_on,
            "bank_reference": entry.bank_reference,
            "end_to_end_id": entry.end_to_end_id,
            "creditor_reference": entry.creditor_reference,
            "return_reason": entry.return_reason,
            "name": entry.name,
            "text": entry.text,
            "match": "waiting",
        }
        for index, entry in enumerate(told.entries)
    ]
    if lines:
        tx.conn.execute(sa.insert(wallet_bank_statement_line), lines)
    _reconcile_waiting(tx, currency)


def _reconcile_waiting(tx: Tx, currency: Currency) -> None:
    """Reconcile every statement that now follows on the last one."""
    while True:
        last = find_last_reconciled(tx, currency)
        row = _find_next(tx, currency, last)
        if row is None:
            break
        _reconcile(tx, row, place=1 if last is None else last.place + 1)
    if last is not None:
        _refuse_late(tx, currency, last)


def _find_next(tx: Tx, currency: Currency, last: sa.Row[Any] | None) -> sa.Row[Any] | None:
    """The waiting statement that follows on the last one; the first by number where none is."""
    found = sa.select(wallet_bank_statement).where(
        _statement.currency == currency, _statement.status == "waiting"
    )
    if last is not None:
        is_numbered = sa.and_(_statement.sequence > 0, sa.literal(last.sequence > 0))
        follows = sa.case(
            (is_numbered, _statement.sequence == last.sequence + 1),
            else_=_statement.opened_on >= last.closed_on,
        )
        found = found.where(follows, _statement.opening_minor == last.closing_minor)
    ordered = found.order_by(_statement.sequence, _statement.opened_on, _statement.statement_id)
    return tx.conn.execute(ordered.limit(1)).one_or_none()


def _refuse_late(tx: Tx, currency: Currency, last: sa.Row[Any]) -> None:
    """Refuse what cannot follow any more, and tell what cannot follow yet."""
    rows = tx.conn.execute(
        sa.select(wallet_bank_statement).where(
            _statement.currency == currency, _statement.status == "waiting", _statement.told == ""
        )
    ).all()
    for row in rows:
        is_late = row.closed_on < last.closed_on or 0 < row.sequence <= last.sequence
        is_next = row.sequence == last.sequence + 1
        if is_late:
            told = f"Statement {row.bank_id} is earlier than the last one that was taken."
        elif is_next:
            told = f"Statement {row.bank_id} does not open with what the last one closed with."
        else:
            continue
        _note(tx, Finding("contradiction", told))
        status = "refused" if is_late else "waiting"
        _change_statement(tx, row.statement_id, status=status, told=told)


def _reconcile(tx: Tx, row: sa.Row[Any], *, place: int) -> None:
    """Move cash by every line of a statement."""
    currency = Currency(row.currency)
    _settle_opening(tx, row, currency)
    lines = tx.conn.execute(
        sa.select(wallet_bank_statement_line)
        .where(_line.statement_id == row.statement_id)
        .order_by(_line.line_index)
    ).all()
    drafts = []
    matched = 0
    for line in lines:
        match, account = _match(tx, line, currency)
        matched += match == "matched"
        drafts.append(_draft(tx, line, currency, account))
    booked = ledger.post_transactions(tx, [(draft,) for draft in drafts])
    for one in booked:
        # None of these accounts is bounded; a refusal would be a defect.
        assert isinstance(one, tuple), one
    _change_statement(
        tx,
        row.statement_id,
        status="reconciled",
        place=place,
        matched_count=matched,
        reconciled_at=tx.now,
        told="",
    )
    assert find_posted(tx, HouseAccount.CASH_AT_BANK, currency).minor == row.closing_minor


def _settle_opening(tx: Tx, row: sa.Row[Any], currency: Currency) -> None:
    """Let the books' cash be what the statement opens with: at the first it can differ."""
    difference = row.opening_minor - find_posted(tx, HouseAccount.CASH_AT_BANK, currency).minor
    if difference == 0:
        return
    amount = Money(abs(difference), currency)
    sides = (HouseAccount.CASH_AT_BANK, HouseAccount.SUSPENSE)
    debit, credit = sides if difference > 0 else sides[::-1]
    post_between(tx, f"{row.statement_id}:opening", debit, credit, amount)
    told = f"Statement {row.bank_id} opens with another balance than the books have."
    _note(tx, Finding("opening", told, Money(difference, currency), is_aside=True))


def _match(tx: Tx, line: sa.Row[Any], currency: Currency) -> tuple[Match, HouseAccount]:
    """What a line is, and what stands against cash for it."""
    order = find_order(tx, id_of(line.end_to_end_id)) if line.end_to_end_id else None
    entry = Entry(
        amount=Money(line.minor, currency),
        booked_on=line.booked_on,
        valued_on=line.valued_on,
        bank_reference=line.bank_reference,
        end_to_end_id=line.end_to_end_id,
        return_reason=line.return_reason,
        name=line.name,
        text=line.text,
        creditor_reference=line.creditor_reference,
    )
    if order is None:
        return _match_pay_in(tx, line, entry)
    finding = _find_wrong(tx, order, entry)
    if finding is not None:
        _note(tx, finding, line=line, order_id=order.order_id)
        return _mark(tx, line, "differs", order.order_id, HouseAccount.SUSPENSE)
    _resolve_missing(tx, order)
    return _mark(tx, line, "matched", order.order_id, transit_of(order))


def _match_pay_in(tx: Tx, line: sa.Row[Any], entry: Entry) -> tuple[Match, HouseAccount]:
    """A line that nobody ordered: money for who gave the payer a reference, or for suspense."""
    pay_in_id = state_pay_in(tx, entry.amount.currency, entry)
    if pay_in_id is not None:
        return _mark(tx, line, "matched", pay_in_id, HouseAccount.TOPUPS_IN_TRANSIT)
    reference = reference_in(entry)
    told = f"Nobody has the reference {reference}." if reference else "Nobody ordered this."
    _note(tx, Finding("unmatched", told, entry.amount, is_aside=True), line=line)
    return _mark(tx, line, "unmatched", None, HouseAccount.SUSPENSE)


def _find_wrong(tx: Tx, order: StoredOrder, entry: Entry) -> Finding | None:
    """Act on a line of an order, and say why it is not what was ordered, if so."""
    if not take_entry(tx, order, entry):
        told = "The bank has booked another amount than was ordered."
        return Finding("differs", told, entry.amount, is_aside=True)
    if not _state(tx, order, comes_back=bool(entry.return_reason)):
        told = "The bank has booked this twice, or although it had rejected it."
        return Finding("contradiction", told, entry.amount, is_aside=True)
    return None


def transit_of(order: StoredOrder) -> HouseAccount:
    """Where an order's money is between wallet and bank."""
    if order.kind in OUTGOING:
        return HouseAccount.WITHDRAWALS_IN_TRANSIT
    return HouseAccount.TOPUPS_IN_TRANSIT


def _state(tx: Tx, order: StoredOrder, *, comes_back: bool) -> bool:
    """Note that an order, or its return, stood on a statement.

    Returns:
        Whether it could: once each, and never where the bank had rejected it.
    """
    column = _order.return_stated_at if comes_back else _order.stated_at
    stated = tx.conn.execute(
        sa.update(wallet_bank_order)
        .where(_order.order_id == order.order_id, column.is_(None), _order.status != "rejected")
        .values({column.name: tx.now})
    )
    return stated.rowcount == 1


def _mark(
    tx: Tx, line: sa.Row[Any], match: Match, about: str | None, account: HouseAccount
) -> tuple[Match, HouseAccount]:
    tx.conn.execute(
        sa.update(wallet_bank_statement_line)
        .where(_line.statement_id == line.statement_id, _line.line_index == line.line_index)
        .values(match=match, order_id=about)
    )
    return match, account


def _draft(
    tx: Tx, line: sa.Row[Any], currency: Currency, account: HouseAccount
) -> TransactionDraft:
    return TransactionDraft(
        key=f"{line.statement_id}:{line.line_index:05}",
        postings=(
            Posting(house_account(tx, HouseAccount.CASH_AT_BANK, currency), line.minor),
            Posting(house_account(tx, account, currency), -line.minor),
        ),
        kind="bank_statement",
        reference=line.statement_id,
        valued_on=line.valued_on,
    )


def _change_statement(tx: Tx, statement_id: str, **values: object) -> None:
    tx.conn.execute(
        sa.update(wallet_bank_statement)
        .where(_statement.statement_id == statement_id)
        .values(**values)
    )


# Items


def note_reported(tx: Tx, announcement: BankOrderReported) -> None:
    """Note what the link to the bank has found wrong: a reaction, in the same transaction."""
    told = announcement.reported
    # Of these the money stands in suspense already.
    is_aside = told.kind in {"short_return", "unclaimed"}
    finding = Finding(told.kind, told.told, told.amount, is_aside=is_aside)
    _note(tx, finding, order_id=told.order_id)


def note_missing(tx: Tx) -> int:
    """Note orders that should have stood on a statement by now.

    Returns:
        How many were noted.
    """
    late = tx.now - _MISSING_AFTER_MS
    unfinished = sa.or_(
        sa.and_(_order.status == "booked", _order.booked_at < late, _order.stated_at.is_(None)),
        sa.and_(_order.status.in_(["sent", "accepted"]), _order.sent_at < late),
    )
    noted = sa.exists().where(_item.order_id == _order.order_id, _item.kind == "missing")
    found = sa.select(_order.order_id).where(unfinished, ~noted).order_by(_order.order_id)
    ids = tx.conn.execute(found.limit(_MISSING_MAX)).scalars().all()
    for order_id in ids:
        order = find_order(tx, order_id)
        assert order is not None
        told = "The bank has not told of this on any statement."
        _note(tx, Finding("missing", told, order.amount), order_id=order_id)
    return len(ids)


def _resolve_missing(tx: Tx, order: StoredOrder) -> None:
    tx.conn.execute(
        sa.update(wallet_reconciliation_item)
        .where(
            _item.order_id == order.order_id, _item.kind == "missing", _item.status != "resolved"
        )
        .values(
            status="resolved",
            action="nothing",
            note="It stood on a later statement.",
            proposed_by=None,
            decided_at=tx.now,
        )
    )


def _note(
    tx: Tx, finding: Finding, *, order_id: str | None = None, line: sa.Row[Any] | None = None
) -> None:
    """Note something for staff; what was told of an order before gets its line and its money."""
    amount = finding.amount
    about = {
        "currency": None if amount is None else amount.currency,
        "minor": None if amount is None else amount.minor,
        "suspense_minor": amount.minor if amount is not None and finding.is_aside else 0,
        "statement_id": None if line is None else line.statement_id,
        "line_index": None if line is None else line.line_index,
    }
    # What a notification told already comes again with the statement, then with its money.
    same = sa.select(_item.item_id).where(
        _item.order_id == order_id,
        _item.kind == finding.kind,
        _item.status == "open",
        _item.suspense_minor == 0,
        _item.statement_id.is_(None),
    )
    earlier = tx.conn.execute(same.order_by(_item.item_id).limit(1)).scalar_one_or_none()
    is_same = order_id is not None and (line is not None or not finding.is_aside)
    if earlier is not None and is_same:
        _change_item(tx, earlier, **about)
        return
    tx.conn.execute(
        sa.insert(wallet_reconciliation_item).values(
            item_id=tx.new_id(ITEM),
            kind=finding.kind,
            status="open",
            told=finding.told,
            order_id=order_id,
            noted_at=tx.now,
            note="",
            **about,
        )
    )


def _change_item(tx: Tx, item_id: str, **values: object) -> None:
    tx.conn.execute(
        sa.update(wallet_reconciliation_item).where(_item.item_id == item_id).values(**values)
    )


# What staff decide


def propose(tx: Tx, requester: Requester, item_id: str, proposal: Proposal) -> Item:
    """Say how an item shall be resolved; another of the staff must agree.

    Raises:
        Forbidden: the requester's roles do not allow it.
        UnknownItem: there is none.
        NotOpen: somebody has proposed something already.
        ActionImpossible: this cannot be done about it.
    """
    check_power(requester, "wallet.reconcile")
    item = _find_item(tx, item_id)
    if item.status != "open":
        raise NotOpen
    party = None
    if proposal.action == "to_wallet":
        party = find_party(tx, proposal.user_id or "")
        if party is None:
            raise ActionImpossible("`user_id` names nobody who has a wallet.")
    _check_possible(tx, item, proposal)
    _note_decision(tx, requester, item_id, party, reason=proposal.note)
    _change_item(
        tx,
        item_id,
        status="proposed",
        action=proposal.action,
        wallet_party=party,
        note=proposal.note,
        proposed_by=requester.user_id,
        proposed_at=tx.now,
    )
    return find_item(tx, item_id)


def _note_decision(
    tx: Tx, requester: Requester, item_id: str, party: PartyId | None, *, reason: str
) -> None:
    about = None if party is None else user_of(tx, party)
    note_staff_act(tx, requester, DECIDE_ITEM, about or item_id, reason=reason)


def look_at_items(
    tx: Tx, requester: Requester, *, status: ItemStatus | None, before: str | None, limit: int
) -> Page[Item]:
    """What needs a person, for the staff; that somebody looked is told."""
    note_staff_act(tx, requester, SEE_ITEMS)
    return list_items(tx, status=status, before=before, limit=limit)


def _check_possible(tx: Tx, item: sa.Row[Any], proposal: Proposal) -> None:
    suspense = item.suspense_minor
    if proposal.action == "nothing" and suspense:
        raise ActionImpossible("Money stands in suspense for this: it must go somewhere.")
    if proposal.action != "nothing" and not suspense:
        raise ActionImpossible("No money stands in suspense for this.")
    if proposal.action == "to_wallet" and suspense < 0:
        raise ActionImpossible("Money went out: nobody's wallet can be credited with it.")
    if proposal.action == "to_order" and _expected_minor(tx, item) is None:
        raise ActionImpossible("This is not the order that it names, or is of no order.")


def decide(tx: Tx, requester: Requester, item_id: str, *, agrees: bool) -> Item:
    """Agree to what another proposed, and do it; or let the item be open again.

    Whoever proposed may take that back, but not agree to it.

    Raises:
        Forbidden: the requester's roles do not allow it.
        UnknownItem: there is none.
        NotProposed: nobody has proposed anything.
        SamePerson: the requester proposed it.
        ActionImpossible: it can no longer be done.
    """
    check_power(requester, "wallet.reconcile")
    item = _find_item(tx, item_id)
    if item.status != "proposed":
        raise NotProposed
    _note_decision(tx, requester, item_id, item.wallet_party, reason="")
    if not agrees:
        taken_back = {"action": None, "wallet_party": None, "note": "", "proposed_by": None}
        _change_item(tx, item_id, status="open", proposed_at=None, **taken_back)
        return find_item(tx, item_id)
    if item.proposed_by == requester.user_id:
        raise SamePerson
    _resolve(tx, item)
    _change_item(tx, item_id, status="resolved", decided_by=requester.user_id, decided_at=tx.now)
    return find_item(tx, item_id)


def _resolve(tx: Tx, item: sa.Row[Any]) -> None:
    """Move what stands in suspense to where it belongs."""
    match item.action:
        case "to_wallet":
            _move_to_wallet(tx, item)
        case "to_fees":
            _move_to_fees(tx, item, item.suspense_minor)
        case "to_order":
            _move_to_order(tx, item)
        case _:
            assert item.action == "nothing"


def _move_to_wallet(tx: Tx, item: sa.Row[Any]) -> None:
    currency = Currency(item.currency)
    wallet = open_wallet(tx, item.wallet_party, currency)
    pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.ADJUSTMENT,
            payer=HouseAccount.SUSPENSE,
            payee=wallet.id,
            amount=Money(item.suspense_minor, currency),
            key=f"{item.item_id}:wallet",
            reference=item.item_id,
        ),
    )


def _move_to_fees(tx: Tx, item: sa.Row[Any], minor: int) -> None:
    """Let the house gain (more than zero) or lose what stands in suspense."""
    if minor == 0:
        return
    amount = Money(abs(minor), Currency(item.currency))
    sides = (
        (HouseAccount.SUSPENSE, HouseAccount.FEE_INCOME)
        if minor > 0
        else (HouseAccount.FEE_EXPENSE, HouseAccount.SUSPENSE)
    )
    post_between(tx, f"{item.item_id}:fees", *sides, amount)


def _move_to_order(tx: Tx, item: sa.Row[Any]) -> None:
    """Let a line be the order after all; what differs is the house's to gain or lose."""
    order = find_order(tx, item.order_id)
    expected = _expected_minor(tx, item)
    line = _find_line(tx, item)
    if order is None or expected is None or line is None:
        raise ActionImpossible
    comes_back = bool(line.return_reason)
    event: OrderEvent = "returned" if comes_back else "booked"
    apply_event(tx, order, event, reason=line.return_reason)
    if not _state(tx, order, comes_back=comes_back):
        raise ActionImpossible("The order stood on a statement already, or was rejected.")
    sides = (HouseAccount.SUSPENSE, transit_of(order))
    debit, credit = sides if expected > 0 else sides[::-1]
    post_between(
        tx, f"{item.item_id}:order", debit, credit, Money(abs(expected), order.amount.currency)
    )
    _move_to_fees(tx, item, item.suspense_minor - expected)
    _resolve_missing(tx, order)


def _expected_minor(tx: Tx, item: sa.Row[Any]) -> int | None:
    """What a line should have been, signed; None where it is of no order or goes the other way."""
    order = None if item.order_id is None else find_order(tx, item.order_id)
    line = _find_line(tx, item)
    if order is None or line is None or order.amount.currency != item.currency:
        return None
    goes_out = (order.kind in OUTGOING) != bool(line.return_reason)
    expected = -order.amount.minor if goes_out else order.amount.minor
    return expected if (expected > 0) == (item.suspense_minor > 0) else None


def _find_line(tx: Tx, item: sa.Row[Any]) -> sa.Row[Any] | None:
    return tx.conn.execute(
        sa.select(wallet_bank_statement_line).where(
            _line.statement_id == item.statement_id, _line.line_index == item.line_index
        )
    ).one_or_none()


def _find_item(tx: Tx, item_id: str) -> sa.Row[Any]:
    row = tx.conn.execute(
        sa.select(wallet_reconciliation_item).where(_item.item_id == item_id)
    ).one_or_none()
    if row is None:
        raise UnknownItem
    return row


def find_item(tx: Tx, item_id: str) -> Item:
    """An item as staff see it.

    Raises:
        UnknownItem: there is none.
    """
    row = tx.conn.execute(select_items().where(_item.item_id == item_id)).one_or_none()
    if row is None:
        raise UnknownItem
    return to_item(tx, row)
