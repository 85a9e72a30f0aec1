"""What changes the bank's books. Each function runs inside one transaction of its caller."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.iso20022 import (
    CLOSE,
    DEBITS,
    NAME_REQUEST,
    TRANSFERS,
    AccountNumber,
    BadMessage,
    DebitFile,
    Entry,
    NameAnswer,
    NameQuestion,
    NameReport,
    NameRequest,
    Notification,
    Statement,
    StatusReport,
    TransactionStatus,
    TransferFile,
    describe_reason,
    find_kind,
    read_debits,
    read_name_request,
    read_transfers,
    write_name_report,
    write_notification,
    write_statement,
    write_status,
)
from teahouse.partner_bank.rules import (
    UNTOLD_NAMES,
    choose_fate,
    compare_names,
    date_of,
    find_day,
    name_holder,
)
from teahouse.partner_bank.tables import (
    bank_account,
    bank_line,
    bank_line_reference,
    bank_order,
    bank_outgoing,
    bank_received,
    bank_setting,
    bank_statement,
)
from teahouse.partner_bank.types import Account, Order, Terms
from teahouse.platform.money import Currency, Money

_UNNAMED = "NOTPROVIDED"
# Lines in one notification; more make several.
_TOLD_MAX = 1000
_DUE_MAX = 1000


class Desk(msgspec.Struct, frozen=True):
    """What a piece of work needs: the books, the instant, the terms, when the bank opened."""

    conn: sa.Connection
    now: int
    terms: Terms
    started_at: int

    @property
    def day(self) -> int:
        """Today, as the number of a day."""
        return find_day(self.now, self.started_at, self.terms.day_ms)


def open_bank(conn: sa.Connection, now: int) -> int:
    """Open the bank, once.

    Returns:
        When it opened.
    """
    conn.execute(
        sa.insert(bank_setting).prefix_with("OR IGNORE").values(name="started_at", value=now)
    )
    found = sa.select(bank_setting.c.value).where(bank_setting.c.name == "started_at")
    return int(conn.execute(found).scalar_one())


def open_account(desk: Desk, number: AccountNumber, account: Account) -> None:
    """Open an account; one that is there stays as it is."""
    desk.conn.execute(
        sa.insert(bank_account)
        .prefix_with("OR IGNORE")
        .values(
            number=account.number,
            is_iban=number.is_iban,
            currency=account.currency,
            name=account.name,
            minor=account.minor,
            is_customer=account.is_customer,
            opened_minor=account.minor,
            opened_day=desk.day,
        )
    )


def list_accounts(conn: sa.Connection) -> list[Account]:
    """Every account, customers' first."""
    row = bank_account.c
    found = sa.select(row.number, row.currency, row.name, row.minor, row.is_customer)
    ordered = found.order_by(row.is_customer.desc(), row.number)
    return [Account(*one) for one in conn.execute(ordered)]


def pay_in(desk: Desk, customer: str, amount: Money, *, name: str, **told: str) -> None:
    """Somebody pays a customer, or takes (an amount below zero), without an order of theirs.

    Args:
        desk: the bank at work.
        customer: whose account.
        amount: in its currency.
        name: who pays.
        told: `text`, what they write; `reference`, the creditor reference that they name.
    """
    account = _find_account(desk, customer)
    assert account is not None
    assert account.currency == amount.currency
    _add_line(desk, customer, amount.minor, name=name, **{"text": "", **told})


# Files that come in


def receive(desk: Desk, raw: bytes) -> bool:
    """Take a file of orders and answer it; the same file again changes nothing.

    Returns:
        Whether it could be read.
    """
    try:
        kind = find_kind(raw)
        file = _read(raw, kind)
    except BadMessage as bad:
        report = _report(desk, _UNNAMED, TRANSFERS)
        told = {"group_status": "RJCT", "group_reason": "FF01", "group_text": str(bad)}
        _send_status(desk, msgspec.structs.replace(report, **told))
        return False
    digest = sha256(raw).digest()
    row = bank_received.c
    earlier = desk.conn.execute(
        sa.select(row.digest).where(row.message_id == file.message_id)
    ).scalar_one_or_none()
    if earlier == digest:
        return True
    if isinstance(file, NameRequest):
        # It moves nothing: asked twice in two ways it is answered twice.
        _answer_names(desk, file)
        return True
    report = _report(desk, file.message_id, kind)
    refused = "DU01" if earlier is not None else _refuse_file(desk, file)
    if refused:
        told = {"group_status": "RJCT", "group_reason": refused}
        told["group_text"] = describe_reason(refused)
        _send_status(desk, msgspec.structs.replace(report, **told))
        return True
    desk.conn.execute(
        sa.insert(bank_received).values(
            message_id=file.message_id, digest=digest, received_at=desk.now
        )
    )
    decided = [_take_order(desk, file, order) for order in _orders(file)]
    _answer(desk, report, [one for one in decided if one is not None])
    return True


def _read(raw: bytes, kind: str) -> TransferFile | DebitFile | NameRequest:
    if kind == TRANSFERS:
        return read_transfers(raw)
    if kind == DEBITS:
        return read_debits(raw)
    if kind == NAME_REQUEST:
        return read_name_request(raw)
    raise BadMessage(f"{kind} is not a message that customers send.")


def _answer_names(desk: Desk, request: NameRequest) -> None:
    """Say of each account whether its holder bears the name."""
    message_id = _next_id(desk, "V")
    report = NameReport(
        message_id=message_id,
        created_at=desk.now,
        name=request.name,
        original_id=request.message_id,
        original_at=request.created_at,
        answers=tuple(_compare_holder(desk, one) for one in request.questions),
    )
    _send(desk, f"acmt.024-{message_id}.xml", write_name_report(report))


def _compare_holder(desk: Desk, question: NameQuestion) -> NameAnswer:
    number = question.account.number
    untold = UNTOLD_NAMES.get(number[-4:])
    if untold or not question.currency:
        return NameAnswer(question.id, untold or "NOAP")
    _hear_of(desk, question.account, Currency(question.currency), question.name)
    account = _find_account(desk, number)
    assert account is not None
    result = compare_names(question.name, account.name)
    # A name is told only to who nearly knows it: else anybody could ask whose account it is.
    return NameAnswer(question.id, result, account.name if result == CLOSE else "")


def _hear_of(desk: Desk, number: AccountNumber, currency: Currency, name: str) -> None:
    """Let an account at another bank be there: it is, once somebody names it."""
    fresh = Account(
        number.number,
        currency,
        name_holder(number.number, name),
        desk.terms.outside_minor,
        is_customer=False,
    )
    open_account(desk, number, fresh)


def _orders(file: TransferFile | DebitFile) -> list[Order]:
    if isinstance(file, TransferFile):
        return [
            Order(one.end_to_end_id, "out", one.amount, one.account, one.name, one.text)
            for one in file.transfers
        ]
    return [
        Order(one.end_to_end_id, "in", one.amount, one.account, one.name, one.text)
        for one in file.debits
    ]


def _refuse_file(desk: Desk, file: TransferFile | DebitFile) -> str:
    """The reason why nothing of a file can be done; empty where it can."""
    customer = _find_account(desk, file.account.number)
    if customer is None or not customer.is_customer:
        return "AC01"
    return "AM03" if _orders(file)[0].amount.currency != customer.currency else ""


def _take_order(
    desk: Desk, file: TransferFile | DebitFile, order: Order
) -> TransactionStatus | None:
    """Decide about an order and keep it.

    Returns:
        What to answer; None where the bank is silent.
    """
    known = sa.exists().where(bank_order.c.end_to_end_id == order.end_to_end_id)
    if desk.conn.execute(sa.select(known)).scalar_one():
        text = describe_reason("DU04")
        return TransactionStatus(order.end_to_end_id, "RJCT", "DU04", text)
    fate = choose_fate(order, desk.terms)
    reason = fate.reject or _refuse_order(desk, file.account.number, order)
    status = "silent" if fate.is_silent else "rejected" if reason else "accepted"
    desk.conn.execute(
        sa.insert(bank_order).values(
            end_to_end_id=order.end_to_end_id,
            message_id=file.message_id,
            customer=file.account.number,
            number=order.account.number,
            name=order.name,
            text=order.text,
            minor=order.amount.minor if order.direction == "in" else -order.amount.minor,
            currency=order.amount.currency,
            status=status,
            reason=reason,
            give_back=fate.give_back,
            due_at=desk.now + desk.terms.delay_ms,
        )
    )
    if fate.is_silent:
        return None
    if reason:
        return TransactionStatus(order.end_to_end_id, "RJCT", reason, describe_reason(reason))
    return TransactionStatus(order.end_to_end_id, "ACCP")


def _refuse_order(desk: Desk, customer: str, order: Order) -> str:
    """The reason why the accounts do not allow an order; empty where they do."""
    _hear_of(desk, order.account, order.amount.currency, order.name)
    other = _find_account(desk, order.account.number)
    assert other is not None
    if other.currency != order.amount.currency:
        return "AM03"
    payer = customer if order.direction == "out" else order.account.number
    return "AM04" if _free_minor(desk, payer) < order.amount.minor else ""


def _free_minor(desk: Desk, number: str) -> int:
    """What an account holds beyond what accepted orders will take from it."""
    account = _find_account(desk, number)
    assert account is not None
    row = bank_order.c
    promised = sa.select(sa.func.coalesce(sa.func.sum(sa.func.abs(row.minor)), 0)).where(
        row.status == "accepted",
        sa.or_(
            sa.and_(row.customer == number, row.minor < 0),
            sa.and_(row.number == number, row.minor > 0),
        ),
    )
    return account.minor - int(desk.conn.execute(promised).scalar_one())


def _answer(desk: Desk, report: StatusReport, decided: list[TransactionStatus]) -> None:
    if not decided:
        return
    statuses = {one.status for one in decided}
    group = statuses.pop() if len(statuses) == 1 else "PART"
    _send_status(
        desk, msgspec.structs.replace(report, group_status=group, transactions=tuple(decided))
    )


# What falls due


def book_due(desk: Desk) -> int:
    """Book what is due, and give back what comes back.

    Returns:
        How many orders; call again while there are any.
    """
    row = bank_order.c
    due = sa.select(bank_order).where(
        row.due_at <= desk.now,
        sa.or_(row.status == "accepted", sa.and_(row.status == "booked", row.give_back != "")),
    )
    orders = desk.conn.execute(due.order_by(row.due_at, row.end_to_end_id).limit(_DUE_MAX)).all()
    for order in orders:
        comes_back = order.status == "booked"
        minor = -order.minor if comes_back else order.minor
        _move(desk, order.number, -minor)
        _add_line(
            desk,
            order.customer,
            minor,
            end_to_end_id=order.end_to_end_id,
            return_reason=order.give_back if comes_back else "",
            name=order.name,
            text=order.text,
        )
        desk.conn.execute(
            sa.update(bank_order)
            .where(row.end_to_end_id == order.end_to_end_id)
            .values(
                status="returned" if comes_back else "booked",
                due_at=desk.now + desk.terms.delay_ms,
            )
        )
    return len(orders)


def _add_line(
    desk: Desk,
    customer: str,
    minor: int,
    *,
    end_to_end_id: str = "",
    return_reason: str = "",
    **told: str,
) -> None:
    _move(desk, customer, minor)
    added = desk.conn.execute(
        sa.insert(bank_line).values(
            customer=customer,
            # A clock that was put back must not add to a day that is closed.
            day=max(desk.day, _first_open_day(desk, customer)),
            minor=minor,
            end_to_end_id=end_to_end_id,
            return_reason=return_reason,
            name=told["name"],
            text=told["text"],
            is_told=False,
        )
    )
    if told.get("reference"):
        line_id = added.inserted_primary_key
        assert line_id is not None
        desk.conn.execute(
            sa.insert(bank_line_reference).values(
                line_id=line_id[0], creditor_reference=told["reference"]
            )
        )


def _first_open_day(desk: Desk, customer: str) -> int:
    row = bank_statement.c
    last = sa.select(sa.func.coalesce(sa.func.max(row.day), -1)).where(row.customer == customer)
    return int(desk.conn.execute(last).scalar_one()) + 1


def _move(desk: Desk, number: str, minor: int) -> None:
    desk.conn.execute(
        sa.update(bank_account)
        .where(bank_account.c.number == number)
        .values(minor=bank_account.c.minor + minor)
    )


def tell_lines(desk: Desk) -> None:
    """Write notifications of lines that customers were not told of."""
    row = bank_line.c
    untold = _select_lines().where(row.is_told.is_(False)).order_by(row.id).limit(_TOLD_MAX)
    lines = desk.conn.execute(untold).all()
    for customer in sorted({line.customer for line in lines}):
        account, number = _customer(desk, customer)
        message_id = _next_id(desk, "N")
        told = [line for line in lines if line.customer == customer]
        entries = tuple(_entry(desk, line, account.currency) for line in told)
        written = write_notification(
            Notification(message_id, desk.now, message_id, number, entries)
        )
        _send(desk, f"camt.054-{message_id}.xml", written)
    desk.conn.execute(
        sa.update(bank_line).where(row.id.in_([line.id for line in lines])).values(is_told=True)
    )


def close_days(desk: Desk) -> None:
    """Write the statements of the days that have ended; of a day without lines too."""
    customers = sa.select(bank_account.c.number).where(bank_account.c.is_customer)
    for number in desk.conn.execute(customers.order_by(bank_account.c.number)).scalars():
        row = bank_statement.c
        last = desk.conn.execute(
            sa.select(row.day, row.sequence, row.closing_minor)
            .where(row.customer == number)
            .order_by(row.day.desc())
            .limit(1)
        ).one_or_none()
        opened = desk.conn.execute(
            sa.select(bank_account.c.opened_day, bank_account.c.opened_minor).where(
                bank_account.c.number == number
            )
        ).one()
        day = opened.opened_day if last is None else last.day + 1
        opening = opened.opened_minor if last is None else last.closing_minor
        sequence = 1 if last is None else last.sequence + 1
        while day < desk.day:
            opening = _close_day(desk, number, day=day, sequence=sequence, opening=opening)
            day, sequence = day + 1, sequence + 1


def _close_day(desk: Desk, customer: str, *, day: int, sequence: int, opening: int) -> int:
    account, number = _customer(desk, customer)
    row = bank_line.c
    lines = _select_lines().where(row.customer == customer, row.day == day).order_by(row.id)
    entries = tuple(_entry(desk, line, account.currency) for line in desk.conn.execute(lines))
    closing = opening + sum(entry.amount.minor for entry in entries)
    message_id = _next_id(desk, "S")
    on = date_of(day, desk.started_at)
    statement = Statement(
        message_id=message_id,
        created_at=desk.now,
        id=message_id,
        sequence=sequence,
        account=number,
        currency=account.currency,
        opened_on=on,
        closed_on=on,
        opening=opening,
        closing=closing,
        entries=entries,
    )
    desk.conn.execute(
        sa.insert(bank_statement).values(
            customer=customer, day=day, sequence=sequence, closing_minor=closing
        )
    )
    _send(desk, f"camt.053-{message_id}.xml", write_statement(statement))
    return closing


def _select_lines() -> sa.Select[Any]:
    """Lines with the references that payers named."""
    named = bank_line_reference.c.creditor_reference
    return sa.select(bank_line, named).select_from(bank_line.outerjoin(bank_line_reference))


def _entry(desk: Desk, line: sa.Row[Any], currency: Currency) -> Entry:
    on = date_of(line.day, desk.started_at)
    family = "ICDT" if line.minor < 0 else "RCDT"
    return Entry(
        amount=Money(line.minor, currency),
        booked_on=on,
        valued_on=on,
        bank_reference=f"L-{line.id}",
        end_to_end_id=line.end_to_end_id,
        return_reason=line.return_reason,
        name=line.name,
        text=line.text,
        code=("PMNT", family, "RRTN" if line.return_reason else "OTHR"),
        creditor_reference=line.creditor_reference or "",
    )


# Of all


def _find_account(desk: Desk, number: str) -> Account | None:
    row = bank_account.c
    found = desk.conn.execute(
        sa.select(row.number, row.currency, row.name, row.minor, row.is_customer).where(
            row.number == number
        )
    ).one_or_none()
    return None if found is None else Account(*found)


def _customer(desk: Desk, number: str) -> tuple[Account, AccountNumber]:
    account = _find_account(desk, number)
    assert account is not None
    is_iban = sa.select(bank_account.c.is_iban).where(bank_account.c.number == number)
    return account, AccountNumber(number, is_iban=desk.conn.execute(is_iban).scalar_one())


def _report(desk: Desk, original_id: str, kind: str) -> StatusReport:
    return StatusReport(_next_id(desk, "R"), desk.now, original_id, kind)


def _send_status(desk: Desk, report: StatusReport) -> None:
    _send(desk, f"pain.002-{report.message_id}.xml", write_status(report))


def _next_id(desk: Desk, letter: str) -> str:
    """An id that no other message of this bank has or will have, even if it is founded anew."""
    counted = sa.select(sa.func.coalesce(sa.func.max(bank_outgoing.c.id), 0))
    number = int(desk.conn.execute(counted).scalar_one()) + 1
    return f"{letter}{desk.started_at:x}-{number:08}"


def _send(desk: Desk, name: str, content: bytes) -> None:
    desk.conn.execute(sa.insert(bank_outgoing).values(name=name, content=content, is_written=False))
