"""What the bank has booked: notifications (camt.054.001.08), statements (camt.053.001.08).

Source: ISO 20022 message definition reports, Bank-to-Customer Cash Management 2019.
"""

from __future__ import annotations

from datetime import date

from lxml import etree

from teahouse.iso20022.reading import (
    BadMessage,
    Node,
    read_account,
    read_amount,
    read_day,
    read_document,
    read_instant,
    read_minor,
    read_reason,
)
from teahouse.iso20022.types import (
    ITEMS_MAX,
    NOTIFICATION,
    STATEMENT,
    Entry,
    Notification,
    Statement,
)
from teahouse.iso20022.writing import (
    NAME_MAX,
    add,
    add_account,
    add_amount,
    add_identifier,
    add_text,
    finish_document,
    start_document,
    write_date,
    write_instant,
)
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money, parse_currency

_NONE = "NOTPROVIDED"
_OPENING = "OPBD"
_CLOSING = "CLBD"
_PREVIOUS_CLOSING = "PRCD"
_BOOKED = "BOOK"
_UNKNOWN_CODE = ("PMNT", "MCOP", "OTHR")


def write_notification(notification: Notification) -> bytes:
    """A camt.054.001.08."""
    document, body = start_document(NOTIFICATION, "BkToCstmrDbtCdtNtfctn")
    _add_header(body, notification.message_id, notification.created_at)
    told = add(body, "Ntfctn")
    add_identifier(told, "Id", notification.id)
    add(told, "CreDtTm", write_instant(notification.created_at))
    add_account(told, "Acct", notification.account)
    _add_entries(told, notification.entries)
    return finish_document(document)


def read_notification(raw: bytes) -> Notification:
    """Read a camt.054.001.08 about one account; only what is booked counts.

    Raises:
        BadMessage: another message, or one without what it must have.
    """
    body = read_document(raw, NOTIFICATION, "BkToCstmrDbtCdtNtfctn")
    told = _only(body, "Ntfctn")
    return Notification(
        message_id=body.need_text("GrpHdr/MsgId", most=35),
        created_at=read_instant(body.need_text("GrpHdr/CreDtTm")),
        id=told.need_text("Id", most=35),
        account=read_account(told.need("Acct")),
        entries=_read_entries(told),
    )


def write_statement(statement: Statement) -> bytes:
    """A camt.053.001.08."""
    document, body = start_document(STATEMENT, "BkToCstmrStmt")
    _add_header(body, statement.message_id, statement.created_at)
    told = add(body, "Stmt")
    add_identifier(told, "Id", statement.id)
    if statement.sequence:
        add(told, "ElctrncSeqNb", str(statement.sequence))
    add(told, "CreDtTm", write_instant(statement.created_at))
    account = add_account(told, "Acct", statement.account)
    add(account, "Ccy", statement.currency)
    for code, minor, day in (
        (_OPENING, statement.opening, statement.opened_on),
        (_CLOSING, statement.closing, statement.closed_on),
    ):
        balance = add(told, "Bal")
        add(balance, "Tp/CdOrPrtry/Cd", code)
        add_amount(balance, "Amt", Money(abs(minor), statement.currency))
        add(balance, "CdtDbtInd", _sign(minor))
        add(balance, "Dt/Dt", write_date(day))
    _add_entries(told, statement.entries)
    return finish_document(document)


def read_statement(raw: bytes) -> Statement:
    """Read a camt.053.001.08 of one account; only what is booked counts.

    Raises:
        BadMessage: another message, one without what it must have, or one whose lines do not
            lead from the opening to the closing balance.
    """
    body = read_document(raw, STATEMENT, "BkToCstmrStmt")
    told = _only(body, "Stmt")
    currency = _currency(told)
    opened_on, opening = _balance(told, currency, _OPENING, _PREVIOUS_CLOSING)
    closed_on, closing = _balance(told, currency, _CLOSING)
    entries = _read_entries(told)
    if any(entry.amount.currency != currency for entry in entries):
        raise BadMessage(f"A line is not in {currency}, the currency of the account.")
    if opening + sum(entry.amount.minor for entry in entries) != closing:
        raise BadMessage("The lines do not lead from the opening to the closing balance.")
    sequence = told.text("ElctrncSeqNb", most=18)
    if sequence and not (sequence.isascii() and sequence.isdigit()):
        raise BadMessage("ElctrncSeqNb is not a number.")
    return Statement(
        message_id=body.need_text("GrpHdr/MsgId", most=35),
        created_at=read_instant(body.need_text("GrpHdr/CreDtTm")),
        id=told.need_text("Id", most=35),
        sequence=int(sequence or 0),
        account=read_account(told.need("Acct")),
        currency=currency,
        opened_on=opened_on,
        closed_on=closed_on,
        opening=opening,
        closing=closing,
        entries=entries,
    )


def _currency(told: Node) -> Currency:
    """Of the account; where that is not said, of the balances."""
    said = told.text("Acct/Ccy", most=3) or told.need("Bal").need("Amt").attribute("Ccy")
    try:
        return parse_currency(said)
    except Refusal as refusal:
        raise BadMessage(refusal.text) from None


def _balance(told: Node, currency: Currency, *codes: str) -> tuple[date, int]:
    """The first balance of one of the codes: its day, and what it is in minor units."""
    balances = {one.text("Tp/CdOrPrtry/Cd", most=4): one for one in reversed(told.all("Bal"))}
    found = next((balances[code] for code in codes if code in balances), None)
    if found is None:
        raise BadMessage(f"The statement has no balance {codes[0]}.")
    amount = found.need("Amt")
    if amount.attribute("Ccy") != currency:
        raise BadMessage("A balance is in another currency than the account.")
    minor = read_minor(amount.text(most=24), currency)
    return read_day(found.need("Dt")), minor * _factor(found)


# Lines


def _add_entries(told: etree._Element, entries: tuple[Entry, ...]) -> None:
    assert len(entries) <= ITEMS_MAX
    for entry in entries:
        _add_entry(add(told, "Ntry"), entry)


def _add_entry(line: etree._Element, entry: Entry) -> None:
    amount = Money(abs(entry.amount.minor), entry.amount.currency)
    add_amount(line, "Amt", amount)
    add(line, "CdtDbtInd", _sign(entry.amount.minor))
    add(line, "Sts/Cd", _BOOKED)
    add(line, "BookgDt/Dt", write_date(entry.booked_on))
    add(line, "ValDt/Dt", write_date(entry.valued_on))
    if entry.bank_reference:
        add_identifier(line, "AcctSvcrRef", entry.bank_reference)
    _add_code(line, entry.code)
    details = add(line, "NtryDtls/TxDtls")
    add_identifier(details, "Refs/EndToEndId", entry.end_to_end_id or _NONE)
    add_amount(details, "Amt", amount)
    add(details, "CdtDbtInd", _sign(entry.amount.minor))
    if entry.name:
        # The other side: who pays what comes in, who is paid what goes out.
        side = "Dbtr" if entry.amount.minor > 0 else "Cdtr"
        add_text(add(details, f"RltdPties/{side}/Pty"), "Nm", entry.name, most=NAME_MAX)
    if entry.text or entry.creditor_reference:
        remittance = add(details, "RmtInf")
        if entry.text:
            add_text(remittance, "Ustrd", entry.text)
        if entry.creditor_reference:
            _add_reference(remittance, entry.creditor_reference)
    if entry.return_reason:
        add(details, "RtrInf/Rsn/Cd", entry.return_reason)


def _add_reference(remittance: etree._Element, reference: str) -> None:
    told = add(remittance, "Strd/CdtrRefInf")
    kind = add(told, "Tp")
    add(kind, "CdOrPrtry/Cd", "SCOR")
    # By this the reference is one of ISO 11649 (EPC217-08, 1.7).
    add(kind, "Issr", "ISO")
    add_identifier(told, "Ref", reference)


def _add_code(line: etree._Element, code: tuple[str, str, str]) -> None:
    domain, family, kind = code if all(code) else _UNKNOWN_CODE
    element = add(line, "BkTxCd/Domn")
    add(element, "Cd", domain)
    inner = add(element, "Fmly")
    add(inner, "Cd", family)
    add(inner, "SubFmlyCd", kind)


def _read_entries(told: Node) -> tuple[Entry, ...]:
    booked = [one for one in told.all("Ntry") if one.need_text("Sts/Cd", most=4) == _BOOKED]
    entries = tuple(entry for one in booked for entry in _read_line(one))
    if len(entries) > ITEMS_MAX:
        raise BadMessage(f"There are more than {ITEMS_MAX} lines.")
    return entries


def _read_line(line: Node) -> list[Entry]:
    """A line; several where the bank has booked many payments in one and tells each."""
    amount = read_amount(line.need("Amt"))
    details = [one for part in line.all("NtryDtls") for one in part.all("TxDtls")]
    if len(details) <= 1:
        return [_read_entry(line, details[0] if details else None, amount, _factor(line))]
    entries = [
        _read_entry(line, one, read_amount(_amount_of(one)), _factor(one)) for one in details
    ]
    if sum(entry.amount.minor for entry in entries) != amount.minor * _factor(line):
        raise BadMessage("The parts of a line do not make its sum.")
    return entries


def _amount_of(details: Node) -> Node:
    return details.find("Amt") or details.need("AmtDtls/TxAmt/Amt")


def _read_entry(line: Node, details: Node | None, amount: Money, factor: int) -> Entry:
    booked = line.find("BookgDt")
    valued = line.find("ValDt") or booked
    if booked is None or valued is None:
        raise BadMessage("A line has no booking date.")
    told = details or line
    end_to_end_id = told.text("Refs/EndToEndId", most=35)
    returned = told.find("RtrInf")
    side = "Dbtr" if factor > 0 else "Cdtr"
    return Entry(
        amount=Money(amount.minor * factor, amount.currency),
        booked_on=read_day(booked),
        valued_on=read_day(valued),
        bank_reference=line.text("AcctSvcrRef", most=35) or told.text("Refs/AcctSvcrRef", most=35),
        end_to_end_id="" if end_to_end_id == _NONE else end_to_end_id,
        return_reason="" if returned is None else (read_reason(returned.find("Rsn")) or _NONE),
        name=told.text(f"RltdPties/{side}/Pty/Nm"),
        text=told.text("RmtInf/Ustrd"),
        code=(
            line.text("BkTxCd/Domn/Cd", most=4),
            line.text("BkTxCd/Domn/Fmly/Cd", most=4),
            line.text("BkTxCd/Domn/Fmly/SubFmlyCd", most=4),
        ),
        creditor_reference=told.text("RmtInf/Strd/CdtrRefInf/Ref", most=35),
    )


def _factor(node: Node) -> int:
    said = node.need_text("CdtDbtInd", most=4)
    if said not in {"CRDT", "DBIT"}:
        raise BadMessage(f"CdtDbtInd is {said}, neither CRDT nor DBIT.")
    return 1 if said == "CRDT" else -1


def _sign(minor: int) -> str:
    return "CRDT" if minor >= 0 else "DBIT"


def _only(body: Node, path: str) -> Node:
    found = body.all(path)
    if len(found) != 1:
        raise BadMessage(f"{body.tag} has {len(found)} {path}; one is accepted.")
    return found[0]


def _add_header(body: etree._Element, message_id: str, created_at: int) -> None:
    header = add(body, "GrpHdr")
    add_identifier(header, "MsgId", message_id)
    add(header, "CreDtTm", write_instant(created_at))
