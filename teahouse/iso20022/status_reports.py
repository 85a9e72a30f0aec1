"""What the bank decided about a file of orders: pain.002.001.10.

Source: ISO 20022 message definition report, Payments Initiation 2019; external code sets for status
and reason.
"""

from __future__ import annotations

from teahouse.iso20022.reading import Node, read_document, read_instant, read_reason
from teahouse.iso20022.types import STATUS, StatusReport, TransactionStatus
from teahouse.iso20022.writing import (
    add,
    add_identifier,
    add_text,
    finish_document,
    start_document,
    write_instant,
)

_TEXT_MAX = 105


def write_status(report: StatusReport) -> bytes:
    """A pain.002.001.10."""
    document, body = start_document(STATUS, "CstmrPmtStsRpt")
    header = add(body, "GrpHdr")
    add_identifier(header, "MsgId", report.message_id)
    add(header, "CreDtTm", write_instant(report.created_at))
    group = add(body, "OrgnlGrpInfAndSts")
    add(group, "OrgnlMsgId", report.original_id)
    add(group, "OrgnlMsgNmId", report.original_kind)
    if report.group_status:
        add(group, "GrpSts", report.group_status)
    if report.group_reason:
        reason = add(group, "StsRsnInf")
        add(reason, "Rsn/Cd", report.group_reason)
        add_text(reason, "AddtlInf", report.group_text, most=_TEXT_MAX)
    if report.transactions:
        order = add(body, "OrgnlPmtInfAndSts")
        # The one instruction of a file has the file's id.
        add(order, "OrgnlPmtInfId", report.original_id)
        for status in report.transactions:
            one = add(order, "TxInfAndSts")
            add(one, "OrgnlEndToEndId", status.end_to_end_id)
            add(one, "TxSts", status.status)
            if status.reason:
                reason = add(one, "StsRsnInf")
                add(reason, "Rsn/Cd", status.reason)
                add_text(reason, "AddtlInf", status.text, most=_TEXT_MAX)
    return finish_document(document)


def read_status(raw: bytes) -> StatusReport:
    """Read a pain.002.001.10.

    A status of a whole instruction is told as one of the group, where the group has none.

    Raises:
        BadMessage: another message, or one without what it must have.
    """
    body = read_document(raw, STATUS, "CstmrPmtStsRpt")
    group = body.need("OrgnlGrpInfAndSts")
    orders = body.all("OrgnlPmtInfAndSts")
    told = group
    status = group.text("GrpSts", most=4)
    if not status and len(orders) == 1:
        told = orders[0]
        status = told.text("PmtInfSts", most=4)
    return StatusReport(
        message_id=body.need_text("GrpHdr/MsgId", most=35),
        created_at=read_instant(body.need_text("GrpHdr/CreDtTm")),
        original_id=group.need_text("OrgnlMsgId", most=35),
        original_kind=group.need_text("OrgnlMsgNmId", most=35),
        group_status=status,
        group_reason=read_reason(told.find("StsRsnInf/Rsn")),
        group_text=told.text("StsRsnInf/AddtlInf", most=_TEXT_MAX),
        transactions=tuple(_read_one(one) for order in orders for one in order.all("TxInfAndSts")),
    )


def _read_one(node: Node) -> TransactionStatus:
    return TransactionStatus(
        end_to_end_id=node.need_text("OrgnlEndToEndId", most=35),
        status=node.need_text("TxSts", most=4),
        reason=read_reason(node.find("StsRsnInf/Rsn")),
        text=node.text("StsRsnInf/AddtlInf", most=_TEXT_MAX),
    )
