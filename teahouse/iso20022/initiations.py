"""What a customer orders: transfers (pain.001.001.09) and direct debits (pain.008.001.08).

One payment instruction in each file: one account, one currency, one day.

Source: ISO 20022 message definition reports, Payments Initiation 2019; EPC132-08 and EPC130-08 for
what SEPA banks expect in them.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from teahouse.iso20022.reading import (
    BadMessage,
    Node,
    read_account,
    read_amount,
    read_date,
    read_day,
    read_document,
    read_instant,
    read_minor,
)
from teahouse.iso20022.types import (
    DEBITS,
    ITEMS_MAX,
    TRANSFERS,
    Debit,
    DebitFile,
    Transfer,
    TransferFile,
)
from teahouse.iso20022.writing import (
    NAME_MAX,
    add,
    add_account,
    add_amount,
    add_bank,
    add_identifier,
    add_text,
    finish_document,
    start_document,
    write_date,
    write_instant,
)
from teahouse.platform.money import Money, plain_amount

_UNKNOWN = "NOTPROVIDED"
_SEPA_CURRENCY = "EUR"


def write_transfers(file: TransferFile) -> bytes:
    """A pain.001.001.09.

    Args:
        file: orders, all in one currency.
    """
    total = _total(file.transfers)
    document, body = start_document(TRANSFERS, "CstmrCdtTrfInitn")
    _add_header(body, file, total=total, count=len(file.transfers))
    order = add(body, "PmtInf")
    _start_order(order, file, method="TRF", total=total, count=len(file.transfers))
    if total.currency == _SEPA_CURRENCY:
        add(order, "PmtTpInf/SvcLvl/Cd", "SEPA")
    add(order, "ReqdExctnDt/Dt", write_date(file.execute_on))
    add_text(add(order, "Dbtr"), "Nm", file.name, most=NAME_MAX)
    add(add_account(order, "DbtrAcct", file.account), "Ccy", total.currency)
    add_bank(order, "DbtrAgt", bic=file.bic)
    add(order, "ChrgBr", "SLEV")
    for transfer in file.transfers:
        one = add(order, "CdtTrfTxInf")
        add_identifier(one, "PmtId/EndToEndId", transfer.end_to_end_id)
        add_amount(one, "Amt/InstdAmt", transfer.amount)
        if transfer.bank:
            add_bank(one, "CdtrAgt", name=transfer.bank)
        add_text(add(one, "Cdtr"), "Nm", transfer.name, most=NAME_MAX)
        add_account(one, "CdtrAcct", transfer.account)
        if transfer.text:
            add_text(add(one, "RmtInf"), "Ustrd", transfer.text)
    return finish_document(document)


def read_transfers(raw: bytes) -> TransferFile:
    """Read a pain.001.001.09 with one payment instruction.

    Raises:
        BadMessage: another message, or one whose sums or counts do not agree.
    """
    body = read_document(raw, TRANSFERS, "CstmrCdtTrfInitn")
    order = _only_order(body)
    transfers = tuple(_read_transfer(one) for one in order.all("CdtTrfTxInf"))
    _check_totals(body.need("GrpHdr"), transfers, needed=True)
    _check_totals(order, transfers, needed=False)
    return TransferFile(
        message_id=body.need_text("GrpHdr/MsgId", most=35),
        created_at=read_instant(body.need_text("GrpHdr/CreDtTm")),
        execute_on=read_day(order.need("ReqdExctnDt")),
        name=order.text("Dbtr/Nm"),
        account=read_account(order.need("DbtrAcct")),
        bic=order.text("DbtrAgt/FinInstnId/BICFI", most=11),
        transfers=transfers,
    )


def _read_transfer(node: Node) -> Transfer:
    return Transfer(
        end_to_end_id=node.need_text("PmtId/EndToEndId", most=35),
        amount=read_amount(node.need("Amt/InstdAmt")),
        name=node.text("Cdtr/Nm"),
        account=read_account(node.need("CdtrAcct")),
        bank=node.text("CdtrAgt/FinInstnId/Nm"),
        text=node.text("RmtInf/Ustrd"),
    )


def write_debits(file: DebitFile) -> bytes:
    """A pain.008.001.08.

    Args:
        file: orders, all in one currency.
    """
    total = _total(file.debits)
    document, body = start_document(DEBITS, "CstmrDrctDbtInitn")
    _add_header(body, file, total=total, count=len(file.debits))
    order = add(body, "PmtInf")
    _start_order(order, file, method="DD", total=total, count=len(file.debits))
    kind = add(order, "PmtTpInf")
    if total.currency == _SEPA_CURRENCY:
        add(kind, "SvcLvl/Cd", "SEPA")
        add(kind, "LclInstrm/Cd", "CORE")
    add(kind, "SeqTp", "RCUR")
    add(order, "ReqdColltnDt", write_date(file.collect_on))
    add_text(add(order, "Cdtr"), "Nm", file.name, most=NAME_MAX)
    add(add_account(order, "CdtrAcct", file.account), "Ccy", total.currency)
    add_bank(order, "CdtrAgt", bic=file.bic)
    add(order, "ChrgBr", "SLEV")
    if file.creditor_id:
        identity = add(order, "CdtrSchmeId/Id/PrvtId/Othr")
        add_identifier(identity, "Id", file.creditor_id)
        add(identity, "SchmeNm/Prtry", "SEPA")
    for debit in file.debits:
        _add_debit(order, debit)
    return finish_document(document)


def _add_debit(order: etree._Element, debit: Debit) -> None:
    one = add(order, "DrctDbtTxInf")
    add_identifier(one, "PmtId/EndToEndId", debit.end_to_end_id)
    add_amount(one, "InstdAmt", debit.amount)
    mandate = add(one, "DrctDbtTx/MndtRltdInf")
    add_identifier(mandate, "MndtId", debit.mandate_id)
    add(mandate, "DtOfSgntr", write_date(debit.signed_on))
    add_bank(one, "DbtrAgt", name=debit.bank)
    add_text(add(one, "Dbtr"), "Nm", debit.name, most=NAME_MAX)
    add_account(one, "DbtrAcct", debit.account)
    if debit.text:
        add_text(add(one, "RmtInf"), "Ustrd", debit.text)


def read_debits(raw: bytes) -> DebitFile:
    """Read a pain.008.001.08 with one payment instruction.

    Raises:
        BadMessage: another message, or one whose sums or counts do not agree.
    """
    body = read_document(raw, DEBITS, "CstmrDrctDbtInitn")
    order = _only_order(body)
    debits = tuple(_read_debit(one) for one in order.all("DrctDbtTxInf"))
    _check_totals(body.need("GrpHdr"), debits, needed=True)
    _check_totals(order, debits, needed=False)
    return DebitFile(
        message_id=body.need_text("GrpHdr/MsgId", most=35),
        created_at=read_instant(body.need_text("GrpHdr/CreDtTm")),
        collect_on=read_date(order.need_text("ReqdColltnDt")),
        name=order.text("Cdtr/Nm"),
        account=read_account(order.need("CdtrAcct")),
        creditor_id=order.text("CdtrSchmeId/Id/PrvtId/Othr/Id", most=35),
        bic=order.text("CdtrAgt/FinInstnId/BICFI", most=11),
        debits=debits,
    )


def _read_debit(node: Node) -> Debit:
    mandate = node.need("DrctDbtTx/MndtRltdInf")
    bank = node.need("DbtrAgt/FinInstnId")
    return Debit(
        end_to_end_id=node.need_text("PmtId/EndToEndId", most=35),
        amount=read_amount(node.need("InstdAmt")),
        mandate_id=mandate.need_text("MndtId", most=35),
        signed_on=read_date(mandate.need_text("DtOfSgntr")),
        name=node.text("Dbtr/Nm"),
        account=read_account(node.need("DbtrAcct")),
        bank=bank.text("Nm"),
        text=node.text("RmtInf/Ustrd"),
    )


# Of both


def _total(items: Sequence[Transfer] | Sequence[Debit]) -> Money:
    """The sum; that they are of one currency is the caller's to see to."""
    assert 1 <= len(items) <= ITEMS_MAX
    total = items[0].amount
    assert total.minor > 0
    for item in items[1:]:
        assert item.amount.minor > 0
        total += item.amount
    return total


def _add_header(
    body: etree._Element, file: TransferFile | DebitFile, *, total: Money, count: int
) -> None:
    header = add(body, "GrpHdr")
    add_identifier(header, "MsgId", file.message_id)
    add(header, "CreDtTm", write_instant(file.created_at))
    add(header, "NbOfTxs", str(count))
    add(header, "CtrlSum", plain_amount(total))
    add_text(add(header, "InitgPty"), "Nm", file.name, most=NAME_MAX)


def _start_order(
    order: etree._Element,
    file: TransferFile | DebitFile,
    *,
    method: str,
    total: Money,
    count: int,
) -> None:
    # There is one instruction in a file, so the file's id names it too.
    add_identifier(order, "PmtInfId", file.message_id)
    add(order, "PmtMtd", method)
    # Each its own line on the statement: else nothing could be matched there.
    add(order, "BtchBookg", "false")
    add(order, "NbOfTxs", str(count))
    add(order, "CtrlSum", plain_amount(total))


def _only_order(body: Node) -> Node:
    orders = body.all("PmtInf")
    if len(orders) != 1:
        raise BadMessage(f"{body.tag} has {len(orders)} PmtInf; one is accepted.")
    return orders[0]


def _check_totals(node: Node, items: Sequence[Transfer] | Sequence[Debit], *, needed: bool) -> None:
    """Number and control sum, where they are told, must be those of the orders."""
    if not items:
        raise BadMessage("There is no order in the file.")
    currencies = {item.amount.currency for item in items}
    if len(currencies) > 1:
        raise BadMessage("One file holds orders of one currency.")
    ids = {item.end_to_end_id for item in items}
    if len(ids) < len(items) or _UNKNOWN in ids:
        raise BadMessage("Every order needs an EndToEndId of its own.")
    count = node.need_text("NbOfTxs", most=15) if needed else node.text("NbOfTxs", most=15)
    if count and count.lstrip("0") != str(len(items)):
        raise BadMessage(f"NbOfTxs says {count}, there are {len(items)}.")
    told = node.text("CtrlSum", most=24)
    if told:
        total = sum(item.amount.minor for item in items)
        if read_minor(told, items[0].amount.currency) != total:
            raise BadMessage(f"CtrlSum says {told}, which is not the sum.")
