"""The files that banks and their customers exchange: ISO 20022, read and written by pure functions.

    pain.001.001.09  transfers that a customer orders         `write_transfers` `read_transfers`
    pain.008.001.08  direct debits that a customer orders     `write_debits` `read_debits`
    pain.002.001.10  what the bank decided about each         `write_status` `read_status`
    camt.054.001.08  what the bank has just booked            `write_notification` ...
    camt.053.001.08  a day's statement of an account          `write_statement` ...
    acmt.023.001.04  whether an account's holder bears a name `write_name_request` ...
    acmt.024.001.04  the bank's answer to that                `write_name_report` ...

References by which payees know what is paid (ISO 11649): `make_reference`, `find_reference`.

It knows neither banks nor customers, holds nothing, and reads no file it does not fully
understand: what is not of these messages raises `BadMessage`.
"""

from __future__ import annotations

from teahouse.iso20022.initiations import (
    read_debits,
    read_transfers,
    write_debits,
    write_transfers,
)
from teahouse.iso20022.reading import BadMessage, find_kind
from teahouse.iso20022.reasons import describe_reason
from teahouse.iso20022.references import (
    find_reference,
    group_reference,
    is_reference,
    make_reference,
)
from teahouse.iso20022.statements import (
    read_notification,
    read_statement,
    write_notification,
    write_statement,
)
from teahouse.iso20022.status_reports import read_status, write_status
from teahouse.iso20022.types import (
    DEBITS,
    NAME_REPORT,
    NAME_REQUEST,
    NOTIFICATION,
    STATEMENT,
    STATUS,
    TRANSFERS,
    AccountNumber,
    Debit,
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
    Transfer,
    TransferFile,
)
from teahouse.iso20022.verifications import (
    CLOSE,
    DIFFERENT,
    IMPOSSIBLE,
    MATCH,
    read_name_report,
    read_name_request,
    write_name_report,
    write_name_request,
)

__all__ = [
    "CLOSE",
    "DEBITS",
    "DIFFERENT",
    "IMPOSSIBLE",
    "MATCH",
    "NAME_REPORT",
    "NAME_REQUEST",
    "NOTIFICATION",
    "STATEMENT",
    "STATUS",
    "TRANSFERS",
    "AccountNumber",
    "BadMessage",
    "Debit",
    "DebitFile",
    "Entry",
    "NameAnswer",
    "NameQuestion",
    "NameReport",
    "NameRequest",
    "Notification",
    "Statement",
    "StatusReport",
    "TransactionStatus",
    "Transfer",
    "TransferFile",
    "describe_reason",
    "find_kind",
    "find_reference",
    "group_reference",
    "is_reference",
    "make_reference",
    "read_debits",
    "read_name_report",
    "read_name_request",
    "read_notification",
    "read_statement",
    "read_status",
    "read_transfers",
    "write_debits",
    "write_name_report",
    "write_name_request",
    "write_notification",
    "write_statement",
    "write_status",
    "write_transfers",
]
