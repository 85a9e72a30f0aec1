"""The files that banks and their customers exchange: ISO 20022, read and written by pure functions.

    pain.001.001.09  transfers that a customer orders         `write_transfers` `read_transfers`
    pain.008.001.08  direct debits that a customer orders     `write_debits` `read_debits`
    pain.002.001.10  what the bank decided about each         `write_status` `read_status`
    camt.054.001.08  what the bank has just booked            `write_notification` ...
    camt.053.001.08  a day's statement of an account          `write_statement` ...

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
from teahouse.iso20022.statements import (
    read_notification,
    read_statement,
    write_notification,
    write_statement,
)
from teahouse.iso20022.status_reports import read_status, write_status
from teahouse.iso20022.types import (
    DEBITS,
    NOTIFICATION,
    STATEMENT,
    STATUS,
    TRANSFERS,
    AccountNumber,
    Debit,
    DebitFile,
    Entry,
    Notification,
    Statement,
    StatusReport,
    TransactionStatus,
    Transfer,
    TransferFile,
)

__all__ = [
    "DEBITS",
    "NOTIFICATION",
    "STATEMENT",
    "STATUS",
    "TRANSFERS",
    "AccountNumber",
    "BadMessage",
    "Debit",
    "DebitFile",
    "Entry",
    "Notification",
    "Statement",
    "StatusReport",
    "TransactionStatus",
    "Transfer",
    "TransferFile",
    "describe_reason",
    "find_kind",
    "read_debits",
    "read_notification",
    "read_statement",
    "read_status",
    "read_transfers",
    "write_debits",
    "write_notification",
    "write_statement",
    "write_status",
    "write_transfers",
]
