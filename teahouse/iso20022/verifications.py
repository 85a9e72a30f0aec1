"""Whether an account belongs to whom it is said to: acmt.023.001.04 asks, acmt.024.001.04 answers.

Source: ISO 20022 message definition reports, Account Management; the four answers are those of the
European Payments Council's Verification of Payee (EPC218-23, 2.2).
"""

from __future__ import annotations

from lxml import etree

from teahouse.iso20022.reading import (
    BadMessage,
    Node,
    read_account,
    read_document,
    read_instant,
    read_reason,
)
from teahouse.iso20022.types import (
    ITEMS_MAX,
    NAME_REPORT,
    NAME_REQUEST,
    NameAnswer,
    NameQuestion,
    NameReport,
    NameRequest,
)
from teahouse.iso20022.writing import (
    NAME_MAX,
    add,
    add_account,
    add_bank,
    add_identifier,
    add_text,
    finish_document,
    start_document,
    write_instant,
)

MATCH, CLOSE, DIFFERENT, IMPOSSIBLE = "MTCH", "CMTC", "NMTC", "NOAP"


def write_name_request(request: NameRequest) -> bytes:
    """An acmt.023.001.04."""
    assert 1 <= len(request.questions) <= ITEMS_MAX
    document, body = start_document(NAME_REQUEST, "IdVrfctnReq")
    assignment = _add_assignment(body, request.message_id, request.created_at)
    add_text(add(assignment, "Assgnr/Pty"), "Nm", request.name, most=NAME_MAX)
    add_bank(assignment, "Assgne/Agt", bic=request.bic)
    for question in request.questions:
        one = add(body, "Vrfctn")
        add_identifier(one, "Id", question.id)
        about = add(one, "PtyAndAcctId")
        add_text(add(about, "Pty"), "Nm", question.name, most=NAME_MAX)
        add(add_account(about, "Acct", question.account), "Ccy", question.currency)
        if question.bank:
            add_bank(about, "Agt", name=question.bank)
    return finish_document(document)


def read_name_request(raw: bytes) -> NameRequest:
    """Read an acmt.023.001.04.

    Raises:
        BadMessage: another message, or one without what it must have.
    """
    body = read_document(raw, NAME_REQUEST, "IdVrfctnReq")
    questions = tuple(_read_question(one) for one in body.all("Vrfctn"))
    if not questions:
        raise BadMessage("There is no question in the file.")
    return NameRequest(
        message_id=body.need_text("Assgnmt/MsgId", most=35),
        created_at=read_instant(body.need_text("Assgnmt/CreDtTm")),
        name=body.text("Assgnmt/Assgnr/Pty/Nm"),
        bic=body.text("Assgnmt/Assgne/Agt/FinInstnId/BICFI", most=11),
        questions=questions,
    )


def _read_question(node: Node) -> NameQuestion:
    account = node.need("PtyAndAcctId/Acct")
    return NameQuestion(
        id=node.need_text("Id", most=35),
        name=node.need_text("PtyAndAcctId/Pty/Nm"),
        account=read_account(account),
        currency=account.text("Ccy", most=3),
        bank=node.text("PtyAndAcctId/Agt/FinInstnId/Nm"),
    )


def write_name_report(report: NameReport) -> bytes:
    """An acmt.024.001.04."""
    document, body = start_document(NAME_REPORT, "IdVrfctnRpt")
    assignment = _add_assignment(body, report.message_id, report.created_at)
    add_bank(assignment, "Assgnr/Agt", bic="")
    add_text(add(assignment, "Assgne/Pty"), "Nm", report.name, most=NAME_MAX)
    original = add(body, "OrgnlAssgnmt")
    add_identifier(original, "MsgId", report.original_id)
    add(original, "CreDtTm", write_instant(report.original_at))
    for answer in report.answers:
        one = add(body, "Rpt")
        add_identifier(one, "OrgnlId", answer.question_id)
        add(one, "Vrfctn", "true" if answer.result == MATCH else "false")
        # The four answers stand in no code set of ISO's; reasons such as AC01 do.
        own = answer.result in {MATCH, CLOSE, DIFFERENT, IMPOSSIBLE}
        add(one, "Rsn/Prtry" if own else "Rsn/Cd", answer.result)
        if answer.name:
            add_text(add(one, "UpdtdPtyAndAcctId/Pty"), "Nm", answer.name, most=NAME_MAX)
    return finish_document(document)


def read_name_report(raw: bytes) -> NameReport:
    """Read an acmt.024.001.04.

    Raises:
        BadMessage: another message, or one without what it must have.
    """
    body = read_document(raw, NAME_REPORT, "IdVrfctnRpt")
    original_at = body.text("OrgnlAssgnmt/CreDtTm", most=40)
    return NameReport(
        message_id=body.need_text("Assgnmt/MsgId", most=35),
        created_at=read_instant(body.need_text("Assgnmt/CreDtTm")),
        name=body.text("Assgnmt/Assgne/Pty/Nm"),
        original_id=body.text("OrgnlAssgnmt/MsgId", most=35),
        original_at=read_instant(original_at) if original_at else 0,
        answers=tuple(_read_answer(one) for one in body.all("Rpt")),
    )


def _read_answer(node: Node) -> NameAnswer:
    verified = node.need_text("Vrfctn", most=5)
    if verified not in {"true", "false", "1", "0"}:
        raise BadMessage(f"Vrfctn is {verified}, neither true nor false.")
    is_match = verified in {"true", "1"}
    return NameAnswer(
        question_id=node.need_text("OrgnlId", most=35),
        result=MATCH if is_match else read_reason(node.find("Rsn")) or IMPOSSIBLE,
        name=node.text("UpdtdPtyAndAcctId/Pty/Nm"),
    )


def _add_assignment(body: etree._Element, message_id: str, created_at: int) -> etree._Element:
    assignment = add(body, "Assgnmt")
    add_identifier(assignment, "MsgId", message_id)
    add(assignment, "CreDtTm", write_instant(created_at))
    return assignment
